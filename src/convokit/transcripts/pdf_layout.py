"""Where everything stands on the pages of a PDF transcript. Millimetres from the top left; knows nothing of PDF.

fpdf2 measures a line again after every character; here words are measured once, and a line is one piece of text.
"""

from __future__ import annotations

from typing import Final

from attrs import Factory, define, evolve, frozen

from convokit.domain.transcript import Transcript, TranscriptDay, TranscriptLine
from convokit.transcripts.characters import one_line
from convokit.transcripts.pdf_fonts import Face, Fonts
from convokit.transcripts.wording import (
    MARKS,
    TITLE,
    clock_words,
    closing,
    day_words,
    facts,
    files,
    running_head,
    said,
    speaker,
    status,
)
from convokit.transcripts.wrapping import wrap

TEXT_LIMIT: Final = 20_000
"""Characters of one message that the PDF prints; what is longer says so, and the text format has all of it."""

_LETTER: Final = (215.9, 279.4)
_A4: Final = (210.0, 297.0)
_LETTER_REGIONS: Final = frozenset({"US", "CA", "MX", "PR", "PH", "CL", "CO", "VE", "GT", "CR", "PA", "DO", "SV"})

_MARGIN: Final = 20.0
_HEADER: Final = 14.0
_TOP: Final = 22.0
_BOTTOM: Final = 20.0
_GUTTER: Final = 27.0
_LABEL: Final = 30.0
_LINE_PER_POINT: Final = 0.49
"""Height of a line in millimetres for each point of its font."""


@frozen
class Style:
    """How a piece of text looks. ``gray`` is 0 for black; nothing is lighter than 0.4, for faxes and copies."""

    face: Face
    size: float
    gray: float = 0.0

    @property
    def height(self) -> float:
        """Height of a line, millimetres."""
        return self.size * _LINE_PER_POINT


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


@frozen
class Piece:
    """A text that starts at ``x`` with its baseline at ``y``."""

    x: float
    y: float
    text: str
    style: Style


@frozen
class Rule:
    """A line from ``(x, y)`` to ``(x2, y2)``."""

    x: float
    y: float
    x2: float
    y2: float
    width: float
    gray: float


@frozen
class Disc:
    """A circle around ``(x, y)`` with one letter in it; ``filled`` is black with a white letter."""

    x: float
    y: float
    radius: float
    letter: str
    filled: bool


@define
class Page:
    """What stands on one page; ``bookmarks`` are titles with their distance from the top."""

    pieces: list[Piece] = Factory(list)
    rules: list[Rule] = Factory(list)
    discs: list[Disc] = Factory(list)
    bookmarks: list[tuple[str, float]] = Factory(list)


def paper(region: str | None) -> tuple[float, float]:
    """Width and height of the paper in millimetres: Letter where it is usual, else A4."""
    return _LETTER if region in _LETTER_REGIONS else _A4


def lay_out(transcript: Transcript, fonts: Fonts) -> list[Page]:
    """The pages of a transcript."""
    sheet = _Sheet(fonts, *paper(transcript.about.region))
    _title_block(sheet, transcript)
    for day in transcript.days:
        _day(sheet, day)
    _closing(sheet, transcript)
    _frame(sheet, transcript)
    return sheet.pages


class _Sheet:
    """The pages so far, and the height that is used of the last one."""

    def __init__(self, fonts: Fonts, width: float, height: float) -> None:
        self.fonts = fonts
        self.width = width
        self.height = height
        self.right = width - _MARGIN
        self.pages = [Page()]
        self.y = _TOP

    @property
    def page(self) -> Page:
        return self.pages[-1]

    def need(self, height: float) -> None:
        """Start a new page unless ``height`` still fits."""
        if self.y + height > self.height - _BOTTOM:
            self.pages.append(Page())
            self.y = _TOP

    def lines(self, text: str, x: float, style: Style) -> list[str]:
        """``text`` in lines from ``x`` to the right margin."""
        measure = self.fonts.measure(style.face, style.size)
        return wrap(self.fonts.printable(text), self.right - x, measure)

    def put(self, text: str, x: float, style: Style) -> None:
        """One printable line at the height that was reached, which stays."""
        self.put_at(text, x, self.y, style, self.page)

    def put_at(self, text: str, x: float, y: float, style: Style, page: Page) -> None:
        """One printable line with its top at ``y``."""
        # The baseline stands at three quarters of the line.
        page.pieces.append(Piece(x, y + style.height * 0.75, text, style))

    def write(self, text: str, x: float, style: Style, *, keep: float = 0.0) -> None:
        """``text`` in as many lines as it takes; ``keep`` millimetres must fit on the page below the last."""
        *most, last = self.lines(text, x, style)
        for line in most:
            self._next(line, x, style, 0.0)
        self._next(last, x, style, keep)

    def _next(self, line: str, x: float, style: Style, keep: float) -> None:
        self.need(style.height + keep)
        self.put(line, x, style)
        self.y += style.height

    def rule(self, width: float, gray: float) -> None:
        """A line from margin to margin at the height that was reached."""
        self.page.rules.append(Rule(_MARGIN, self.y, self.right, self.y, width, gray))


def _title_block(sheet: _Sheet, transcript: Transcript) -> None:
    sheet.write(one_line(transcript.about.practice), _MARGIN, _NAME)
    sheet.write(TITLE, _MARGIN, _SUBTITLE)
    sheet.y += 2.5
    sheet.rule(0.5, 0.0)
    sheet.y += 2.5
    for label, value in facts(transcript):
        sheet.need(_BODY.height)
        sheet.put(label, _MARGIN, _FACT)
        sheet.write(value, _MARGIN + _LABEL, _BODY)
        sheet.y += 0.5
    sheet.y += 2.0


def _day(sheet: _Sheet, day: TranscriptDay) -> None:
    title = day_words(day.date)
    sheet.need(_DAY.height + 14.0)
    sheet.y += 2.0
    sheet.page.bookmarks.append((title, sheet.y))
    sheet.write(title, _MARGIN, _DAY)
    sheet.y += 1.0
    sheet.rule(0.2, 0.4)
    sheet.y += 2.5
    for line in day.lines:
        _entry(sheet, line)


def _entry(sheet: _Sheet, line: TranscriptLine) -> None:
    x = _MARGIN + _GUTTER
    event = line.kind == "event"
    first = _SMALL if event else _SPEAKER
    sheet.need(first.height + (0.0 if event else _FIRST_LINES))
    # Aligned to the baseline of the first line, whatever its size.
    rise = (first.height - _SMALL.height) * 0.75
    sheet.put_at(f"{clock_words(line.local)} {line.zone}", _MARGIN, sheet.y + rise, _SMALL, sheet.page)
    if event:
        sheet.write(f"Event: {one_line(line.text)}", x, _SMALL)
    else:
        _message(sheet, line, x)
    sheet.y += 2.2


def _message(sheet: _Sheet, line: TranscriptLine, x: float) -> None:
    first, top = len(sheet.pages), sheet.y
    _speaker(sheet, line, x)
    if words := said(evolve(line, text=line.text[:TEXT_LIMIT])):
        sheet.write(words, x, _BODY, keep=0.0 if line.indicator is None else _SMALL.height)
    rest = len(line.text) - TEXT_LIMIT
    if rest > 0:
        sheet.write(f"[{rest} more characters are in the text format of this transcript]", x, _SMALL)
    for file in files(line):
        sheet.write(file, x, _SMALL)
    if line.indicator is not None:
        _status(sheet, line, line.indicator.mark, x)
    for note in line.notes:
        sheet.write(f"Note: {note}", x, _SMALL)
    if line.side == "client":
        _bar(sheet, first, top, x - 3.0)


def _speaker(sheet: _Sheet, line: TranscriptLine, x: float) -> None:
    """Name and role; the role in another style, so that no name can claim one."""
    name, role = speaker(line)
    sheet.write(name, x, _SPEAKER, keep=_FIRST_LINES)
    last = sheet.page.pieces[-1]
    after = x + sheet.fonts.measure(_SPEAKER.face, _SPEAKER.size)(last.text) + 1.8
    if after + sheet.fonts.measure(_SMALL.face, _SMALL.size)(role) > sheet.right:
        sheet.write(role, x, _SMALL, keep=_BODY.height)
        return
    rise = (_SPEAKER.height - _SMALL.height) * 0.75
    sheet.put_at(role, after, sheet.y - _SPEAKER.height + rise, _SMALL, sheet.page)


def _bar(sheet: _Sheet, first: int, top: float, x: float) -> None:
    """A bar beside what the client wrote, on every page it takes, so that the two sides are seen at a glance."""
    for number in range(first, len(sheet.pages) + 1):
        start = top if number == first else _TOP
        end = sheet.y if number == len(sheet.pages) else sheet.height - _BOTTOM
        sheet.pages[number - 1].rules.append(Rule(x, start + 0.6, x, end, 0.7, 0.4))


def _status(sheet: _Sheet, line: TranscriptLine, mark: str, x: float) -> None:
    sheet.need(_SMALL.height)
    if mark in {"info", "unsure"}:
        letter, filled, style = ("i", True, _SMALL_BOLD) if mark == "info" else ("?", False, _SMALL)
        sheet.page.discs.append(Disc(x + 1.5, sheet.y + _SMALL.height * 0.5, 1.5, letter, filled))
        sheet.write(status(line), x + 4.2, style)
        return
    sheet.write(f"{MARKS[mark]} {status(line)}", x, _SMALL)


def _closing(sheet: _Sheet, transcript: Transcript) -> None:
    summary, head = closing(transcript)
    sheet.need(4.0 + _SMALL.height * 2)
    sheet.y += 1.5
    sheet.rule(0.5, 0.0)
    sheet.y += 2.0
    sheet.write(summary, _MARGIN, _SMALL)
    sheet.write(head, _MARGIN, _DIGEST)


def _frame(sheet: _Sheet, transcript: Transcript) -> None:
    """Header and footer, once the number of pages is known."""
    who = _shortened(sheet, running_head(transcript))
    which = _shortened(sheet, f"{TITLE} {one_line(transcript.about.conversation_id)}")
    foot = sheet.height - _BOTTOM + 6.0
    total = len(sheet.pages)
    width = sheet.fonts.measure(_SMALL.face, _SMALL.size)
    for number, page in enumerate(sheet.pages, 1):
        sheet.put_at(who, _MARGIN, _HEADER - _SMALL.height, _SMALL, page)
        page.pieces.insert(0, page.pieces.pop())  # programs and screen readers read in this order
        page.rules.append(Rule(_MARGIN, _HEADER + 1.0, sheet.right, _HEADER + 1.0, 0.2, 0.4))
        sheet.put_at(which, _MARGIN, foot, _SMALL, page)
        words = f"Page {number} of {total}"
        sheet.put_at(words, sheet.right - width(words), foot, _SMALL, page)


def _shortened(sheet: _Sheet, text: str) -> str:
    """One line of ``text``; the rest is in the title block."""
    first, *more = sheet.lines(text, _MARGIN, _SMALL)
    return f"{first} …" if more else first
