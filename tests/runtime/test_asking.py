"""Asking carriers, with a plugin that does whatever it wants: nothing is believed that was not said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from asked import ABLE, MINUTE_US, Case, came, everything, opened, report, texts
from attrs import evolve
from desks import ANA, ANA_PHONE, HAPPY_PAWS, KIM, OURS, Clock
from odd_gateway import OddGateway, OddPlugin

import convokit
from convokit import Delivery
from convokit.domain.delivery import NOT_FOUND
from convokit.effects import LookUpText, OwedJob
from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.ports.sms import OutboundText, Verified
from convokit.ports.sms_asking import MOST_REQUESTS, Found, UncertainText
from convokit.ports.wire import HttpRequest


@pytest.fixture
def case() -> Iterator[Case]:
    with opened() as made:
        yield made


# --- looking up -------------------------------------------------------------------------------------------------------


def test_a_gateway_is_told_all_that_is_known_of_the_text(case: Case) -> None:
    sent = case.unsure()
    (asked,) = case.gateway.texts
    now = case.kit.world.now_us()
    assert asked == UncertainText(id=f"{sent.id}.1", sender=OURS, to=ANA_PHONE, text="Hello", begun_us=now, now_us=now)
    assert "Hello" not in repr(asked)


def test_what_is_found_is_as_if_the_answer_had_come(case: Case) -> None:
    case.gateway.says = Found(reports=(report("P7", "delivered"),))
    sent = case.unsure()
    assert case.shown(sent) == (Delivery.DELIVERED, ())
    assert case.desk.message(sent.id).provider_id == "P7"
    assert case.kit.store.attempt_of("happy-paws", "odd", "P7") == (sent.id, 1)
    case.later(hours=1)
    assert len(case.gateway.texts) == 1


def test_a_report_that_waited_for_its_text_is_applied(case: Case) -> None:
    sent = case.unsure()
    early = report("P7", "failed", reason="landline")
    case.gateway.reading = Verified(events=(early,))
    case.kit.webhook(HttpRequest(method="POST", url=f"http://h/{case.kit.webhook_path('happy-paws')}"))
    assert case.shown(sent)[0] is Delivery.UNSURE
    case.gateway.says = Found(reports=(report("P7"),))
    case.later(minutes=1)
    assert case.shown(sent)[0] is Delivery.FAILED
    assert case.desk.message(sent.id).reason == "landline"


def test_a_text_that_belongs_to_another_message_is_not_taken(case: Case) -> None:
    case.gateway.says = Found(reports=(report("P1"), report("P2")))
    first, second = case.unsure(), case.unsure()
    case.later(minutes=5)
    assert [case.desk.message(one.id).provider_id for one in (first, second)] == ["P1", "P2"]


def test_nothing_is_asked_when_it_is_known_by_other_means(case: Case) -> None:
    sent = case.unsure()
    case.gateway.reading = Verified(events=(evolve(report(None, "delivered"), attempt_id=f"{sent.id}.1"),))
    case.kit.webhook(HttpRequest(method="POST", url=f"http://h/{case.kit.webhook_path('happy-paws')}"))
    case.later(minutes=5)
    assert len(case.gateway.texts) == 1
    case.later(hours=1)
    assert case.shown(sent) == (Delivery.DELIVERED, ())


def test_absence_is_believed_ten_minutes_after_the_hand_over_and_no_sooner(case: Case) -> None:
    case.gateway.says = Found()
    sent = case.unsure()
    for _ in range(18):
        case.later(seconds=30)
        assert case.shown(sent) == (Delivery.UNSURE, ())
    case.later(minutes=20)
    assert case.shown(sent) == (Delivery.UNSURE, (NOT_FOUND,))
    asked = len(case.gateway.texts)
    case.later(hours=30)
    assert len(case.gateway.texts) == asked


RUBBISH: list[object] = [
    None,
    5,
    "found",
    Found(reports=None),  # type: ignore[arg-type]
    Accepted(provider_id="P7"),
    ValueError("a bug"),
    SystemExit(3),
    TryLater(raw=None),  # type: ignore[arg-type]
    TryLater(raw="y" * 10_000),
]


@pytest.mark.parametrize("said", RUBBISH, ids=range(len(RUBBISH)))
def test_p11_rubbish_is_no_answer(case: Case, said: object) -> None:
    case.gateway.says = case.gateway.polled = said
    sent = case.unsure()
    for _ in range(10):
        case.later(minutes=5)
    assert case.shown(sent) == (Delivery.UNSURE, ())
    assert len(case.gateway.texts) > 3
    assert texts(case) == []


@pytest.mark.parametrize("reports", [(None,), (5,), (report(None),), (report(""),), (came("P7"),)], ids=range(5))
def test_p11_what_is_no_report_is_not_found(case: Case, reports: tuple[object, ...]) -> None:
    case.gateway.says = Found(reports=(*reports, report("P8")))  # type: ignore[arg-type]
    sent = case.unsure()
    assert case.desk.message(sent.id).provider_id == "P8"


@pytest.mark.parametrize("error", [RuntimeError("x"), SystemExit(1)], ids=repr)
def test_p11_a_gateway_that_raises_at_once_is_asked_again(case: Case, error: BaseException) -> None:
    case.gateway.at_once = error
    sent = case.unsure()
    case.later(minutes=1)
    assert case.shown(sent) == (Delivery.UNSURE, ())
    case.gateway.at_once, case.gateway.says = None, Found(reports=(report("P7"),))
    case.later(minutes=30)
    assert case.shown(sent)[0] is Delivery.SENT


def test_p11_a_gateway_that_asks_without_end_is_stopped(case: Case) -> None:
    case.gateway.questions, case.gateway.says = MOST_REQUESTS + 1, Found()
    sent = case.unsure()
    case.later(hours=1)
    assert case.shown(sent) == (Delivery.UNSURE, ())


def test_a_question_ends_after_a_day(case: Case) -> None:
    case.unsure()
    for _ in range(30):
        case.later(hours=1)
    asked = len(case.gateway.texts)
    case.later(hours=30)
    assert len(case.gateway.texts) == asked


def test_a_carrier_that_is_gone_is_not_asked(caplog: pytest.LogCaptureFixture) -> None:
    with opened() as case:
        sent = case.unsure()
        case.kit.gateways._built.clear()
        case.kit.catalogue.gateways = {}
        case.later(minutes=5)
        assert len(case.gateway.texts) == 1
        assert case.shown(sent)[0] is Delivery.UNSURE


def test_a_vault_that_is_away_is_waited_for(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    sent = case.unsure()
    of = case.kit.gateways.of

    def away(practice_id: str) -> Any:
        raise convokit.ConfigurationError("plugin.raised", "the vault is away")

    case.kit.gateways.of = away  # type: ignore[method-assign]
    case.later(minutes=5)
    assert "cannot ask its carrier" in caplog.text
    case.kit.gateways.of = of  # type: ignore[method-assign]
    case.gateway.says = Found(reports=(report("P7"),))
    case.later(minutes=30)
    assert case.shown(sent)[0] is Delivery.SENT


def test_p20_a_client_who_is_erased_is_asked_for_no_more(case: Case) -> None:
    case.unsure()
    case.desk.erase_client("c17", by=KIM, reason="asked")
    asked = len(case.gateway.texts)
    case.later(hours=1)
    assert len(case.gateway.texts) == asked


# --- both


def test_both_questions_survive_a_worker_that_died(case: Case) -> None:
    case.gateway.says, case.gateway.polled = TryLater(), everything()
    sent = case.unsure()
    case.clock.pass_(hours=1)
    for job in case.kit.store.due_jobs(case.kit.world.now_us(), 10):
        begun = case.kit.store.begin_job("happy-paws", job.key, case.kit.world.now_us(), MINUTE_US)
        assert begun is not None  # ... and here the worker dies
    case.gateway.says = Found(reports=(report("P7"),))
    case.later(minutes=5)
    case.later(minutes=20)
    assert case.shown(sent)[0] is Delivery.SENT
    assert case.gateway.polls


def test_a_veto_holds_for_questions_too(case: Case) -> None:
    case.kit.catalogue.veto = lambda practice_id, effect: "not now"  # type: ignore[method-assign]
    case.kit.webhook_path("happy-paws")
    case.gateway.polled = everything(came("P1"))
    case.later(minutes=10)
    assert case.gateway.polls == []
    performers = case.kit.jobs._performers
    look_up = next(one for one in performers.values() if type(one).__name__ == "TextAsker")
    job = LookUpText(entry_id="m", conversation_id="c", attempt=1)
    owed = OwedJob(job=job, practice="p", state="begun", tries=1, owed_us=0, due_us=0)
    told = look_up.refused(HAPPY_PAWS, owed, "cancelled", "veto")
    assert told.outcome == Refused(reason="cancelled", raw="veto")


def test_a_gateway_is_asked_only_for_what_it_has() -> None:
    class Plain(OddGateway):
        def send(self, message: OutboundText) -> Any:
            return super().send(message)

    gateway, clock = Plain(outcome=Unsure(why="?")), Clock()
    with convokit.open("memory:", plugins=[OddPlugin(gateway, capabilities=ABLE)], clock=clock) as kit:
        kit.add_practice(HAPPY_PAWS)
        desk = kit.practice("happy-paws")
        sent = desk.send(desk.start(client=ANA, channel="sms", by=KIM).id, "Hello", by=KIM)
        for _ in range(4):
            kit.work()
            clock.pass_(minutes=10)
        assert desk.message(sent.id).delivery is Delivery.UNSURE
