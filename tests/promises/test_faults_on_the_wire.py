"""What happens between us and a carrier sends nobody a text twice unmarked, and says nothing untrue (T7).

A real HTTP client, a proxy that breaks exchanges, and a carrier on this machine whose ledger says what truly left.
Several texts are under way at once, each with a fault of its own; then the faults stop, and everything must settle.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import anyio
import pytest
from simulation import tally

import convokit
from convokit import Delivery
from convokit.aio import AsyncKit
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit.runtime.http import AsyncHttp, BlockingHttp
from convokit.testing import FAULTS, FakeCarrier, Fault, Journey, journey
from convokit.testing.journeys import HURRIED_SECONDS, KIM

SLOW = {name for name, fault in FAULTS.items() if fault.slow}
"""They take as long as our patience: few of them are enough."""


class RetriesPosts(BlockingHttp):
    """The mutant: an HTTP client that tries again by itself when a connection breaks, as many do."""

    def __call__(self, request: HttpRequest) -> HttpResponse | NoAnswer:
        answer = super().__call__(request)
        return super().__call__(request) if isinstance(answer, NoAnswer) else answer


class RetriesServerErrors(BlockingHttp):
    """Another one: it takes every 5xx for "nothing happened"."""

    def __call__(self, request: HttpRequest) -> HttpResponse | NoAnswer:
        answer = super().__call__(request)
        failed = isinstance(answer, HttpResponse) and answer.status >= 500
        return super().__call__(request) if failed else answer


def work(way: Journey) -> None:
    way.kit.work()


def work_async(way: Journey) -> None:
    async def once() -> None:
        async with AsyncKit(way.kit) as desk:
            desk._http = AsyncHttp(seconds=HURRIED_SECONDS)
            await desk.work()

    anyio.run(once)


Drive = Callable[[Journey], None]
DRIVERS: dict[str, Drive] = {"blocking": work, "asyncio": work_async}


def faults_of(seed: int, count: int) -> list[tuple[str, Fault]]:
    """A shuffle of faults, the slow ones rare, and now and then none."""
    chance = random.Random(seed)
    quick = [name for name in FAULTS if name not in SLOW]
    names = [chance.choice(quick) for _ in range(count)] + sorted(SLOW)
    chance.shuffle(names)
    return [(name, FAULTS[name]) for name in names]


def client(number: int) -> convokit.Client:
    return convokit.Client(id=f"c{number}", name=f"Client {number}", phone=f"+1303555{number + 2000:04}")


def sent_through(way: Journey, faults: list[tuple[str, Fault]], drive: Drive) -> Iterator[tuple[str, str]]:
    """Send a text through each fault; what went wrong with it: the fault's name, and in words."""
    messages = {}
    for number, (name, fault) in enumerate(faults):
        way.proxy.then(fault)
        talk = way.talk(client(number))
        messages[name, way.desk.send(talk.id, f"Text {number}", by=KIM).id] = f"Text {number}"
        drive(way)
    for _ in range(30):
        way.clock.pass_(minutes=5)
        drive(way)
    for (name, message), text in messages.items():
        shown, times = way.desk.message(message).delivery, len(way.left(text))
        if times > 1:
            yield name, f"{text} left {times} times, and is shown as {shown!r}"
        if shown in (Delivery.SENT, Delivery.DELIVERED) and times == 0:
            yield name, f"{text} is shown as {shown!r}, and never left"
        if shown is Delivery.QUEUED or (shown is Delivery.FAILED and times):
            yield name, f"{text} left {times} times, and is shown as {shown!r}"


@contextmanager
def carrier_with(http: BlockingHttp | None = None) -> Iterator[Journey]:
    with journey(FakeCarrier()) as way:
        way.kit.exchanging.use(http or BlockingHttp(seconds=HURRIED_SECONDS))
        yield way


def play(seed: int, count: int, drive: Drive, name: str) -> None:
    print(f"seed {seed}")
    with carrier_with() as way:
        wrong = list(sent_through(way, faults_of(seed, count), drive))
        shown = Counter(
            (way.desk.thread(row.id).items[-1].delivery or Delivery.QUEUED).name.lower()
            for row in way.desk.inbox(limit=200).items
        )
        counts = Counter({"texts": count + len(SLOW), "left": len(way.carrier.ledger), **shown})
    print(tally.write(f"faults-on-the-wire-{name}-{seed}", range(seed, seed + 1), counts).read_text(encoding="utf-8"))
    assert not wrong, wrong
    # The faults must have been there: some texts are unsure, and some left all the same.
    assert counts["unsure"] > count / 10
    assert counts["left"] > count / 2


@pytest.mark.parametrize("driver", DRIVERS)
def test_p03_p04_faults_on_the_wire_double_nothing_and_leave_nothing_stuck(driver: str) -> None:
    # A shuffle without a long row of failures: after one, the carrier is left alone for a while.
    play(26, 40, DRIVERS[driver], driver)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 120))
@pytest.mark.parametrize("driver", DRIVERS)
def test_p03_p04_faults_on_the_wire_long(driver: str, seed: int) -> None:
    play(seed, 150, DRIVERS[driver], driver)


@pytest.mark.parametrize(
    ("mutant", "found"),
    [
        (RetriesPosts, {"reset before the answer", "reset inside the answer", "an answer that is too short"}),
        (RetriesServerErrors, {"502, taken", "503, taken", "504, taken"}),
    ],
)
def test_the_harness_catches_a_client_that_tries_again_by_itself(mutant: type[BlockingHttp], found: set[str]) -> None:
    with carrier_with(mutant()) as way:
        wrong = dict(sent_through(way, [(name, FAULTS[name]) for name in FAULTS if name not in SLOW], work))
    assert wrong.keys() == found
    assert all("left 2 times" in why for why in wrong.values())
