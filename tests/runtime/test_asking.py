"""Asking carriers, with a plugin that does whatever it wants: nothing is believed that was not said."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve, field
from desks import ANA, ANA_PHONE, HAPPY_PAWS, KIM, OURS, Clock
from odd_gateway import OddGateway, OddPlugin

import convokit
from convokit import Delivery
from convokit.decisions.base import Needs
from convokit.domain.delivery import NOT_FOUND
from convokit.effects import LookUpText, OwedJob
from convokit.errors import StorageError
from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.ports.sms import Capabilities, DeliveryReport, InboundText, OutboundText, Verified
from convokit.ports.sms_asking import MOST_REQUESTS, Found, Polled, UncertainText
from convokit.ports.wire import HttpRequest
from convokit.runtime.asking import LOOK_BACK
from convokit.runtime.asking_values import MOST_EVENTS

ABLE = Capabilities(looks_up=True, polls=True)
MINUTE_US = 60_000_000


@define
class Asked(OddGateway):
    """Says what a test wants when it is asked; ``says`` and ``polled`` are returned, or raised."""

    says: object = field(factory=lambda: TryLater(raw="?"))
    polled: object = field(factory=lambda: TryLater(raw="?"))
    at_once: BaseException | None = None
    questions: int = 0
    texts: list[UncertainText] = field(factory=list)
    polls: list[tuple[tuple[str, ...], int, int]] = field(factory=list)

    def look_up(self, text: UncertainText) -> Any:
        self.texts.append(text)
        return self._answer(self.says)

    def poll(self, numbers: tuple[str, ...], since_us: int, until_us: int) -> Any:
        self.polls.append((numbers, since_us, until_us))
        said = self.polled(since_us, until_us) if callable(self.polled) else self.polled
        return self._answer(said)

    def _answer(self, said: object) -> Any:
        if self.at_once is not None:
            raise self.at_once
        return self._talk_about(said)

    def _talk_about(self, said: object) -> Iterator[object]:
        for _ in range(self.questions):
            yield HttpRequest(method="GET", url="http://127.0.0.1:9/")
        if isinstance(said, BaseException):
            raise said
        return said  # type: ignore[return-value]  # a generator's value


@define
class Case:
    kit: convokit.Convokit
    gateway: Asked
    clock: Clock

    @property
    def desk(self) -> convokit.PracticeDesk:
        return self.kit.practice("happy-paws")

    def unsure(self) -> convokit.Entry:
        self.gateway.outcome = Unsure(why="no answer")
        talk = self.kit.store.latest_at("happy-paws", "sms", ANA_PHONE) or self.desk.start(
            client=ANA, channel="sms", by=KIM
        )
        sent = self.desk.send(talk.id, "Hello", by=KIM)
        self.kit.work()
        return self.desk.message(sent.id)

    def shown(self, entry: convokit.Entry) -> tuple[Delivery | None, tuple[str, ...]]:
        now = self.desk.message(entry.id)
        return now.delivery, now.flags

    def later(self, **amount: float) -> None:
        self.clock.pass_(**amount)
        self.kit.work()


@contextmanager
def opened(gateway: Asked | None = None, *, url: str = "memory:", able: Capabilities = ABLE) -> Iterator[Case]:
    gateway, clock = gateway or Asked(), Clock()
    with convokit.open(url, plugins=[OddPlugin(gateway, capabilities=able)], clock=clock) as kit:
        kit.add_practice(HAPPY_PAWS)
        yield Case(kit, gateway, clock)


@pytest.fixture
def case() -> Iterator[Case]:
    with opened() as made:
        yield made


def report(provider_id: str | None, state: str = "sent", **more: Any) -> DeliveryReport:
    return DeliveryReport(attempt_id=None, provider_id=provider_id, state=state, raw=state, **more)  # type: ignore[arg-type]


def came(provider_id: str, text: str = "Hi", *, to: str = OURS, sent_at: int | None = None) -> InboundText:
    return InboundText(provider_id=provider_id, sender=ANA_PHONE, to=to, text=text, sent_at=sent_at)


def texts(case: Case) -> list[str]:
    talk = case.kit.store.latest_at("happy-paws", "sms", ANA_PHONE)
    thread = () if talk is None else case.desk.thread(talk.id).items
    return [entry.text for entry in thread if entry.side == "client"]


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


# --- polling ----------------------------------------------------------------------------------------------------------


def poll_job(case: Case) -> Any:
    return case.kit.store.load("happy-paws", Needs(job_key="poll.odd")).job


def everything(*events: object) -> Callable[[int, int], Polled]:
    return lambda since_us, until_us: Polled(events=events, until_us=until_us)  # type: ignore[arg-type]


def test_a_carrier_is_polled_from_its_first_use_on_every_quarter_of_an_hour(case: Case) -> None:
    case.later(hours=1)
    assert case.gateway.polls == []
    case.kit.webhook_path("happy-paws")
    start = case.kit.world.now_us()
    case.gateway.polled = everything()
    for _ in range(12):
        case.later(minutes=5)
    assert [numbers for numbers, _, _ in case.gateway.polls] == [(OURS,)] * 4
    assert {since for _, since, _ in case.gateway.polls} == {start}
    untils = [(until - start) // MINUTE_US for _, _, until in case.gateway.polls]
    assert untils == [5, 20, 35, 50]


def test_nothing_from_before_convokit_is_asked_for_and_no_more_than_a_day_again(case: Case) -> None:
    case.kit.webhook_path("happy-paws")
    start = case.kit.world.now_us()
    case.gateway.polled = everything()
    for _ in range(30):
        case.later(hours=1)
    *_, (_, since, until) = case.gateway.polls
    assert until - start == 30 * 60 * MINUTE_US
    assert since == until - 60 * MINUTE_US - LOOK_BACK


def test_p01_a_text_whose_callback_was_lost_comes_late_and_once(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    case.kit.webhook_path("happy-paws")
    case.gateway.polled = everything(came("P2", "second", sent_at=9), came("P1", "first", sent_at=5))
    for _ in range(6):
        case.later(minutes=10)
    assert texts(case) == ["first", "second"]
    assert caplog.text.count("a callback of odd was lost") == 2
    assert "first" not in caplog.text


def test_p02_what_came_by_its_callback_is_known_whatever_the_poll_says(case: Case) -> None:
    case.gateway.reading = Verified(events=(came("P1", "as it was"),))
    case.kit.webhook(HttpRequest(method="POST", url=f"http://h/{case.kit.webhook_path('happy-paws')}"))
    case.gateway.polled = everything(came("P1", "as the list has it"))
    case.later(minutes=10)
    assert texts(case) == ["as it was"]


def test_p10_texts_of_other_numbers_and_reports_on_other_texts_are_left_alone(case: Case) -> None:
    case.kit.webhook_path("happy-paws")
    case.gateway.polled = everything(came("P1", to="+13035550199"), report("P9", "delivered"), came("P2", "ours"))
    case.later(minutes=10)
    assert texts(case) == ["ours"]
    assert case.kit.store.parked("happy-paws", "odd", "P9") == ()


def test_p04_a_report_whose_callback_was_lost_moves_the_check(case: Case) -> None:
    case.gateway.provider_id = "P7"
    talk = case.desk.start(client=ANA, channel="sms", by=KIM)
    sent = case.desk.send(talk.id, "Hello", by=KIM)
    case.kit.work()
    case.gateway.polled = everything(report("P7", "delivered"))
    case.later(minutes=20)
    assert case.shown(sent)[0] is Delivery.DELIVERED


def test_what_is_too_much_for_one_poll_is_asked_for_at_once(case: Case) -> None:
    case.gateway.polled = lambda since_us, until_us: Polled(
        events=(), until_us=min(until_us, since_us + 60 * MINUTE_US)
    )
    case.kit.webhook_path("happy-paws")
    case.clock.pass_(hours=3)
    for _ in range(4):
        case.kit.work()
        case.clock.pass_(seconds=1)
    # Each starts a day back, where convokit began: the mark moves on all the same.
    assert len(case.gateway.polls) > 1
    assert poll_job(case).job.since_us > poll_job(case).job.first_us


@pytest.mark.parametrize("until", [None, "soon", 1.5, True])
def test_p11_an_end_that_is_none_moves_nothing(case: Case, until: object) -> None:
    case.kit.webhook_path("happy-paws")
    case.gateway.polled = Polled(events=(came("P1"),), until_us=until)  # type: ignore[arg-type]
    case.later(minutes=10)
    assert texts(case) == []
    assert poll_job(case).job.since_us == poll_job(case).job.first_us


def test_p11_one_unusable_event_does_not_keep_back_the_others(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    case.kit.webhook_path("happy-paws")
    nasty = InboundText(provider_id=5, sender=ANA_PHONE, to=OURS, text="x")  # type: ignore[arg-type]
    case.gateway.polled = everything(None, nasty, came("P1", "good"))
    case.later(minutes=10)
    assert texts(case) == ["good"]
    assert caplog.text.count("an unusable event was polled") == 2


def test_p18_more_events_than_can_be_are_cut(case: Case) -> None:
    case.kit.webhook_path("happy-paws")
    case.gateway.polled = everything(*(report(f"X{number}") for number in range(MOST_EVENTS)), came("P1"))
    case.later(minutes=10)
    assert texts(case) == []


def test_p11_a_text_that_cannot_be_stored_does_not_keep_back_the_others(
    case: Case, caplog: pytest.LogCaptureFixture
) -> None:
    case.kit.webhook_path("happy-paws")
    case.gateway.polled = everything(came("P1", "bad", sent_at=1), came("P2", "good", sent_at=2))
    take = case.kit._arriving.text

    def refusing(practice: Any, carrier: Any, event: InboundText, **more: Any) -> bool:
        if event.text == "bad":
            raise convokit.InvalidInput("storage.value", "it cannot be kept")
        return take(practice, carrier, event, **more)

    case.kit._arriving.text = refusing  # type: ignore[method-assign]
    case.later(minutes=10)
    assert texts(case) == ["good"]
    assert "odd told what cannot be taken in: storage.value" in caplog.text


def test_p22_a_store_that_is_busy_is_waited_for(case: Case) -> None:
    case.kit.webhook_path("happy-paws")
    case.gateway.polled = everything(came("P1", "good"))
    take = case.kit._arriving.text

    def busy(*given: Any, **more: Any) -> bool:
        raise StorageError("storage.busy", "the store did not answer in time")

    case.kit._arriving.text = busy  # type: ignore[method-assign]
    case.later(minutes=10)
    case.kit._arriving.text = take  # type: ignore[method-assign]
    assert poll_job(case).job.since_us == poll_job(case).job.first_us
    case.later(minutes=10)
    assert texts(case) == ["good"]


def test_p11_a_gateway_that_raises_when_it_is_polled_is_polled_again(case: Case) -> None:
    case.kit.webhook_path("happy-paws")
    case.gateway.at_once = SystemExit(1)
    case.later(minutes=10)
    case.gateway.at_once, case.gateway.polled = None, everything(came("P1", "good"))
    case.later(minutes=30)
    assert texts(case) == ["good"]


def test_a_carrier_that_cannot_be_polled_any_more_is_looked_at_hourly(case: Case) -> None:
    case.kit.webhook_path("happy-paws")
    built = case.kit.gateways.of("happy-paws")
    assert built is not None
    case.kit.gateways._built["happy-paws"] = evolve(built, capabilities=Capabilities())
    for _ in range(12):
        case.later(minutes=10)
    assert case.gateway.polls == []
    assert poll_job(case).tries == 2
    case.kit.gateways._built["happy-paws"] = built
    case.later(hours=1)
    assert len(case.gateway.polls) == 1


def test_a_carrier_without_polls_owes_nothing() -> None:
    with opened(able=Capabilities()) as case:
        case.kit.webhook_path("happy-paws")
        assert poll_job(case) is None


def test_p22_a_store_that_is_busy_at_the_first_use_costs_no_text(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    take = case.kit.steps.take

    def busy(*given: Any, **more: Any) -> Any:
        raise StorageError("storage.busy", "the store did not answer in time")

    case.kit.steps.take = busy  # type: ignore[method-assign]
    with caplog.at_level(logging.WARNING):
        assert case.kit.webhook_path("happy-paws")
    assert "polling could not be begun" in caplog.text
    case.kit.steps.take = take  # type: ignore[method-assign]
    assert poll_job(case) is None
    case.kit.webhook_path("happy-paws")
    assert poll_job(case) is not None


def test_a_second_process_owes_no_second_poll(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/desk.db"
    for _ in range(2):
        with opened(url=url) as case:
            case.kit.webhook_path("happy-paws")
            assert len(case.kit.store.due_jobs(2**60, 10)) == 1


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
