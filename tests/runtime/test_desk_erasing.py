"""Erasing at the desk: what it refuses, what it waits for, what it tells the host."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from desks import ANA, ANA_PHONE, BELLA, KIM, OURS, World, world

import convokit
from convokit import Client, Conflict, InvalidInput, StorageError
from convokit.gateways.payments_simulator import PaymentsSimulator
from convokit.outcomes import Accepted
from convokit.plugins import hookimpl
from convokit.runtime.desk import erasing


class Listener:
    """A host that re-reads what changed."""

    name = "listener"

    def __init__(self) -> None:
        self.told: list[tuple[str, int]] = []

    @hookimpl
    def convokit_changed(self, practice_id: str, conversation_id: str, change: int) -> None:
        self.told.append((conversation_id, change))


@pytest.fixture(params=["memory:", "sqlite"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with world(request.param if request.param == "memory:" else f"sqlite:///{tmp_path}/desk.db") as stage:
        yield stage


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"client_id": ""}, "client_id.type"),
        ({"client_id": "x" * 129}, "client_id.too_long"),
        ({"by": "Kim"}, "by.type"),
        ({"reason": " "}, "reason.empty"),
        ({"reason": "x" * 201}, "reason.too_long"),
        ({"numbers": ANA_PHONE}, "numbers.type"),
        ({"numbers": 7}, "numbers.type"),
        ({"numbers": [ANA_PHONE] * 51}, "numbers.type"),
        ({"numbers": ["no number"]}, "address.characters"),
    ],
)
def test_p20_what_it_refuses(made: World, given: dict[str, object], code: str) -> None:
    wanted = {"client_id": "c17", "by": KIM, "reason": "asked", **given}
    with pytest.raises(InvalidInput) as caught:
        made.desk.erase_client(wanted.pop("client_id"), **wanted)  # type: ignore[arg-type]  # the mistakes are the point
    assert caught.value.code == code


def test_p20_a_desk_that_does_not_see_everything_cannot_erase(made: World) -> None:
    with pytest.raises(Conflict) as caught:
        made.kit.practice("happy-paws", departments=[""]).erase_client("c17", by=KIM, reason="asked")
    assert caught.value.code == "erasure.narrowed"


def test_p20_an_erased_conversation_is_read_and_stays_ended(made: World) -> None:
    talk = made.desk.start(client=ANA, patient=BELLA, channel="sms", title="Labs", by=KIM)
    made.desk.send(talk.id, "Hello Ana", by=KIM)
    report = made.desk.erase_client("c17", by=KIM, reason="asked")
    assert (report.conversations, report.entries, report.numbers, report.withdrawn) == (1, 2, 1, 1)
    assert next(made.desk.entries(talk.id)).text == "[erased]"
    with pytest.raises(Conflict) as caught:
        made.desk.restart(talk.id, by=KIM)
    assert caught.value.code == "conversation.erased"
    assert "Ana" not in made.desk.transcript(talk.id).text()
    made.settle()
    assert made.carrier.phone(ANA_PHONE).received == []
    again = made.desk.start(client=ANA, channel="sms", by=KIM)
    assert again.id != talk.id


def test_p20_twice_and_for_somebody_unknown_is_fine(made: World) -> None:
    assert made.desk.erase_client("nobody", by=KIM, reason="asked").conversations == 0
    made.desk.start(client=ANA, channel="sms", by=KIM)
    assert made.desk.erase_client("c17", by=KIM, reason="asked").conversations == 1
    assert made.desk.erase_client("c17", by=KIM, reason="asked").conversations == 0


def test_p20_the_host_is_told_to_read_again() -> None:
    listener = Listener()
    with world(plugins=(listener,)) as made:
        talk = made.desk.start(client=ANA, channel="sms", by=KIM)
        since = made.desk.changes(since=0)[-1].number
        listener.told.clear()
        made.desk.erase_client("c17", by=KIM, reason="asked")
        assert listener.told == [(talk.id, since + 1)]
        assert [(c.conversation_id, c.number) for c in made.desk.changes(since=since)] == [(talk.id, since + 1)]


def test_p20_a_text_that_is_being_handed_over_is_waited_for(made: World, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = made.desk.start(client=ANA, channel="sms", by=KIM)
    made.desk.send(talk.id, "Hello Ana", by=KIM)
    (owed,) = made.kit.store.due(made.kit.world.now_us(), 9)
    hand_over = made.kit.performer.prepare(made.desk.practice, owed)
    assert hand_over is not None
    with monkeypatch.context() as patch:
        patch.setattr(erasing, "_LONGEST_WAIT_SECONDS", 0.0)
        with pytest.raises(StorageError) as caught:
            made.desk.erase_client("c17", by=KIM, reason="asked")
    assert caught.value.code == "erasure.in_flight"
    assert "Hello Ana" in [e.text for e in made.desk.entries(talk.id)]
    reports: list[convokit.ErasureReport] = []
    waiting = threading.Thread(target=lambda: reports.append(made.desk.erase_client("c17", by=KIM, reason="asked")))
    waiting.start()
    made.kit.performer.settle(
        made.desk.practice, hand_over.effect, Accepted(provider_id="x-1"), hand_over.carrier.provider
    )
    waiting.join(30)
    assert [report.conversations for report in reports] == [1]
    assert next(made.desk.entries(talk.id)).text == "[erased]"


def test_p20_another_client_and_another_practice_keep_everything(made: World) -> None:
    other = made.kit.add_practice(convokit.Practice(id="other", name="Other", region="US", numbers=["+13035550199"]))
    theirs = made.kit.practice(other.id)
    alike = theirs.start(client=ANA, patient=BELLA, channel="sms", title="Labs", by=KIM)
    theirs.send(alike.id, "Hello Ana", by=KIM)
    theirs.opt_out(ANA_PHONE, by=KIM, reason="by phone")
    ben = made.desk.start(client=Client(id="c18", name="Ben", phone="(303) 555-0124"), channel="sms", by=KIM)
    made.desk.start(client=ANA, channel="sms", by=KIM)
    before = (
        theirs.inbox(),
        [*theirs.entries(alike.id)],
        theirs.consent_ledger(ANA_PHONE),
        made.desk.conversation(ben.id),
    )
    made.desk.erase_client("c17", by=KIM, reason="asked", numbers=[ANA_PHONE])
    after = (
        theirs.inbox(),
        [*theirs.entries(alike.id)],
        theirs.consent_ledger(ANA_PHONE),
        made.desk.conversation(ben.id),
    )
    assert after == before
    assert not made.desk.consent(ANA_PHONE).opted_out


def test_p20_a_payment_that_comes_after_it_counts_and_texts_nobody() -> None:
    till = PaymentsSimulator(seed=7)
    with world(plugins=(till,), public_url="https://desk.example.com") as made:
        practice = convokit.Practice(
            id="happy-paws", name="Happy Paws", time_zone="America/Denver", region="US", numbers=[OURS],
            rules=convokit.Rules(payments=convokit.PaymentRules(receipt="{practice} thanks you for {amount}.")),
        )  # fmt: skip
        made.kit.add_practice(practice)
        till.connect(made.kit)
        desk = made.kit.practice("happy-paws")
        talk = desk.start(client=ANA, channel="sms", by=KIM)
        asked = desk.request_payment(talk.id, title="For Bella", amount="84.50", currency="USD", by=KIM)
        for _ in range(6):
            made.settle()
            till.step()
        link = made.carrier.phone(ANA_PHONE).received[-1]
        assert "For Bella" in link.text or "84.50" in link.text
        desk.erase_client("c17", by=KIM, reason="asked")
        left = len(made.carrier.phone(ANA_PHONE).received)
        till.link(asked.id).pay()
        for _ in range(6):
            made.settle()
            till.step()
        assert desk.payment(asked.id).state == "paid"
        assert len(made.carrier.phone(ANA_PHONE).received) == left
        assert made.kit.store.unsettled() == 0
