"""Fonts that the documents of a process share, for reading one takes longer than drawing a short transcript.

A font is parsed once; each document gets a copy of what was read, with its own letters. When it is cut to these letters
at the end, it is cut from a smaller font, which has the letters of documents before. That gives the same bytes as
cutting the whole font: what is left over after a cut does not depend on how much was there.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Final, cast

from fontTools import subset  # type: ignore[import-untyped]  # it has no types
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # it has no types
from fpdf import FPDF
from fpdf.fonts import SubsetMap, TTFFont

from convokit.transcripts.font_shelf import FontFile

_MOST: Final = 16
"""Fonts that are kept in memory; a transcript in every script there is needs about as many."""
_USUAL: Final = (*range(0x20, 0x180), *range(0x2010, 0x2040))
"""Characters that any of the next documents may have: Latin letters and punctuation."""

_DROPPED: Final = "FFTM GDEF GPOS GSUB MATH hdmx meta".split()
"""Tables that fpdf2 drops when it cuts a font to its letters."""

_UNUSED: Final = "OS/2 STAT gasp kern name vhea vmtx".split()
"""Tables that say how a font is chosen and set; a PDF says that itself (ISO 32000-1, 9.9, table 126)."""


class SharedFont:
    """One font for all documents. Every thread may use it."""

    def __init__(self, font: FontFile) -> None:
        self._font = font
        scratch = FPDF()
        scratch.add_font("shared", fname=font.path, collection_font_number=font.number)
        self._pattern = cast("TTFFont", scratch.fonts["shared"])
        self.widths: Mapping[int, float] = {code: self._pattern.cw[code] for code in self._pattern.cmap}
        """Its characters, with their widths in thousandths of the size."""
        # Fonts with colours are bound to their document, and of those with other outlines nobody has shown that a cut
        # of a cut is the same.
        self._is_plain = "glyf" in self._pattern.ttfont and self._pattern.color_font is None
        self._lock = Lock()
        self._missed = 0
        self._wanted = {name for code in _USUAL if (name := self._pattern.cmap.get(code)) is not None}
        self._names: frozenset[str] = frozenset()
        self._small = b""
        self._pattern.ttfont.close()  # what documents read of it has been read

    def add_to(self, pdf: FPDF, face: str) -> None:
        """Add the font to a document."""
        if not self._is_plain:
            pdf.add_font(face, fname=self._font.path, collection_font_number=self._font.number)
            return
        font = copy.copy(self._pattern)
        font.i, font.fontkey = len(pdf.fonts) + 1, face.lower()
        font.desc, font.missing_glyphs, font.subset = copy.copy(font.desc), [], SubsetMap(font)
        pdf.fonts[font.fontkey] = font

    def make_ready(self, font: TTFFont) -> None:
        """Before the document is put out: give its font what its letters are cut from."""
        if self._is_plain:
            font.ttfont = self._holding(frozenset(font.subset.get_all_glyph_names()))

    def _holding(self, names: frozenset[str]) -> TTFont:
        """A font with these letters and perhaps others, opened anew."""
        with self._lock:
            if not names <= self._names:
                self._wanted |= names
                self._missed += 1
                # The first document alone does not pay for a smaller font; later ones, ever more rarely.
                if self._missed == 1 or self._missed & (self._missed - 1):
                    return self._whole()
                self._names, self._small = frozenset(self._wanted), _cut(self._whole(), self._wanted)
            small = self._small
        return _opened(BytesIO(small))

    def _whole(self) -> TTFont:
        return _opened(self._font.path, self._font.number)


def _opened(place: Path | BytesIO, number: int = -1) -> TTFont:
    """A font without what no PDF needs, and whose outlines stay the bytes that they are."""
    font = TTFont(place, recalcBBoxes=False, recalcTimestamp=False, fontNumber=number, lazy=True)
    for table in _UNUSED:
        if table in font:
            del font[table]
    return font


def _cut(font: TTFont, names: Iterable[str]) -> bytes:
    """The font with these letters only, and everything that a further cut looks at as it was."""
    options = subset.Options(
        notdef_outline=True,
        recommended_glyphs=True,
        glyph_names=True,
        legacy_cmap=True,
        symbol_cmap=True,
        prune_unicode_ranges=False,
        prune_codepage_ranges=False,
        name_IDs=["*"],
        name_languages=["*"],
    )
    options.drop_tables += _DROPPED
    cutting = subset.Subsetter(options)
    cutting.populate(glyphs=sorted(names))
    cutting.subset(font)
    made = BytesIO()
    font.save(made)
    font.close()
    return made.getvalue()


def shared(font: FontFile) -> SharedFont:
    """A font of this process; read again when its file has changed."""
    return _shared(font, _stamp(font.path))


@lru_cache(_MOST)
def _shared(font: FontFile, stamp: tuple[int, int]) -> SharedFont:
    del stamp
    return SharedFont(font)


def digest_of(path: Path) -> str:
    """SHA-256 of a font's file, in hex."""
    return _digest(path, _stamp(path))


@lru_cache(_MOST)
def _digest(path: Path, stamp: tuple[int, int]) -> str:
    del stamp
    with path.open("rb") as file:
        digest = sha256()
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def _stamp(path: Path) -> tuple[int, int]:
    found = os.stat(path)
    return found.st_mtime_ns, found.st_size
