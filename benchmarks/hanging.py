"""A carrier hangs: how long the texts of another practice take to their own carrier, beside the same without it."""

from __future__ import annotations

import math
import tempfile
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Final

from attrs import frozen
from harness import Check, Effort, Goal, Report, Work, compare, race

import convokit
from convokit.outcomes import Accepted, Outcome
from convokit.plugins import hookimpl
from convokit.ports.sms import OutboundText, SmsGatewayOffer, Unverified
from convokit.ports.wire import HttpRequest

_KIM: Final = convokit.Staff(id="u1", name="Dr. Kim")
_PATIENCE: Final = 30.0
_THREADS: Final = 4

Latencies = dict[str, list[list[float]]]


@frozen
class _Settings:
    """A carrier inside the process needs none."""


class _Carrier:
    """Takes every text, and says that it did; or never comes back."""

    def __init__(self, *, hangs: bool) -> None:
        self.hangs, self.free, self.taken = hangs, threading.Event(), threading.Semaphore(0)
        self.asked = 0

    def send(self, message: OutboundText) -> Generator[HttpRequest, object, Outcome]:
        self.asked += 1
        if self.hangs:
            self.free.wait(600)
        self.taken.release()
        return Accepted()
        yield  # a generator that asks for nothing

    def read_webhook(self, request: HttpRequest) -> Unverified:
        return Unverified(why="nobody calls")


class _Plugin:
    """Two carriers, each for the practice of its name."""

    def __init__(self, **carriers: _Carrier) -> None:
        self.carriers = carriers

    @hookimpl
    def convokit_sms_gateways(self) -> list[SmsGatewayOffer]:
        return [
            SmsGatewayOffer(name=name, settings=_Settings, build=partial(_built, carrier))
            for name, carrier in self.carriers.items()
        ]

    @hookimpl
    def convokit_choose(self, practice_id: str) -> str:
        return practice_id


def _built(carrier: _Carrier, settings: object) -> _Carrier:
    return carrier


def run(effort: Effort) -> Report:
    """Texts one after the other, on a disk with ``synchronous=FULL``, while hundreds wait behind one that hangs."""
    portions, each, rounds = 5, effort.of(40, 20, 2), effort.of(9, 4, 1)
    owed = effort.of(1000, 250, 5)
    latencies: Latencies = {}
    held: list[bool] = []
    beside, alone = "another carrier hangs", "nobody hangs"
    sides = {
        beside: partial(_ready, latencies, beside, each, owed, held),
        alone: partial(_ready, latencies, alone, each, 0, held),
    }
    times = race(sides, rounds=rounds, portions=portions)
    worst = {name: [_percentile(of_round, 0.99) for of_round in rounds_] for name, rounds_ in latencies.items()}
    what = f"a text to its carrier, {owed:,} of another practice behind one that hangs"
    return Report(
        figures=(
            compare(times, beside, alone, what=f"{what}: mean", items=portions * each, goal=Goal("<=", 2)),
            compare(worst, beside, alone, what=f"{what}: p99", goal=Goal("<=", 2)),
        ),
        checks=(Check(what=f"the carrier that hangs holds at most {_THREADS} threads", holds=all(held)),),
    )


def _percentile(values: list[float], part: float) -> float:
    return sorted(values)[math.ceil(part * len(values)) - 1]


@contextmanager
def _ready(latencies: Latencies, name: str, each: int, owed: int, held: list[bool]) -> Iterator[Work]:
    sick, well = _Carrier(hangs=True), _Carrier(hangs=False)
    mine: list[float] = []
    latencies.setdefault(name, []).append(mine)
    with (
        tempfile.TemporaryDirectory() as folder,
        convokit.open(f"sqlite:///{Path(folder) / 'desk.db'}", plugins=[_Plugin(sick=sick, well=well)]) as kit,
    ):
        for number, practice in enumerate(("sick", "well")):
            kit.add_practice(
                convokit.Practice(id=practice, name=practice, region="US", numbers=[f"+1303555010{number}"])
            )
        for number in range(owed):
            _owe(kit.practice("sick"), _talk(kit.practice("sick"), number))
        desk = kit.practice("well")
        talk = _talk(desk, 0)
        worker = threading.Thread(target=partial(kit.run, threads=_THREADS), daemon=True)
        worker.start()
        _one(desk, talk, well)  # the carrier is built, and the other one hangs

        def work(portion: int) -> None:
            for _ in range(each):
                started = perf_counter()
                _one(desk, talk, well)
                mine.append(perf_counter() - started)

        yield work
        held.append(sick.asked <= _THREADS)
        sick.free.set()
        sick.hangs = False
        kit.stop()
        worker.join(_PATIENCE)


def _talk(desk: convokit.PracticeDesk, number: int) -> str:
    client = convokit.Client(id=f"c{number}", name="Ana Ruiz", phone=f"+1303556{number:04}")
    return desk.start(client=client, channel="sms", by=_KIM).id


def _owe(desk: convokit.PracticeDesk, talk: str) -> None:
    desk.send(talk, "Bella is ready to be picked up.", by=_KIM)


def _one(desk: convokit.PracticeDesk, talk: str, carrier: _Carrier) -> None:
    _owe(desk, talk)
    if not carrier.taken.acquire(timeout=_PATIENCE):
        raise TimeoutError("the text never came to its carrier")
