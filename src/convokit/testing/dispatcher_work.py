"""Work for engines to perform in tests: it behaves as convokit's own, and remembers everything."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from typing import Final

from convokit.errors import StorageError
from convokit.ports.dispatcher import Full, Notice

PATIENCE: Final = 20.0


def notice(
    key: str, *, lane: str = "c1", practice: str = "happy-paws", not_before_us: int = 0, pool: str = ""
) -> Notice:
    """The name of a text that is owed."""
    return Notice(practice=practice, kind="text", key=key, lane=lane, not_before_us=not_before_us, pool=pool)


class ScriptedWork:
    """A :class:`~convokit.ports.dispatcher.Work` over a list. Every thread may use it.

    Attributes:
        done: the keys of what was performed, in order; done_at: when, microseconds since the epoch.
        sweeps, rests: how often each was asked for.
        hanging: the keys of what is being performed and does not come back until :meth:`let_go`.
        overlaps: lanes of which two were performed at once.
        away: how many sweeps the store does not answer.
    """

    def __init__(self) -> None:
        self.done: list[str] = []
        self.done_at: dict[str, int] = {}
        self.sweeps: int = 0
        self.rests: int = 0
        self.away: int = 0
        self.hanging: set[str] = set()
        self.overlaps: set[str] = set()
        self._owed: list[Notice] = []
        self._begun: set[tuple[str, str]] = set()
        self._hang: set[str] = set()
        self._raise: dict[str, BaseException] = {}
        self._free = threading.Event()
        self._changed = threading.Condition()

    # --- what a test does ---------------------------------------------------------------------------------------------
    def owe(self, one: Notice) -> Notice:
        """Owe something; returned as it was given."""
        with self._changed:
            self._owed.append(one)
        return one

    def hang(self, key: str) -> None:
        """Performing this does not come back until :meth:`let_go`."""
        self._hang.add(key)

    def raise_once(self, key: str, error: BaseException) -> None:
        """Performing this raises the first time, against all promises."""
        self._raise[key] = error

    def let_go(self) -> None:
        """Let everything come back that hangs, now and later."""
        self._free.set()

    def wait_for(self, ready: Callable[[], bool]) -> None:
        """Wait until something came about.

        Raises:
            AssertionError: it did not, for twenty seconds.
        """
        with self._changed:
            assert self._changed.wait_for(ready, PATIENCE), f"it never came about; done: {self.done}"

    def now_us(self) -> int:
        """The present moment, microseconds since the epoch."""
        return time.time_ns() // 1000

    # --- what an engine is given --------------------------------------------------------------------------------------
    def sweep(self, limit: int = 200, full: Collection[Full] = ()) -> tuple[Notice, ...]:
        """See :meth:`convokit.ports.dispatcher.Work.sweep`."""
        with self._changed:
            self.sweeps += 1
            self._changed.notify_all()
            if self.away:
                self.away -= 1
                raise StorageError("storage.busy", "the store did not answer in time; try again")
            return tuple(one for one in self._owed if self._is_due(one))[:limit]

    def perform(self, one: Notice) -> bool:
        """See :meth:`convokit.ports.dispatcher.Work.perform`."""
        with self._changed:
            if one not in self._owed or not self._is_due(one):
                return False
            self._begun.add((one.kind, one.key))
        try:
            self._do(one)
        finally:
            with self._changed:
                self._begun.discard((one.kind, one.key))
                self.hanging.discard(one.key)
                self._changed.notify_all()
        return True

    def rest(self) -> bool:
        """See :meth:`convokit.ports.dispatcher.Work.rest`."""
        with self._changed:
            self.rests += 1
            self._changed.notify_all()
        return False

    def _is_due(self, one: Notice) -> bool:
        if (one.kind, one.key) in self._begun or one.not_before_us > self.now_us():
            return False
        before = self._owed[: self._owed.index(one)]
        return not any(other.lane == one.lane and other.practice == one.practice for other in before)

    def _do(self, one: Notice) -> None:
        error = self._raise.pop(one.key, None)
        if error is not None:
            raise error
        if one.key in self._hang:
            with self._changed:
                self.hanging.add(one.key)
                self._changed.notify_all()
            assert self._free.wait(PATIENCE), "nobody let it go"
        with self._changed:
            self._owed.remove(one)
            self.done.append(one.key)
            self.done_at[one.key] = self.now_us()
