"""Telling the log that somebody's code raised: where and what kind, never its words.

The text of a plugin's exception may quote a message or a secret, so only its type and the places it came through go to
the log.
"""

from __future__ import annotations

import logging
import traceback
from typing import Final

_FRAMES: Final = 8


def log_fault(log: logging.Logger, what: str, error: BaseException) -> None:
    """Log ``what`` as an error, with the type of ``error`` and the innermost frames of its traceback."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    places = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    log.error("%s: %s at %s", what, type(error).__name__, places)
