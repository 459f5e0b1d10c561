"""Pictures made safe, in a child process that is bounded; whatever happens to it happens to nobody else."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from typing import IO, BinaryIO, Final

from attrs import field, frozen

from convokit.errors import InvalidInput
from convokit.media.child import PIXELS
from convokit.media.folder import CHUNK

WALL_SECONDS: Final = 10.0
_AT_ONCE: Final = threading.BoundedSemaphore(2)
"""Children of this process at the same time."""

COMMAND: Final[tuple[str, ...]] = ("-m", "convokit.media.child")
"""What the interpreter is told to run."""

_TAIL: Final = 4
_LONGEST_WORDS: Final = 1000
_WHY: Final = {
    "file.pixels": ("the picture has too many pixels", ", ".join(f"{kind} {most:,}" for kind, most in PIXELS.items())),
    "file.damaged": ("the picture is damaged or incomplete", None),
    "file.unreadable": ("the picture could not be read safely", None),
}


@frozen(kw_only=True)
class Picture:
    """A picture encoded anew, or of a GIF the frames alone.

    Attributes:
        file: holds it from the start on, ``size`` bytes.
        thumbnail: a JPEG.
        width, height: pixels.
    """

    file: IO[bytes] = field(repr=False)
    size: int
    thumbnail: bytes = field(repr=False)
    width: int
    height: int

    def chunks(self) -> Iterator[bytes]:
        """The picture's bytes."""
        self.file.seek(0)
        left = self.size
        while left > 0:
            chunk = self.file.read(min(CHUNK, left))
            left -= len(chunk)
            yield chunk


def convert(source: BinaryIO, media_type: str, result: IO[bytes]) -> Picture:
    """Encode the picture in the file ``source`` anew, into the file ``result``.

    Raises:
        InvalidInput: ``file.pixels``, ``file.damaged``; ``file.unreadable`` when the child died or took too long.
    """
    source.seek(0)
    # Not our environment: it may hold secrets. But our paths: an embedding host may have set them by hand.
    given = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "SYSTEMROOT": os.environ.get("SYSTEMROOT", "")}
    command = [sys.executable, "-B", *COMMAND, media_type]
    with _AT_ONCE:
        try:
            ran = subprocess.run(  # noqa: S603 - our own interpreter and our own words
                command,
                stdin=source,
                stdout=result,
                stderr=subprocess.DEVNULL,
                env=given,
                timeout=WALL_SECONDS,
                check=False,
            )
        except (subprocess.TimeoutExpired, OSError):
            raise _refused("file.unreadable") from None
    if ran.returncode != 0:
        raise _refused("file.unreadable")
    return _read(result)


def _read(result: IO[bytes]) -> Picture:
    """The result, whose author may have been taken over by the picture: every number is checked."""
    try:
        end = result.seek(0, os.SEEK_END)
        result.seek(max(0, end - _TAIL))
        (length,) = struct.unpack(">I", result.read(_TAIL))
        result.seek(end - _TAIL - min(length, _LONGEST_WORDS))
        told = json.loads(result.read(min(length, _LONGEST_WORDS)))
        if "error" in told:
            raise _refused(str(told["error"]))
        main, small, width, height = (int(told[name]) for name in ("main", "thumbnail", "width", "height"))
        if min(main, small, width, height) < 0 or main + small + length + _TAIL != end:
            raise ValueError("sizes")
    except (ValueError, KeyError, TypeError, struct.error, OSError):
        raise _refused("file.unreadable") from None
    result.seek(main)
    return Picture(file=result, size=main, thumbnail=result.read(small), width=width, height=height)


def _refused(code: str) -> InvalidInput:
    known = code if code in _WHY else "file.unreadable"
    why, limit = _WHY[known]
    return InvalidInput(known, why, field="file", limit=limit)


def scratch() -> IO[bytes]:
    """A file without a name, gone when it is closed."""
    return tempfile.TemporaryFile("w+b")
