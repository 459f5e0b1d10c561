"""Where everything stands on the pages of a PDF transcript. Knows nothing of PDF."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from attrs import evolve

from convokit.domain.transcript import Transcript, TranscriptDay, TranscriptFile, TranscriptLine
from convokit.transcripts.characters import one_line
from convokit.transcripts.pdf_fonts import Fonts
from convokit.transcripts.pdf_sheet import BOTTOM, MARGIN, Block, Disc, Page, Photo, Rule, Sheet, Style, paper
from convokit.transcripts.wording import (
    MARKS,
    TITLE,
    clock_words,
    closing,
    day_words,
    digest_words,
    facts,
    file_words,
    picture_words,
    running_head,
    said,
    speaker,
    status,
)

TEXT_LIMIT: Final = 20_000
"""Characters of one message that the PDF prints; what is longer says so, and the text format has all of it."""

_HEADER: Final = 14.0
_GUTTER: Final = 27.0
_LABEL: Final = 30.0
_PHOTO_WIDTH: Final = 47.0
_PHOTO_HEIGHT: Final = 36.0
_GAP: Final = 2.0

_NAME: Final = Style("bold", 17)
_FACT: Final = Style("regular", 9.5, 0.3)
_SUBTITLE: Final = Style("regular", 11.5, 0.3)
_DAY: Final = Style("bold", 10)
_SPEAKER: Final = Style("bold", 9.5)
_BODY: Final = Style("regular", 9.5)
_SMALL: Final = Style("regular", 8, 0.3)
_FIRST_LINES: Final = _BODY.height + _SMALL.height
"""What must stand on the page below a name."""
_SMALL_BOLD: Final = Style("bold", 8)
_DIGEST: Final = Style("regular", 7.5)

Sizes = Mapping[str, tuple[int, int]]
"""Width and height in pixels of the small pictures that can be shown, by digest."""


def lay_out(transcript: Transcript, fonts: Fonts, sizes: Sizes, done: Callable[[Page], object]) -> None:
    """Lay a transcript out; ``done`` is given page after page, without what stands above and below (:func:`frame`)."""
    sheet = Sheet(fonts, *paper(transcript.about.region), done)
    _title_block(sheet, transcript)
    for day in transcript.days:
        _day(sheet, day, sizes)
    _closing(sheet, transcript)
    sheet.finish()


def _title_block(sheet: Sheet, transcript: Transcript) -> None:
    sheet.write(one_line(transcript.about.practice), MARGIN, _NAME)
    sheet.begin("H1")
    sheet.write(TITLE, MARGIN, _SUBTITLE)
    sheet.y += 2.5
    sheet.rule(0.5, 0.0)
    sheet.y += 2.5
    for label, value in facts(transcript):
        sheet.begin("P")
        sheet.need(_BODY.height)
        sheet.put(label, MARGIN, _FACT)
        sheet.write(value, MARGIN + _LABEL, _BODY)
        sheet.y += 0.5
    sheet.y += 2.0


def _day(sheet: Sheet, day: TranscriptDay, sizes: Sizes) -> None:
    title = day_words(day.date)
    sheet.begin("H2")
    sheet.need(_DAY.height + 14.0)
    sheet.y += 2.0
    sheet.page.bookmarks.append((title, sheet.y))
    sheet.write(title, MARGIN, _DAY)
    sheet.y += 1.0
    sheet.rule(0.2, 0.4)
    sheet.y += 2.5
    for line in day.lines:
        _entry(sheet, line, sizes)


def _entry(sheet: Sheet, line: TranscriptLine, sizes: Sizes) -> None:
    x = MARGIN + _GUTTER
    event = line.kind == "event"
    first = _SMALL if event else _SPEAKER
    sheet.begin("P")
    sheet.need(first.height + (0.0 if event else _FIRST_LINES))
    # Aligned to the baseline of the first line, whatever its size.
    rise = (first.height - _SMALL.height) * 0.75
    sheet.put_at(f"{clock_words(line.local)} {line.zone}", MARGIN, sheet.y + rise, _SMALL, sheet.block)
    if event:
        sheet.write(f"Event: {one_line(line.text)}", x, _SMALL)
    else:
        _message(sheet, line, x, sizes)
    sheet.y += 2.2


def _message(sheet: Sheet, line: TranscriptLine, x: float, sizes: Sizes) -> None:
    if line.side == "client" or line.kind == "note":
        sheet.begin_bar(x - 3.0, 0.7 if line.side == "client" else 0.25)
    _speaker(sheet, line, x)
    short = line if len(line.text) <= TEXT_LIMIT else evolve(line, text=line.text[:TEXT_LIMIT])
    if words := said(short):
        sheet.write(words, x, _BODY, keep=0.0 if line.indicator is None else _SMALL.height)
    rest = len(line.text) - TEXT_LIMIT
    if rest > 0:
        sheet.write(f"[{rest} more characters are in the text format of this transcript]", x, _SMALL)
    _files(sheet, line, x, sizes)
    if line.indicator is not None:
        _status(sheet, line, line.indicator.mark, x)
    for note in line.notes:
        sheet.write(f"Note: {note}", x, _SMALL)
    sheet.end_bar()


def _speaker(sheet: Sheet, line: TranscriptLine, x: float) -> None:
    """Name and role; the role in another style, so that no name can claim one."""
    name, role = speaker(line)
    sheet.write(name, x, _SPEAKER, keep=_FIRST_LINES)
    last = sheet.block.pieces[-1]
    after = last.x + sheet.width_of(last.text, _SPEAKER) + 1.8
    if after + sheet.width_of(role, _SMALL) > sheet.right:
        sheet.write(role, x, _SMALL, keep=_BODY.height)
        return
    rise = (_SPEAKER.height - _SMALL.height) * 0.75
    sheet.put_at(role, after, sheet.y - _SPEAKER.height + rise, _SMALL, sheet.block)


def _files(sheet: Sheet, line: TranscriptLine, x: float, sizes: Sizes) -> None:
    """The files of a message: the small pictures side by side, then a row of words for each file."""
    shown = [(file, sizes[file.thumbnail]) for file in line.files if file.thumbnail in sizes]
    at, height = x, 0.0
    for file, (wide, high) in shown:
        scale = min(_PHOTO_WIDTH / wide, _PHOTO_HEIGHT / high)
        if at + wide * scale > sheet.right:
            sheet.y, at, height = sheet.y + height + _GAP, x, 0.0
        if at == x:
            sheet.need(_PHOTO_HEIGHT + 1.0 + _SMALL.height)
            sheet.y += 1.0
        _photo(sheet, file, at, wide * scale, high * scale)
        at, height = at + wide * scale + _GAP, max(height, high * scale)
    if shown:
        sheet.y += height + 1.0
        sheet.begin("P")
    for file in line.files:
        sheet.need(_SMALL.height * 2)
        sheet.write(file_words(file), x, _SMALL)
        if digest := digest_words(file):
            sheet.write(digest, x, _DIGEST)


def _photo(sheet: Sheet, file: TranscriptFile, x: float, width: float, height: float) -> None:
    sheet.begin("Figure")
    sheet.block.photos.append(Photo(x, sheet.y, width, height, file.thumbnail, picture_words(file)))


def _status(sheet: Sheet, line: TranscriptLine, mark: str, x: float) -> None:
    sheet.need(_SMALL.height)
    if mark in {"info", "unsure"}:
        letter, filled, style = ("i", True, _SMALL_BOLD) if mark == "info" else ("?", False, _SMALL)
        sheet.block.discs.append(Disc(x + 1.5, sheet.y + _SMALL.height * 0.5, 1.5, letter, filled))
        sheet.write(status(line), x + 4.2, style)
        return
    sheet.write(f"{MARKS[mark]} {status(line)}", x, _SMALL)


def _closing(sheet: Sheet, transcript: Transcript) -> None:
    summary, head = closing(transcript)
    sheet.begin("P")
    sheet.need(4.0 + _SMALL.height * 2)
    sheet.y += 1.5
    sheet.rule(0.5, 0.0)
    sheet.y += 2.0
    sheet.write(summary, MARGIN, _SMALL)
    sheet.write(head, MARGIN, _DIGEST)


def frame(transcript: Transcript, fonts: Fonts, number: int, total: int) -> Page:
    """What stands above and below a page, once the number of pages is known. It is no part of what is read aloud."""
    page = Page()
    sheet = Sheet(fonts, *paper(transcript.about.region), lambda _: None)
    foot = sheet.height - BOTTOM + 6.0
    who, which = _frame_words(sheet, transcript)
    block = Block("Artifact")
    sheet.put_at(who, MARGIN, _HEADER - _SMALL.height, _SMALL, block)
    page.rules.append(Rule(MARGIN, _HEADER + 1.0, sheet.right, _HEADER + 1.0, 0.2, 0.4))
    sheet.put_at(which, MARGIN, foot, _SMALL, block)
    words = f"Page {number} of {total}"
    sheet.put_at(words, sheet.right - sheet.width_of(words, _SMALL), foot, _SMALL, block)
    page.blocks.append(block)
    return page


def _frame_words(sheet: Sheet, transcript: Transcript) -> tuple[str, str]:
    which = f"{TITLE} {one_line(transcript.about.conversation_id)}"
    return _shortened(sheet, running_head(transcript)), _shortened(sheet, which)


def _shortened(sheet: Sheet, text: str) -> str:
    """One line of ``text``; the rest is in the title block."""
    first, *more = sheet.lines(text, MARGIN, _SMALL)
    return f"{first} …" if more else first
