"""Texts as they are compared: without accents and case, however Unicode writes them; and back to where they stood."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_APOSTROPHES: Final = re.compile("[\u2018\u2019\u02bc\u00b4\uff07`]")
# Letters that Unicode does not take apart, as they are typed without them.
_PLAIN: Final = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})


def folded(text: str) -> str:
    """A text without accents and case."""
    plain = _APOSTROPHES.sub("'", text)
    if plain.isascii():
        return plain.lower()
    taken_apart = unicodedata.normalize("NFKD", plain)
    bare = "".join(sign for sign in taken_apart if unicodedata.category(sign)[0] != "M")
    # Once more: folding the case can make letters that can be taken apart.
    again = unicodedata.normalize("NFKD", bare.casefold()).translate(_PLAIN)
    return "".join(sign for sign in again if unicodedata.category(sign)[0] != "M")


def bare(text: str) -> str:
    """:func:`folded`, also without characters that nobody sees, and with one kind of digit, dash and blank."""
    return folded(text) if text.isascii() else "".join(map(_sign, text))


@lru_cache(4096)
def _sign(char: str) -> str:
    """One character of :func:`bare`: sometimes several, sometimes none."""
    kind = unicodedata.category(char)
    if kind == "Cf" or kind[0] == "M":
        return ""
    if kind == "Pd" or char == "\u2212":
        return "-"
    if kind == "Nd":
        return str(unicodedata.decimal(char))
    return folded(char)


def replaced(text: str, found: Iterable[re.Match[str]], instead: str) -> str:
    """``text`` with something else in the place of each that was ``found`` in :func:`bare` of it, in order."""
    places = _places(text)
    pieces, done = [], 0
    for match in found:
        start, end = places[match.start()], places[match.end() - 1] + 1
        while end < len(text) and unicodedata.category(text[end])[0] == "M":
            end += 1  # the accents of the last letter
        if end > done:
            pieces += [text[done : max(start, done)], instead]
            done = end
    return "".join((*pieces, text[done:]))


def _places(text: str) -> range | list[int]:
    """Where in a text each character of :func:`bare` comes from."""
    if text.isascii():
        return range(len(text))
    return [at for at, char in enumerate(text) for _ in _sign(char)]
