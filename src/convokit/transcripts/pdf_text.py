"""Lines of text on a page: in the order of the eye, and with joined letters where a script asks for them."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from typing import Final, cast

from attrs import frozen
from fpdf import FPDF
from fpdf.bidi import BidiCharacter, BidiParagraph
from fpdf.enums import PDFResourceType, TextDirection
from fpdf.fonts import TTFFont

from convokit.transcripts.characters import RIGHT_TO_LEFT
from convokit.transcripts.pdf_fonts import Face, Fonts
from convokit.transcripts.pdf_sheet import Piece, Style
from convokit.transcripts.pdf_tags import Tags

_MIRRORED: Final = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")
"""Brackets of a right-to-left run open to the left (UAX 9, rule L4)."""
_HIDING: Final = "3 Tr 1 Tz ({}) Tj 0 Tr 100 Tz"
"""Neither filled nor stroked, and a hundredth as wide (ISO 32000-1, 9.3)."""
_SHAPED: Final = re.compile(
    "[\u0600-\u08ff\u0900-\u0dff\u0e00-\u109f\u1780-\u17ff\u1800-\u18af\ua840-\ua87f\ua980-\ua9ff]"
)
"""Letters that change beside one another: Arabic, Syriac, the scripts of India, Thai, Khmer, Mongolian, Javanese."""


@cache
def can_shape() -> bool:
    """Whether letters can be joined here: the extra ``shaping`` is installed."""
    return importlib.util.find_spec("uharfbuzz") is not None


class Writer:
    """Writes pieces of text on the page that is open."""

    def __init__(self, pdf: FPDF, fonts: Fonts, tags: Tags) -> None:
        self._pdf = pdf
        self._fonts = fonts
        self._tags = tags
        self._codes: dict[Face, dict[str, str]] = {}
        self._style: Style | None = None
        self._face: Face | None = None
        self._on_page: set[Face] = set()
        self.shaped = False
        """Whether any text was shaped: then the bytes depend on the shaping library."""

    def write(self, piece: Piece) -> None:
        """One line."""
        if piece.text.isascii():
            self._plain(piece, piece.text)
            return
        shaped = can_shape() and _SHAPED.search(piece.text) is not None
        if shaped:
            self._joined(piece)
        elif piece.until is None and RIGHT_TO_LEFT.search(piece.text) is None:
            self._plain(piece, piece.text)
        else:
            self._plain(piece, _mirrored(_in_order_of_the_eye(piece)))

    def start_page(self) -> None:
        """A new page knows no font and no colour."""
        self._style = self._face = None
        self._on_page = set()

    def _plain(self, piece: Piece, text: str) -> None:
        x, size = piece.x, piece.style.size
        runs = self._fonts.runs(text, piece.style.face)
        for face, run in runs:
            self._draw(x, piece.y, face, piece.style, self._encoded(face, run))
            if len(runs) > 1:
                x += self._fonts.advance(run, face, size)

    def _encoded(self, face: Face, run: str) -> str:
        """The codes of characters in the document's font, as a PDF string has them; each is asked for once."""
        codes = self._codes.setdefault(face, {})
        try:
            return "".join([codes[char] for char in run])
        except KeyError:
            font = self._font(face)
            codes.update((char, font.escape_text(chr(_picked(font, char)))) for char in run if char not in codes)
            return "".join([codes[char] for char in run])

    def _draw(self, x: float, y: float, face: Face, style: Style, codes: str) -> None:
        """fpdf2's own ``text`` sets font and colour anew for each line, and encodes it character by character."""
        at = f"{x * self._pdf.k:.2f} {(self._pdf.h - y) * self._pdf.k:.2f} Td ({codes}) Tj ET"
        self._pdf._out(f"{self._begun(face, style)}{at}")

    def _begun(self, face: Face, style: Style) -> str:
        """The begin of a text, with font and colour where they change."""
        if style is self._style and face == self._face:
            return "BT "
        self._style, self._face = style, face
        font = self._font(face)
        if face not in self._on_page:
            self._on_page.add(face)
            self._pdf._resource_catalog.add(PDFResourceType.FONT, font.i, self._pdf.page)
        return f"{style.gray:.3g} g BT /F{font.i} {style.size:.2f} Tf "

    def _font(self, face: Face) -> TTFFont:
        return cast("TTFFont", self._pdf.fonts[face.lower()])

    def _joined(self, piece: Piece) -> None:
        """A line whose letters have the forms that they have beside one another."""
        self.shaped = True
        runs = [self._shape(face, run, piece) for face, run in self._directed(piece)]
        x = piece.x if piece.until is None else piece.until - sum(run.width for run in runs)
        for run in runs:
            for glyph in run.glyphs:
                at_x, at_y = (x + glyph.x) * self._pdf.k, (self._pdf.h - piece.y + glyph.y) * self._pdf.k
                shown = _HIDING.format(glyph.code) if glyph.hidden else f"({glyph.code}) Tj"
                self._pdf._out(f"{self._begun(run.face, piece.style)}{at_x:.2f} {at_y:.2f} Td {shown} ET")
            x += run.width

    def _directed(self, piece: Piece) -> Iterator[tuple[Face, _Run]]:
        """The line from left to right, in runs of one font and one direction with their letters as they are read."""
        for level, found in groupby(_in_order_of_the_eye(piece), lambda char: char.embedding_level):
            letters = [char.character for char in found]
            from_the_right = level % 2 == 1
            run = "".join(reversed(letters) if from_the_right else letters)
            parts = self._fonts.runs(run, piece.style.face)
            for face, text in reversed(parts) if from_the_right else parts:
                yield face, _Run(text, TextDirection.RTL if from_the_right else TextDirection.LTR)

    def _shape(self, face: Face, run: _Run, piece: Piece) -> _Shaped:
        font = self._font(face)
        per_unit = font.scale * piece.style.size / 1000 / self._pdf.k
        asked = {"fragment_direction": run.direction, "features": {}}
        infos, places = font.perform_harfbuzz_shaping(run.text, piece.style.size, asked)
        letters = _letters_of(run, [info.cluster for info in infos])
        x, glyphs = 0.0, []
        for info, place in zip(infos, places, strict=True):
            shown, *joined = letters.pop(info.cluster, [""])
            # A form of several letters is read as its first one. The others stand before it where nobody sees them:
            # a program that reads from the left and turns the words around then finds each letter in its place.
            glyphs += [_Glyph(x, 0.0, font.escape_text(chr(_picked(font, char))), hidden=True) for char in joined]
            code = font.escape_text(chr(_formed(font, info.codepoint, shown)))
            glyphs.append(_Glyph(x + place.x_offset * per_unit, place.y_offset * per_unit, code))
            x += place.x_advance * per_unit
        return _Shaped(face, x, tuple(glyphs))


def _letters_of(run: _Run, clusters: Iterable[int]) -> dict[int, list[str]]:
    """The letters of each form, by its cluster; those of a form of several letters, in the order of the eye."""
    starts = sorted(set(clusters))
    ends = [*starts[1:], len(run.text)]
    whole = {start: run.text[start:end] for start, end in zip(starts, ends, strict=True)}
    if run.direction is TextDirection.LTR:
        return {start: [letters] for start, letters in whole.items()}
    seen = {start: letters.translate(_MIRRORED) for start, letters in whole.items()}
    return {start: [letters[0], *reversed(letters[1:])] for start, letters in seen.items()}


def _formed(font: TTFFont, glyph: int, letters: str) -> int:
    """The code of a form in the document's font; it is read as ``letters``."""
    name = font.ttfont.getGlyphName(glyph)
    width = round(font.scale * font.ttfont["hmtx"].metrics[name][0])
    read_as = tuple(ord(letter) for letter in letters)
    found = font.subset.get_glyph(glyph=glyph, unicode=read_as, glyph_name=name, glyph_width=width)
    return _known(None if found is None else font.subset.pick_glyph(found))


def _picked(font: TTFFont, letter: str) -> int:
    return _known(font.subset.pick(ord(letter)))


def _known(code: int | None) -> int:
    if code is None:
        raise LookupError("the shaping library gave a form that its font does not have")
    return code


@frozen
class _Run:
    """Letters of one font and direction, in the order in which they are read."""

    text: str
    direction: TextDirection


@frozen
class _Glyph:
    """A form of letters at its place in a run, millimetres; ``hidden``: for programs alone."""

    x: float
    y: float
    code: str
    hidden: bool = False


@frozen
class _Shaped:
    """The forms of a run, and its width in millimetres."""

    face: Face
    width: float
    glyphs: tuple[_Glyph, ...]


def _in_order_of_the_eye(piece: Piece) -> tuple[BidiCharacter, ...]:
    """The characters of a line from left to right (UAX 9); the paragraph decides about what has no direction."""
    base = TextDirection.LTR if piece.until is None else TextDirection.RTL
    return BidiParagraph(piece.text, base_direction=base, preserve_bn_chars=True).get_reordered_characters()


def _mirrored(found: Iterable[BidiCharacter]) -> str:
    return "".join(one.character.translate(_MIRRORED) if one.embedding_level % 2 else one.character for one in found)
