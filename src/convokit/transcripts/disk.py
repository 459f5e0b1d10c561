"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

HALF: Final = ".convokit-*.tmp"
"""What files are called while they are written."""


@contextmanager
def whole_file(target: Path) -> Iterator[IO[bytes]]:
    """Write beside the target, sync, then rename: a crash leaves the old file or the new one."""
    beside = target.with_name(HALF.replace("*", secrets.token_hex(8)))
    try:
        with beside.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make sure that what was renamed in a folder, or made there, outlives a power cut."""
    if os.name == "nt":  # folders cannot be opened there, and renames are journalled
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def lock(file: IO[bytes], *, wait: bool) -> None:
    """Hold a file until it is closed: nobody else, in this process or another one, can meanwhile.

    Raises:
        OSError: somebody has it, and it is not to be waited for.
    """
    if os.name == "nt":
        import msvcrt

        how = msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK  # type: ignore[attr-defined, unused-ignore]  # Windows only
        msvcrt.locking(file.fileno(), how, 1)  # type: ignore[attr-defined, unused-ignore]  # Windows only
        return
    import fcntl

    fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
