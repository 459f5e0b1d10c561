"""Conversations made for the tests of transcripts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from convokit.domain.conversation import Conversation, Entry
from convokit.domain.delivery import Delivery
from convokit.domain.instant import MINUTE, to_micros
from convokit.domain.rules import Practice
from convokit.domain.transcript import Transcript
from convokit.domain.transcript_building import build_transcript
from convokit.transcripts import TranscriptDocument

START = to_micros(datetime(2025, 3, 8, 16, 5, tzinfo=UTC))
"""09:05 in Denver, the day before the clocks go forward."""

HOSTILE = {
    "lone surrogate": ("\ud83d", "[U+D83D]"),
    "right-to-left override": ("abc\u202egpj.exe", "abc[U+202E]gpj.exe"),
    "isolates and marks": ("a\u2066b\u2069c\u200fd", "a[U+2066]b[U+2069]c[U+200F]d"),
    "zero-width space": ("ST\u200bOP", "ST[U+200B]OP"),
    "zero-width non-joiner in a word": ("ST\u200cOP", "ST[U+200C]OP"),
    "zero-width joiner in a word": ("ST\u200dOP", "ST[U+200D]OP"),
    "bell and escape": ("\x07\x1b[31mred", "[U+0007][U+001B][31mred"),
    "nul": ("a\x00b", "a[U+0000]b"),
    "lone carriage return": ("a\rb", "a[U+000D]b"),
    "line separator": ("a\u2028b\u2029c", "a[U+2028]b[U+2029]c"),
    "byte order mark": ("\ufeffhi", "[U+FEFF]hi"),
    "soft hyphen": ("co\u00adop", "co[U+00AD]op"),
    "private use": ("\ue000", "[U+E000]"),
    "tags without a flag": ("a\U000e0041", "a[U+E0041]"),
    "template": ("{nb} {0.__class__} %s $x", "{nb} {0.__class__} %s $x"),
    "markup": ("<b>**bold**</b> __u__ \\ (a) [b]", "<b>**bold**</b> __u__ \\ (a) [b]"),
    "empty": ("", "(empty message)"),
    "blank": (" \n\t ", "(empty message)"),
}
"""What may be sent, and how it is shown in every format."""

SHOWN_AS_IS = {
    "latin": "Größe naïve Łódź ŵ “It’s time” — 4.9 µg/dL €5 ½",
    "greek and cyrillic": "Ελληνικά Русский текст",
    "look-alikes": "Cyrillic ЅТОР",
    "decomposed": "Cafe\u0301 and Caf\u00e9",
    "emoji": "🐶 ❤️ 👍🏽 😀",
    "family": "👨\u200d👩\u200d👧\u200d👦",
    "flags": "🇺🇸 🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "keycap": "1\ufe0f\u20e3",
    "no-break spaces": "10\u00a0kg 5\u202fmg",
}


def entry(seq: int, text: str = "Hello", *, at_us: int | None = None, **fields: Any) -> Entry:
    """An inbound text of Ana's, unless ``fields`` say otherwise."""
    given = {"kind": "message", "side": "client", "author_name": "Ana Ruiz", "channel": "sms", **fields}
    moment = START + seq * MINUTE if at_us is None else at_us
    return Entry(id=f"e{seq}", conversation_id="c1", seq=seq, at_us=moment, text=text, **given)


def outbound(seq: int, text: str = "Hello", **fields: Any) -> Entry:
    """A text of Dr. Kim's, delivered unless ``fields`` say otherwise."""
    return entry(seq, text, **{"side": "practice", "author_name": "Dr. Kim", "delivery": Delivery.DELIVERED, **fields})


def event(seq: int, text: str = "Dr. Kim ended the conversation.", **fields: Any) -> Entry:
    """An event of the timeline."""
    return entry(seq, text, **{"kind": "event", "side": "system", "author_name": "", "event": "ended", **fields})


def practice(**fields: Any) -> Practice:
    """Happy Paws in Denver."""
    return Practice(**{"id": "hp", "name": "Happy Paws", "time_zone": "America/Denver", "region": "US", **fields})


def conversation(**fields: Any) -> Conversation:
    """Ana's conversation about Bella, by text."""
    given: dict[str, Any] = {
        "id": "c1",
        "channel": "sms",
        "sender": "+13035550100",
        "address": "+13035550123",
        "title": "Lab results",
        "client_name": "Ana Ruiz",
        "patient_name": "Bella",
        "team_member": "Dr. Kim",
        "started_us": START,
        "last_us": START,
    }
    return Conversation(**{**given, **fields})


def transcript(*entries: Entry, by: Practice | None = None, **fields: Any) -> Transcript:
    """The transcript of ``entries``; ``fields`` change the conversation."""
    return build_transcript(by or practice(), conversation(**fields), entries)


def document(*entries: Entry, by: Practice | None = None, **fields: Any) -> TranscriptDocument:
    """The same as a document."""
    return TranscriptDocument(transcript(*entries, by=by, **fields))


def day_at_the_desk() -> TranscriptDocument:
    """A little of everything, the same each time."""
    texts = [shown for shown, _ in HOSTILE.values()] + list(SHOWN_AS_IS.values()) + ["שלום 123 (Bella)", "你好"]
    written = [entry(seq, text) for seq, text in enumerate(texts, 1)]
    n = len(written)
    ours = [outbound(n + 1 + d, "Bella is well. " * 20, delivery=d, reason="landline") for d in Delivery]
    return document(*written, *ours, event(n + 7, at_us=START + 3000 * MINUTE), ended_us=START + 3000 * MINUTE)
