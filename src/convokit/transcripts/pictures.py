"""The files of a transcript, found by their digest: small pictures (JPEG), and what was sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Final

Pictures = Callable[[str], bytes | None]
"""The picture with a digest (SHA-256, hex), or ``None`` where it is not kept any more."""

Originals = Callable[[str], Iterable[bytes] | None]
"""The file with a digest (SHA-256, hex), in pieces; ``None`` where it is not kept any more."""

LARGEST: Final = 512 * 1024
"""Bytes of a small picture; what convokit makes has a tenth of it."""

_FRAMES: Final = frozenset(range(0xC0, 0xC3))
"""Markers of frames that every reader of PDF knows: baseline, extended and progressive (ITU-T T.81, table B.1)."""
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})


def no_pictures(digest: str) -> None:
    """For a transcript without pictures."""
    del digest


def no_originals(digest: str) -> None:
    """For a transcript without files."""
    del digest


def found(pictures: Pictures, digests: Iterable[str]) -> dict[str, bytes]:
    """The pictures that are there, are what their digest says, and can be shown."""
    read = ((digest, pictures(digest)) for digest in digests)
    return {digest: content for digest, content in read if content is not None and _is_sound(digest, content)}


def _is_sound(digest: str, content: bytes) -> bool:
    return len(content) <= LARGEST and sha256(content).hexdigest() == digest and size_of(content) is not None


def size_of(content: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a JPEG with one or three colours; ``None`` for everything else.

    Read from its frame header (ITU-T T.81, B.2.2), because a picture is placed before it is drawn.
    """
    at = 2
    if content[:2] != b"\xff\xd8":
        return None
    while at + 9 < len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker in _FRAMES:
            height, width = int.from_bytes(content[at + 5 : at + 7]), int.from_bytes(content[at + 7 : at + 9])
            return (width, height) if width and height and content[at + 9] in (1, 3) else None
        if marker in _ALONE:
            at += 2
            continue
        at += 2 + max(2, int.from_bytes(content[at + 2 : at + 4]))
    return None
