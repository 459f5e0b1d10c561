"""PROMISES.md C, texts: one row a test. Kept exactly as they came, shown safely; or refused with the limit."""

from __future__ import annotations

import logging
import unicodedata

import pytest
from desks import ANA, ANA_PHONE, BELLA, KIM, OURS, World

import convokit
from convokit import InvalidInput
from convokit.cli.screen import Screen

NFC, NFD = unicodedata.normalize("NFC", "Café für Bella"), unicodedata.normalize("NFD", "Café für Bella")

# row, what comes in, what is never on paper or screen, what is there instead
KEPT: list[tuple[int, str, str, str]] = [
    (16, "abc\u202egpj.exe", "\u202e", "[U+202E]"),
    (16, "\u2067right to left\u2069 and \u200fback", "\u2067", "[U+2067]"),
    (18, "👨‍👩‍👧 and 🐶", "\ud83d", "👨‍👩‍👧 and 🐶"),
    (23, NFC, "\ufffd", NFC),
    (23, NFD, "\ufffd", NFD),
    (25, "", "\x00", "(empty message)"),
    (25, "   \n ", "\x00", "(empty message)"),
    (26, "x" * 100_000, "\x00", "x" * 60),
    (27, "one\u2028two", "\u2028", "[U+2028]"),
    (27, "bell\a", "\a", "[U+0007]"),
    (27, "\x1b[31mred", "\x1b", "[U+001B]"),
    (27, "over\rwritten", "\r", "[U+000D]"),
]
REFUSED: list[tuple[int, str, str, str, str]] = [
    (15, "app", "a" * 20_001, "20000 characters", "the message has 20001 characters"),
    (15, "app", "a" * 10_000_000, "20000 characters", "the message has 10000000 characters"),
    (15, "sms", "a" * 1_531, "10 segments", "the text needs 11 segments"),
    (15, "sms", "🐶" * 331, "10 segments", "the text needs 11 segments"),
    (15, "sms", "a" * 10_000_000, "20000 characters", "the message has 10000000 characters"),
]
CASES = [*KEPT, *REFUSED]


def name(row: tuple[int, str, *tuple[str, ...]]) -> str:
    return f"c{row[0]:02}-{'-'.join(ascii(cell)[1:-1][:24] for cell in row[1:3])}-{len(row[2])}"


@pytest.mark.parametrize(("row", "text", "never", "shown"), KEPT, ids=map(name, KEPT))
def test_p14_a_clients_text_is_kept_exactly_and_shown_safely(
    w: World, caplog: pytest.LogCaptureFixture, row: int, text: str, never: str, shown: str
) -> None:
    with caplog.at_level(logging.DEBUG):
        assert w.carrier.phone(ANA_PHONE).text(OURS, text).status == 200
    (talk,) = w.desk.inbox().items
    (entry,) = [e for e in w.desk.thread(talk.id).items if e.side == "client"]
    assert entry.text == text
    assert talk.unread == 1
    on_paper = w.desk.transcript(talk.id).text()
    assert shown in on_paper
    assert never not in on_paper.replace("\r\n", "\n")
    on_screen = Screen().clean(text)
    assert not {"\n", "\r", "\a", "\x1b", "\u2028", "\u202e", "\u2067"} & set(on_screen)
    assert never not in caplog.text


@pytest.mark.parametrize(("row", "channel", "text", "limit", "says"), REFUSED, ids=map(name, REFUSED))
def test_p18_a_text_that_is_too_long_is_refused(
    w: World, row: int, channel: str, text: str, limit: str, says: str
) -> None:
    talk = w.desk.start(client=ANA, patient=BELLA, by=KIM, channel=channel)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput) as refused:
        w.desk.send(talk.id, text, by=KIM)
    error = refused.value
    assert (error.code, error.field, error.limit) == ("message.too_long", "text", limit)
    assert says in error.message
    assert "aaaa" not in str(error)
    assert [e.kind for e in w.desk.thread(talk.id).items] == ["event"]
    assert w.kit.store.unsettled() == 0


def test_c18_an_emoji_makes_it_ucs2_and_a_family_is_counted_whole() -> None:
    counted = convokit.count_segments("👨‍👩‍👧" * 9)
    assert (counted.encoding, counted.units, counted.segments) == ("UCS-2", 72, 2)


def test_c23_the_providers_id_tells_texts_apart_and_never_their_words(w: World) -> None:
    for text in (NFC, NFD, NFC):
        w.carrier.phone(ANA_PHONE).text(OURS, text)
    (talk,) = w.desk.inbox().items
    assert [e.text for e in w.desk.thread(talk.id).items if e.side == "client"] == [NFC, NFD, NFC]
