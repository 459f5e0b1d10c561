"""What a program wrote: held while it is quiet, owed afterwards, and settled under its fence."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from made_facts import ANA, NOW, OURS, PRACTICE, conversation, outbound, replied

from convokit.decisions import NOTHING, Before, decide
from convokit.domain.consent_ledger import Consent
from convokit.domain.delivery import Delivery
from convokit.domain.instant import HOUR, MINUTE
from convokit.domain.quiet import QuietHours
from convokit.domain.rules import Practice, Rules
from convokit.effects import OwedJob, ReleaseText, SendText
from convokit.errors import Conflict
from convokit.facts import TextReleased
from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure

# NOW is 2027-01-15 01:00 in Denver: 7 hours to the end of the usual quiet hours.
LOUD: Practice = evolve(PRACTICE, rules=Rules(quiet_hours=QuietHours(on=False)))
JOB = ReleaseText(entry_id="m_1", conversation_id="c_1")
TEXT = SendText(entry_id="m_1", conversation_id="c_1", sender=OURS, to=ANA)
HELD = outbound(flags=("repaired", "quiet_hours"))


def job(what: Any = JOB, **changes: Any) -> OwedJob:
    base = OwedJob(job=what, practice="happy-paws", state="begun", tries=1, owed_us=NOW - HOUR, due_us=0)
    return evolve(base, **changes)


def before(**changes: Any) -> Before:
    known = {"conversation": conversation(last_message_seq=1), "entry": HELD, "job": job()}
    return Before(**{**known, **changes})


def released(outcome: Outcome | None = None, **changes: Any) -> TextReleased:
    base = TextReleased(
        key=JOB.key, tries=1, outcome=outcome or Accepted(), at_us=NOW, conversation_id="c_1", entry_id="m_1"
    )
    return evolve(base, **changes)


def test_written_at_night_it_waits_and_says_so() -> None:
    made = decide(Before(conversation=conversation()), replied(automatic=True, zone="America/Denver"), PRACTICE)
    assert (made.effects, made.jobs) == (
        (),
        (ReleaseText(entry_id="m_new", conversation_id="c_1", zone="America/Denver"),),
    )
    assert [(entry.delivery, entry.flags) for entry in made.entries] == [(Delivery.QUEUED, ("quiet_hours",))]


def test_where_it_is_not_quiet_the_worker_looks_all_the_same() -> None:
    made = decide(Before(conversation=conversation()), replied(automatic=True, zone="Asia/Tokyo"), PRACTICE)
    assert (made.effects, len(made.jobs), made.entries[0].flags) == ((), 1, ())


def test_what_staff_write_never_waits() -> None:
    made = decide(Before(conversation=conversation()), replied(), PRACTICE)
    assert ([text.because for text in made.effects], made.jobs) == (["reply"], ())


@pytest.mark.parametrize(("maybe", "refused"), [(True, True), (False, False)])
def test_a_maybe_is_for_a_person_to_decide(maybe: bool, refused: bool) -> None:
    state = Before(conversation=conversation(), consent=Consent(address=ANA, maybe=maybe))
    if not refused:
        assert decide(state, replied(automatic=True), PRACTICE).jobs
        return
    with pytest.raises(Conflict) as error:
        decide(state, replied(automatic=True), PRACTICE)
    assert error.value.code == "client.maybe_opt_out"


def test_it_is_looked_at_again_an_hour_later_at_most() -> None:
    made = decide(before(), released(TryLater()), PRACTICE)
    assert made.job_settlement is not None
    assert (made.job_settlement.again_us, made.deliveries, made.conversation) == (NOW + HOUR, (), None)
    late = decide(before(), released(TryLater(), at_us=NOW + 7 * HOUR - 10 * MINUTE), PRACTICE)
    assert late.job_settlement is not None
    assert late.job_settlement.again_us == NOW + 7 * HOUR


def test_one_that_was_written_before_the_hours_began_says_so_from_then_on() -> None:
    made = decide(before(entry=outbound()), released(TryLater()), PRACTICE)
    assert [change.flags for change in made.deliveries] == [("quiet_hours",)]
    assert made.effects == ()


@pytest.mark.parametrize(("entry", "flags"), [(HELD, [("repaired",)]), (outbound(), [])])
def test_when_they_are_over_it_is_owed(entry: Any, flags: list[tuple[str, ...]]) -> None:
    made = decide(before(entry=entry), released(), LOUD)
    assert made.effects == (TEXT,)
    assert [change.flags for change in made.deliveries] == flags
    assert made.job_settlement is not None
    assert made.job_settlement.again_us is None


def test_the_zone_that_was_given_counts() -> None:
    there = job(evolve(JOB, zone="Asia/Tokyo"))
    assert decide(before(job=there), released(), PRACTICE).effects == (TEXT,)


@pytest.mark.parametrize(
    ("outcome", "delivery", "reason", "raw"),
    [
        (Refused(reason="cancelled", raw="veto: no"), Delivery.FAILED, "cancelled", "veto: no"),
        (Unsure(why="restored"), Delivery.UNSURE, None, "restored"),
    ],
)
def test_what_must_not_leave_or_may_have_left_is_for_a_person(
    outcome: Outcome, delivery: Delivery, reason: str | None, raw: str
) -> None:
    made = decide(before(), released(outcome), LOUD)
    (change,) = made.deliveries
    assert (change.delivery, change.reason, change.raw, change.flags) == (delivery, reason, raw, ("repaired",))
    assert made.effects == ()
    assert made.conversation is not None
    assert (made.conversation.failed, made.conversation.last_delivery) == (1, delivery)
    behind = decide(before(conversation=conversation(last_message_seq=9)), released(outcome), LOUD)
    assert behind.conversation is not None
    assert behind.conversation.last_delivery is None


@pytest.mark.parametrize(
    "state",
    [before(job=None), before(job=job(tries=2)), before(job=job(state="owed")), before(job=job(TEXT))],
    ids=["no job", "somebody else's", "not begun", "another kind"],
)
def test_an_answer_that_came_too_late_changes_nothing(state: Before) -> None:
    assert decide(state, released(), LOUD) == NOTHING


@pytest.mark.parametrize(
    "state",
    [before(entry=None), before(conversation=None), before(entry=outbound(delivery=Delivery.FAILED))],
    ids=["no entry", "no conversation", "not queued"],
)
def test_where_nothing_waits_the_job_is_done(state: Before) -> None:
    made = decide(state, released(), LOUD)
    assert made.job_settlement is not None
    assert (made.job_settlement.again_us, made.effects, made.deliveries) == (None, (), ())
