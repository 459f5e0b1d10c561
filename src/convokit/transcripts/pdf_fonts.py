"""Which font prints which character, and how wide words are. Knows nothing of PDF."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Final

from convokit.transcripts.characters import EMOJI_MAKERS, clusters, code_point, is_emoji_cluster

Face = str
"""``"regular"``, ``"bold"``, ``"emoji"``, or what a further font is called."""

FONT_FILES: Final[Mapping[Face, str]] = {
    "regular": "DejaVuSans.ttf",
    "bold": "DejaVuSans-Bold.ttf",
    "emoji": "NotoEmoji-Regular.ttf",
}
_ORDER: Final[Mapping[Face, tuple[Face, ...]]] = {
    "regular": ("regular", "emoji"),
    "bold": ("bold", "regular", "emoji"),
}
_EM: Final = 1000
_MM_PER_POINT: Final = 25.4 / 72


def no_further(code: int) -> Face | None:
    """No font but the built-in ones."""
    del code
    return None


class Fonts:
    """The fonts of a document, each loaded when the first character needs it.

    Args:
        load: gives the characters of a face with their widths, in thousandths of the font size.
        further: the face of a further font that has a character which the built-in ones lack.
    """

    def __init__(
        self, load: Callable[[Face], Mapping[int, float]], further: Callable[[int], Face | None] = no_further
    ) -> None:
        self._load = load
        self._further = further
        self._loaded: dict[Face, Mapping[int, float]] = {}
        self._words: dict[Face, dict[str, float]] = {"regular": {}, "bold": {}}
        self._found: dict[str, Face | None] = {}
        self._plain: dict[Face, frozenset[str]] = {}

    def printable(self, text: str) -> str:
        """``text`` with every character that no font has spelled out as ``[U+1F436]``."""
        if text.isascii() or self._is_all_in(text, "regular"):
            return text
        return "".join(char if char == "\n" or self._find(char) is not None else code_point(char) for char in text)

    def measure(self, face: Face, size: float) -> Callable[[str], float]:
        """A function that gives the width in millimetres of a word in ``face`` at ``size`` points."""
        words, factor = self._words[face], size * _MM_PER_POINT / _EM

        def width(word: str) -> float:
            units = words.get(word)
            if units is None:
                units = words[word] = self._units(word, face)
            return units * factor

        return width

    def advance(self, text: str, face: Face, size: float) -> float:
        """The width in millimetres of ``text``, all of it in ``face``, at ``size`` points; not remembered."""
        widths = self._face(face)
        return sum(widths[ord(char)] for char in text) * size * _MM_PER_POINT / _EM

    def runs(self, text: str, face: Face) -> list[tuple[Face, str]]:
        """``text`` cut where the font changes."""
        if text.isascii() or self._is_all_in(text, face):
            return [(face, text)]
        chosen = (part for cluster in clusters(text) for part in self._faces(cluster, face))
        return [(found, "".join(part for _, part in of_face)) for found, of_face in groupby(chosen, itemgetter(0))]

    def _is_all_in(self, text: str, face: Face) -> bool:
        """Whether a face has all of a text without a character that may belong to an emoji; for most texts it has."""
        return self._plain_of(face).issuperset(text)

    def _plain_of(self, face: Face) -> frozenset[str]:
        known = self._plain.get(face)
        if known is None:
            known = self._plain[face] = frozenset(map(chr, self._face(face))).difference(EMOJI_MAKERS)
        return known

    def _units(self, word: str, face: Face) -> float:
        if word.isascii() or self._is_all_in(word, face):
            widths = self._face(face)
            return sum([widths[ord(char)] for char in word])
        return sum(self._face(found)[ord(char)] for found, part in self.runs(word, face) for char in part)

    def _faces(self, cluster: str, face: Face) -> Iterator[tuple[Face, str]]:
        """The face for a whole cluster; an emoji asks the emoji font first. If none has all of it: one a character."""
        order = self._order(cluster, face)
        for candidate in order:
            if all(ord(char) in self._face(candidate) for char in cluster):
                yield candidate, cluster
                return
        for char in cluster:
            yield next(candidate for candidate in order if ord(char) in self._face(candidate)), char

    def _order(self, cluster: str, face: Face) -> tuple[Face, ...]:
        order = ("emoji", *_ORDER[face]) if is_emoji_cluster(cluster) else _ORDER[face]
        others = (self._find(char) for char in cluster if not char.isascii())
        return (*order, *(found for found in others if found is not None and found not in order))

    def _find(self, char: str) -> Face | None:
        """A face that has the character."""
        if char not in self._found:
            code = ord(char)
            built_in = next((face for face in _ORDER["regular"] if code in self._face(face)), None)
            self._found[char] = built_in or self._further(code)
        return self._found[char]

    def _face(self, face: Face) -> Mapping[int, float]:
        widths = self._loaded.get(face)
        if widths is None:
            widths = self._loaded[face] = self._load(face)
        return widths
