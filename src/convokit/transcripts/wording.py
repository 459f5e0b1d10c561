"""The words around the messages, the same in every format. English, whatever the machine's locale."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from convokit.domain.attachment import KIND_WORDS, TYPES, size_words
from convokit.domain.redaction import REDACTED
from convokit.domain.transcript import Transcript, TranscriptFile, TranscriptLine, zone_abbreviation
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

_NO_EVENTS: Final = "without other events such as opt-outs, restarts and payments"
_CONTENTS: Final[Mapping[tuple[bool, bool], str]] = {
    (True, False): "",  # the ordinary one: nothing to say
    (True, True): "With the internal notes of the staff",
    (False, False): f"The messages alone, {_NO_EVENTS}",
    (False, True): f"The messages and the internal notes of the staff alone, {_NO_EVENTS}",
}
"""By whether it has the events, and the notes."""

_REDACTED_WORDS: Final[Mapping[str, str]] = {
    "client_name": "the client's name and e-mail addresses",
    "messages": "messages",
    "phone_numbers": "phone numbers",
}
_MOST_PEOPLE: Final = 12


def day_words(day: date) -> str:
    """``"Tuesday, March 4, 2025"``."""
    return f"{_WEEKDAYS[day.weekday()]}, {_MONTHS[day.month - 1]} {day.day}, {day.year}"


def clock_words(local: datetime) -> str:
    """``"09:05"``: 24 hours, so that morning and evening need no suffix."""
    return f"{local.hour:02}:{local.minute:02}"


def facts(transcript: Transcript) -> list[tuple[str, str]]:
    """The rows under the title: label and value, each on one line of its own."""
    about = transcript.about
    rows = [
        ("Client", about.client or "(not known)"),
        ("Patient", about.patient),
        ("Subject", about.title),
        ("Department", about.department),
        ("Team member", about.team_member),
        ("Channel", _channel(transcript)),
        ("Started", f"{_moment(transcript.began)}, by the {about.initiated_by}"),
        ("Ended", _moment(transcript.ended) if transcript.ended else f"Still open as of {_moment(transcript.until)}"),
        ("Participants", _people(transcript)),
        ("Times", f"Local to the practice, {about.time_zone}"),
        ("Contents", _CONTENTS[about.events, about.internal_notes]),
        ("Redacted", _left_out(about.redacted)),
    ]
    return [(label, one_line(value)) for label, value in rows if value]


def parties(transcript: Transcript) -> str:
    """Practice, client and patient on one line, for document titles."""
    about = transcript.about
    return one_line(" · ".join(part for part in (about.practice, about.client, about.patient) if part))


def running_head(transcript: Transcript) -> str:
    """What stands above every page: whose record this is."""
    about = transcript.about
    patient = f"Patient: {about.patient}" if about.patient else "No patient"
    return one_line(" · ".join(part for part in (patient, about.client, about.practice) if part))


def speaker(line: TranscriptLine) -> tuple[str, str]:
    """The displayed name and the role: ``("Ana Ruiz", "client")``."""
    return one_line(line.name), line.role


def said(line: TranscriptLine) -> str:
    """The words of a message; empty where its files say it all."""
    return "" if line.files and not line.text.strip() else body(line.text)


def files(line: TranscriptLine) -> list[str]:
    """Rows for each file: what it is called and what it is, its size; and the digest by which it is known again."""
    return [row for file in line.files for row in (file_words(file), digest_words(file)) if row]


def digest_words(file: TranscriptFile) -> str:
    """The digest of a file; empty where the record has none."""
    return f"SHA-256 {file.sha256}" if file.state == "ready" and file.sha256 else ""


def file_words(file: TranscriptFile) -> str:
    """What a file is, without its digest."""
    if file.state != "ready":
        why = "still to be fetched" if file.state == "waiting" else "could not be fetched"
        return f"File: {one_line(file.name)} ({why})"
    kind = KIND_WORDS[TYPES[file.media_type][0]] if file.media_type in TYPES else "File"
    if not file.sha256:
        return f"File: {REDACTED} ({kind})"
    return f"File: {one_line(file.name)} ({kind}, {file.media_type}, {size_words(file.size)})"


def picture_words(file: TranscriptFile) -> str:
    """What a small picture is, to those who do not see it."""
    return f"Small picture of the file {one_line(file.name)}"


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


def _people(transcript: Transcript) -> str:
    """Who took part, and on which side."""
    told = [f"{name}, {role}" for name, role in transcript.participants if role in ("client", "practice")]
    more = len(told) - _MOST_PEOPLE
    return "; ".join(told[:_MOST_PEOPLE]) + (f"; and {more} more" if more > 0 else "")


def _left_out(kinds: tuple[str, ...]) -> str:
    if not kinds:
        return ""
    told = [_REDACTED_WORDS.get(kind, kind) for kind in kinds]
    return f"{_joined(told)}; what was left out reads {REDACTED}".capitalize()


def _joined(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _channel(transcript: Transcript) -> str:
    about = transcript.about
    if about.channel == "app":
        return f"Practice app: client {about.address}"
    return f"Text messages: client {about.address}, practice {about.sender}"


def _moment(local: datetime) -> str:
    return f"{day_words(local)}, {clock_words(local)} {zone_abbreviation(local)}"
