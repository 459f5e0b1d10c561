"""The engine that is built in: threads of this process, over the store itself. It keeps no queue of its own.

Every pool of the work has threads of its own, as a ship has bulkheads: a carrier that hangs fills its own alone.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from itertools import zip_longest
from typing import Final

from convokit.errors import StorageError
from convokit.plugins.faults import contain, log_fault
from convokit.plugins.hands import Hands
from convokit.ports.dispatcher import DispatcherHealth, Full, NameWrite, Notice, Work
from convokit.ports.store_beside import Heard

_log = logging.getLogger("convokit")

_BREATH_SECONDS: Final = 0.02

PATIENCE_SECONDS: Final = 150.0
"""No hand-over takes longer, unless a plugin hangs."""

Turn = tuple[str, str, str]


class EmbeddedDispatcher:
    """A :class:`~convokit.ports.dispatcher.Dispatcher`. Several, in several processes, may run over one store."""

    def __init__(
        self,
        work: Work,
        listen: Callable[[Heard], Callable[[], None]] | None = None,
        *,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """An engine at rest.

        Args:
            patience_seconds: how long the end waits for what is under way. What takes longer hangs, and its thread is
                left alone: the lease in its row tells what becomes of it.
            listen: as :meth:`convokit.ports.store_beside.NewsStore.listen`: news of what other processes commit.
        """
        self._work = work
        self._listen = listen
        # Re-entrant: a signal handler may call stop() in the very thread that holds it.
        self._lock = threading.RLock()
        self._wake = threading.Condition(self._lock)
        self._runs = 0
        self._stopping = False
        self._noticed = False
        self._roused = False
        self._patience = patience_seconds
        self._flying: dict[Turn, Notice] = {}

    def writes(self, notices: Sequence[Notice]) -> Sequence[NameWrite]:
        """See :meth:`convokit.ports.dispatcher.Dispatcher.writes`. Nothing: the store itself is the queue."""
        return ()

    def notify(self, notices: Sequence[Notice]) -> None:
        """See :meth:`convokit.ports.dispatcher.Dispatcher.notify`. The row is in the store: it is enough to wake up."""
        if notices and self._runs:
            with self._lock:
                self._noticed = True
                self._wake.notify_all()

    def run(self, *, threads: int, idle_seconds: float) -> None:
        """See :meth:`convokit.ports.dispatcher.Dispatcher.run`."""
        with self._lock:
            self._runs += 1
        try:
            with ExitStack() as ended:
                if self._listen is not None:
                    with suppress(StorageError):  # it is closed: what comes next says so
                        ended.callback(self._listen(self._rouse))
                self._rounds(threads, idle_seconds)
        finally:
            with self._lock:
                self._runs -= 1
                # Only now, and only by the last: a stop that came before the start counts too.
                self._stopping = self._stopping and self._runs > 0
                self._wake.notify_all()

    def _rounds(self, threads: int, idle_seconds: float) -> None:
        hands, mine = Hands("convokit", most_idle=threads), set[Turn]()
        try:
            while not self._stopping:
                self._noticed = False
                # What waits for quiet times waits for whatever is due.
                moved = self._round(hands, threads, mine) or self._work.rest()
                with self._lock:
                    if not (self._stopping or moved or self._noticed):
                        # News is mostly of what nobody has to do anything about: not a round for each.
                        self._wake.wait(min(_BREATH_SECONDS, idle_seconds) if self._roused else idle_seconds)
                    self._roused = False
        finally:
            hands.close()
            with self._lock:
                if not self._wake.wait_for(lambda: mine.isdisjoint(self._flying), timeout=self._patience):
                    _log.error("%d pieces of work hang, and are left alone", len(mine & self._flying.keys()))

    def _rouse(self, practice_id: str | None) -> None:
        """Something was committed, perhaps in another process: look, instead of waiting to the end."""
        with self._lock:
            self._roused = True
            self._wake.notify_all()

    def _round(self, hands: Hands, threads: int, mine: set[Turn]) -> bool:
        try:
            due = self._work.sweep(full=self._full(threads))
        except StorageError as error:
            _log.error("the store does not answer, the worker goes on trying: %s", error)
            return False
        except Exception as error:  # a plugin's, or a row that nobody can read: the worker must outlive it
            log_fault(_log, "a round of work could not be begun", error)
            return False
        with self._lock:
            chosen = list(_fairly(due, self._flying, threads))
            mine.intersection_update(self._flying)
            mine.update(map(_turn, chosen))
            self._flying.update((_turn(notice), notice) for notice in chosen)
        for notice in chosen:
            hands.do(partial(self._fly, notice))
        return bool(chosen)

    def _full(self, threads: int) -> frozenset[Full]:
        with self._lock:
            pools, practices = _counted(self._flying.values())
        most = max(1, threads - 1)
        full: set[Full] = {(pool, None) for pool, count in pools.items() if count >= threads}
        return frozenset(full | {one for one, count in practices.items() if count >= most})

    def _fly(self, notice: Notice) -> None:
        try:
            self._work.perform(notice)
        except BaseException as error:  # it promises not to; the thread must outlive it all the same
            contain(error)
            log_fault(_log, f"{notice.kind} {notice.key} could not be performed", error)
        finally:
            with self._lock:
                del self._flying[_turn(notice)]
                self._noticed = True
                self._wake.notify_all()

    def stop(self) -> None:
        """See :meth:`convokit.ports.dispatcher.Dispatcher.stop`."""
        with self._lock:
            self._stopping = True
            self._wake.notify_all()

    def wait(self, seconds: float) -> bool:
        """See :meth:`convokit.ports.dispatcher.Dispatcher.wait`."""
        with self._lock:
            return self._wake.wait_for(lambda: self._runs == 0, timeout=seconds)

    def health(self) -> DispatcherHealth:
        """See :meth:`convokit.ports.dispatcher.Dispatcher.health`."""
        with self._lock:
            running, busy = self._runs > 0, len(self._flying)
        words = f"threads of this process, {busy} at work" if running else "no worker runs in this process"
        return DispatcherHealth(running=running, busy=busy, words=words)


def _turn(notice: Notice) -> Turn:
    """Keys are unique within a practice only."""
    return notice.practice, notice.kind, notice.key


def _counted(flying: Iterable[Notice]) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """How many are in the air, by pool, and by pool and practice."""
    in_the_air = [(notice.pool, notice.practice) for notice in flying]
    return Counter(pool for pool, _ in in_the_air), Counter(in_the_air)


def _fairly(due: Iterable[Notice], flying: Mapping[Turn, Notice], threads: int) -> Iterator[Notice]:
    """As many of each pool as it has free threads, practice by practice in turn, and not all of them for one practice.

    What is due and not yet in the air, for threads that are free now.
    """
    most = max(1, threads - 1)
    pools, practices = _counted(flying.values())
    waiting: dict[str, list[Notice]] = {}
    for notice in due:
        if _turn(notice) not in flying:
            waiting.setdefault(notice.practice, []).append(notice)
    for notice in (n for turn in zip_longest(*waiting.values()) for n in turn if n is not None):
        of_practice = (notice.pool, notice.practice)
        if pools[notice.pool] < threads and practices[of_practice] < most:
            pools[notice.pool] += 1
            practices[of_practice] += 1
            yield notice
