"""The contract of engines: the one that is built in keeps it, and every kind of bad one is found out."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from attrs import evolve

from convokit.errors import StorageError
from convokit.ports.dispatcher import Dispatcher, DispatcherHealth, NameWrite, Notice
from convokit.runtime.embedded import EmbeddedDispatcher
from convokit.testing import DispatcherContract, ScriptedWork, dispatcher_contract, dispatcher_work


class TestEmbedded(DispatcherContract):
    """Threads of this process, over the store."""

    def make_dispatcher(self, work: ScriptedWork, tmp_path: Path) -> Dispatcher:
        return EmbeddedDispatcher(work)


class Queued:
    """An engine with a queue of its own, as those are that share one between machines."""

    sweeps = True

    def __init__(self, work: ScriptedWork) -> None:
        self.work = work
        self.queue: queue.SimpleQueue[Notice] = queue.SimpleQueue()
        self.busy: list[Notice] = []
        self.runs = 0
        self.ending = threading.Event()
        self.changed = threading.Condition()

    def writes(self, notices: Sequence[Notice]) -> Sequence[NameWrite]:
        return ()

    def notify(self, notices: Sequence[Notice]) -> None:
        for notice in notices:
            self.queue.put(notice)

    def run(self, *, threads: int, idle_seconds: float) -> None:
        with self.changed:
            self.runs += 1
        with ThreadPoolExecutor(threads) as pool:
            while not self.ending.is_set():
                self.round(pool, threads, idle_seconds)
        with self.changed:
            self.runs -= 1
            self.ending.clear()
            self.changed.notify_all()

    def round(self, pool: ThreadPoolExecutor, threads: int, idle_seconds: float) -> None:
        if self.sweeps:
            self.swept()
        try:
            notice = self.queue.get(timeout=min(idle_seconds, 0.05))
        except queue.Empty:
            self.work.rest()
            return
        with self.changed:
            alike = [other for other in self.busy if other.practice == notice.practice]
            if len(alike) >= threads - 1 or any(other.lane == notice.lane for other in alike):
                return  # the sweep names it again
            self.busy.append(notice)
        pool.submit(self.one, notice)

    def swept(self) -> None:
        try:
            due = self.work.sweep()
        except StorageError:
            return
        if self.queue.empty():
            self.notify(due)

    def one(self, notice: Notice) -> None:
        with suppress(Exception, SystemExit):
            self.work.perform(notice)
        with self.changed:
            self.busy.remove(notice)

    def stop(self) -> None:
        self.ending.set()

    def wait(self, seconds: float) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: not self.runs, seconds)

    def health(self) -> DispatcherHealth:
        with self.changed:
            return DispatcherHealth(running=self.runs > 0, busy=len(self.busy), words="a queue")


class TestQueued(DispatcherContract):
    """Another way to do it."""

    def make_dispatcher(self, work: ScriptedWork, tmp_path: Path) -> Dispatcher:
        return Queued(work)


# --- broken ones ------------------------------------------------------------------------------------------------------


class NoSweep(Queued):
    """Does what it is told, and nothing else."""

    sweeps = False


class Deaf(EmbeddedDispatcher):
    """Looks now and then, whatever it is told."""

    def notify(self, notices: Sequence[Notice]) -> None:
        return None


class OneThread(Queued):
    """Does one thing after the other."""

    def run(self, *, threads: int, idle_seconds: float) -> None:
        super().run(threads=1, idle_seconds=idle_seconds)

    def round(self, pool: ThreadPoolExecutor, threads: int, idle_seconds: float) -> None:
        super().round(pool, 99, idle_seconds)


class Greedy(Queued):
    """Gives all its threads to whoever comes first."""

    def round(self, pool: ThreadPoolExecutor, threads: int, idle_seconds: float) -> None:
        super().round(pool, 99, idle_seconds)


class Fragile(Queued):
    """Ends with the first mistake of a plugin."""

    def one(self, notice: Notice) -> None:
        try:
            self.work.perform(notice)
            with self.changed:
                self.busy.remove(notice)
        except (Exception, SystemExit):
            self.ending.set()


class Impatient(Queued):
    """Ends with a store that does not answer."""

    def swept(self) -> None:
        self.notify(self.work.sweep())


class Abrupt(Queued):
    """Does not finish what it has begun."""

    def run(self, *, threads: int, idle_seconds: float) -> None:
        self.runs += 1
        pool = ThreadPoolExecutor(threads)
        while not self.ending.is_set():
            self.round(pool, threads, idle_seconds)
        pool.shutdown(wait=False)
        self.runs -= 1


class Endless(Queued):
    """Cannot be stopped before it was started."""

    def run(self, *, threads: int, idle_seconds: float) -> None:
        self.ending.clear()
        super().run(threads=threads, idle_seconds=idle_seconds)


class Once(Queued):
    """Runs once and never again."""

    used = False

    def run(self, *, threads: int, idle_seconds: float) -> None:
        if not self.used:
            self.used = True
            super().run(threads=threads, idle_seconds=idle_seconds)


class Mute(Queued):
    def health(self) -> DispatcherHealth:
        return evolve(super().health(), running=True, busy=0)


class Relabels(Queued):
    """Knows rows by their keys alone."""

    def notify(self, notices: Sequence[Notice]) -> None:
        super().notify([evolve(notice, kind="text") for notice in notices])


class Twice(Queued):
    """Takes "already done" for a reason to do it here."""

    def one(self, notice: Notice) -> None:
        if not self.work.perform(notice):
            with self.work._changed:
                self.work.done.append(notice.key)
        with self.changed:
            self.busy.remove(notice)


BROKEN: list[tuple[Callable[[ScriptedWork], Dispatcher], str]] = [
    (NoSweep, "test_what_it_is_not_told_is_found_by_the_sweep"),
    (NoSweep, "test_it_sweeps_again_and_again_while_nothing_happens"),
    (Deaf, "test_it_is_quick_when_it_is_told"),
    (OneThread, "test_several_lanes_are_done_at_once"),
    (Greedy, "test_p11_a_practice_that_hangs_leaves_a_thread_for_the_others"),
    (Impatient, "test_p22_a_store_that_is_away_is_waited_for"),
    (Abrupt, "test_p03_what_is_under_way_at_the_end_is_finished"),
    (Endless, "test_a_stop_that_comes_before_the_start_counts"),
    (Once, "test_it_can_be_run_again"),
    (Mute, "test_it_says_how_it_is"),
    (Relabels, "test_jobs_and_texts_of_one_key_are_two"),
    (Twice, "test_told_twice_and_late_does_no_harm"),
]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(("broken", "name"), BROKEN)
def test_a_broken_engine_is_found_out(
    broken: Callable[[ScriptedWork], Dispatcher], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher_contract, "PATIENCE", 0.6)
    monkeypatch.setattr(dispatcher_work, "PATIENCE", 0.6)
    work = ScriptedWork()
    engine = broken(work)
    with pytest.raises((AssertionError, ValueError)):
        getattr(TestQueued(), name)(engine, work)
    work.let_go()
    engine.stop()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_engine_that_ends_with_a_plugins_mistake_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher_contract, "PATIENCE", 0.6)
    monkeypatch.setattr(dispatcher_work, "PATIENCE", 0.6)
    work = ScriptedWork()
    with pytest.raises(AssertionError):
        TestQueued().test_p11_what_raises_neither_ends_it_nor_is_lost(Fragile(work), work, RuntimeError("a bug"))
