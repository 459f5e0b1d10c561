"""The embedded worker: performs what is due, in order within a conversation, and recovers what was abandoned."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from attrs import frozen

from convokit.domain.rules import Practice
from convokit.effects import OwedEffect
from convokit.errors import StorageError
from convokit.plugins.faults import log_fault
from convokit.ports.store import Store
from convokit.runtime.drivers import Exchange
from convokit.runtime.perform import Performer
from convokit.runtime.world import World

_BATCH: Final = 100

_log = logging.getLogger("convokit")


@frozen(kw_only=True)
class WorkReport:
    """What one round of work did: hand-overs run, and abandoned ones settled."""

    performed: int = 0
    recovered: int = 0


class Worker:
    """Rounds of work over one store. Several workers, in several processes, may run at once."""

    def __init__(
        self,
        store: Store,
        performer: Performer,
        world: World,
        *,
        practice: Callable[[str], Practice],
        exchange: Callable[[], Exchange],
    ) -> None:
        self._store = store
        self._performer = performer
        self._world = world
        self._practice = practice
        self._exchange = exchange
        self._stop = threading.Event()

    def work(self) -> WorkReport:
        """Perform everything that is due now, once; each text that waited behind another one of these too."""
        recovered = self.recover()
        performed = 0
        seen: set[tuple[str, int]] = set()
        while fresh := [o for o in self.due() if (o.key, o.tries) not in seen]:
            seen.update((o.key, o.tries) for o in fresh)
            performed += sum(self.one(owed) for owed in fresh)
        return WorkReport(performed=performed, recovered=recovered)

    def due(self) -> tuple[OwedEffect, ...]:
        """A batch of due effects: at most one of each conversation."""
        return self._store.due(self._world.now_us(), _BATCH)

    def one(self, owed: OwedEffect) -> bool:
        """Perform one effect, blocking."""
        return self._performer.perform(self._practice(owed.practice), owed, self._exchange())

    def recover(self) -> int:
        """Settle hand-overs whose worker died."""
        abandoned = self._store.abandoned(self._world.now_us(), _BATCH)
        for owed in abandoned:
            self._performer.give_up_on(self._practice(owed.practice), owed)
        return len(abandoned)

    def run(self, *, threads: int, idle_seconds: float) -> None:
        """Work until :meth:`stop`, in ``threads`` threads, looking every ``idle_seconds`` when nothing is due.

        A conversation's texts stay in order: only its first unsettled effect is ever due. A store that is away is
        waited for; what is being handed over at the end is finished.
        """
        busy: set[str] = set()
        with ThreadPoolExecutor(threads, thread_name_prefix="convokit") as pool:
            while not self._stop.is_set():
                if not self._round(pool, busy):
                    self._stop.wait(idle_seconds)
        # Only now: a stop that came before the start counts too.
        self._stop.clear()

    def _round(self, pool: ThreadPoolExecutor, busy: set[str]) -> bool:
        try:
            recovered = self.recover()
            fresh = [owed for owed in self.due() if owed.key not in busy]
        except StorageError as error:
            _log.error("the store does not answer, the worker goes on trying: %s", error)
            return False
        for owed in fresh:
            busy.add(owed.key)
            pool.submit(self._one_of, owed, busy)
        return bool(fresh or recovered)

    def _one_of(self, owed: OwedEffect, busy: set[str]) -> None:
        try:
            self.one(owed)
        except Exception as error:  # the lease in the row brings it back; one bad effect must not end the worker
            log_fault(_log, f"effect {owed.key} could not be performed", error)
        finally:
            busy.discard(owed.key)

    def stop(self) -> None:
        """Make :meth:`run` return after what it has begun."""
        self._stop.set()
