"""The store contract: many at once, in threads and, where the store is shared, in processes."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Sequence
from multiprocessing.synchronize import Barrier as ProcessBarrier
from pathlib import Path
from typing import Final, Protocol, TypeVar

import pytest
from attrs import evolve

from convokit.facts import TextArrived
from convokit.ports.store import Begun, Committed, GateClosed, SeenBefore, Store
from convokit.testing.builders import ANA, LEASE, Facts, practice, take
from convokit.testing.store_base import Desk, StoreCases

WRITERS: Final = 8
ROUNDS: Final = 5

T = TypeVar("T")


class Together(Protocol):
    """A barrier of threads or processes."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait until everybody is here."""
        ...


def in_threads(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Run calls at once, each in a thread of its own, and give their results in order; errors are raised here."""
    together = threading.Barrier(len(calls))
    results: dict[int, T] = {}
    errors: list[BaseException] = []

    def run(number: int) -> None:
        try:
            together.wait(60)
            results[number] = calls[number]()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return [results[number] for number in range(len(calls))]


def texts_of(writer: int, *, same: bool) -> list[TextArrived]:
    """What one writer delivers: texts of its own, or the very ones that all the others deliver too."""
    facts = Facts(prefix="" if same else f"w{writer}-")
    found = [facts.arrived(f"text {number}") for number in range(ROUNDS)]
    if same:  # a provider's repetition gets fresh ids here, and keeps the provider's
        return [evolve(f, conversation_id=f"c{writer}-{n}", entry_id=f"m{writer}-{n}") for n, f in enumerate(found)]
    return found


def deliver(store: Store, together: Together, writer: int, *, same: bool) -> int:
    """Store a writer's texts together with the others; how many were new."""
    stored = 0
    for fact in texts_of(writer, same=same):
        together.wait(60)
        stored += isinstance(take(store, practice(), fact), Committed)
    return stored


def deliver_in_process(opener: Callable[[], Store], together: ProcessBarrier, writer: int, same: bool) -> None:
    """The same in a process of its own."""
    store = opener()
    deliver(store, together, writer, same=same)
    store.close()


class RaceCases(StoreCases):
    """One open conversation, every message, no doubles."""

    @pytest.mark.parametrize("same", [False, True], ids=["texts of a new client", "repetitions of a text"])
    def test_p02_threads_deliver_at_once(self, desk: Desk, same: bool) -> None:
        together = threading.Barrier(WRITERS)
        calls = [lambda w=writer: deliver(desk.store, together, w, same=same) for writer in range(WRITERS)]
        stored = in_threads(calls)
        check_delivered(desk, same=same)
        assert sum(stored) == (ROUNDS if same else ROUNDS * WRITERS)

    @pytest.mark.parametrize("same", [False, True], ids=["texts of a new client", "repetitions of a text"])
    def test_p02_processes_deliver_at_once(self, desk: Desk, tmp_path: Path, same: bool) -> None:
        if not self.shared_between_processes:
            pytest.skip("this store is not shared between processes")
        spawn = multiprocessing.get_context("spawn")
        together = spawn.Barrier(WRITERS)
        workers = [
            spawn.Process(target=deliver_in_process, args=(self.opener(tmp_path), together, writer, same))
            for writer in range(WRITERS)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(120)
        assert [worker.exitcode for worker in workers] == [0] * WRITERS
        check_delivered(desk, same=same)

    def test_p03_one_of_many_begins_a_hand_over(self, desk: Desk) -> None:
        owed = desk.owe(desk.open().id)
        now = desk.facts.now_us
        begun = in_threads([lambda: desk.store.begin(desk.id, owed.key, now, LEASE)] * WRITERS)
        assert sum(isinstance(result, Begun) for result in begun) == 1
        assert begun.count(None) == WRITERS - 1

    @pytest.mark.parametrize("number", range(20))
    def test_p06_no_hand_over_begins_after_an_opt_out_is_stored(self, desk: Desk, number: int) -> None:
        open_one = desk.open()
        owed = desk.owe(open_one.id)
        opt_out = desk.facts.opted_out(open_one.id)
        now = desk.facts.now_us

        def opt() -> int:
            desk.put(opt_out)
            # What crossed is in flight now, so that opt_out() can wait for it.
            return desk.store.in_flight(desk.id, ANA)

        calls: list[Callable[[], object]] = [opt, lambda: desk.store.begin(desk.id, owed.key, now, LEASE)]
        in_flight, begun = in_threads(calls if number % 2 else calls[::-1])[:: 1 if number % 2 else -1]
        assert isinstance(begun, GateClosed) or in_flight == 1

    def test_p09_readers_see_whole_commits_only(self, desk: Desk) -> None:
        open_one = desk.open()
        done = threading.Event()

        def write() -> None:
            try:
                for _ in range(50):
                    desk.put(desk.facts.arrived())
            finally:
                done.set()

        def read() -> None:
            while not done.is_set():
                found = desk.conversation(open_one.id)
                newest = desk.store.newest_entries(desk.id, open_one.id, limit=3)
                assert newest[-1].seq >= found.last_seq
                assert [e.seq for e in newest] == list(range(newest[0].seq, newest[-1].seq + 1))

        in_threads([write, read, read])


def check_delivered(desk: Desk, *, same: bool) -> None:
    """One open conversation that holds every text once, in an order without gaps."""
    badges = desk.store.badges(desk.id)
    assert (badges.active, badges.history) == (1, 0)
    latest = desk.store.latest_at(desk.id, "sms", ANA)
    assert latest is not None
    entries = desk.store.entries(desk.id, latest.id)
    expected = ROUNDS if same else ROUNDS * WRITERS
    assert [entry.seq for entry in entries] == list(range(1, expected + 1))
    ids = [f.provider_id for writer in range(1 if same else WRITERS) for f in texts_of(writer, same=same)]
    assert sorted(str(entry.provider_id) for entry in entries) == sorted(ids)
    assert (latest.unread, latest.last_seq) == (expected, expected)
    for fact in texts_of(0, same=same):
        assert isinstance(desk.take(fact), SeenBefore)
