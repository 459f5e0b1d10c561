"""The contract of an engine, as tests that its author runs.

Subclass and say how to make one around the work that the contract gives it::

    class TestMine(DispatcherContract):
        def make_dispatcher(self, work, tmp_path):
            return MyEngine(MySettings(...), work)

The work behaves as convokit's own does: what is named too early, twice, out of its lane's order or after it is done
comes to nothing, and the sweep names again whatever is still due.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from attrs import evolve

from convokit.ports.dispatcher import Dispatcher, DispatcherHealth
from convokit.testing.contract import Contract
from convokit.testing.dispatcher_work import ScriptedWork, notice

PATIENCE: Final = 20.0
"""Seconds until something that must happen counts as never happening."""
IDLE: Final = 0.05
LONG_IDLE: Final = 30.0


class DispatcherContract(Contract):
    """Every promise of :class:`convokit.ports.dispatcher.Dispatcher`."""

    def make_dispatcher(self, work: ScriptedWork, tmp_path: Path) -> Dispatcher:
        """A new engine around this work, with an empty queue."""
        raise NotImplementedError("fill in make_dispatcher: return a started dispatcher that runs work")

    @pytest.fixture
    def work(self) -> Iterator[ScriptedWork]:
        """The work that there is; nothing at first."""
        work = ScriptedWork()
        yield work
        work.let_go()

    @pytest.fixture
    def engine(self, work: ScriptedWork, tmp_path: Path) -> Iterator[Dispatcher]:
        """The engine under test; it is stopped at the end."""
        engine = self.make_dispatcher(work, tmp_path)
        yield engine
        work.let_go()
        engine.stop()
        assert engine.wait(PATIENCE), "it does not end"

    # --- what is owed is done -----------------------------------------------------------------------------------------
    def test_what_it_is_told_is_done_once(self, engine: Dispatcher, work: ScriptedWork) -> None:
        with running(engine):
            for number in range(20):
                engine.notify([work.owe(notice(f"t{number}", lane=f"c{number}"))])
            work.wait_for(lambda: len(work.done) == 20)
        assert sorted(work.done) == sorted(f"t{number}" for number in range(20))

    def test_what_it_is_not_told_is_found_by_the_sweep(self, engine: Dispatcher, work: ScriptedWork) -> None:
        work.owe(notice("t1"))
        with running(engine):
            work.owe(notice("t2", lane="c2"))
            work.wait_for(lambda: len(work.done) == 2)

    def test_what_was_owed_before_it_ran_is_done(self, engine: Dispatcher, work: ScriptedWork) -> None:
        engine.notify([work.owe(notice("t1"))])
        with running(engine):
            work.wait_for(lambda: work.done == ["t1"])

    def test_it_is_quick_when_it_is_told(self, engine: Dispatcher, work: ScriptedWork) -> None:
        with running(engine, idle_seconds=LONG_IDLE):
            work.wait_for(lambda: work.sweeps > 0)
            engine.notify([work.owe(notice("t1"))])
            work.wait_for(lambda: work.done == ["t1"])

    def test_it_sweeps_again_and_again_while_nothing_happens(self, engine: Dispatcher, work: ScriptedWork) -> None:
        with running(engine):
            work.wait_for(lambda: work.sweeps > 5)
            work.wait_for(lambda: work.rests > 0)

    def test_nothing_is_done_before_its_time(self, engine: Dispatcher, work: ScriptedWork) -> None:
        due_us = work.now_us() + 400_000
        with running(engine):
            engine.notify([work.owe(notice("t1", not_before_us=due_us))])
            work.wait_for(lambda: work.done == ["t1"])
        assert work.done_at["t1"] >= due_us

    def test_told_twice_and_late_does_no_harm(self, engine: Dispatcher, work: ScriptedWork) -> None:
        one = work.owe(notice("t1"))
        with running(engine):
            engine.notify([one, one])
            work.wait_for(lambda: work.done == ["t1"])
            engine.notify([one, notice("never owed", lane="c9")])
            engine.notify([work.owe(notice("t2", lane="c2"))])
            work.wait_for(lambda: "t2" in work.done)
        assert sorted(work.done) == ["t1", "t2"]

    def test_nothing_to_tell_is_fine(self, engine: Dispatcher, work: ScriptedWork) -> None:
        engine.notify([])
        with running(engine):
            engine.notify(())
            work.wait_for(lambda: work.sweeps > 0)
        assert work.done == []

    def test_jobs_and_texts_of_one_key_are_two(self, engine: Dispatcher, work: ScriptedWork) -> None:
        text = work.owe(notice("x1"))
        job = work.owe(evolve(notice("x1", lane="x1"), kind="job"))
        with running(engine):
            engine.notify([text, job])
            work.wait_for(lambda: len(work.done) == 2)

    # --- lanes, and other people's trouble ----------------------------------------------------------------------------
    def test_a_lane_keeps_its_order(self, engine: Dispatcher, work: ScriptedWork) -> None:
        notices = [work.owe(notice(f"t{number:02}", lane=f"c{number % 3}")) for number in range(30)]
        with running(engine):
            engine.notify(notices[::-1])
            work.wait_for(lambda: len(work.done) == 30)
        for lane in range(3):
            mine = [key for key in work.done if int(key[1:]) % 3 == lane]
            assert mine == sorted(mine)
        assert not work.overlaps, f"two of one lane at once: {work.overlaps}"

    def test_several_lanes_are_done_at_once(self, engine: Dispatcher, work: ScriptedWork) -> None:
        for number in range(2):
            work.hang(f"t{number}")
            work.owe(notice(f"t{number}", lane=f"c{number}", practice=f"p{number}"))
        with running(engine, threads=3):
            work.wait_for(lambda: len(work.hanging) == 2)
            work.let_go()
            work.wait_for(lambda: len(work.done) == 2)

    def test_p11_a_practice_that_hangs_leaves_a_thread_for_the_others(
        self, engine: Dispatcher, work: ScriptedWork
    ) -> None:
        for number in range(12):
            work.hang(f"s{number}")
            work.owe(notice(f"s{number}", lane=f"c{number}", practice="sick"))
        with running(engine, threads=3):
            work.wait_for(lambda: bool(work.hanging))
            engine.notify([work.owe(notice("w1", lane="w", practice="well"))])
            work.wait_for(lambda: "w1" in work.done)
            assert not set(work.done) - {"w1"}
            work.let_go()

    @pytest.mark.parametrize("error", [RuntimeError("a bug"), SystemExit(3), MemoryError()], ids=repr)
    def test_p11_what_raises_neither_ends_it_nor_is_lost(
        self, engine: Dispatcher, work: ScriptedWork, error: BaseException
    ) -> None:
        work.raise_once("t1", error)
        with running(engine):
            engine.notify([work.owe(notice("t1")), work.owe(notice("t2", lane="c2"))])
            work.wait_for(lambda: sorted(work.done) == ["t1", "t2"])

    def test_p22_a_store_that_is_away_is_waited_for(self, engine: Dispatcher, work: ScriptedWork) -> None:
        work.away = 3
        with running(engine):
            work.owe(notice("t1"))
            work.wait_for(lambda: work.done == ["t1"])

    def test_two_engines_do_each_piece_once(self, work: ScriptedWork, tmp_path: Path) -> None:
        engines = [self.make_dispatcher(work, tmp_path / name) for name in ("one", "other")]
        notices = [work.owe(notice(f"t{number}", lane=f"c{number}")) for number in range(40)]
        with running(engines[0]), running(engines[1]):
            for engine in engines:
                engine.notify(notices)
            work.wait_for(lambda: len(work.done) == 40)
        assert len(set(work.done)) == 40

    # --- ending -------------------------------------------------------------------------------------------------------
    def test_p03_what_is_under_way_at_the_end_is_finished(self, engine: Dispatcher, work: ScriptedWork) -> None:
        work.hang("t1")
        work.owe(notice("t1"))
        ended = threading.Event()
        with running(engine, ended=ended):
            work.wait_for(lambda: bool(work.hanging))
            engine.stop()
            assert not ended.wait(0.2), "it ended in the middle of a hand-over"
            assert not engine.wait(0.01)
            work.owe(notice("t2", lane="c2"))
            work.let_go()
            assert ended.wait(PATIENCE)
        assert engine.wait(PATIENCE)
        assert work.done == ["t1"]

    def test_a_stop_that_comes_before_the_start_counts(self, engine: Dispatcher, work: ScriptedWork) -> None:
        engine.stop()
        with running(engine) as thread:
            thread.join(PATIENCE)
            assert not thread.is_alive()

    def test_it_can_be_run_again(self, engine: Dispatcher, work: ScriptedWork) -> None:
        for key in ("t1", "t2"):
            work.owe(notice(key))
            with running(engine):
                work.wait_for(lambda key=key: key in work.done)  # type: ignore[misc]  # bound in the loop
            assert engine.wait(PATIENCE)

    def test_it_says_how_it_is(self, engine: Dispatcher, work: ScriptedWork) -> None:
        before = engine.health()
        assert isinstance(before, DispatcherHealth)
        assert (before.running, before.busy) == (False, 0)
        work.hang("t1")
        work.owe(notice("t1"))
        with running(engine):
            work.wait_for(lambda: bool(work.hanging))
            during = engine.health()
            assert during.running
            assert during.busy == 1
            assert during.words
            work.let_go()
        assert engine.wait(PATIENCE)
        assert not engine.health().running


@contextmanager
def running(
    engine: Dispatcher, *, threads: int = 4, idle_seconds: float = IDLE, ended: threading.Event | None = None
) -> Iterator[threading.Thread]:
    """Run an engine in a thread of its own, and stop it at the end."""

    def run() -> None:
        engine.run(threads=threads, idle_seconds=idle_seconds)
        if ended is not None:
            ended.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        engine.stop()
        thread.join(PATIENCE)
    assert not thread.is_alive(), "run() does not return"
