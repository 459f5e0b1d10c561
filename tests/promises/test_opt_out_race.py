"""No send starts after ``opt_out`` returned (T9): staff write, workers hand over, and the opt-out comes in between."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve, field
from desks import ANA, HAPPY_PAWS, KIM
from odd_gateway import OddPlugin
from world_fixtures import url_of

import convokit
from convokit import Delivery
from convokit.outcomes import Accepted
from convokit.ports.sms import OutboundText, Verified
from convokit.ports.store import Begun, GateClosed
from convokit.runtime.desk import PracticeDesk

WORKERS = 3
TEXTS = 4


@define
class Witness:
    """A carrier that takes its time, and notes what it is asked to send after an opt-out had returned."""

    seeded: random.Random
    effective: set[str] = field(factory=set)
    left: list[OutboundText] = field(factory=list)
    late: list[str] = field(factory=list)
    lock: threading.Lock = field(factory=threading.Lock)

    def send(self, message: OutboundText) -> Generator[object, object, Accepted]:
        with self.lock:
            if message.to in self.effective:
                self.late.append(message.id)
            self.left.append(message)
            wait = self.seeded.random() / 200
        time.sleep(wait)
        return Accepted()
        yield

    def read_webhook(self, request: object) -> object:
        return Verified(events=())


@contextmanager
def working(kit: convokit.Convokit) -> Iterator[None]:
    """Workers that never rest."""
    done, failed = threading.Event(), []

    def work() -> None:
        try:
            while not done.is_set():
                kit.work()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join(30)
    assert failed == []


def race(url: str, *, rounds: int, seed: int, spoil: Callable[[convokit.Convokit], None] | None = None) -> Witness:
    """Opt clients out while texts to them are written and handed over; checks what holds in any case."""
    seeded = random.Random(seed)
    print(f"seed {seed}")
    witness = Witness(seeded)
    with convokit.open(url, plugins=[OddPlugin(witness)]) as kit:  # type: ignore[arg-type]
        kit.add_practice(HAPPY_PAWS)
        if spoil is not None:
            spoil(kit)
        desk = kit.practice("happy-paws")
        with working(kit):
            for number in range(rounds):
                opt_out_while_writing(desk, witness, f"+1303{556 + seed}{number:04}", seeded)
        kit.work()
        if spoil is None:
            check_ends(desk, witness)
    return witness


def opt_out_while_writing(desk: PracticeDesk, witness: Witness, phone: str, seeded: random.Random) -> None:
    known = desk.start(client=evolve(ANA, id=phone, phone=phone), channel="sms", by=KIM)
    waits = [seeded.random() / 300 for _ in range(TEXTS)]

    def write() -> None:
        for number, wait in enumerate(waits):
            desk.send(known.id, f"text {number}", by=KIM)
            time.sleep(wait)

    writing = threading.Thread(target=write, daemon=True)
    writing.start()
    time.sleep(seeded.random() / 100)
    desk.opt_out(phone, by=KIM, reason="by phone")
    with witness.lock:
        witness.effective.add(phone)
    writing.join(30)


def check_ends(desk: PracticeDesk, witness: Witness) -> None:
    """Each text left once and says so, or did not leave and says why."""
    left = [text.id.rpartition(".")[0] for text in witness.left]
    assert len(left) == len(set(left))
    states: dict[str, Delivery | None] = {}
    after: str | None = None
    while True:
        page = desk.inbox(limit=200, after=after)
        for known in page.items:
            for entry in desk.thread(known.id).items:
                if entry.kind == "message":
                    states[entry.id] = entry.delivery
                    assert entry.reason == ("opted_out" if entry.delivery is Delivery.FAILED else None)
        after = page.next
        if after is None:
            break
    assert {id_ for id_, state in states.items() if state is Delivery.SENT} == set(left)
    assert set(states.values()) == {Delivery.SENT, Delivery.FAILED}


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return url_of(request.param, request, tmp_path)


def test_p06_no_send_starts_after_opt_out_returned(url: str) -> None:
    witness = race(url, rounds=25, seed=1)
    assert witness.late == []


def _no_gate(kit: convokit.Convokit) -> None:
    """The mutant that begins without looking at the opt-out."""
    begin = kit.store.begin

    def without(*asked: Any) -> Any:
        begun = begin(*asked)
        if not isinstance(begun, GateClosed):
            return begun
        entry = kit.store.entry("happy-paws", begun.effect.effect.entry_id)
        assert entry is not None
        return Begun(effect=begun.effect, entry=entry)

    kit.store.begin = without  # type: ignore[method-assign]


def _no_wait(kit: convokit.Convokit) -> None:
    """The mutant that returns from an opt-out while a hand-over is under way."""
    kit.store.in_flight = lambda practice_id, address: 0  # type: ignore[method-assign]
    begin = kit.store.begin

    def slowly(*asked: Any) -> Any:
        begun = begin(*asked)
        time.sleep(0.03)  # longer than a busy database takes to note an opt-out
        return begun

    kit.store.begin = slowly  # type: ignore[method-assign]


@pytest.mark.parametrize("mutant", [_no_gate, _no_wait])
def test_p06_the_race_catches_its_mutants(url: str, mutant: Callable[[convokit.Convokit], None]) -> None:
    assert any(race(url, rounds=10, seed=seed, spoil=mutant).late for seed in range(10))


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 12))
def test_p06_long(url: str, seed: int) -> None:
    assert race(url, rounds=1000, seed=seed).late == []
