"""When somebody's code raises: how far that goes, and telling the log where and what kind, never its words.

The text of a plugin's exception may quote a message or a secret, so only its type and the places it came through go to
the log.
"""

from __future__ import annotations

import logging
import os
import threading
import traceback
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

_FRAMES: Final = 8
_CAME_BACK: Final = 70
"""EX_SOFTWARE of sysexits.h: how a copy of this process ends that a plugin made and did not end."""


def log_fault(log: logging.Logger, what: str, error: BaseException) -> None:
    """Log ``what`` as an error, with the type of ``error`` and the innermost frames of its traceback."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    places = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    log.error("%s: %s at %s", what, type(error).__name__, places)


def contain(error: BaseException) -> None:
    """Let what a plugin raised go no further, ``SystemExit`` and ``GeneratorExit`` included.

    One thing is raised again: ``KeyboardInterrupt`` in the main thread, where Python puts a Ctrl-C, and nobody can tell
    the two apart. In every other thread it is the plugin's own.
    """
    if isinstance(error, KeyboardInterrupt) and threading.current_thread() is threading.main_thread():
        raise error


def in_this_process(call: Callable[[], T]) -> T:
    """Call somebody's code. A copy of this process that it forked, and that comes back, ends here.

    Such a copy would go on with our work where the original goes on with it too: the same text, twice.
    """
    mine = os.getpid()
    try:
        return call()
    finally:
        if os.getpid() != mine:
            os._exit(_CAME_BACK)
