"""Whether a PDF does more than lie there: scripts, programs to start, files inside.

The answer is a mark for people. Safety does not rest on it: a PDF is only ever downloaded.
"""

from __future__ import annotations

import mmap
import re
import zlib
from typing import BinaryIO, Final

# ISO 32000-1: 12.6.4 (actions), 7.11.4 (embedded files), 13.7.2 (rich media), 12.7.8 (XFA).
_ACTIVE: Final = re.compile(
    rb"/(?:JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|GoToE|SubmitForm|ImportData)(?![A-Za-z0-9])"
)
_HEX: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM: Final = re.compile(rb"stream\r?\n")
_DICTIONARY: Final = 1024
_MOST_STREAMS: Final = 50_000
_MOST_INFLATED: Final = 4 * 1024 * 1024
_MOST_INFLATED_TOGETHER: Final = 32 * 1024 * 1024


def has_active_content(file: BinaryIO) -> bool:
    """Whether a PDF has scripts, starts programs, sends forms or carries files; also if it is too odd to tell.

    Objects inside compressed object streams are looked at; what is encrypted is not.
    """
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        return _Scan(whole).is_active()


class _Scan:
    def __init__(self, whole: mmap.mmap) -> None:
        self._whole = whole
        self._budget = _MOST_INFLATED_TOGETHER

    def is_active(self) -> bool:
        at = 0
        for _ in range(_MOST_STREAMS):
            found = _STREAM.search(self._whole, at)
            if found is None:
                return _is_active(self._whole[at:])
            if _is_active(self._whole[at : found.start()]):
                return True
            end = self._whole.find(b"endstream", found.end())
            end = len(self._whole) if end < 0 else end
            head = self._whole[max(at, found.start() - _DICTIONARY) : found.start()].rpartition(b"obj")[2]
            if b"/ObjStm" in _plain(head) and _is_active(self._inflated(found.end(), end)):
                return True
            at = end + len(b"endstream")
        return True

    def _inflated(self, start: int, end: int) -> bytes:
        most = min(_MOST_INFLATED, self._budget)
        try:
            content = zlib.decompressobj().decompress(self._whole[start:end], most) if most > 0 else b""
        except zlib.error:
            return b""
        self._budget -= len(content)
        return content


def _is_active(part: bytes) -> bool:
    if b"#" not in part:
        return _ACTIVE.search(part) is not None
    # Window by window: a file that is hex from end to end would take thirty times its size at once.
    windows = (part[max(0, start - _OVERLAP) : start + _WINDOW] for start in range(0, len(part), _WINDOW))
    return any(_ACTIVE.search(_plain(window)) for window in windows)


_WINDOW: Final = 64 * 1024
_OVERLAP: Final = 256
"""Longer than any name that is looked for, written in hex."""


def _plain(part: bytes) -> bytes:
    """Names may be written in hex: ``/J#53`` is ``/JS`` (7.3.5)."""
    return _HEX.sub(lambda found: bytes([int(found[1], 16)]), part) if b"#" in part else part
