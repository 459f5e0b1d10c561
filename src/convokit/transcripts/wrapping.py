"""Breaking text into lines, by any measure of width: columns for plain text, millimetres for paper."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from convokit.transcripts.characters import clusters

_WORD_OR_BLANKS = re.compile(" +|[^ ]+")


def wrap(text: str, limit: float, measure: Callable[[str], float]) -> list[str]:
    """``text`` in lines of at most ``limit``; line feeds are kept as breaks.

    Lines break at blanks, beside East Asian characters, and inside words that are longer than a line, never inside a
    cluster. Blanks at a break go; all others stay. A single cluster wider than ``limit`` gets a line of its own.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines += _wrap_words(paragraph, limit, measure) or _wrap_paragraph(paragraph, limit, measure)
    return lines


def _wrap_words(paragraph: str, limit: float, measure: Callable[[str], float]) -> list[str]:
    """The lines of ordinary text: words that fit on a line, one blank between them. Nothing for any other text."""
    words = paragraph.split(" ")
    if "" in words:
        return []
    lines: list[str] = []
    blank, used, start = measure(" "), 0.0, 0
    for at, word in enumerate(words):
        width = measure(word)
        if width > limit or not (word.isascii() or not _breaks_anywhere(word)):
            return []
        if at > start and used + blank + width > limit:
            lines.append(" ".join(words[start:at]))
            start, used = at, width
        else:
            used += width if at == start else blank + width
    lines.append(" ".join(words[start:]))
    return lines


def _wrap_paragraph(text: str, limit: float, measure: Callable[[str], float]) -> Iterator[str]:
    line: list[str] = []
    used = 0.0
    for piece, width in _pieces(text, limit, measure):
        blank = piece[0] == " "
        if used + width > limit and line and not blank:
            yield "".join(line).rstrip(" ")
            line, used = [], 0.0
        if blank and not line and width > limit / 2:
            continue  # a text of thousands of blanks is not worth pages of nothing
        line.append(piece)
        used += width
    yield "".join(line).rstrip(" ")


def _pieces(text: str, limit: float, measure: Callable[[str], float]) -> Iterator[tuple[str, float]]:
    for word in _WORD_OR_BLANKS.findall(text):
        width = measure(word)
        if word[0] == " " or (width <= limit and (word.isascii() or not _breaks_anywhere(word))):
            yield word, width
        else:
            for cluster in clusters(word):
                yield cluster, measure(cluster)


def _breaks_anywhere(word: str) -> bool:
    return any(unicodedata.east_asian_width(char) in {"W", "F"} for char in word)
