"""The simulated carrier can be asked, when it is told to: for lost answers, lost callbacks and lost texts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from desks import ANA, ANA_PHONE, HAPPY_PAWS, KIM, OURS, Clock

import convokit
from convokit import Delivery
from convokit.gateways.simulator import Simulator, Weather


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def carrier() -> Simulator:
    return Simulator(seed=3, can_be_asked=True)


@pytest.fixture
def kit(carrier: Simulator, clock: Clock) -> Iterator[convokit.Convokit]:
    with convokit.open("memory:", plugins=[carrier], clock=clock) as kit:
        kit.add_practice(HAPPY_PAWS)
        carrier.connect(kit)
        yield kit


def later(kit: convokit.Convokit, clock: Clock, **amount: float) -> None:
    clock.pass_(**amount)
    kit.work()


def test_a_lost_answer_is_settled_by_asking(kit: convokit.Convokit, carrier: Simulator, clock: Clock) -> None:
    carrier.weather = Weather(no_answer=1.0, lose=1.0)
    desk = kit.practice("happy-paws")
    sent = desk.send(desk.start(client=ANA, channel="sms", by=KIM).id, "Hello", by=KIM)
    kit.work()
    assert desk.message(sent.id).delivery is Delivery.SENT
    later(kit, clock, minutes=20)
    assert desk.message(sent.id).delivery is Delivery.DELIVERED
    assert len(carrier.taken) == 1


def test_a_failure_whose_report_was_lost_is_found(kit: convokit.Convokit, carrier: Simulator, clock: Clock) -> None:
    carrier.weather = Weather(lose=1.0)
    carrier.phone(ANA_PHONE).state = "landline"
    desk = kit.practice("happy-paws")
    sent = desk.send(desk.start(client=ANA, channel="sms", by=KIM).id, "Hello", by=KIM)
    kit.work()
    later(kit, clock, minutes=20)
    assert (desk.message(sent.id).delivery, desk.message(sent.id).reason) == (Delivery.FAILED, "landline")


def test_a_text_whose_callback_was_lost_is_found(kit: convokit.Convokit, carrier: Simulator, clock: Clock) -> None:
    later(kit, clock, minutes=1)
    carrier.weather = Weather(lose_texts=1.0)
    assert carrier.phone(ANA_PHONE).text(OURS, "Is she awake?").status == 504
    assert kit.practice("happy-paws").inbox().items == ()
    later(kit, clock, minutes=20)
    (row,) = kit.practice("happy-paws").inbox().items
    assert (row.last_text, row.unread) == ("Is she awake?", 1)
    later(kit, clock, minutes=20)
    assert kit.practice("happy-paws").inbox().items[0].unread == 1


def test_it_knows_nothing_of_what_it_never_took(carrier: Simulator, kit: convokit.Convokit) -> None:
    assert carrier.known("m_1.1") == ()
    assert carrier.everything((OURS,), 0, 2**60) == ()


def test_without_being_told_to_it_cannot_be_asked(clock: Clock) -> None:
    carrier = Simulator(seed=3, weather=Weather(no_answer=1.0, lose=1.0))
    with convokit.open("memory:", plugins=[carrier], clock=clock) as kit:
        kit.add_practice(HAPPY_PAWS)
        carrier.connect(kit)
        desk = kit.practice("happy-paws")
        sent = desk.send(desk.start(client=ANA, channel="sms", by=KIM).id, "Hello", by=KIM)
        for _ in range(4):
            later(kit, clock, minutes=10)
        assert desk.message(sent.id).delivery is Delivery.UNSURE
