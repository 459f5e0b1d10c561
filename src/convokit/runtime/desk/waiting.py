"""Waiting for a change."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from convokit.errors import InvalidInput
from convokit.ports.store import Store
from convokit.ports.store_lists import Change

LONGEST_WAIT: Final = 60.0
_LOOK_SECONDS: Final = 1.0
"""News may get lost, or there may be none of other processes: so often it is looked for all the same."""


def check_wait(wait: object) -> float:
    """Seconds to wait.

    Raises:
        InvalidInput: ``changes.wait``.
    """
    if isinstance(wait, bool) or not isinstance(wait, (int, float)) or not 0 <= wait <= LONGEST_WAIT:
        limit = f"{LONGEST_WAIT:.0f}"
        raise InvalidInput("changes.wait", f"wait= is 0 to {limit} seconds", field="wait", limit=limit)
    return float(wait)


def wait_for(
    look: Callable[[], tuple[Change, ...]], store: Store, practice_id: str, seconds: float
) -> tuple[Change, ...]:
    """What ``look`` finds, as soon as it finds something; ``()`` after so many seconds."""
    deadline = time.monotonic() + seconds
    news = threading.Event()

    def heard(of: str | None) -> None:
        if of in (None, practice_id):
            news.set()

    end = store.listen(heard)
    try:
        while True:
            news.clear()
            if found := look():
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                return ()
            news.wait(min(left, _LOOK_SECONDS))
    finally:
        end()
