"""Polling carriers, with a plugin that does whatever it wants: what callbacks did not tell comes late, and once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asked import MINUTE_US, Case, came, everything, opened, poll_job, report, texts
from attrs import evolve
from desks import ANA, ANA_PHONE, HAPPY_PAWS, KIM, OURS, Clock
from odd_gateway import OddGateway, OddPlugin

import convokit
from convokit import Delivery
from convokit.decisions.asking import LOOK_BACK
from convokit.errors import StorageError
from convokit.outcomes import TryLater
from convokit.ports.sms import Capabilities, InboundText, Verified
from convokit.ports.sms_asking import ListedText, Polled
from convokit.ports.wire import HttpRequest
from convokit.runtime.asking_values import MOST_EVENTS
from convokit.runtime.polling import LONGEST_FETCHING, MOST_FETCHED


@pytest.fixture
def case() -> Iterator[Case]:
    with opened() as made:
        yield made


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
    first_us = poll_job(case).job.first_us
    assert [(since - first_us) // (60 * MINUTE_US) for _, since, _ in case.gateway.polls] == [0, 1, 2]
    assert poll_job(case).job.since_us == first_us, "and after a while all of it once more"


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


# --- texts that are only listed ---------------------------------------------------------------------------------------


def listed(provider_id: str, *, to: str = OURS, sent_at: int | None = None) -> ListedText:
    return ListedText(provider_id=provider_id, to=to, sent_at=sent_at)


def whole(one: ListedText) -> InboundText:
    return came(one.provider_id, f"words of {one.provider_id}", sent_at=one.sent_at)


def test_p01_a_listed_text_is_fetched_once_in_the_order_of_writing(case: Case) -> None:
    case.kit.webhook_path("happy-paws")
    case.gateway.polled = everything(listed("P2", sent_at=9), came("P3", "third", sent_at=11), listed("P1", sent_at=5))
    case.gateway.whole = whole
    for _ in range(4):
        case.later(minutes=15)
    assert texts(case) == ["words of P1", "words of P2", "third"]
    assert [one.provider_id for one in case.gateway.fetched] == ["P1", "P2"]


def test_p10_listed_texts_of_other_numbers_are_not_fetched(case: Case) -> None:
    case.kit.webhook_path("happy-paws")
    case.gateway.polled = everything(listed("P1", to="+13035550199"), listed("P2"))
    case.gateway.whole = lambda one: came(one.provider_id, to="+13035550199")
    case.later(minutes=15)
    assert [one.provider_id for one in case.gateway.fetched] == ["P2"]
    assert texts(case) == [], "it says that it is for another number after all"


def test_more_listed_texts_than_one_job_fetches_are_fetched_by_the_next(case: Case) -> None:
    case.kit.webhook_path("happy-paws")
    many = [listed(f"P{number}", sent_at=number) for number in range(MOST_FETCHED + 3)]
    case.gateway.polled, case.gateway.whole = everything(*many), whole
    case.later(minutes=1)
    assert len(texts(case)) == len(many)
    assert len(case.gateway.polls) == 2
    assert [one.provider_id for one in case.gateway.fetched] == [one.provider_id for one in many]


@pytest.mark.parametrize("wrong", [TryLater(raw="503"), None, "rubbish", ValueError("x")])
def test_p11_a_text_that_cannot_be_fetched_does_not_keep_back_the_others(case: Case, wrong: object) -> None:
    case.kit.webhook_path("happy-paws")
    case.gateway.polled = everything(listed("P1"), listed("P2"))
    case.gateway.whole = lambda one: wrong if one.provider_id == "P1" else whole(one)
    case.later(minutes=15)
    assert texts(case) == ["words of P2"]
    case.gateway.whole = whole
    case.later(minutes=15)
    assert texts(case) == ["words of P2", "words of P1"], "it is listed the next time too"


def test_a_carrier_that_fetches_nothing_is_not_asked_without_a_pause(case: Case) -> None:
    case.kit.webhook_path("happy-paws")
    case.gateway.polled = everything(*(listed(f"P{number}") for number in range(MOST_FETCHED + 1)))
    case.gateway.whole = TryLater(raw="503")
    case.later(minutes=1)
    case.kit.work()
    assert len(case.gateway.polls) == 1
    assert len(case.gateway.fetched) == MOST_FETCHED
    case.gateway.whole = whole
    case.later(minutes=15)
    case.later(seconds=1)
    assert len(texts(case)) == MOST_FETCHED + 1


def test_a_slow_carrier_is_asked_for_fewer_texts_in_one_job(case: Case) -> None:
    def slow(one: ListedText) -> InboundText:
        case.clock.pass_(seconds=LONGEST_FETCHING / 1_000_000)
        return whole(one)

    case.kit.webhook_path("happy-paws")
    case.gateway.polled, case.gateway.whole = everything(*(listed(f"P{number}") for number in range(5))), slow
    case.later(minutes=1)
    assert len(texts(case)) == 5
    assert len(case.gateway.polls) == 3, "two in each job: after the second a minute is over"


def test_p11_a_gateway_that_raises_when_it_is_to_fetch_does_not_keep_back_the_others(case: Case) -> None:
    case.kit.webhook_path("happy-paws")
    case.gateway.polled = everything(listed("P1", sent_at=1), came("P2", "good", sent_at=2))

    def raising(one: ListedText) -> object:
        raise SystemExit(1)

    case.gateway.whole = raising
    case.later(minutes=15)
    assert texts(case) == ["good"]


def test_p11_a_listed_text_that_is_none_is_left_out(case: Case) -> None:
    case.kit.webhook_path("happy-paws")
    nasty = ListedText(provider_id=5, to=OURS)  # type: ignore[arg-type]
    odd = ListedText(provider_id="P1", to=OURS, sent_at="soon")  # type: ignore[arg-type]
    case.gateway.polled, case.gateway.whole = everything(nasty, odd), whole
    case.later(minutes=15)
    assert case.gateway.fetched == [ListedText(provider_id="P1", to=OURS)]


def test_p11_a_gateway_that_lists_and_cannot_fetch_is_told_so(caplog: pytest.LogCaptureFixture) -> None:
    class Lists(OddGateway):
        def poll(self, numbers: tuple[str, ...], since_us: int, until_us: int) -> Any:
            yield HttpRequest(method="GET", url="http://127.0.0.1:9/")
            return Polled(events=(listed("P1"), came("P2", "good")), until_us=until_us)

    clock = Clock()
    able = Capabilities(polls=True)
    with convokit.open("memory:", plugins=[OddPlugin(Lists(), capabilities=able)], clock=clock) as kit:
        kit.add_practice(HAPPY_PAWS)
        kit.webhook_path("happy-paws")
        clock.pass_(minutes=15)
        kit.work()
        assert [row.last_text for row in kit.practice("happy-paws").inbox().items] == ["good"]
    assert "odd lists texts, and cannot fetch them" in caplog.text
