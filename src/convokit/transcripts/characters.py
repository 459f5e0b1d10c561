"""Characters on paper: what would be invisible, or would move its neighbours, is shown as ``[U+202E]``.

Nothing is dropped, and nothing that a client wrote can pass for a line of the document: names and titles stay on one
line, and directional controls lose their effect by being spelled out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_ARABIC_NUMBER_SIGNS: Final = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd")
"""Format characters that have ink."""
_ZWNJ, _ZWJ, _TEXT_STYLE, _EMOJI_STYLE, _KEYCAP = "\u200c", "\u200d", "\ufe0e", "\ufe0f", "\u20e3"
_TAGS: Final = range(0xE0020, 0xE0080)
_SKIN_TONES: Final = range(0x1F3FB, 0x1F400)
_PICTOGRAPHS: Final = range(0x1F000, 0x20000)
_SYMBOLS: Final = range(0x2190, 0x3300)
"""Arrows, dingbats and the like: with U+FE0F, or in a joined sequence, they are emoji."""
_STRONG: Final = frozenset({"L", "R", "AL"})
_JOINING_SCRIPTS: Final = range(0x0590, 0x1100)
"""Hebrew to Myanmar: scripts in which a joiner or non-joiner between letters is spelling, not trickery."""

EMOJI_MAKERS: Final = frozenset(
    {_ZWNJ, _ZWJ, _TEXT_STYLE, _EMOJI_STYLE, _KEYCAP, *map(chr, _TAGS), *map(chr, _PICTOGRAPHS)}
)
"""A text without any of these has no emoji, whose characters would have to stay together."""

RIGHT_TO_LEFT: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
"""Letters of scripts that run from the right: Hebrew, Arabic, Syriac and others."""

EMPTY: Final = "(empty message)"


def code_point(char: str) -> str:
    """``[U+1F436]``: how a character that cannot be printed is spelled out."""
    return f"[U+{ord(char):04X}]"


def visible(text: str) -> str:
    """``text`` for one or more lines: CR LF and LF break lines, a tab is four blanks, what is hidden is spelled out."""
    if text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\t", "    ")
    return "".join(
        char if char == "\n" or not _hidden(char, text[at - 1 : at]) else code_point(char)
        for at, char in enumerate(text)
    )


def one_line(text: str) -> str:
    """``text`` for a name or a title: line breaks and tabs are spelled out too."""
    return visible(re.sub("[\r\n\t]", lambda found: code_point(found.group()), text))


def body(text: str) -> str:
    """The text of a message: visible, or the words that say it is empty."""
    return visible(text) if text.strip() else EMPTY


def _hidden(char: str, before: str) -> bool:
    if char in _ARABIC_NUMBER_SIGNS or unicodedata.category(char) not in _HIDDEN:
        return False
    previous = ord(before) if before else 0
    if char == _ZWJ:
        return not (_is_emoji(previous) or previous in _JOINING_SCRIPTS)
    if char == _ZWNJ:
        return previous not in _JOINING_SCRIPTS
    if ord(char) in _TAGS:  # the letters of a flag such as Scotland's
        return not (_is_emoji(previous) or previous in _TAGS)
    return True


def _is_emoji(code: int) -> bool:
    return code in _PICTOGRAPHS or code in _SYMBOLS or code == ord(_EMOJI_STYLE)


def clusters(text: str) -> Iterator[str]:
    """What must not be cut: a character with its marks, an emoji sequence with its joiners.

    A short form of the grapheme clusters of UAX 29 that does not depend on the interpreter's Unicode version for emoji.
    """
    start = 0
    for at in range(1, len(text)):
        if not _continues(text[at - 1], text[at], text[start]):
            yield text[start:at]
            start = at
    if text:
        yield text[start:]


def _continues(previous: str, char: str, first: str) -> bool:
    code = ord(char)
    if code < 0x300:
        return False
    if char in (_ZWJ, _ZWNJ, _TEXT_STYLE, _EMOJI_STYLE, _KEYCAP) or code in _SKIN_TONES or code in _TAGS:
        return True
    if previous == _ZWJ:
        return _is_emoji(code) and _is_emoji(ord(first))
    return unicodedata.combining(char) != 0 or unicodedata.category(char) in {"Mn", "Me", "Mc"}


def is_emoji_cluster(cluster: str) -> bool:
    """Whether a cluster asks for an emoji font: a pictograph, or anything with the emoji variation selector."""
    return ord(cluster[0]) in _PICTOGRAPHS or _EMOJI_STYLE in cluster


def columns(text: str) -> int:
    """How many columns of a terminal or a plain e-mail ``text`` takes (UAX 11: wide and full-width take two)."""
    if text.isascii():
        return len(text)
    return sum(_cluster_columns(cluster) for cluster in clusters(text))


def _cluster_columns(cluster: str) -> int:
    first = cluster[0]
    if is_emoji_cluster(cluster) or unicodedata.east_asian_width(first) in {"W", "F"}:
        return 2
    # A mark without a letter before it, at the start of a text, has no column of its own.
    return 0 if unicodedata.combining(first) else 1


def starts_from_the_right(paragraph: str) -> bool:
    """Whether the first letter is of a script that runs from the right (UAX 9, rules P2 and P3)."""
    if RIGHT_TO_LEFT.search(paragraph) is None:
        return False
    strong = next((unicodedata.bidirectional(c) for c in paragraph if unicodedata.bidirectional(c) in _STRONG), "L")
    return strong != "L"
