"""A transcript as plain text."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_transcripts import HOSTILE, SHOWN_AS_IS, START, document, entry, event, outbound, practice

from convokit.domain.delivery import Delivery
from convokit.domain.instant import HOUR
from convokit.transcripts.characters import clusters, columns, one_line, visible
from convokit.transcripts.wrapping import wrap

WHOLE = """\
Happy Paws
Conversation transcript
================================================================================
Client:       Ana Ruiz
Patient:      Bella
Subject:      Lab results
Team member:  Dr. Kim
Channel:      Text messages: client +13035550123, practice +13035550100
Started:      Saturday, March 8, 2025, 09:05 MST, by the practice
Ended:        Saturday, March 8, 2025, 10:05 MST
Participants: Dr. Kim, practice; Ana Ruiz, client
Times:        Local to the practice, America/Denver

-- Saturday, March 8, 2025 -----------------------------------------------------

09:06 MST  Dr. Kim (practice)
           Bella's results are in. Please call us when you have a quiet moment,
           today or tomorrow.
           ✓✓ Delivered, says the carrier

09:07 MST  Ana Ruiz (client)
           Thank you!

09:08 MST  Dr. Kim (practice)
           See you
           (i) Could not be delivered: the number is no longer in use (attempt
           2)

09:09 MST  Happy Paws (automatic message)
           You are unsubscribed.
           ✓ Sent, not yet delivered
           Note: This text was already on its way when the client opted out.

09:10 MST  * Dr. Kim ended the conversation.
================================================================================
End of the transcript: 5 entries. SHA-256 of the record, with all entries
chained:
"""


def test_the_whole_of_it() -> None:
    made = document(
        outbound(1, "Bella's results are in. Please call us when you have a quiet moment, today or tomorrow."),
        entry(2, "Thank you!"),
        outbound(3, "See you", delivery=Delivery.FAILED, reason="number_inactive", attempt=2),
        outbound(
            4, "You are unsubscribed.", kind="automatic", author_name="", delivery=Delivery.SENT, flags=("crossed",)
        ),
        event(5),
        ended_us=START + HOUR,
    )
    assert made.text() == WHOLE + made.transcript.head + "\n"


def test_an_empty_app_conversation_of_somebody_unknown() -> None:
    text = document(channel="app", address="c17", client_name="", patient_name="", title="", team_member="").text()
    assert "Client:       (not known)\n" in text
    assert "Channel:      Practice app: client c17\n" in text
    assert "Ended:        Still open as of Saturday, March 8, 2025, 09:05 MST\n" in text
    assert "Patient" not in text
    assert "Subject" not in text


def test_one_entry_is_not_entries() -> None:
    assert "End of the transcript: 1 entry. " in document(entry(1)).text()


@pytest.mark.parametrize(("text", "shown"), HOSTILE.values(), ids=HOSTILE)
def test_p14_hidden_characters_are_spelled_out(text: str, shown: str) -> None:
    made = document(entry(1, text)).text()
    assert f"\n           {shown}\n" in made
    made.encode("utf-8")


@pytest.mark.parametrize("text", SHOWN_AS_IS.values(), ids=SHOWN_AS_IS)
def test_p14_everything_else_stands_as_written(text: str) -> None:
    assert f"\n           {text}\n" in document(entry(1, text)).text()


def test_line_breaks_and_tabs_of_a_message_stay() -> None:
    assert "           a\n\n           b    c\n" in document(entry(1, "a\r\n\nb\tc")).text()


def test_a_message_cannot_pass_for_a_line_of_the_document() -> None:
    forged = "ok\n\n09:10 MST  Dr. Kim (practice)\n           Forged\n" + "=" * 80
    honest = document(entry(1, "x")).text().splitlines()
    told = document(entry(1, forged)).text().splitlines()
    indented = [line for line in told if line.startswith(" ")]
    assert len([line for line in told if line and line not in indented]) == len(
        [line for line in honest if line and not line.startswith(" ")]
    )


def test_names_and_titles_stay_on_their_line() -> None:
    made = document(entry(1, author_name="Ana\n09:10 Dr. Kim"), title="a\rb\nc", by=practice(name="Happy\nPaws")).text()
    assert "Ana[U+000A]09:10 Dr. Kim (client)" in made
    assert "Subject:      a[U+000D]b[U+000A]c\n" in made
    assert made.startswith("Happy[U+000A]Paws\n")


def test_a_zone_without_a_name_still_leaves_a_gap() -> None:
    made = document(entry(1), by=practice(time_zone="Asia/Kathmandu")).text()
    assert "21:51 UTC+0545  Ana Ruiz (client)\n                Hello\n" in made


@pytest.mark.parametrize(
    "text", ["x" * 5000, "word " * 2000, "你好世界" * 300, "🐶" * 400, "e\u0301" * 300, "a" + " " * 3000 + "b"]
)
def test_p14_no_line_is_wider_than_80_columns_and_nothing_is_lost(text: str) -> None:
    made = document(entry(1, text)).text()
    assert max(columns(line) for line in made.splitlines()) <= 80
    body = made.split("(client)\n")[1].split("=" * 80)[0]
    assert "".join(body.split()) == "".join(text.split())


def test_thousands_of_leading_blanks_are_not_pages_of_nothing() -> None:
    assert wrap(" " * 5000 + "a b", 40, columns) == ["a b"]
    assert wrap("  a b", 40, columns) == ["  a b"]


def test_a_hundred_thousand_characters_without_a_space_are_all_there() -> None:
    text = string.ascii_letters * 2000
    assert text in document(entry(1, text)).text().replace("\n           ", "")


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("abc", 3),
        ("你好", 4),
        ("🐶", 2),
        ("👨\u200d👩\u200d👧", 2),
        ("👍🏽", 2),
        ("❤️", 2),
        ("e\u0301", 1),
        ("\u0301", 0),
        ("한글", 4),
        ("ＳＴ", 4),
        ("", 0),
        ("é", 1),
    ],
)
def test_columns_follow_the_east_asian_width(text: str, width: int) -> None:
    assert columns(text) == width


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("ab", ["a", "b"]),
        ("", []),
        ("e\u0301x", ["e\u0301", "x"]),
        ("👍🏽👍", ["👍🏽", "👍"]),
        ("👨\u200d👩x", ["👨\u200d👩", "x"]),
        ("a\u200db", ["a\u200d", "b"]),
        ("क\u093eख", ["क\u093e", "ख"]),
    ],
)
def test_clusters_are_not_cut(text: str, parts: list[str]) -> None:
    assert list(clusters(text)) == parts


@pytest.mark.parametrize(
    "text", ["\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0915\u094d\u200d\u0937", "\u06001"]
)
def test_joiners_that_are_spelling_stay(text: str) -> None:
    assert visible(text) == text


@given(st.text(), st.integers(min_value=4, max_value=40))
def test_p14_wrapping_loses_only_blanks(text: str, limit: int) -> None:
    shown = visible(text)
    lines = wrap(shown, limit, columns)
    assert "".join(lines).replace(" ", "") == shown.replace("\n", "").replace(" ", "")
    assert all(columns(line) <= limit or len(list(clusters(line))) == 1 for line in lines)


@given(st.text())
def test_p14_what_is_shown_is_printable_and_encodable(text: str) -> None:
    shown = one_line(text)
    shown.encode("utf-8")
    assert len(shown.splitlines()) <= 1
