"""Asking a carrier: what is owed when an answer is lost, and what follows from what it says."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from made_facts import NOW, PRACTICE, conversation, outbound, owed, settled

from convokit.decisions import NOTHING, Before, Decision, Needs, Settlement, decide, needs
from convokit.decisions.asking import BELIEVED_AFTER, LOOK_BACK, LOOK_UP_WINDOW, POLL_EVERY, POLL_REFUSED
from convokit.decisions.automatic import LATE
from convokit.decisions.base import DeliveryChange, JobSettlement
from convokit.decisions.delivery import OURSELVES, REPEAT_WINDOW
from convokit.domain.delivery import ANSWER_LOST, NOT_FOUND, Delivery, indicator
from convokit.domain.instant import DAY, HOUR, MINUTE, SECOND
from convokit.domain.retry import wait
from convokit.effects import LookUpText, OwedJob, PollCarrier
from convokit.facts import CarrierPolled, PollWanted, TextLookedUp
from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.testing.builders import Facts, practice

LOST = Unsure(why="no answer")
LOOK_UP = LookUpText(entry_id="m_1", conversation_id="c_1", attempt=1, not_after_us=NOW + LOOK_UP_WINDOW)


def before(**changes: object) -> Before:
    base = Before(
        conversation=conversation(last_message_seq=1, last_delivery=Delivery.QUEUED), entry=outbound(), effect=owed()
    )
    return evolve(base, **changes)


# --- a text whose answer was lost -------------------------------------------------------------------------------------


def test_a_carrier_that_can_be_asked_is_asked_for_a_text_whose_answer_was_lost() -> None:
    decision = decide(before(), evolve(settled(LOST), looks_up=True), PRACTICE)
    (change,) = decision.deliveries
    assert change.delivery is Delivery.UNSURE
    asked = evolve(LOOK_UP, not_after_us=settled(LOST).at_us + LOOK_UP_WINDOW)
    assert decision.jobs == (asked,)
    assert (asked.key, asked.text_key) == ("m_1.1.look_up", "m_1.1")


@pytest.mark.parametrize("outcome", [Accepted(), Refused(reason="landline"), TryLater()])
def test_nothing_is_asked_where_the_answer_came(outcome: Outcome) -> None:
    assert decide(before(), evolve(settled(outcome), looks_up=True), PRACTICE).jobs == ()


def test_nothing_is_asked_by_a_worker_that_woke_up_late() -> None:
    late = before(effect=owed(state="done"))
    assert decide(late, evolve(settled(LOST), looks_up=True), PRACTICE).jobs == ()


def job(what: LookUpText | PollCarrier = LOOK_UP, tries: int = 1, state: str = "begun") -> OwedJob:
    return OwedJob(job=what, practice="p", state=state, tries=tries, owed_us=NOW, due_us=0)  # type: ignore[arg-type]


def looked_up(outcome: Outcome, **more: Any) -> TextLookedUp:
    known = {"conversation_id": "c_1", "entry_id": "m_1", "attempt": 1, "tries": 1, "at_us": NOW + MINUTE}
    return TextLookedUp(key=LOOK_UP.key, outcome=outcome, **{**known, **more})


UNSURE = before(entry=outbound(delivery=Delivery.UNSURE, raw="no answer"), effect=None, job=job())
MISSING = looked_up(Refused(reason="unknown"), absent=True)


def test_what_is_looked_at() -> None:
    assert needs(MISSING) == Needs(conversation_id="c_1", entry_id="m_1", job_key=LOOK_UP.key)


def test_a_question_that_is_answered_is_done() -> None:
    done = Decision(job_settlement=JobSettlement(key=LOOK_UP.key, tries=1))
    assert decide(UNSURE, looked_up(Accepted(provider_id="p9")), PRACTICE) == done


@pytest.mark.parametrize("tries", [1, 3])
def test_a_question_without_an_answer_is_asked_again(tries: int) -> None:
    state = evolve(UNSURE, job=job(tries=tries))
    fact = looked_up(TryLater(), tries=tries)
    settlement = JobSettlement(key=LOOK_UP.key, tries=tries, again_us=fact.at_us + wait(tries))
    assert decide(state, fact, PRACTICE) == Decision(job_settlement=settlement)


def test_a_question_that_is_never_answered_ends_and_a_person_decides() -> None:
    fact = looked_up(TryLater(), at_us=NOW + LOOK_UP_WINDOW)
    assert decide(UNSURE, fact, PRACTICE) == Decision(job_settlement=JobSettlement(key=LOOK_UP.key, tries=1))


def test_that_the_carrier_has_no_such_text_is_shown() -> None:
    decision = decide(UNSURE, MISSING, PRACTICE)
    assert decision.deliveries == (
        DeliveryChange(entry_id="m_1", attempt=1, delivery=Delivery.UNSURE, raw="no answer", flags=(NOT_FOUND,)),
    )
    assert decision.conversation == evolve(UNSURE.found, version=UNSURE.found.version + 1)
    assert decision.job_settlement == JobSettlement(key=LOOK_UP.key, tries=1)
    shown = outbound(delivery=Delivery.UNSURE, flags=(NOT_FOUND,)).indicator
    assert shown == indicator(channel="sms", delivery="unsure", not_found=True)
    assert shown is not None
    assert shown.label == "The carrier does not have this text"
    assert outbound(delivery=Delivery.SENT, flags=(NOT_FOUND,)).indicator == indicator(channel="sms", delivery="sent")


@pytest.mark.parametrize(
    "entry",
    [
        None,
        outbound(delivery=Delivery.SENT),
        outbound(delivery=Delivery.UNSURE, attempt=2),
        outbound(delivery=Delivery.UNSURE, flags=(NOT_FOUND,)),
    ],
)
def test_it_is_not_shown_where_more_is_known_by_now(entry: Any) -> None:
    done = Decision(job_settlement=JobSettlement(key=LOOK_UP.key, tries=1))
    assert decide(evolve(UNSURE, entry=entry), MISSING, PRACTICE) == done
    assert decide(evolve(UNSURE, conversation=None), MISSING, PRACTICE) == done


def test_news_of_the_text_takes_the_mark_away() -> None:
    state = before(entry=outbound(delivery=Delivery.UNSURE, flags=(NOT_FOUND, "crossed")))
    (change,) = decide(state, settled(Accepted(provider_id="p9")), PRACTICE).deliveries
    assert (change.delivery, change.flags) == (Delivery.SENT, ("crossed",))


@pytest.mark.parametrize("owed_job", [None, job(tries=2), job(state="done")])
def test_an_answer_after_somebody_elses_changes_nothing(owed_job: OwedJob | None) -> None:
    assert decide(evolve(UNSURE, job=owed_job), MISSING, PRACTICE) == NOTHING
    assert decide(Before(job=owed_job), polled(Accepted()), PRACTICE) == NOTHING


def test_a_carrier_is_believed_only_after_a_while() -> None:
    assert BELIEVED_AFTER == 10 * MINUTE


# --- a carrier that sends once whatever it is asked twice -------------------------------------------------------------


def lost(**more: Any) -> Any:
    return evolve(settled(LOST), repeats=True, **more)


def test_p03_where_sending_twice_sends_once_a_lost_answer_is_asked_for_by_sending() -> None:
    fact = lost()
    decision = decide(before(), fact, PRACTICE)
    assert decision.settlement == Settlement(key="m_1.1", tries=1, provider="sim", again_us=fact.at_us + wait(1))
    (change,) = decision.deliveries
    assert (change.delivery, change.flags) == (Delivery.QUEUED, (ANSWER_LOST,))
    assert decision.conversation == evolve(before().found, version=2)
    assert decision.jobs == ()


@pytest.mark.parametrize("entry", [outbound(flags=(ANSWER_LOST,)), outbound(attempt=2)])
def test_the_mark_is_made_once_and_on_no_other_attempt(entry: Any) -> None:
    decision = decide(before(entry=entry), lost(), PRACTICE)
    assert (decision.deliveries, decision.conversation) == ((), None)
    assert decision.settlement is not None


def test_p03_it_is_repeated_no_longer_than_the_carrier_remembers() -> None:
    state = before(effect=owed(owed_us=NOW - REPEAT_WINDOW))
    decision = decide(state, lost(looks_up=True), PRACTICE)
    assert [change.delivery for change in decision.deliveries] == [Delivery.UNSURE]
    assert decision.settlement == Settlement(key="m_1.1", tries=1, provider="sim")
    assert len(decision.jobs) == 1


def test_an_automatic_text_is_repeated_no_longer_than_it_makes_sense() -> None:
    effect = owed()
    state = before(effect=evolve(effect, effect=evolve(effect.effect, not_after_us=NOW)))
    assert [change.delivery for change in decide(state, lost(), PRACTICE).deliveries] == [Delivery.UNSURE]


ASKED_AGAIN = before(entry=outbound(flags=(ANSWER_LOST,)), effect=owed(owed_us=NOW - 40 * HOUR))


@pytest.mark.parametrize(
    "outcome", [TryLater(raw="429"), Refused(reason="opted_out"), Refused(reason="expired")], ids=repr
)
def test_p03_what_we_say_ourselves_is_no_proof_after_a_lost_answer(outcome: Outcome) -> None:
    fact = evolve(settled(outcome), provider=OURSELVES, repeats=True)
    (change,) = decide(ASKED_AGAIN, fact, PRACTICE).deliveries
    assert (change.delivery, change.reason, change.flags) == (Delivery.UNSURE, None, ())


def test_what_the_carrier_refuses_it_has_never_taken() -> None:
    fact = evolve(settled(Refused(reason="landline")), repeats=True)
    (change,) = decide(ASKED_AGAIN, fact, PRACTICE).deliveries
    assert (change.delivery, change.reason) == (Delivery.FAILED, "landline")


def test_without_a_lost_answer_what_we_say_holds() -> None:
    fact = evolve(settled(TryLater(raw="429")), repeats=True)
    (change,) = decide(evolve(ASKED_AGAIN, entry=outbound()), fact, PRACTICE).deliveries
    assert (change.delivery, change.reason) == (Delivery.FAILED, "expired")


# --- what callbacks did not tell --------------------------------------------------------------------------------------

POLL = PollCarrier(provider="sim", first_us=NOW - 2 * DAY, since_us=NOW - HOUR)


def polled(outcome: Outcome, **more: Any) -> CarrierPolled:
    return CarrierPolled(**{"key": "poll.sim", "tries": 1, "outcome": outcome, "at_us": NOW, **more})


def test_a_carrier_is_polled_from_its_first_use_on() -> None:
    fact = PollWanted(provider="sim", at_us=NOW)
    assert fact.identity == "poll:sim"
    assert needs(fact) == Needs()
    assert decide(Before(), fact, PRACTICE) == Decision(jobs=(PollCarrier(provider="sim", first_us=NOW, since_us=NOW),))
    assert (POLL.key, POLL.conversation_id, POLL.not_after_us) == ("poll.sim", None, None)


@pytest.mark.parametrize(
    ("outcome", "more", "pause", "since_us"),
    [
        (Accepted(), {"until_us": NOW}, POLL_EVERY, NOW - LOOK_BACK),
        (Accepted(), {"until_us": NOW - 2 * HOUR}, POLL_EVERY, NOW - LOOK_BACK),
        (Accepted(), {"until_us": NOW - 9 * MINUTE, "more": True}, 0, NOW - 9 * MINUTE),
        (Accepted(), {"until_us": NOW - 2 * HOUR, "more": True}, 0, NOW - HOUR),
        (Accepted(), {"until_us": NOW + HOUR, "more": True}, 0, NOW),
        (TryLater(), {}, wait(1), NOW - HOUR),
        (TryLater(after=1800), {}, 1800 * SECOND, NOW - HOUR),
        (TryLater(), {"until_us": NOW - HOUR, "more": True}, wait(1), NOW - HOUR),
        (Refused(reason="account_problem"), {}, POLL_REFUSED, NOW - HOUR),
    ],
)
def test_it_is_polled_again_from_where_the_last_answer_ended(
    outcome: Outcome, more: dict[str, Any], pause: int, since_us: int
) -> None:
    decision = decide(Before(job=job(POLL)), polled(outcome, **more), PRACTICE)
    again = JobSettlement(key="poll.sim", tries=1, again_us=NOW + pause, instead=evolve(POLL, since_us=since_us))
    assert decision == Decision(job_settlement=again)


def test_nothing_from_before_convokit_is_asked_for() -> None:
    young = evolve(POLL, first_us=NOW - HOUR)
    settlement = decide(Before(job=job(young)), polled(Accepted(), until_us=NOW), PRACTICE).job_settlement
    assert settlement is not None
    assert settlement.instead == young


def test_p21_a_clock_that_went_back_takes_the_mark_with_it() -> None:
    """What was asked for at a time that has not come yet is asked for again: nothing is left out."""
    fact = polled(TryLater(), at_us=NOW - 2 * HOUR)
    (settlement,) = [decide(Before(job=job(POLL)), fact, PRACTICE).job_settlement]
    assert settlement is not None
    assert settlement.instead == evolve(POLL, since_us=NOW - 2 * HOUR)


def test_another_kind_of_job_is_left_alone() -> None:
    assert decide(Before(job=job(LOOK_UP)), polled(Accepted()), PRACTICE) == NOTHING


# --- a text that came late --------------------------------------------------------------------------------------------


def test_a_text_that_was_asked_for_gets_no_automatic_answer() -> None:
    stop = Facts().arrived("STOP")
    at_once = decide(Before(), stop, practice())
    late = decide(Before(), evolve(stop, flags=(LATE,)), practice())
    assert len(at_once.effects) == 1
    assert late.effects == ()
    assert [line.action for line in late.consent] == ["opt_out"]
    message = next(entry for entry in late.entries if entry.kind == "message")
    assert message.flags == (LATE,)
