"""Leaving things out of a transcript: everywhere they stand, and said so."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Literal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from made_transcripts import conversation, entry, event, outbound, practice

from convokit.domain.attachment import Attachment
from convokit.domain.redaction import REDACTED, Redaction, Redactor
from convokit.domain.transcript_building import build_transcript
from convokit.errors import InvalidInput
from convokit.transcripts import TranscriptDocument

FILE = Attachment(
    id="f1", name="Ana Ruiz +13035550123.jpg", kind="photo", media_type="image/jpeg", size=1000, sha256="ab" * 32,
    width=10, height=10, thumbnail="cd" * 32, flags=("active_content",),
)  # fmt: skip
TALK = (
    entry(1, "Hi, this is Ana. Call me at (303) 555-0123 or 303.555.0199, or ana.ruiz@example.com"),
    outbound(
        2, "Good morning Ana! Mrs. RUIZ, Banana and Ruizmann stay. No 1042, $84.50, 2026-03-02, 02.03.2026, 8:30."
    ),
    entry(3, "", attachments=(FILE,)),
    event(4, "The transcript was mailed to ana.ruiz@example.com."),
)


def told(redact: Redaction, **fields: object) -> TranscriptDocument:
    known = conversation(client_phone="+13035550123", client_email="ana.ruiz@example.com", **fields)
    return TranscriptDocument(build_transcript(practice(), known, TALK, redact=redact))


def test_nothing_is_left_out_unless_asked() -> None:
    made = told(Redaction())
    assert Redaction().nothing
    assert made.transcript.about.redacted == ()
    assert REDACTED not in made.text()


def test_the_clients_name_goes_everywhere_and_other_words_stay() -> None:
    made = told(Redaction(client_name=True), title="Ana's cat", patient_name="Bella Ruiz")
    text = made.text()
    assert "Ana" not in text.replace("Banana", "")
    assert "RUIZ" not in text
    assert "ruiz@" not in text
    assert "Banana and Ruizmann stay" in text
    assert "Patient:      Bella [redacted]\n" in text
    assert "Subject:      [redacted]'s cat\n" in text
    assert "Client:       [redacted]\n" in text
    assert "(303) 555-0123" in text
    lines = made.transcript.lines
    assert [line.name for line in lines] == [REDACTED, "Dr. Kim", REDACTED, ""]
    assert ["redacted" in line.flags for line in lines] == [True, True, True, True]
    assert "Redacted:     The client's name and e-mail addresses; what was left out reads" in text


def test_phone_numbers_in_any_notation_go_and_prices_and_dates_stay() -> None:
    made = told(Redaction(phone_numbers=True))
    text = made.text()
    for gone in ("555", "0199"):
        assert gone not in text
    for kept in ("1042", "$84.50", "2026-03-02", "02.03.2026", "8:30", "Ana Ruiz"):
        assert kept in text
    assert "Channel:      Text messages: client [redacted], practice [redacted]\n" in text
    assert made.transcript.lines[2].files[0].name == "Ana Ruiz [redacted].jpg"
    assert made.transcript.lines[2].files[0].sha256 == FILE.sha256


def test_a_chosen_message_goes_with_its_files() -> None:
    made = told(Redaction(messages=["e1", "e3"]))
    first, second, third, _ = made.transcript.lines
    assert (first.text, third.text) == (REDACTED, REDACTED)
    assert second.text == TALK[1].text
    (file,) = third.files
    assert (file.name, file.sha256, file.size, file.thumbnail) == (REDACTED, "", 0, "")
    assert "File: [redacted] (Photo)" in made.text()
    assert "SHA-256 \n" not in made.text()
    assert made.transcript.about.redacted == ("messages",)


def test_a_message_that_is_not_there_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        told(Redaction(messages=["e9", "e8"]))
    assert (caught.value.code, caught.value.field) == ("transcript.redact", "redact")
    assert "'e8'" in str(caught.value)


def test_on_the_app_the_hosts_id_of_the_client_goes_with_the_name() -> None:
    whole = told(Redaction(client_name=True, phone_numbers=True), channel="app", sender="app", address="ana-17")
    assert whole.transcript.about.address == REDACTED
    assert "ana-17" not in whole.text()
    assert "ana-17" in told(Redaction(phone_numbers=True), channel="app", sender="app", address="ana-17").text()


def test_a_client_without_a_name_and_an_initial_are_no_words_to_look_for() -> None:
    unknown = evolve(TALK[0], author_name="")
    known = conversation(client_name="", address="+13035550123")
    made = build_transcript(practice(), known, [unknown], redact=Redaction(client_name=True))
    assert made.about.client == ""
    assert made.lines[0].name == "+13035550123"
    initial = build_transcript(practice(), conversation(client_name="A Q"), [entry(1, "A dog")], redact=_NAME)
    assert initial.lines[0].text == "A dog"


_NAME = Redaction(client_name=True)


def test_without_numbers_only_what_looks_like_one_goes() -> None:
    known = conversation(channel="app", sender="app", address="c17")
    made = build_transcript(practice(), known, [entry(1, "call 303 555 0123")], redact=Redaction(phone_numbers=True))
    assert made.lines[0].text == f"call {REDACTED}"


def test_a_redacted_transcript_has_a_chain_of_its_own() -> None:
    assert told(Redaction(messages=["e1"])).transcript.head != told(Redaction()).transcript.head


# --- in any notation --------------------------------------------------------------------------------------------------

PHONES = Redactor(Redaction(phone_numbers=True), conversation(client_phone="+13035550123"))
UNKNOWN = Redactor(Redaction(phone_numbers=True), conversation(channel="app", sender="app", address="c17"))


def redacted(redactor: Redactor, text: str) -> str:
    return redactor.entry(entry(1, text)).text


@pytest.mark.parametrize(
    "number",
    [
        "303–555–0123",
        "303‑555‑0123",
        "303\u2212555\u22120123",
        "303/555/0123",
        "303 - 555 - 0123",
        "(303) / 555 . 0123",
        "+1 (303) 555\u00a00123",
        "３０３－５５５－０１２３",
        "٣٠٣ ٥٥٥ ٠١٢٣",
        "303\u200b555\u00ad0123",
        "303·555·0123",
        "303-555-0123x12",
        "303-555-0123 / 303-555-0199 / 303-555-0111",
        "01.23.45.67.89",
        "0170/1234567",
    ],
)
def test_every_notation_of_a_number_goes(number: str) -> None:
    for redactor in (PHONES, UNKNOWN):
        said = redacted(redactor, f"Call {number}, please")
        assert said.startswith(f"Call {REDACTED}")
        assert sum(char.isdecimal() for char in said) == (2 if "x12" in number else 0)


@pytest.mark.parametrize("text", ["tel3035550123", "3035550123a", "5550123", "0 303 555 0123", "001 303-555-0123"])
def test_the_conversations_own_numbers_go_wherever_they_stand(text: str) -> None:
    assert not any(char.isdecimal() for char in redacted(PHONES, text))


@pytest.mark.parametrize(
    "text",
    [
        "03/02/2026 - 03/09/2026", "2026-03-02", "2026/3/2 08:30", "3/2/26 14:30", "02.03.2026", "31.12.26.",
        "12/31/2026", "No 1042, $1,234,567.89", "1/2 in the morning, 1/2 at night", "4.9 µg/dL", "8:30-9:15",
        "IMG_20260302_101010.jpg", "11112222333344445555",
    ],
)  # fmt: skip
def test_dates_prices_and_doses_stay(text: str) -> None:
    assert redacted(PHONES, text) == text


BETWEEN = st.text(" ()./+-\u2010\u2011\u2012\u2013\u2014\u2015\u00a0\u202f", max_size=3)
DIGITS = st.sampled_from(["0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९"])


@given(
    groups=st.tuples(*(st.integers(10 ** (n - 1), 10**n - 1).map(str) for n in (3, 3, 4))),
    between=st.tuples(BETWEEN, BETWEEN),
    before=st.sampled_from(["", "+1 ", "1-", "("]),
    script=DIGITS,
)
def test_no_digit_of_a_number_is_left_whatever_stands_between(
    groups: tuple[str, str, str], between: tuple[str, str], before: str, script: str
) -> None:
    written = groups[0] + between[0] + groups[1] + between[1] + groups[2]
    shown = (before + written).translate({ord(str(value)): sign for value, sign in enumerate(script)})
    assert redacted(UNKNOWN, f"Call {shown} now") == f"Call {REDACTED} now"


# --- however a name is written ----------------------------------------------------------------------------------------

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
FORMS: tuple[Form, ...] = ("NFC", "NFD", "NFKC", "NFKD")


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("José Núñez", "Jose Nunez, JOSÉ NÚÑEZ, Nun\u0303ez", f"{REDACTED}, {REDACTED}, {REDACTED}"),
        ("Jose\u0301 Nunez", "Señor Núñez", f"Señor {REDACTED}"),
        ("Anne-Marie O'Brien", "Anne Marie O’Brien; Anne; OBrien", f"{REDACTED}; {REDACTED}; {REDACTED}"),
        ("Jørgen Weiß", "Jorgen WEISS", REDACTED),
        ("Ana Ruiz", "Ana_Ruiz.jpg Ana2.jpg R\u00aduiz Banana", f"{REDACTED}.jpg {REDACTED}2.jpg {REDACTED} Banana"),
        ("王小明", "我是王小明的", f"我是{REDACTED}的"),
        ("김 민수", "민수가 김치", f"{REDACTED}가 김치"),
        ("สมชาย ใจดี", "คุณสมชายครับ", f"คุณ{REDACTED}ครับ"),
        ("", "Write to ana@example.com", f"Write to {REDACTED}"),
    ],
)
def test_a_name_goes_however_it_is_written(name: str, text: str, left: str) -> None:
    assert redacted(Redactor(_NAME, conversation(client_name=name)), text) == left


@given(
    before=st.text().filter(lambda text: "@" not in text),
    after=st.text().filter(lambda text: "@" not in text),
    name=st.sampled_from(["José Núñez", "Łukasz Großmann", "Нина Ёлкина", "Đặng Ngọc Ánh", "Ελένη Παππάς"]),
    form=st.sampled_from(FORMS),
    case=st.sampled_from([str, str.upper, str.lower, str.title]),
)
def test_what_stands_around_a_name_stays_to_the_character(
    before: str, after: str, name: str, form: Form, case: Callable[[str], str]
) -> None:
    redactor = Redactor(_NAME, conversation(client_name=name))
    written = unicodedata.normalize(form, case(name))
    assert redacted(redactor, f"{before} {written} {after}") == f"{before} {REDACTED} {after}"
