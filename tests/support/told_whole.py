"""All the words of a transcript in the order of the page, made of its record and not of what draws it."""

from __future__ import annotations

from collections.abc import Iterator

from convokit.domain.transcript import Transcript, TranscriptLine
from convokit.transcripts.characters import code_point, one_line
from convokit.transcripts.pdf_layout import TEXT_LIMIT
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

LACKING = {ord(char): code_point(char) for char in "你好नमस्ते\U00013000"}
"""What the golden set has and the built-in fonts have not."""


def on_paper(told: Transcript) -> str:
    """The words of a PDF, but for what stands above and below every page."""
    return " ".join(_paper(told)).translate(LACKING)


def _paper(told: Transcript) -> Iterator[str]:
    yield from (one_line(told.about.practice), TITLE)
    for label, value in facts(told):
        yield from (label, value)
    for day in told.days:
        yield day_words(day.date)
        for line in day.lines:
            yield f"{clock_words(line.local)} {line.zone}"
            yield from [f"Event: {one_line(line.text)}"] if line.kind == "event" else _message_on_paper(line)
    yield from closing(told)


def _message_on_paper(line: TranscriptLine) -> Iterator[str]:
    yield from speaker(line)
    words = said(line)
    yield words[:TEXT_LIMIT]
    if len(words) > TEXT_LIMIT:
        yield f"[{len(words) - TEXT_LIMIT} more characters are in the text format of this transcript]"
    yield from _around(line, "{}")


def as_text(told: Transcript) -> str:
    """The words of the text format."""
    return " ".join(_text(told))


def _text(told: Transcript) -> Iterator[str]:
    yield from (one_line(told.about.practice), TITLE, "=" * 80)
    for label, value in facts(told):
        yield f"{label}: {value}"
    for day in told.days:
        title = f"-- {day_words(day.date)} "
        yield title + "-" * (80 - len(title))
        for line in day.lines:
            yield f"{clock_words(line.local)} {line.zone}"
            yield from [f"* {one_line(line.text)}"] if line.kind == "event" else _message_as_text(line)
    summary, head = closing(told)
    yield from ("=" * 80, summary, head)


def _message_as_text(line: TranscriptLine) -> Iterator[str]:
    name, role = speaker(line)
    yield from (f"{name} ({role})", said(line))
    yield from _around(line, "({})")


def in_html(told: Transcript) -> Iterator[tuple[str, str]]:
    """The paragraphs of the entries in HTML, to the blank: class and words."""
    for line in told.lines:
        if line.kind == "event":
            yield "event", one_line(line.text)
            continue
        name, role = speaker(line)
        yield "who", f"{name} ({role})"
        if said(line):
            yield "said", said(line)
        yield from (("file", row) for row in files(line))
        if line.indicator is not None:
            yield "status", f"{MARKS[line.indicator.mark]} {status(line)}"
        yield from (("note", f"Note: {note}") for note in line.notes)


def _around(line: TranscriptLine, letter: str) -> Iterator[str]:
    yield from files(line)
    if line.indicator is not None:
        mark = MARKS[line.indicator.mark]
        yield f"{letter.format(mark.strip('()')) if '(' in mark else mark} {status(line)}"
    yield from (f"Note: {note}" for note in line.notes)
