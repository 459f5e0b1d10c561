"""How a mail went, and what follows."""

from __future__ import annotations

from datetime import date

import pytest
from attrs import evolve
from made_facts import NOW, PRACTICE, conversation

from convokit.decisions import NOTHING, Decision, decide, needs
from convokit.decisions.base import Before, JobSettlement, Needs
from convokit.decisions.mail import GIVE_UP_AFTER
from convokit.domain.end_of_day import DayReport
from convokit.domain.instant import MINUTE, SECOND
from convokit.domain.retry import wait
from convokit.effects import OwedJob, SendMail
from convokit.facts import MailSettled
from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure

MAIL = SendMail(mail_id="mail_1", because="transcript", to=("ana@example.com",), conversation_id="c_1")
THREE = evolve(MAIL, to=("a@x.example", "b@x.example", "c@x.example"))
DAY = DayReport(day=date(2026, 3, 2), until=date(2026, 3, 2), state="owed", due_us=NOW - 1, at_us=NOW - 1, open_count=3)
OWED = OwedJob(job=MAIL, practice="happy-paws", state="begun", tries=1, owed_us=NOW, due_us=0)


def settled(outcome: Outcome, **changes: object) -> MailSettled:
    fact = MailSettled(
        key="mail_1.1", tries=1, outcome=outcome, provider="smtp", at_us=NOW, conversation_id="c_1", entry_id="m_9"
    )
    return evolve(fact, **changes)  # type: ignore[arg-type]


def test_it_needs_the_job_and_its_conversation() -> None:
    assert needs(settled(Accepted())) == Needs(conversation_id="c_1", job_key="mail_1.1")
    day = settled(Accepted(), conversation_id=None, day=DAY.day)
    assert needs(day) == Needs(job_key="mail_1.1", day=DAY.day)


@pytest.mark.parametrize(
    ("outcome", "event"),
    [
        (Accepted(), "transcript_mailed"),
        (Refused(reason="unknown"), "transcript_not_mailed"),
        (Unsure(why="no answer"), "transcript_unsure"),
    ],
)
def test_the_conversation_is_told(outcome: Outcome, event: str) -> None:
    current = conversation()
    made = decide(Before(conversation=current, job=OWED), settled(outcome), PRACTICE)
    (entry,) = made.entries
    assert (entry.id, entry.seq, entry.event, entry.kind, entry.side) == ("m_9", 2, event, "event", "system")
    assert made.conversation == evolve(current, version=current.version + 1, last_seq=2)
    assert made.job_settlement == JobSettlement(key="mail_1.1", tries=1)


def test_a_mail_of_no_conversation_is_only_settled() -> None:
    owed = evolve(OWED, job=SendMail(mail_id="mail_1", because="end_of_day", to=("a@example.com",)))
    made = decide(Before(job=owed), settled(Accepted(), conversation_id=None), PRACTICE)
    assert made == Decision(job_settlement=JobSettlement(key="mail_1.1", tries=1))


@pytest.mark.parametrize(("tries", "asked"), [(1, None), (3, None), (1, 600)])
def test_try_later_is_tried_later(tries: int, asked: int | None) -> None:
    before = Before(conversation=conversation(), job=evolve(OWED, tries=tries))
    made = decide(before, settled(TryLater(after=asked), tries=tries), PRACTICE)
    again = JobSettlement(key="mail_1.1", tries=tries, again_us=NOW + wait(tries, asked))
    assert made == Decision(job_settlement=again)


@pytest.mark.parametrize("late", [GIVE_UP_AFTER, GIVE_UP_AFTER - 10 * SECOND])
def test_it_is_given_up_after_a_day(late: int) -> None:
    made = decide(Before(conversation=conversation(), job=OWED), settled(TryLater(), at_us=NOW + late), PRACTICE)
    assert [entry.event for entry in made.entries] == ["transcript_not_mailed"]


def test_it_is_given_up_when_it_would_come_too_late() -> None:
    owed = evolve(OWED, job=evolve(MAIL, not_after_us=NOW + MINUTE))
    soon = decide(Before(job=owed), settled(TryLater(after=60)), PRACTICE)
    assert soon.job_settlement == JobSettlement(key="mail_1.1", tries=1, again_us=NOW + MINUTE)
    late = decide(Before(job=owed), settled(TryLater(after=61)), PRACTICE)
    assert late.job_settlement == JobSettlement(key="mail_1.1", tries=1)


@pytest.mark.parametrize(
    "owed", [None, evolve(OWED, state="done"), evolve(OWED, state="owed"), evolve(OWED, tries=2)], ids=str
)
def test_an_answer_that_comes_too_late_changes_nothing(owed: OwedJob | None) -> None:
    assert decide(Before(conversation=conversation(), job=owed), settled(Accepted()), PRACTICE) == NOTHING


BAD = Refused(reason="invalid_number", raw="550 5.1.1 no such user")


def told(outcome: Outcome, *refusals: tuple[str, Refused | TryLater], **changes: object) -> Decision:
    owed = evolve(OWED, job=THREE)
    return decide(
        Before(conversation=conversation(), job=owed), settled(outcome, refusals=refusals, **changes), PRACTICE
    )


def test_those_who_got_it_and_those_who_did_not_are_told_apart() -> None:
    made = told(Accepted(), ("b@x.example", BAD))
    assert [(e.id, e.seq, e.event, e.reason, e.raw) for e in made.entries] == [
        ("m_9", 2, "transcript_mailed", None, ""),
        ("m_9-1", 3, "transcript_not_mailed", "invalid_number", BAD.raw),
    ]
    assert made.entries[0].text == "The transcript was mailed to a@x.example, c@x.example."
    assert made.entries[1].text.startswith("The transcript could not be mailed to b@x.example. The mail server does")
    assert made.conversation is not None
    assert made.conversation.last_seq == 3
    assert made.jobs == ()


def test_who_is_to_be_tried_later_gets_the_same_mail_alone() -> None:
    made = told(Accepted(), ("b@x.example", TryLater(raw="451 greylisted")))
    assert made.jobs == (evolve(THREE, attempt=2, to=("b@x.example",)),)
    assert made.jobs[0].mail_id == THREE.mail_id
    assert [(e.event, e.text) for e in made.entries] == [
        ("transcript_mailed", "The transcript was mailed to a@x.example, c@x.example.")
    ]
    late = told(Accepted(), ("b@x.example", TryLater()), at_us=NOW + GIVE_UP_AFTER)
    assert late.jobs == ()
    assert [(e.event, e.reason) for e in late.entries] == [
        ("transcript_mailed", None),
        ("transcript_not_mailed", "expired"),
    ]


def test_what_nobody_knows_is_said_and_not_repeated() -> None:
    made = told(Unsure(why="hung up"), ("a@x.example", BAD), ("b@x.example", TryLater()))
    assert [e.event for e in made.entries] == ["transcript_unsure", "transcript_not_mailed"]
    assert "c@x.example" in made.entries[0].text
    assert [job.to for job in made.jobs] == [("b@x.example",)]


def test_nobody_got_it_and_one_never_will() -> None:
    made = told(TryLater(), ("a@x.example", BAD), ("b@x.example", TryLater()))
    assert [e.event for e in made.entries] == ["transcript_not_mailed"]
    assert [job.to for job in made.jobs] == [("b@x.example", "c@x.example")]
    assert made.job_settlement == JobSettlement(key="mail_1.1", tries=1)


def test_a_refusal_of_everybody_keeps_each_ones_own_reason() -> None:
    made = told(Refused(reason="account_problem", raw="535"), ("b@x.example", BAD))
    assert {e.text.split(".")[0].split()[-1]: e.reason for e in made.entries} == {
        "a@x": "account_problem",
        "b@x": "invalid_number",
        "c@x": "account_problem",
    }


def test_words_of_a_server_are_kept_within_bounds() -> None:
    made = told(Refused(reason="unknown", raw="x" * 2_000))
    assert {len(e.raw) for e in made.entries} == {500}


@pytest.mark.parametrize(
    ("known", "outcome", "refusals", "state", "refused", "reason"),
    [
        (DAY, Accepted(), (), "sent", (), None),
        (DAY, Accepted(), (("a@x.example", BAD),), "sent", ("a@x.example",), "invalid_number"),
        (DAY, Accepted(), (("a@x.example", TryLater()),), "sent", (), None),
        (DAY, BAD, (), "not_sent", THREE.to, "invalid_number"),
        (DAY, Unsure(why=""), (), "unsure", (), None),
        (DAY, TryLater(), (("a@x.example", BAD),), "owed", ("a@x.example",), "invalid_number"),
        (evolve(DAY, state="sent"), BAD, (), "sent", THREE.to, "invalid_number"),
        (evolve(DAY, state="sent", refused=("z@x.example",)), Accepted(), (), "sent", ("z@x.example",), None),
        (evolve(DAY, state="not_sent"), Accepted(), (), "sent", (), None),
        (evolve(DAY, state="missed"), Accepted(), (), "sent", (), None),
    ],
)
def test_a_day_is_reported(
    known: DayReport,
    outcome: Outcome,
    refusals: tuple[tuple[str, Refused | TryLater], ...],
    state: str,
    refused: tuple[str, ...],
    reason: str | None,
) -> None:
    owed = evolve(OWED, job=evolve(THREE, because="end_of_day", conversation_id=None, day=known.day))
    fact = settled(outcome, refusals=refusals, conversation_id=None, day=known.day)
    made = decide(Before(job=owed, day=known), fact, PRACTICE)
    assert made.day is not None
    assert (made.day.state, made.day.refused, made.day.reason) == (state, refused, reason)
    assert (made.day.day, made.day.due_us, made.day.at_us) == (known.day, known.due_us, NOW)
    assert (made.entries, made.conversation) == ((), None)
    assert decide(Before(job=owed), fact, PRACTICE).day is None
