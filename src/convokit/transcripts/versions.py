"""What decides about the bytes of a transcript besides its record: versions of code and of data, and the fonts."""

from __future__ import annotations

import re
import unicodedata
import zlib
import zoneinfo
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Final

LOOK: Final = 1
"""Version of what PDF, HTML and text look like; one more whenever the same transcript would look different."""
UNICODE: Final = unicodedata.unidata_version
"""Decides which characters can be printed, and how wide they are."""

_APART: Final = "; "
_DATA: Final = re.compile(r"; tzdata (?:[0-9]{4}[a-z]{1,2}|[0-9a-f]{16}); Unicode [0-9]{1,2}\.[0-9]\.[0-9]")
_RELEASE: Final = re.compile(r"# version ([0-9]{4}[a-z]{1,2})")


def drawn_with(zone: str, fonts: Iterable[str] = (), *, shaped: bool = False) -> str:
    """The versions that decide about a PDF, as it names them.

    Args:
        zone: IANA name of the zone that its times are in.
        fonts: the further fonts, a name and a digest each.
        shaped: whether letters were joined.
    """
    libraries = ("fpdf2", "fonttools", *(("uharfbuzz",) if shaped else ()))
    parts = [_look(), *(f"{name} {_version(name)}" for name in libraries)]
    return _APART.join((*parts, f"zlib {zlib.ZLIB_RUNTIME_VERSION}", *_data(zone), *fonts))


def decides_words(told: str, zone: str) -> bool:
    """Whether what is here writes text and HTML as what is told did: those depend on no library that draws."""
    return {_look(), *_data(zone)} <= set(told.split(_APART))


def same_but_data(told: str, here: str) -> bool:
    """Whether two differ in the data of zones and characters only: then a page may well be the same."""
    return _DATA.sub("", told, count=1) == _DATA.sub("", here, count=1)


def data_words(told: str) -> str:
    """Those data, for people; empty where none are named."""
    found = _DATA.search(told)
    return "" if found is None else found[0].removeprefix(_APART).replace(_APART, ", ")


def zone_data(zone: str) -> str:
    """The release of the time zone data that a zone is read from, ``"2025b"``; of data that do not say, a digest.

    ``zoneinfo`` looks through the folders of the system first, and then into the package tzdata.
    """
    folder = next((folder for folder in zoneinfo.TZPATH if Path(folder, zone).is_file()), None)
    if folder is None:
        return str(import_module("tzdata").IANA_VERSION)
    return _release(folder) or sha256(Path(folder, zone).read_bytes()).hexdigest()[:16]


@cache
def _release(folder: str) -> str:
    try:
        with Path(folder, "tzdata.zi").open(encoding="ascii", errors="replace") as file:
            found = _RELEASE.match(file.readline(100))
    except OSError:
        return ""
    return "" if found is None else found[1]


def _look() -> str:
    return f"convokit transcript look {LOOK}"


def _data(zone: str) -> tuple[str, str]:
    return f"tzdata {zone_data(zone)}", f"Unicode {UNICODE}"


@cache
def _version(name: str) -> str:
    """Of an installed library; looking it up takes as long as drawing a page."""
    return version(name)
