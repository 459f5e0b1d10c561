"""Further fonts, for characters that the built-in ones lack: from files and folders that the host names.

A font is opened when the first character asks for it, and asked in the order in which it was named, files of a folder
by name; so the same fonts print the same on every machine.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from attrs import frozen

SYSTEM: Final = "system"
"""Stands for the folders where the system keeps its fonts."""

_SUFFIXES: Final = frozenset({".ttf", ".otf", ".ttc", ".otc"})
_NOT_EMBEDDED: Final = 0x0002
"""The bit of ``OS/2.fsType`` by which a maker forbids to embed a font (OpenType, OS/2 table)."""

_log = logging.getLogger("convokit")


@frozen
class FontFile:
    """One font: its file, and its number where the file is a collection."""

    path: Path
    number: int = 0

    @property
    def face(self) -> str:
        """What the font is called inside a document."""
        return f"{self.path.name}#{self.number}"


class FontShelf:
    """The further fonts of a host.

    Args:
        places: font files and folders, which are searched through; ``"system"`` for those of the system.
    """

    def __init__(self, places: Iterable[str | os.PathLike[str]] = ()) -> None:
        self._places = tuple(os.fspath(place) for place in places)
        self._fonts: tuple[FontFile, ...] | None = None

    @property
    def fonts(self) -> tuple[FontFile, ...]:
        """Every font that can be used, in the order in which they are asked."""
        if self._fonts is None:
            files = (file for place in self._places for file in _files_of(place))
            self._fonts = tuple(font for file in dict.fromkeys(files) for font in _fonts_in(file))
        return self._fonts

    def having(self, code: int) -> FontFile | None:
        """The first font with a character."""
        return next((font for font in self.fonts if code in characters_of(font)), None)


def _files_of(place: str) -> list[Path]:
    if place == SYSTEM:
        return [file for folder in _system_folders() for file in _files_of(str(folder))]
    path = Path(place).expanduser()
    if path.is_file():
        return [path]
    found = (file for file in path.rglob("*") if file.suffix.lower() in _SUFFIXES and file.is_file())
    return sorted(found, key=lambda file: (file.name, str(file)))


def _system_folders() -> list[Path]:
    if sys.platform == "win32":
        return [Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"]
    if sys.platform == "darwin":
        return [Path("/Library/Fonts"), Path("/System/Library/Fonts"), Path("~/Library/Fonts")]
    return [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("~/.local/share/fonts")]


@cache
def _fonts_in(file: Path) -> tuple[FontFile, ...]:
    """The fonts of a file that may be embedded; a file that is none is told of once, and left out."""
    from fontTools.ttLib import TTCollection, TTFont  # type: ignore[import-untyped]  # it has no types

    try:
        with file.open("rb") as opened:  # fontTools closes no file that it cannot read
            if opened.read(4) == b"ttcf":
                collection = TTCollection(opened, lazy=True)
                return tuple(FontFile(file, number) for number, font in enumerate(collection) if _usable(font))
            opened.seek(0)
            return (FontFile(file),) if _usable(TTFont(opened, lazy=True)) else ()
    except Exception as error:  # whatever a damaged font makes its reader raise
        _log.warning("the font %s cannot be used (%s)", file.name, type(error).__name__)
        return ()


def _usable(font: object) -> bool:
    """Whether a font has outlines, and its maker lets it be embedded."""
    tables = font
    outlines = "glyf" in tables or "CFF " in tables  # type: ignore[operator]  # fontTools has no types
    allowed = "OS/2" not in tables or not tables["OS/2"].fsType & _NOT_EMBEDDED  # type: ignore[operator,index]
    return outlines and allowed


@cache
def characters_of(font: FontFile) -> frozenset[int]:
    """The characters of a font."""
    from fontTools.ttLib import TTFont

    with TTFont(font.path, fontNumber=font.number, lazy=True) as opened:
        return frozenset(opened.getBestCmap() or ())
