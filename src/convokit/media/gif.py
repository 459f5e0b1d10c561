"""A GIF without what it says beside its pictures: comments, and what programs wrote into it (XMP has the place).

Sources: GIF89a, sections 17 to 27; for loops the NETSCAPE2.0 and ANIMEXTS1.0 application extensions that every browser
reads. Runs in the child process of :mod:`convokit.media.child`, so its time and memory are bounded there.
"""

from __future__ import annotations

from typing import BinaryIO, Final

_HEAD: Final = 13
_EXTENSION: Final = 0x21
_PICTURE: Final = 0x2C
_TRAILER: Final = 0x3B
_CONTROL: Final = 0xF9
_APPLICATION: Final = 0xFF
_LOOPS: Final = (b"\x0bNETSCAPE2.0", b"\x0bANIMEXTS1.0")


class GifError(ValueError):
    """It is no GIF."""


def without_words(source: bytes, result: BinaryIO) -> int:
    """Write the GIF ``source`` to ``result``: every frame, its timing and the loop, and nothing else. How many bytes.

    A last frame that is cut off is left out; what hangs behind the end is gone.

    Raises:
        GifError: what stands between two frames is no block.
    """
    at = _HEAD + _table(source[10:11])
    written = result.write(source[:at])
    while at < len(source):
        end = _end_of_block(source, at)
        if end == 0:
            break
        if _is_kept(source, at):
            written += result.write(source[at:end])
        at = end
    return written + result.write(bytes([_TRAILER]))


def _table(packed: bytes) -> int:
    """Bytes of the color table that a packed field announces."""
    return 3 << ((packed[0] & 7) + 1) if packed and packed[0] & 0x80 else 0


def _is_kept(source: bytes, at: int) -> bool:
    if source[at] != _EXTENSION:
        return source[at] == _PICTURE
    label = source[at + 1]
    return label == _CONTROL or (label == _APPLICATION and source[at + 2 : at + 14] in _LOOPS)


def _end_of_block(source: bytes, at: int) -> int:
    """Where the block at ``at`` ends; 0 at the trailer, and where the file breaks off within it."""
    match source[at]:
        case 0x3B:
            return 0
        case 0x00:  # some programs pad
            return at + 1
        case 0x21:
            return _end_of_parts(source, at + 2)
        case 0x2C:
            return _end_of_parts(source, at + 10 + _table(source[at + 9 : at + 10]) + 1)
    raise GifError("no block of a GIF")


def _end_of_parts(source: bytes, at: int) -> int:
    """Where a chain of sub-blocks ends, or 0 if it does not."""
    size = len(source)
    while at < size:
        length = source[at]
        at += 1 + length
        if length == 0:
            return at
    return 0
