"""The words around the messages, the same in every format. English, whatever the machine's locale."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from convokit.domain.attachment import KIND_WORDS, Attachment, size_words
from convokit.domain.transcript import Transcript, TranscriptLine, zone_abbreviation
from convokit.transcripts.characters import body, one_line

TITLE: Final = "Conversation transcript"

# Not strftime: its names follow the locale of the machine, and a transcript is the same on every machine.
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)

MARKS: Final[Mapping[str, str]] = {
    "clock": "…",
    "one-check": "✓",
    "two-checks": "✓✓",
    "info": "(i)",
    "unsure": "(?)",
}
"""Each check in print; the words beside it say the same."""


def day_words(day: date) -> str:
    """``"Tuesday, March 4, 2025"``."""
    return f"{_WEEKDAYS[day.weekday()]}, {_MONTHS[day.month - 1]} {day.day}, {day.year}"


def clock_words(local: datetime) -> str:
    """``"09:05"``: 24 hours, so that morning and evening need no suffix."""
    return f"{local.hour:02}:{local.minute:02}"


def facts(transcript: Transcript) -> list[tuple[str, str]]:
    """The rows under the title: label and value, each on one line of its own."""
    rows = [
        ("Client", transcript.client or "(not known)"),
        ("Patient", transcript.patient),
        ("Subject", transcript.title),
        ("Team member", transcript.team_member),
        ("Channel", _channel(transcript)),
        ("Started", f"{_moment(transcript.began)}, by the {transcript.initiated_by}"),
        ("Ended", _moment(transcript.ended) if transcript.ended else f"Still open as of {_moment(transcript.until)}"),
        ("Times", f"Local to the practice, {transcript.time_zone}"),
    ]
    return [(label, one_line(value)) for label, value in rows if value]


def parties(transcript: Transcript) -> str:
    """Practice, client and patient on one line, for headers and document titles."""
    return one_line(" · ".join(part for part in (transcript.practice, transcript.client, transcript.patient) if part))


def speaker(line: TranscriptLine) -> tuple[str, str]:
    """The displayed name and the role: ``("Ana Ruiz", "client")``."""
    return one_line(line.name), "automatic message" if line.kind == "automatic" else line.side


def said(line: TranscriptLine) -> str:
    """The words of a message; empty where its files say it all."""
    return "" if line.attachments and not line.text.strip() else body(line.text)


def files(line: TranscriptLine) -> list[str]:
    """A row for each file: what it is called and what it is, its size, and the digest by which it is known again."""
    return [_file(file) for file in line.attachments]


def _file(file: Attachment) -> str:
    if file.state != "ready":
        why = "still to be fetched" if file.state == "waiting" else "could not be fetched"
        return f"File: {one_line(file.name)} ({why})"
    return (
        f"File: {one_line(file.name)} ({KIND_WORDS[file.kind]}, {file.media_type}, {size_words(file.size)}, "
        f"SHA-256 {file.sha256})"
    )


def status(line: TranscriptLine) -> str:
    """What became of a message of ours, in words; empty for everything else."""
    shown = line.indicator
    if shown is None:
        return ""
    words = shown.label if line.why is None else f"{shown.label}: {line.why}"
    return words if line.attempt == 1 else f"{words} (attempt {line.attempt})"


def closing(transcript: Transcript) -> tuple[str, str]:
    """The last two lines: how many entries, and the digest that stands for them all."""
    entries = "1 entry" if transcript.count == 1 else f"{transcript.count} entries"
    return f"End of the transcript: {entries}. SHA-256 of the record, with all entries chained:", transcript.head


def _channel(transcript: Transcript) -> str:
    if transcript.channel == "app":
        return f"Practice app: client {transcript.address}"
    return f"Text messages: client {transcript.address}, practice {transcript.sender}"


def _moment(local: datetime) -> str:
    return f"{day_words(local)}, {clock_words(local)} {zone_abbreviation(local)}"
