"""A desk, its worker and a centre: what the front desk sees of an SMPP carrier."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from convokit_sms_smpp.testing import PATIENCE, PretendedCentre

import convokit
from convokit.domain.delivery import Delivery

OURS, OTHERS = "+13035550100", "+13035550200"
ANA = convokit.Client(id="c17", name="Ana Ruiz", phone="+13035550123")
KIM = convokit.Staff(id="u1", name="Dr. Kim")


class Office:
    """Two practices that share one account."""

    def __init__(self, centre: PretendedCentre, kit: convokit.Convokit) -> None:
        self.centre, self.kit = centre, kit
        self.desk, self.other = kit.practice("happy-paws"), kit.practice("merry-tails")

    def send(self, text: str = "All good!", desk: convokit.PracticeDesk | None = None) -> convokit.Entry:
        desk = desk or self.desk
        sent = desk.send(desk.start(client=ANA, channel="sms", by=KIM).id, text, by=KIM)
        self.kit.work()
        return sent

    def shown(self, entry: convokit.Entry) -> convokit.Entry:
        return self.desk.message(entry.id)


@pytest.fixture
def office() -> Iterator[Office]:
    with (
        PretendedCentre() as centre,
        convokit.open("memory:", plugins=["smpp"], settings={"smpp": centre.settings()}) as kit,
    ):
        for name, number in (("happy-paws", OURS), ("merry-tails", OTHERS)):
            kit.add_practice(convokit.Practice(id=name, name=name, region="US", numbers=[number]))
        yield Office(centre, kit)


def until(fits: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(int(PATIENCE * 200)):
        if fits():
            return
        pause.wait(0.005)
    raise AssertionError("it never happened")


def test_a_text_goes_from_clock_to_two_checks(office: Office) -> None:
    sent = office.send("Bella’s results are in 🐶 " * 10)
    assert office.shown(sent).delivery is Delivery.SENT
    (text,) = office.centre.texts()
    assert (text.sender, text.to, text.text) == (OURS, ANA.phone, "Bella’s results are in 🐶 " * 10)
    assert office.centre.report(text, "ENROUTE") == 0
    assert office.shown(sent).delivery is Delivery.SENT
    assert office.centre.report(text, "DELIVRD") == 0
    assert office.shown(sent).delivery is Delivery.DELIVERED


def test_what_failed_says_so(office: Office) -> None:
    sent = office.send()
    assert office.centre.report(office.centre.texts()[0], "EXPIRED") == 0
    assert (office.shown(sent).delivery, office.shown(sent).reason) == (Delivery.FAILED, "expired")


def test_a_word_that_nobody_knows_moves_no_check(office: Office) -> None:
    sent = office.send()
    assert office.centre.report(office.centre.texts()[0], "SKIPPED") == 0
    assert office.shown(sent).delivery is Delivery.SENT


def test_p03_a_lost_answer_is_unsure_once_and_its_receipt_settles_it(office: Office) -> None:
    office.centre.then("hang up")
    sent = office.send()
    assert office.shown(sent).delivery is Delivery.UNSURE
    office.kit.work()
    (text,) = office.centre.texts()
    assert office.centre.report(text, "DELIVRD") == 0
    assert office.shown(sent).delivery is Delivery.DELIVERED
    assert len(office.centre.texts()) == 1


def test_each_practice_gets_what_is_its_own(office: Office) -> None:
    sent, theirs = office.send(), office.send(desk=office.other)
    assert office.centre.count("bind") == 1
    assert office.centre.bring(ANA.phone or "", OTHERS, "How is Rex?") == [0]
    assert office.centre.report(office.centre.texts()[1], "DELIVRD") == 0
    assert [row.last_text for row in office.other.inbox().items] == ["How is Rex?"]
    assert [row.last_text for row in office.desk.inbox().items] == ["All good!"]
    assert office.shown(sent).delivery is Delivery.SENT
    assert office.other.message(theirs.id).delivery is Delivery.DELIVERED
    assert office.centre.bring(ANA.phone or "", "+13035559999", "Hello?") == [0x64]


def test_p06_stop_is_confirmed_by_us_and_nothing_leaves_after_it(office: Office) -> None:
    office.kit.work()
    assert office.centre.bring(ANA.phone or "", OURS, "STOP") == [0]
    office.kit.work()
    (confirmation,) = office.centre.texts()
    assert confirmation.to == ANA.phone
    (row,) = office.desk.inbox().items
    refused = office.desk.send(row.id, "Are you sure?", by=KIM)
    office.kit.work()
    assert office.shown(refused).reason == "opted_out"
    assert len(office.centre.texts()) == 1


def test_a_worker_is_reached_before_it_sends_anything_and_takes_leave(office: Office) -> None:
    worker = threading.Thread(target=office.kit.run, kwargs={"threads": 2, "idle_seconds": 0.02})
    worker.start()
    assert office.centre.bring(ANA.phone or "", OURS, "How is Bella today? 🐶", parts=2) == [0, 0]
    (row,) = office.desk.inbox().items
    assert (row.last_text, row.unread) == ("How is Bella today? 🐶", 1)
    reply = office.desk.send(row.id, "She is well.", by=KIM)
    until(lambda: office.shown(reply).delivery is Delivery.SENT)
    office.kit.stop()
    worker.join(PATIENCE)
    office.kit.close()
    assert office.centre.count("unbind") == 1


def test_without_the_carrier_a_text_waits(office: Office) -> None:
    office.centre.stop()
    sent = office.send()
    assert office.shown(sent).delivery is Delivery.QUEUED


def test_an_account_that_is_refused_is_the_administrators(office: Office) -> None:
    office.centre.knows_account = False
    sent = office.send()
    assert (office.shown(sent).delivery, office.shown(sent).reason) == (Delivery.FAILED, "account_problem")
