"""One practice's trouble stays its own: a vault that is away, a carrier that hangs, a kit that is closed meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Generator, Mapping

import anyio
import pytest
from desks import ANA, HAPPY_PAWS, KIM, OURS, Clock
from odd_gateway import OddGateway, OddPlugin

import convokit
from convokit import Delivery, HttpRequest
from convokit.aio import AsyncKit
from convokit.outcomes import Accepted, Unsure
from convokit.plugins import hookimpl
from convokit.ports.sms import DeliveryReport, OutboundText, Verified


class Vault:
    """Settings from the host's vault; for one practice it does not answer as it should."""

    sick: object = None

    @hookimpl
    def convokit_settings(self, practice_id: str, kind: str, provider: str) -> Mapping[str, object]:
        if practice_id != "sick":
            return {}
        if isinstance(self.sick, BaseException):
            raise self.sick
        return self.sick  # type: ignore[return-value]


def two_practices(gateway: OddGateway, *more: object) -> tuple[convokit.Convokit, Clock, dict[str, str]]:
    """A sick practice and a well one, each with a text owed, the sick one's first."""
    clock = Clock()
    kit = convokit.open("memory:", plugins=[OddPlugin(gateway), *more], clock=clock)
    owed = {}
    for n, name in enumerate(("sick", "well")):
        kit.add_practice(convokit.Practice(id=name, name=name, region="US", numbers=[f"+1303555010{n}"]))
        desk = kit.practice(name)
        c = desk.start(client=ANA, channel="sms", by=KIM)
        owed[name] = desk.send(c.id, "Hello", by=KIM).id
    return kit, clock, owed


BROKEN = [ConnectionError("vault"), SystemExit(1), ValueError("x"), 7, "text", ["a"]]


@pytest.mark.parametrize("broken", BROKEN, ids=repr)
@pytest.mark.parametrize("way", ["work", "run", "asyncio"])
def test_p11_a_sick_vault_keeps_nobody_else_waiting(broken: object, way: str) -> None:
    gateway, vault = OddGateway(), Vault()
    vault.sick = broken
    kit, clock, owed = two_practices(gateway, vault)
    with kit:
        well = kit.practice("well")
        if way == "work":
            kit.work()
        elif way == "asyncio":
            anyio.run(AsyncKit(kit).work)
        else:
            running = threading.Thread(target=lambda: kit.run(threads=2, idle_seconds=0.01), daemon=True)
            running.start()
            while well.message(owed["well"]).delivery is Delivery.QUEUED:
                running.join(0.01)
            kit.stop()
            running.join(10)
            assert not running.is_alive()
        assert well.message(owed["well"]).delivery is Delivery.SENT
        # The sick one's text never left, so it is not unsure: it waits, and goes out when the vault is back.
        assert kit.practice("sick").message(owed["sick"]).delivery is Delivery.QUEUED
        vault.sick = {}
        clock.pass_(minutes=1)
        kit.work()
        assert kit.practice("sick").message(owed["sick"]).delivery is Delivery.SENT


class Hanging(OddGateway):
    """Its carrier does not come back for one sender number until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go, self.hanging = threading.Event(), threading.Event()

    def send(self, message: OutboundText) -> Generator[object, object, object]:
        if message.sender == OURS:
            self.hanging.set()
            self.let_go.wait(30)
        self.sent.append(message)
        return Accepted()
        yield  # a generator that asks for nothing


def test_p11_a_carrier_that_hangs_leaves_a_thread_for_the_others() -> None:
    gateway = Hanging()
    with convokit.open("memory:", plugins=[OddPlugin(gateway)], clock=Clock()) as kit:
        messages = {}
        for n, name in enumerate(("sick", "well")):
            kit.add_practice(convokit.Practice(id=name, name=name, region="US", numbers=[f"+1303555010{n}"]))
            desk = kit.practice(name)
            for client in range(8 if name == "sick" else 1):
                who = convokit.Client(id=str(client), name="A", phone=f"+1303555012{client}")
                c = desk.start(client=who, channel="sms", by=KIM)
                messages[name] = desk.send(c.id, "Hello", by=KIM).id
        running = threading.Thread(target=lambda: kit.run(threads=3, idle_seconds=0.01), daemon=True)
        running.start()
        assert gateway.hanging.wait(10)
        well = kit.practice("well")
        while well.message(messages["well"]).delivery is Delivery.QUEUED:
            running.join(0.01)
        assert len(gateway.sent) == 1
        gateway.let_go.set()


def test_p03_closing_waits_for_the_hand_over_that_is_under_way() -> None:
    gateway = Hanging()
    kit = convokit.open("memory:", plugins=[OddPlugin(gateway)], clock=Clock())
    kit.add_practice(convokit.Practice(id="happy-paws", name="H", region="US", numbers=[OURS]))
    desk = kit.practice("happy-paws")
    c = desk.start(client=ANA, channel="sms", by=KIM)
    desk.send(c.id, "Hello", by=KIM)
    settled: list[object] = []
    settle = kit.performer.settle
    kit.performer.settle = lambda *given: (settle(*given), settled.append(given[2]))  # type: ignore[method-assign,func-returns-value,assignment]
    running = threading.Thread(target=lambda: kit.run(threads=1, idle_seconds=0.01), daemon=True)
    running.start()
    assert gateway.hanging.wait(10)
    closing = threading.Thread(target=kit.close, daemon=True)
    closing.start()
    closing.join(0.1)
    assert closing.is_alive()
    gateway.let_go.set()
    closing.join(10)
    assert not closing.is_alive()
    assert settled == [Accepted()]


def test_p03_a_text_that_is_there_already_is_not_handed_over_again() -> None:
    gateway = OddGateway(outcome=Unsure(why="?"))
    with convokit.open("memory:", plugins=[OddPlugin(gateway)], clock=Clock()) as kit:
        kit.add_practice(HAPPY_PAWS)
        desk = kit.practice("happy-paws")
        c = desk.start(client=ANA, channel="sms", by=KIM)
        m = desk.send(c.id, "Hello", by=KIM)
        kit.work()
        desk.send_again(c.id, m.id, by=KIM)
        report = DeliveryReport(attempt_id=f"{m.id}.1", provider_id=None, state="delivered")
        gateway.reading = Verified(events=(report,))
        kit.webhook(HttpRequest(method="POST", url=f"http://h/{kit.webhook_path('happy-paws')}"))
        gateway.outcome = None
        kit.work()
        assert len(gateway.sent) == 1
        assert desk.message(m.id).delivery is Delivery.DELIVERED
        assert kit.store.unsettled() == 0


def test_p04_a_parked_report_is_applied_although_the_worker_died_before(monkeypatch: pytest.MonkeyPatch) -> None:
    report = DeliveryReport(attempt_id=None, provider_id="P7", state="delivered")
    gateway = OddGateway(reading=Verified(events=(report,)), provider_id="P7")
    with convokit.open("memory:", plugins=[OddPlugin(gateway)], clock=Clock()) as kit:
        kit.add_practice(HAPPY_PAWS)
        desk = kit.practice("happy-paws")
        c = desk.start(client=ANA, channel="sms", by=KIM)
        m = desk.send(c.id, "Hello", by=KIM)
        kit.webhook(HttpRequest(method="POST", url=f"http://h/{kit.webhook_path('happy-paws')}"))
        with monkeypatch.context() as dying:
            dying.setattr(kit.store, "parked", lambda *_: ())
            kit.work()
        assert desk.message(m.id).delivery is Delivery.SENT
        kit.work()
        assert desk.message(m.id).delivery is Delivery.DELIVERED
        assert kit.store.settled_parked(10) == ()
