"""Many events in one request of a carrier's: one transaction, and each of them as safe as alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from desks import ANA, HAPPY_PAWS, KIM, OURS, Clock
from odd_gateway import OddGateway, OddPlugin

import convokit
from convokit import HttpRequest, HttpResponse
from convokit.errors import Conflict, ConvokitError, StorageError
from convokit.facts import Fact, TextArrived
from convokit.plugins import hookimpl
from convokit.ports.sms import DeliveryReport, Event, InboundText, Verified
from convokit.runtime.desk import PracticeDesk
from convokit.stores.sql.sqlite.engine import Transaction


class Witness:
    """Notes, of every change that it is told of, whether it is committed for others to see."""

    def __init__(self) -> None:
        self.desk: PracticeDesk | None = None
        self.told: list[int] = []
        self.saw: list[int] = []

    @hookimpl
    def convokit_changed(self, conversation_id: str, change: int) -> None:
        assert self.desk is not None
        self.told.append(change)
        self.saw.append(max(row.number for row in self.desk.changes()))


@contextmanager
def opened(store_url: str, events: list[Event], *plugins: object) -> Iterator[convokit.Convokit]:
    gateway = OddGateway(reading=Verified(events=tuple(events)))
    with convokit.open(store_url, plugins=[OddPlugin(gateway), *plugins], clock=Clock()) as kit:
        kit.add_practice(HAPPY_PAWS)
        yield kit


def call(kit: convokit.Convokit) -> HttpResponse:
    return kit.webhook(HttpRequest(method="POST", url=f"http://h/{kit.webhook_path('happy-paws')}"))


def text(number: int, says: str = "", sender: int | None = None) -> InboundText:
    phone = f"+1303555{number % 3 + 1000 if sender is None else sender:04}"
    return InboundText(provider_id=f"P{number}", sender=phone, to=OURS, text=says or f"text {number}")


def texts_of(desk: PracticeDesk) -> list[str]:
    threads = [desk.thread(row.id).items for row in desk.inbox().items]
    return sorted((entry.text for thread in threads for entry in thread), key=lambda said: int(said.split()[-1]))


def refusing(store: object, refused: str, error: ConvokitError, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the store refuse one text."""
    real: Callable[..., object] = store.commit  # type: ignore[attr-defined]

    def commit(practice_id: str, before: object, fact: Fact, *rest: object, **more: object) -> object:
        if isinstance(fact, TextArrived) and fact.text == refused:
            raise error
        return real(practice_id, before, fact, *rest, **more)

    monkeypatch.setattr(store, "commit", commit)


def test_p01_a_request_with_many_texts_is_taken_in_whole_and_in_order(store_url: str) -> None:
    witness = Witness()
    with opened(store_url, [text(number) for number in range(130)], witness) as kit:
        desk = witness.desk = kit.practice("happy-paws")
        assert call(kit).status == 200
        assert texts_of(desk) == [f"text {number}" for number in range(130)]
        for row in desk.inbox().items:
            said = [entry.text for entry in desk.thread(row.id).items]
            assert said == sorted(said, key=lambda one: int(one.split()[-1]))
        assert witness.told == list(range(1, 131))
        # An observer is told of what is there: never of a change that could still be taken back.
        assert all(saw >= told for saw, told in zip(witness.saw, witness.told, strict=True))
        assert call(kit).status == 200
        assert len(texts_of(desk)) == 130
        assert len(witness.told) == 130


def test_a_hundred_texts_of_one_request_are_one_transaction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []
    enter = Transaction.__enter__

    def entered(self: Transaction) -> object:
        begun.append(1)
        return enter(self)

    with opened(f"sqlite:///{tmp_path}/desk.db", [text(number) for number in range(130)]) as kit:
        call_path = kit.webhook_path("happy-paws")
        monkeypatch.setattr(Transaction, "__enter__", entered)
        assert kit.webhook(HttpRequest(method="POST", url=f"http://h/{call_path}")).status == 200
    assert len(begun) == 2  # a hundred, and thirty


@pytest.mark.parametrize(
    ("error", "status", "stored"),
    [
        # One that cannot be stored takes none before it along; where the store itself fails, nothing is acknowledged.
        (Conflict("id.taken", "taken"), 500, 6),
        (StorageError("storage.full", "no space left"), 503, 0),
    ],
)
def test_p01_what_fails_in_the_middle_loses_nothing_and_doubles_nothing(
    store_url: str, monkeypatch: pytest.MonkeyPatch, error: ConvokitError, status: int, stored: int
) -> None:
    witness = Witness()
    with opened(store_url, [text(number) for number in range(10)], witness) as kit:
        desk = witness.desk = kit.practice("happy-paws")
        with monkeypatch.context() as faulty:
            refusing(kit.store, "text 6", error, faulty)
            assert call(kit).status == status
        by_then = 6 if store_url == "memory:" else stored  # it knows no transactions
        assert texts_of(desk) == [f"text {number}" for number in range(by_then)]
        assert witness.told == list(range(1, by_then + 1))
        assert call(kit).status == 200  # the carrier says it again
        assert texts_of(desk) == [f"text {number}" for number in range(10)]
        assert witness.told == list(range(1, 11))


def test_p06_a_stop_among_many_texts_is_in_force_and_confirmed_once(store_url: str) -> None:
    events: list[Event] = [text(1, "hello 1", 7), text(2, "STOP", 7), text(3, "are you there 3", 7), text(4, "ok 4", 8)]
    gateway = OddGateway(reading=Verified(events=tuple(events)))
    with convokit.open(store_url, plugins=[OddPlugin(gateway)], clock=Clock()) as kit:
        kit.add_practice(HAPPY_PAWS)
        desk = kit.practice("happy-paws")
        assert call(kit).status == 200
        assert desk.consent("+13035550007").opted_out
        assert not desk.consent("+13035550008").opted_out
        kit.work()
        assert [sent.to for sent in gateway.sent].count("+13035550007") == 1


def test_reports_and_texts_of_one_request_come_in_together(store_url: str) -> None:
    gateway = OddGateway()
    with convokit.open(store_url, plugins=[OddPlugin(gateway)], clock=Clock()) as kit:
        kit.add_practice(HAPPY_PAWS)
        desk = kit.practice("happy-paws")
        sent = desk.send(desk.start(client=ANA, channel="sms", by=KIM).id, "Hello", by=KIM)
        gateway.provider_id = "X1"
        kit.work()
        early = DeliveryReport(attempt_id=None, provider_id="X2", state="delivered")
        known = DeliveryReport(attempt_id=None, provider_id="X1", state="delivered")
        gateway.reading = Verified(events=(text(1), known, early, early, text(2)))
        assert call(kit).status == 200
        assert desk.message(sent.id).delivery is convokit.Delivery.DELIVERED
        assert len(kit.store.parked("happy-paws", "odd", "X2")) == 1
        again = desk.send(sent.conversation_id, "Again", by=KIM)
        gateway.provider_id = "X2"
        kit.work()
        assert desk.message(again.id).delivery is convokit.Delivery.DELIVERED
