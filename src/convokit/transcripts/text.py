"""A transcript as plain text: 80 columns, for an e-mail or a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from convokit.domain.transcript import Transcript, TranscriptDay, TranscriptLine
from convokit.transcripts.characters import columns, one_line, visible
from convokit.transcripts.wording import (
    MARKS,
    TITLE,
    clock_words,
    closing,
    day_words,
    facts,
    files,
    said,
    speaker,
    status,
)
from convokit.transcripts.wrapping import wrap

WIDTH: Final = 80
_LABEL: Final = 14
_GUTTER: Final = 11
"""Everything that people wrote is indented, so that no message can pass for a line of the document."""


def render(transcript: Transcript) -> str:
    """The whole transcript; lines end with a line feed, and none is wider than 80 columns.

    The one exception is a single character sequence that is wider by itself.
    """
    lines = [*_top(transcript)]
    for day in transcript.days:
        lines.extend(_day(day))
    summary, head = closing(transcript)
    lines += ["=" * WIDTH, *_wrapped(summary, 0), head]
    return "\n".join(lines) + "\n"


def _top(transcript: Transcript) -> Iterator[str]:
    yield from _wrapped(one_line(transcript.about.practice), 0)
    yield TITLE
    yield "=" * WIDTH
    for label, value in facts(transcript):
        yield from _hanging(f"{label}:", value, _LABEL)


def _day(day: TranscriptDay) -> Iterator[str]:
    yield ""
    title = f"-- {day_words(day.date)} "
    yield title + "-" * (WIDTH - len(title))
    for line in day.lines:
        yield ""
        yield from _entry(line)


def _entry(line: TranscriptLine) -> Iterator[str]:
    time = f"{clock_words(line.local)} {line.zone}"
    # A zone abbreviation such as UTC+08:45 may fill the gutter.
    gutter = max(_GUTTER, len(time) + 2)
    if line.kind == "event":
        yield from _hanging(time, f"* {one_line(line.text)}", gutter)
        return
    name, role = speaker(line)
    yield from _hanging(time, f"{name} ({role})", gutter)
    for words in filter(None, (said(line), *files(line))):
        yield from _wrapped(words, gutter)
    words = status(line)
    if line.indicator is not None:
        yield from _wrapped(f"{MARKS[line.indicator.mark]} {words}", gutter)
    for note in line.notes:
        yield from _wrapped(f"Note: {note}", gutter)


def _hanging(label: str, value: str, indent: int) -> Iterator[str]:
    first, *rest = wrap(value, WIDTH - indent, columns)
    yield f"{label:<{indent}}{first}"
    yield from (" " * indent + line for line in rest)


def _wrapped(text: str, indent: int) -> Iterator[str]:
    margin = " " * indent
    return ((margin + line).rstrip() for line in wrap(visible(text), WIDTH - indent, columns))
