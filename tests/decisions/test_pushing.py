"""Who is told of which message, how often it is tried, and when a registration is dropped."""

from __future__ import annotations

from typing import Literal

import pytest
from attrs import evolve

from convokit.decisions import NOTHING, Before, Decision, decide, needs
from convokit.decisions.base import JobSettlement, TokenLoss
from convokit.decisions.pushing import with_pushes
from convokit.domain.conversation import Conversation
from convokit.domain.instant import HOUR, SECOND
from convokit.domain.push_rules import PushRules
from convokit.domain.rules import Rules
from convokit.effects import OwedJob, SendMail, SendPush
from convokit.facts import PushSettled
from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.testing.builders import START, Facts, practice

PRACTICE = practice()
TWO = ("app-1", "app-2")
JOB = SendPush(token_id="app-1", entry_id="m2", conversation_id="c1", seq=2, not_after_us=START + HOUR)


def talk(channel: str = "app") -> Conversation:
    facts = Facts()
    made = decide(Before(), facts.started(address="c17", channel=channel), PRACTICE).conversation  # type: ignore[arg-type]
    assert made is not None
    return made


def pushes(decision: Decision) -> list[SendPush]:
    return [job for job in decision.jobs if isinstance(job, SendPush)]


def test_each_app_of_the_client_is_told_of_a_message() -> None:
    facts, before = Facts("x"), Before(conversation=talk(), reach=TWO)
    fact = facts.replied("c1")
    rules = Rules(push=PushRules(hours=2))
    decision = decide(before, fact, evolve(PRACTICE, rules=rules))
    assert pushes(decision) == [
        SendPush(
            token_id=token_id,
            entry_id=fact.entry_id,
            conversation_id="c1",
            seq=2,
            not_after_us=fact.at_us + 2 * HOUR,
        )
        for token_id in TWO
    ]
    assert len({job.key for job in decision.jobs}) == 2


def test_nobody_is_told_where_no_app_is_registered_or_nothing_is_said() -> None:
    facts = Facts("x")
    assert pushes(decide(Before(conversation=talk()), facts.replied("c1"), PRACTICE)) == []
    assert pushes(decide(Before(conversation=talk(), reach=TWO), facts.ended("c1"), PRACTICE)) == []
    assert pushes(decide(Before(conversation=talk("sms"), reach=TWO), facts.replied("c1"), PRACTICE)) == []


def test_an_automatic_message_is_told_too_and_of_several_the_newest() -> None:
    facts, known = Facts("x"), talk()
    fact = facts.replied("c1")
    (message,) = decide(Before(conversation=known), fact, PRACTICE).entries
    receipt = evolve(message, id="m9", seq=9, kind="automatic")
    made = Decision(conversation=known, entries=(message, receipt, evolve(receipt, kind="event", seq=10)))
    told = with_pushes(Before(conversation=known, reach=TWO[:1]), fact, made, PRACTICE)
    assert [(job.entry_id, job.seq) for job in pushes(told)] == [("m9", 9)]


def test_only_what_the_practice_says_asks_who_is_to_be_told() -> None:
    facts = Facts()
    assert needs(facts.replied("c1")).reach
    assert not needs(facts.arrived()).reach
    assert needs(settled(Accepted())).job_key == JOB.key


def settled(outcome: Outcome, gone_us: int | None = None, tries: int = 1) -> PushSettled:
    return PushSettled(
        key=JOB.key, tries=tries, outcome=outcome, at_us=START + 10 * SECOND, token_id="app-1", gone_us=gone_us
    )


def owed(job: SendPush | SendMail = JOB, tries: int = 1, state: Literal["owed", "begun", "done"] = "begun") -> Before:
    found = OwedJob(
        job=job,
        practice=PRACTICE.id,
        state=state,
        tries=tries,
        owed_us=START,
        due_us=0,
    )
    return Before(job=found)


@pytest.mark.parametrize("outcome", [Accepted(), Refused(reason="content_rejected")])
def test_what_has_an_end_is_done(outcome: Outcome) -> None:
    expected = Decision(job_settlement=JobSettlement(key=JOB.key, tries=1))
    assert decide(owed(), settled(outcome), PRACTICE) == expected


@pytest.mark.parametrize(
    ("outcome", "seconds"), [(TryLater(), 15), (TryLater(after=60), 60), (Unsure(why="no answer"), 15)]
)
def test_what_may_still_come_to_something_is_tried_again(outcome: Outcome, seconds: int) -> None:
    again_us = START + (10 + seconds) * SECOND
    expected = Decision(job_settlement=JobSettlement(key=JOB.key, tries=1, again_us=again_us))
    assert decide(owed(), settled(outcome), PRACTICE) == expected


def test_what_would_come_too_late_is_not_tried_again() -> None:
    late = evolve(JOB, not_after_us=START + 20 * SECOND)
    expected = Decision(job_settlement=JobSettlement(key=JOB.key, tries=1))
    assert decide(owed(late), settled(TryLater()), PRACTICE) == expected
    assert decide(owed(evolve(JOB, not_after_us=None)), settled(TryLater()), PRACTICE) == expected


def test_a_registration_that_leads_nowhere_is_dropped() -> None:
    decision = decide(owed(), settled(Refused(reason="number_inactive"), START - 1), PRACTICE)
    assert decision.token_loss == TokenLoss(token_id="app-1", until_us=START - 1)


@pytest.mark.parametrize(
    "before",
    [Before(), owed(tries=2), owed(state="done"), owed(SendMail(mail_id="m", because="end_of_day", to=()))],
    ids=["unknown", "another attempt", "settled", "another kind"],
)
def test_an_answer_that_comes_too_late_changes_nothing(before: Before) -> None:
    assert decide(before, settled(Refused(reason="number_inactive"), START), PRACTICE) == NOTHING
