"""Paper: pieces of text, lines and pictures at their places. Millimetres from the top left; knows nothing of PDF.

fpdf2 measures a line again after every character; here words are measured once, and a line is one piece of text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from attrs import Factory, define, frozen

from convokit.transcripts.characters import starts_from_the_right
from convokit.transcripts.pdf_fonts import Face, Fonts
from convokit.transcripts.wrapping import wrap

_LETTER: Final = (215.9, 279.4)
_A4: Final = (210.0, 297.0)
_LETTER_REGIONS: Final = frozenset({"US", "CA", "MX", "PR", "PH", "CL", "CO", "VE", "GT", "CR", "PA", "DO", "SV"})

MARGIN: Final = 20.0
TOP: Final = 22.0
BOTTOM: Final = 20.0
_LINE_PER_POINT: Final = 0.49
"""Height of a line in millimetres for each point of its font."""

Tag = Literal["H1", "H2", "P", "Figure", "Artifact"]
"""What a block is to a program that reads the page aloud (ISO 32000-1, 14.8.4); an artifact is not read."""


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


@frozen
class Piece:
    """A text that starts at ``x`` with its baseline at ``y``.

    Attributes:
        until: where it ends, for a line of a paragraph that runs from the right; ``x`` is then only near its start.
    """

    x: float
    y: float
    text: str
    style: Style
    until: float | None = None


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


@frozen
class Photo:
    """A small picture with its corner at ``(x, y)``; ``words`` say what it is to those who do not see it."""

    x: float
    y: float
    width: float
    height: float
    digest: str
    words: str


@define
class Block:
    """What is read together: a heading, a paragraph, a picture."""

    tag: Tag
    pieces: list[Piece] = Factory(list)
    discs: list[Disc] = Factory(list)
    photos: list[Photo] = Factory(list)

    @property
    def empty(self) -> bool:
        """Whether nothing stands in it."""
        return not (self.pieces or self.discs or self.photos)


@define
class Page:
    """What stands on one page, in the order of reading; ``bookmarks`` are titles with their distance from the top."""

    blocks: list[Block] = Factory(list)
    rules: list[Rule] = Factory(list)
    bookmarks: list[tuple[str, float]] = Factory(list)


def paper(region: str | None) -> tuple[float, float]:
    """Width and height of the paper in millimetres: Letter where it is usual, else A4."""
    return _LETTER if region in _LETTER_REGIONS else _A4


@define
class _Bar:
    """A bar beside what is being written, from ``top`` on this page."""

    x: float
    width: float
    top: float


class Sheet:
    """The page that is being written, and the height that is used of it.

    Args:
        done: is given each page when it is full, so that a long conversation is never held as a whole.
    """

    def __init__(self, fonts: Fonts, width: float, height: float, done: Callable[[Page], object]) -> None:
        self.fonts = fonts
        self.width = width
        self.height = height
        self.right = width - MARGIN
        self.page = Page([Block("P")])
        self.y = TOP
        self._done = done
        self._bar: _Bar | None = None

    @property
    def block(self) -> Block:
        """The block that is being written."""
        return self.page.blocks[-1]

    def begin(self, tag: Tag) -> None:
        """What comes now is read together."""
        self.page.blocks.append(Block(tag))

    def need(self, height: float) -> None:
        """Start a new page unless ``height`` still fits; what is being written goes on there."""
        if self.y + height > self.height - BOTTOM:
            self._end_bar(self.height - BOTTOM)
            tag = self.block.tag
            self._done(self.page)
            self.page = Page([Block(tag)])
            self.y = TOP
            if self._bar is not None:
                self._bar.top = TOP

    def finish(self) -> None:
        """The last page is full."""
        self._done(self.page)

    def begin_bar(self, x: float, width: float) -> None:
        """A bar beside what is written from here on, on every page that it takes."""
        self._bar = _Bar(x, width, self.y)

    def end_bar(self) -> None:
        """The bar ends here."""
        self._end_bar(self.y)
        self._bar = None

    def _end_bar(self, y: float) -> None:
        if self._bar is not None:
            self.page.rules.append(Rule(self._bar.x, self._bar.top + 0.6, self._bar.x, y, self._bar.width, 0.4))

    def lines(self, text: str, x: float, style: Style) -> list[str]:
        """``text`` in lines from ``x`` to the right margin."""
        measure = self.fonts.measure(style.face, style.size)
        return wrap(self.fonts.printable(text), self.right - x, measure)

    def width_of(self, text: str, style: Style) -> float:
        """How wide a line is."""
        return self.fonts.measure(style.face, style.size)(text)

    def put(self, text: str, x: float, style: Style) -> None:
        """One printable line at the height that was reached, which stays."""
        self.put_at(text, x, self.y, style, self.block)

    def put_at(self, text: str, x: float, y: float, style: Style, block: Block, *, until: float | None = None) -> None:
        """One printable line with its top at ``y``."""
        # The baseline stands at three quarters of the line.
        block.pieces.append(Piece(x, y + style.height * 0.75, text, style, until))

    def write(self, text: str, x: float, style: Style, *, keep: float = 0.0) -> None:
        """``text`` in as many lines as it takes; ``keep`` millimetres must fit on the page below the last.

        A paragraph that begins in a right-to-left script stands at the right margin.
        """
        placed = [
            (line, self.right if starts_from_the_right(paragraph) else None)
            for paragraph in text.split("\n")
            for line in self.lines(paragraph, x, style)
        ]
        for nth, (line, until) in enumerate(placed, 1):
            self.need(style.height + (keep if nth == len(placed) else 0.0))
            at = x if until is None else max(x, until - self.width_of(line, style))
            self.put_at(line, at, self.y, style, self.block, until=until)
            self.y += style.height

    def rule(self, width: float, gray: float) -> None:
        """A line from margin to margin at the height that was reached."""
        self.page.rules.append(Rule(MARGIN, self.y, self.right, self.y, width, gray))
