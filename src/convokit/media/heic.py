"""A HEIC photo without what it says beside its picture: the bytes of Exif and XMP, overwritten where they lie.

No decoder is needed for that: the file is boxes (ISO/IEC 14496-12), and the box ``meta`` says which items there are
(``iinf``) and where their bytes lie (``iloc``, 8.11.3). The size stays, so every other place in the file stays right.
The photo's own turn is a property of it (``irot``), and is kept.
"""

from __future__ import annotations

import mmap
from collections.abc import Collection, Iterator, Mapping
from typing import BinaryIO, Final

from attrs import frozen

LARGEST_META: Final = 1024 * 1024
"""Bytes of a ``meta`` box; a telephone's has some thousand."""
_MOST_BOXES: Final = 500
"""Boxes side by side, but for items: a telephone's photo has five."""

_WORDS: Final = frozenset({b"Exif", b"mime", b"uri "})
"""Items that are no picture: Exif, and XMP, which is of the type ``mime`` (ISO/IEC 23008-12, annex A)."""
_LOOSE: Final = frozenset({b"uuid", b"free", b"skip", b"udta"})
"""Boxes that no picture needs."""
_NO_EXIF: Final = bytes(4) + b"MM\0*\0\0\0\x08"
"""An Exif block with an empty list; what follows is zero."""


class HeicError(ValueError):
    """Its boxes contradict each other, so nobody can tell what it says beside its picture."""


@frozen
class _Box:
    kind: bytes
    start: int  # of what it holds
    end: int


def remove_words(file: BinaryIO) -> None:
    """Overwrite, in the file itself, what a HEIC photo says of its place, moment and camera.

    Raises:
        HeicError: it cannot be told where that is.
    """
    with mmap.mmap(file.fileno(), 0) as whole:
        _clean(whole, 0, len(whole), inside=b"")


def _clean(whole: mmap.mmap, start: int, end: int, *, inside: bytes) -> None:
    for box in _boxes(whole, start, end):
        if box.kind in _LOOSE or (box.kind == b"meta" and inside):
            whole[box.start : box.end] = bytes(box.end - box.start)
        elif box.kind == b"meta":
            _clean_items(whole, box)
        elif box.kind == b"moov" or (box.kind == b"trak" and inside == b"moov"):  # a photo that moves
            _clean(whole, box.start, box.end, inside=box.kind)


def _boxes(whole: mmap.mmap, start: int, end: int, *, most: int = _MOST_BOXES) -> Iterator[_Box]:
    at = start
    for _ in range(most):
        if at >= end:
            return
        head = 8
        size, kind = _number(whole, at, 4, end), bytes(whole[at + 4 : at + 8])
        if size == 1:
            head, size = 16, _number(whole, at + 8, 8, end)
        elif size == 0:
            size = end - at
        if size < head or at + size > end:
            raise HeicError("a box reaches beyond what it is in")
        yield _Box(kind, at + head, at + size)
        at += size
    raise HeicError("too many boxes")


def _number(whole: mmap.mmap | bytes, at: int, size: int, end: int) -> int:
    if at + size > end:
        raise HeicError("it breaks off within a number")
    return int.from_bytes(whole[at : at + size], "big")


class _Reader:
    """Numbers one after the other."""

    def __init__(self, whole: mmap.mmap, box: _Box) -> None:
        self._bytes, self._at = whole[box.start : box.end], 0

    def number(self, size: int) -> int:
        found = _number(self._bytes, self._at, size, len(self._bytes))
        self._at += size
        return found

    def kind(self) -> bytes:
        return self.number(4).to_bytes(4, "big")


def _clean_items(whole: mmap.mmap, meta: _Box) -> None:
    """Overwrite the items of a ``meta`` box that are words."""
    if meta.end - meta.start > LARGEST_META:
        raise HeicError("too many items")
    parts = {box.kind: box for box in _boxes(whole, meta.start + 4, meta.end)}
    if b"iinf" not in parts:
        return
    words = _word_items(whole, parts[b"iinf"])
    if words and b"iloc" not in parts:
        raise HeicError("items without a place")
    left = len(whole)
    for item, start, length in _extents(whole, parts, words) if words else ():
        left -= length
        if left < 0:
            raise HeicError("items that lie over each other")
        whole[start : start + length] = (b" " if words[item] == b"mime" else b"\0") * length
        if words[item] == b"Exif" and length >= len(_NO_EXIF) + 6:
            whole[start : start + len(_NO_EXIF)] = _NO_EXIF


def _word_items(whole: mmap.mmap, iinf: _Box) -> dict[int, bytes]:
    """The items that are words, with their types."""
    head = 6 if whole[iinf.start : iinf.start + 1] == b"\0" else 8  # version and flags, then how many there are
    found = {}
    for box in _boxes(whole, min(iinf.start + head, iinf.end), iinf.end, most=LARGEST_META):
        entry = _Reader(whole, box)
        version = entry.number(4) >> 24
        item = entry.number(4 if version == 3 else 2)
        entry.number(2)
        kind = entry.kind() if version >= 2 else b"mime"  # an older entry knows nothing but MIME types
        if box.kind == b"infe" and kind in _WORDS:
            found[item] = kind
    return found


def _extents(whole: mmap.mmap, parts: Mapping[bytes, _Box], words: Collection[int]) -> Iterator[tuple[int, int, int]]:
    """Where the bytes of the items lie: item, start in the file, length."""
    entry = _Reader(whole, parts[b"iloc"])
    version = entry.number(4) >> 24
    sizes = entry.number(2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    index_size = index_size if version else 0
    for _ in range(entry.number(4 if version == 2 else 2)):
        item = entry.number(4 if version == 2 else 2)
        method = entry.number(2) & 15 if version else 0
        entry.number(2)
        base, extents = entry.number(base_size), entry.number(2)
        if extents > 1 and not offset_size + length_size + index_size:
            raise HeicError("parts without a size")
        for _ in range(extents):
            entry.number(index_size)
            start, length = base + entry.number(offset_size), entry.number(length_size)
            if item in words:
                yield item, _placed(whole, parts, method, start, length), length


def _placed(whole: mmap.mmap, parts: Mapping[bytes, _Box], method: int, start: int, length: int) -> int:
    """Where a part of an item begins in the file."""
    room = _Box(b"", 0, len(whole)) if method == 0 else parts.get(b"idat")
    if method > 1 or room is None or length == 0 or room.start + start + length > room.end:
        raise HeicError("an item lies nowhere")
    return room.start + start
