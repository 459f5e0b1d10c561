"""P11: a carrier's plugin that misbehaves, in every way there is, and another practice whose texts go out beside it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager

import pytest
from desks import KIM, Clock
from odd_gateway import OddGateway, OddPlugin

import convokit
from convokit import Delivery
from convokit.outcomes import Accepted
from convokit.plugins import hookimpl
from convokit.ports.sms import OutboundText
from convokit.ports.wire import HttpRequest

TEXTS = 12
LIMITS = convokit.PluginLimits(seconds=0.2, most_lost=2, failures=3, pause_seconds=60)


class Choice:
    """The sick practice texts by the carrier that misbehaves, the well one by another."""

    @hookimpl
    def convokit_choose(self, practice_id: str, kind: str) -> str | None:
        return practice_id if kind == "sms" else None


class Misbehaving(OddGateway):
    """Does something instead of sending; ``let_go`` ends what hangs."""

    def __init__(self, act: Callable[[Misbehaving, OutboundText], object]) -> None:
        super().__init__()
        self.act, self.let_go, self.hangs = act, threading.Event(), 0

    def send(self, message: OutboundText) -> Generator[object, object, object]:
        self.sent.append(message)
        return self.act(self, message)
        yield  # a generator that asks for nothing

    def hang(self) -> None:
        self.hangs += 1
        self.let_go.wait(60)


def raising(error: BaseException) -> Callable[[Misbehaving, OutboundText], object]:
    def act(gateway: Misbehaving, message: OutboundText) -> object:
        raise error

    return act


def late(gateway: Misbehaving, message: OutboundText) -> object:
    gateway.hang()
    return Accepted(provider_id=f"late-{message.id}")


def mutate(gateway: Misbehaving, message: OutboundText) -> object:
    for name, value in (("to", "+13035550666"), ("text", "changed"), ("id", "m0"), ("media", None)):
        object.__setattr__(message, name, value)
    return Accepted()


def flood(gateway: Misbehaving, message: OutboundText) -> object:
    for _ in range(20):
        threading.Thread(target=lambda: None, daemon=True).start()
    return "x" * 5_000_000


def fork(gateway: Misbehaving, message: OutboundText) -> object:
    if os.fork() == 0:
        return Accepted(provider_id="of the copy")
    return Accepted()


WAYS: dict[str, Callable[[Misbehaving, OutboundText], object]] = {
    "raises": raising(ValueError("canary-4711")),
    "SystemExit": raising(SystemExit(3)),
    "KeyboardInterrupt": raising(KeyboardInterrupt()),
    "GeneratorExit": raising(GeneratorExit()),
    "MemoryError": raising(MemoryError()),
    "hangs": late,
    "rubbish": lambda gateway, message: {"status": "ok"},
    "None": lambda gateway, message: None,
    "no request": lambda gateway, message: HttpRequest(method="POST", url="http://127.0.0.1:9/"),
    "mutates": mutate,
    "floods": flood,
}
if hasattr(os, "fork"):
    WAYS["forks"] = fork


@contextmanager
def two_practices(sick: Misbehaving, url: str, **more: object) -> Iterator[tuple[convokit.Convokit, OddGateway]]:
    """A practice with many texts owed by the carrier ``sick``, then one with as many by another carrier."""
    well = OddGateway()
    plugins = [OddPlugin(sick, name="sick"), OddPlugin(well, name="well"), Choice(), *more.pop("plugins", ())]  # type: ignore[misc]
    with convokit.open(url, plugins=plugins, plugin_limits=LIMITS, **more) as kit:  # type: ignore[arg-type]
        for number, name in enumerate(("sick", "well")):
            kit.add_practice(convokit.Practice(id=name, name=name, region="US", numbers=[f"+1303555010{number}"]))
            owe(kit, name, TEXTS)
        try:
            yield kit, well
        finally:
            sick.let_go.set()
            kit.stop()


def owe(kit: convokit.Convokit, practice: str, count: int, *, begin: int = 0) -> None:
    desk = kit.practice(practice)
    for number in range(begin, begin + count):
        who = convokit.Client(id=f"c{number}", name="A", phone=f"+13035552{number:03}")
        desk.send(desk.start(client=who, channel="sms", by=KIM).id, "canary of the text", by=KIM)


def deliveries(kit: convokit.Convokit, practice: str) -> set[Delivery]:
    desk = kit.practice(practice)
    return {
        entry.delivery
        for row in desk.inbox(limit=200).items
        for entry in desk.thread(row.id).items
        if entry.delivery is not None
    }


@contextmanager
def running(kit: convokit.Convokit) -> Iterator[threading.Thread]:
    thread = threading.Thread(target=lambda: kit.run(threads=2, idle_seconds=0.01), daemon=True)
    thread.start()
    yield thread


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.005)


@pytest.mark.parametrize("way", WAYS)
def test_p11_another_practice_still_gets_its_texts_out(way: str, caplog: pytest.LogCaptureFixture) -> None:
    sick = Misbehaving(WAYS[way])
    with two_practices(sick, "memory:") as (kit, well), running(kit) as worker:
        wait_for(lambda: len(well.sent) == TEXTS and deliveries(kit, "well") == {Delivery.SENT})
        wait_for(lambda: len(sick.sent) >= (1 if way == "hangs" else LIMITS.failures))
        # Nothing of the sick one is lost, and no check lies: each text waits, is uncertain, or was taken.
        told = deliveries(kit, "sick")
        assert told <= {Delivery.QUEUED, Delivery.UNSURE, Delivery.SENT}
        assert Delivery.SENT not in told or way in ("mutates", "forks", "hangs")
        sick.let_go.set()
        kit.stop()
        worker.join(20)
        assert not worker.is_alive()
    assert {text.to for text in well.sent} == {f"+13035552{number:03}" for number in range(TEXTS)}
    assert "canary" not in caplog.text


def test_p11_what_waits_behind_an_open_circuit_stays_owed_and_goes_out_when_it_closes() -> None:
    clock = Clock()
    sick = Misbehaving(raising(ConnectionError()))
    with two_practices(sick, "memory:", clock=clock) as (kit, _):
        kit.work()
        assert len(sick.sent) == LIMITS.failures
        assert deliveries(kit, "sick") == {Delivery.UNSURE, Delivery.QUEUED}
        assert kit.store.unsettled() == TEXTS - LIMITS.failures
        kit.work()
        assert len(sick.sent) == LIMITS.failures, "it is left alone"
        clock.pass_(seconds=61)
        kit.work()
        assert len(sick.sent) == LIMITS.failures + 1, "one try"
        clock.pass_(seconds=61)
        kit.work()
        assert len(sick.sent) == LIMITS.failures + 1, "the second pause is twice as long"
        sick.act = lambda gateway, message: Accepted()
        clock.pass_(seconds=61)
        kit.work()
        kit.work()
        assert len(sick.sent) == TEXTS
        assert kit.store.unsettled() == 0


def test_p11_a_flood_of_one_practice_hides_nobody() -> None:
    sick = Misbehaving(late)
    with two_practices(sick, "memory:") as (kit, well):
        owe(kit, "sick", 230, begin=100)
        owe(kit, "well", 1, begin=100)
        with running(kit):
            wait_for(lambda: len(well.sent) == TEXTS + 1)
            assert len(sick.sent) <= 2, "at most its own threads"


class Hangs:
    """A host's hooks that do not come back for the sick practice."""

    def __init__(self, free: threading.Event) -> None:
        self.free = free
        self.asked = 0

    def _hang(self, practice_id: str) -> None:
        if practice_id == "sick":
            self.asked += 1
            self.free.wait(60)

    @hookimpl
    def convokit_settings(self, practice_id: str, kind: str, provider: str) -> dict[str, object]:
        self._hang(practice_id)
        return {}

    @hookimpl
    def convokit_veto(self, practice_id: str, effect: object) -> str | None:
        object.__setattr__(effect, "to", "+13035550666")
        self._hang(practice_id)
        return None

    @hookimpl
    def convokit_changed(self, practice_id: str) -> None:
        self._hang(practice_id)


def test_p11_hooks_that_hang_cost_a_few_threads_and_no_other_practice_anything() -> None:
    sick = Misbehaving(raising(ConnectionError()))
    hangs = Hangs(sick.let_go)
    with two_practices(sick, "memory:", plugins=[hangs]) as (kit, well), running(kit):
        wait_for(lambda: deliveries(kit, "well") == {Delivery.SENT})
        wait_for(lambda: hangs.asked >= 4)
        assert deliveries(kit, "sick") == {Delivery.QUEUED}
        assert {text.to for text in well.sent} == {f"+13035552{number:03}" for number in range(TEXTS)}
        lost = kit.catalogue.calls.lost()
        assert lost
        assert all(count <= LIMITS.most_lost for count in lost.values()), lost
