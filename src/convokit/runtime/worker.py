"""The embedded worker: performs what is due, in order within a conversation, and recovers what was abandoned."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from itertools import zip_longest
from typing import Final

from attrs import frozen

from convokit.domain.instant import SECOND
from convokit.domain.rules import Practice
from convokit.effects import OwedEffect, OwedJob
from convokit.errors import StorageError
from convokit.plugins.faults import log_fault
from convokit.ports.store import Store
from convokit.runtime.drivers import Exchange
from convokit.runtime.files import Files
from convokit.runtime.jobs import Jobs
from convokit.runtime.perform import LEASE, Performer
from convokit.runtime.timekeeping import Timekeeper
from convokit.runtime.world import World

_BATCH: Final = 200
_REST_SECONDS: Final = 5.0
_BREATH_SECONDS: Final = 0.02

Owed = OwedEffect | OwedJob

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
        jobs: Jobs,
        timekeeper: Timekeeper,
        files: Files,
        world: World,
        *,
        practice: Callable[[str], Practice],
        exchange: Callable[[], Exchange],
    ) -> None:
        self._store = store
        self._performer = performer
        self._jobs = jobs
        self._timekeeper = timekeeper
        self._files = files
        self._world = world
        self._practice = practice
        self._exchange = exchange
        # Re-entrant: a signal handler may call stop() in the very thread that holds it.
        self._lock = threading.RLock()
        self._runs = 0
        self._stopping = False
        self._roused = False
        self._wake = threading.Condition(self._lock)
        self._resting: dict[str, float] = {}
        """Until when (monotonic) :meth:`run` leaves a practice alone after something of it raised."""

    def work(self) -> WorkReport:
        """Perform everything that is due now, once; each text that waited behind another one of these too."""
        recovered = self.recover()
        performed = 0
        seen: set[tuple[str, str, int]] = set()
        while fresh := [o for o in self.due() if _turn(o) not in seen]:
            seen.update(map(_turn, fresh))
            performed += sum(self.one(owed) for owed in fresh)
        self.index()
        return WorkReport(performed=performed, recovered=recovered)

    def due(self) -> tuple[Owed, ...]:
        """A batch of what is due: at most one text of each conversation, and jobs."""
        return (*self._store.due(self._world.now_us(), _BATCH), *self._jobs.due(_BATCH))

    def one(self, owed: Owed) -> bool:
        """Perform one effect, blocking; whether it was ours to do. What goes wrong with it stays its own."""
        try:
            practice = self._practice(owed.practice)
            if isinstance(owed, OwedJob):
                return self._jobs.perform(practice, owed)
            return self._performer.perform(practice, owed, self._exchange())
        except Exception as error:  # the lease in the row brings it back; one bad effect must not stop the others
            log_fault(_log, f"effect {owed.key} could not be performed", error)
            # What was begun comes back by its lease; what was not is still due, and would be tried without a pause.
            self._resting[owed.practice] = time.monotonic() + _REST_SECONDS
            return False

    def recover(self) -> int:
        """Look at the clock, settle what dead workers left, apply reports that came before their send was known."""
        self._timekeeper.look()
        lost: tuple[Owed, ...] = self._store.abandoned(self._world.now_us(), _BATCH)
        recovered = sum(self._give_up_on(owed) for owed in (*lost, *self._jobs.abandoned(_BATCH)))
        self._sweep_parked()
        self._files.sweep(_BATCH)
        return recovered

    def _give_up_on(self, owed: Owed) -> bool:
        try:
            practice = self._practice(owed.practice)
            if isinstance(owed, OwedJob):
                self._jobs.give_up_on(practice, owed)
            else:
                self._performer.give_up_on(practice, owed)
        except Exception as error:  # one practice's trouble must not keep the others waiting
            log_fault(_log, f"effect {owed.key} could not be recovered", error)
            return False
        return True

    def _sweep_parked(self) -> None:
        """Reports that came before their send was known, and that nobody applied since: a worker died in between."""
        for practice_id, report in self._store.settled_parked(_BATCH):
            try:
                self._performer.apply_parked(self._practice(practice_id), report)
            except Exception as error:  # one practice's trouble must not keep the others waiting
                log_fault(_log, f"a parked report of practice {practice_id} could not be applied", error)

    def index(self) -> int:
        """Make what was committed lately ready for search, a batch of each practice; how much was looked at."""
        looked_at = 0
        try:
            for practice_id in self._store.unindexed(_BATCH):
                looked_at += self._store.index_pending(practice_id, _BATCH)
        except StorageError as error:  # a search does it itself
            _log.warning("what was written lately is not yet ready for search: %s", error)
        return looked_at

    def run(self, *, threads: int, idle_seconds: float) -> None:
        """Work until :meth:`stop`, in ``threads`` threads, looking every ``idle_seconds`` when nothing is due.

        A conversation's texts stay in order: only its first unsettled effect is ever due. One practice never has all
        the threads, so that a carrier that hangs leaves one for the others. A store that is away is waited for; what
        is being handed over at the end is finished.
        """
        with self._lock:
            self._runs += 1
        try:
            with ExitStack() as ended:
                with suppress(StorageError):  # it is closed: what comes next says so
                    ended.callback(self._store.listen(self._rouse))
                self._rounds(threads, idle_seconds)
        finally:
            with self._lock:
                self._runs -= 1
                # Only now, and only by the last: a stop that came before the start counts too.
                self._stopping = self._stopping and self._runs > 0
                self._wake.notify_all()

    def _rounds(self, threads: int, idle_seconds: float) -> None:
        flying: dict[tuple[str, str, int], str] = {}
        with ThreadPoolExecutor(threads, thread_name_prefix="convokit") as pool:
            while not self._stopping:
                # Search waits for whatever is due.
                moved = self._round(pool, flying, threads) or self.index() > 0
                with self._lock:
                    if not self._stopping and not moved:
                        # News is mostly of what nobody has to do anything about: not a round for each.
                        self._wake.wait(min(_BREATH_SECONDS, idle_seconds) if self._roused else idle_seconds)
                    self._roused = False

    def _rouse(self, practice_id: str | None) -> None:
        """Something was committed: look, instead of waiting to the end."""
        with self._lock:
            self._roused = True
            self._wake.notify_all()

    def _round(self, pool: ThreadPoolExecutor, flying: dict[tuple[str, str, int], str], threads: int) -> bool:
        try:
            recovered, due = self.recover(), self.due()
            with self._lock:
                due = tuple(owed for owed in due if self._resting.get(owed.practice, 0.0) <= time.monotonic())
                chosen = list(_fairly(due, flying, threads))
                flying.update((_turn(owed), owed.practice) for owed in chosen)
        except StorageError as error:
            _log.error("the store does not answer, the worker goes on trying: %s", error)
            return False
        except Exception as error:  # a plugin's, or a row that nobody can read: the worker must outlive it
            log_fault(_log, "a round of work could not be begun", error)
            return False
        for owed in chosen:
            pool.submit(self._fly, owed, flying)
        return bool(chosen or recovered)

    def _fly(self, owed: Owed, flying: dict[tuple[str, str, int], str]) -> None:
        try:
            self.one(owed)
        finally:
            with self._lock:
                del flying[_turn(owed)]
                self._wake.notify_all()

    def stop(self) -> None:
        """Make :meth:`run` return after what it has begun."""
        with self._lock:
            self._stopping = True
            self._wake.notify_all()

    def wait(self) -> None:
        """Wait until no :meth:`run` is at work any more, at most as long as a hand-over may take."""
        with self._lock:
            self._wake.wait_for(lambda: self._runs == 0, timeout=LEASE / SECOND)


def _turn(owed: Owed) -> tuple[str, str, int]:
    """One attempt at one effect; keys are unique within a practice only."""
    return owed.practice, owed.key, owed.tries


def _fairly(due: Iterable[Owed], flying: dict[tuple[str, str, int], str], threads: int) -> Iterator[Owed]:
    """As many as there are free threads, practice by practice in turn, and not all threads for one practice."""
    most = max(1, threads - 1)
    busy = Counter(flying.values())
    waiting: dict[str, list[Owed]] = {}
    for owed in due:
        if _turn(owed) not in flying:
            waiting.setdefault(owed.practice, []).append(owed)
    for owed in (o for turn in zip_longest(*waiting.values()) for o in turn if o is not None):
        if busy.total() >= threads:
            return
        if busy[owed.practice] < most:
            busy[owed.practice] += 1
            yield owed
