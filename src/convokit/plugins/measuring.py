"""What is done and how long it took: counted here, and told to observers that can neither fail nor slow the desk.

Observers run in a thread of their own, behind a queue of bounded length: one that hangs costs measurements, never a
text. Nothing that is measured holds a name, a number or a word of anybody.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Mapping
from typing import Final

from attrs import frozen

MOST_WAITING: Final = 10_000
_LAST_SECONDS: Final = 1.0


@frozen(kw_only=True)
class Measured:
    """One thing that was done; see the hook ``convokit_measured``."""

    practice_id: str
    what: str
    provider: str
    outcome: str
    seconds: float


@frozen(kw_only=True)
class Total:
    """How often, and how many seconds in all, since the kit was opened, in this process."""

    count: int = 0
    seconds: float = 0.0


Key = tuple[str, str, str]
"""What, by which provider, with which outcome."""


class Measures:
    """Every thread may use it; a child that was forked counts on from where its parent was."""

    def __init__(self, tell: Callable[[Measured], None] | None) -> None:
        """``tell``: calls the observers, and raises nothing; ``None``: there are none."""
        self._tell = tell
        self._lock = threading.Lock()
        self._totals: dict[Key, Total] = {}
        self._pid = 0
        self._waiting: queue.Queue[Measured | None] = queue.Queue(MOST_WAITING)
        self._thread: threading.Thread | None = None
        self.dropped: int = 0
        """How many the observers were too slow for."""

    def add(self, measured: Measured) -> None:
        """Count it, and have the observers told soon."""
        key = (measured.what, measured.provider, measured.outcome)
        with self._lock:
            so_far = self._totals.get(key, Total())
            self._totals[key] = Total(count=so_far.count + 1, seconds=so_far.seconds + measured.seconds)
            if self._tell is None:
                return
            if self._pid != os.getpid():
                self._begin(self._tell)
            try:
                self._waiting.put_nowait(measured)
            except queue.Full:
                self.dropped += 1

    def totals(self) -> Mapping[Key, Total]:
        """Everything that was counted, in an order that stays."""
        with self._lock:
            return dict(sorted(self._totals.items()))

    def close(self) -> None:
        """Have the observers told what waits, for a second at most. Twice is fine."""
        with self._lock:
            thread, self._thread, mine = self._thread, None, self._pid == os.getpid()
            self._pid = 0
        if thread is None or not mine:
            return
        try:
            self._waiting.put(None, timeout=_LAST_SECONDS)
        except queue.Full:
            return
        thread.join(_LAST_SECONDS)

    def _begin(self, tell: Callable[[Measured], None]) -> None:
        """Threads do not cross a fork, and neither does the state of a queue that one of them was using."""
        self._pid = os.getpid()
        waiting: queue.Queue[Measured | None] = queue.Queue(MOST_WAITING)
        self._waiting = waiting

        def run() -> None:
            while (measured := waiting.get()) is not None:
                tell(measured)

        # A daemon: an observer that hangs must not keep a process from ending.
        self._thread = threading.Thread(target=run, name="convokit-measures", daemon=True)
        self._thread.start()
