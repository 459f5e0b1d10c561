"""A transcript is owed to the record, filed, tried again or given up; and taken by somebody."""

from __future__ import annotations

import pytest
from attrs import evolve
from made_facts import NOW, PRACTICE, conversation, replied

from convokit.decisions import NOTHING, Decision, decide, needs
from convokit.decisions.base import Before, JobSettlement, Needs
from convokit.decisions.filing import GIVE_UP_AFTER
from convokit.domain.instant import DAY, SECOND
from convokit.domain.reasons import REASONS
from convokit.domain.record_reasons import RECORD_ADVICE, record_advice
from convokit.domain.record_rules import RecordRules
from convokit.domain.retry import wait
from convokit.domain.rules import Practice
from convokit.effects import FileTranscript, OwedJob
from convokit.errors import Conflict
from convokit.facts import ConversationEnded, FilingAsked, FilingSettled, RepliedAndEnded, TranscriptTaken
from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure

ENDED = ConversationEnded(
    conversation_id="c_1", entry_id="m_end", at_us=NOW, by_id="u1", by_name="Dr. Kim", mail_to=(), records=True
)
JOB = FileTranscript(
    document_id="c_1-2", conversation_id="c_1", upto_seq=2, ended_us=NOW, by_id="u1", by_name="Dr. Kim"
)
OWED = OwedJob(job=JOB, practice="happy-paws", state="begun", tries=1, owed_us=NOW, due_us=0)
HEAD = "0123456789abcdef" * 4
ASKED = FilingAsked(conversation_id="c_1", entry_id="m_9", at_us=NOW, by_id="u2", by_name="Sam")


def ruled(rules: RecordRules) -> Practice:
    return evolve(PRACTICE, rules=evolve(PRACTICE.rules, records=rules))


def settled(outcome: Outcome, **changes: object) -> FilingSettled:
    fact = FilingSettled(
        key="c_1-2.file",
        tries=1,
        outcome=outcome,
        at_us=NOW,
        conversation_id="c_1",
        entry_id="m_9",
        head=HEAD,
        count=12,
    )
    return evolve(fact, **changes)  # type: ignore[arg-type]


def test_the_end_of_a_conversation_owes_the_transcript_up_to_that_end() -> None:
    made = decide(Before(conversation=conversation()), ENDED, PRACTICE)
    assert made.jobs == (JOB,)
    assert made.entries[-1].seq == JOB.upto_seq
    assert JOB.key == "c_1-2.file"


def test_with_a_last_message_too() -> None:
    said = replied(conversation_id="c_1")
    made = decide(Before(conversation=conversation()), RepliedAndEnded(reply=said, end=ENDED), PRACTICE)
    assert made.jobs == (evolve(JOB, document_id="c_1-3", upto_seq=3),)


@pytest.mark.parametrize(
    ("fact", "rules"),
    [(evolve(ENDED, records=False), RecordRules()), (ENDED, RecordRules(on_end=False))],
    ids=["no records", "not by itself"],
)
def test_nothing_is_owed_without_records_or_by_rule(fact: ConversationEnded, rules: RecordRules) -> None:
    assert decide(Before(conversation=conversation()), fact, ruled(rules)).jobs == ()


def test_the_rules_choose_the_format() -> None:
    made = decide(Before(conversation=conversation()), ENDED, ruled(RecordRules(format="json")))
    assert made.jobs == (evolve(JOB, format="json"),)


@pytest.mark.parametrize("ended_us", [None, NOW - DAY])
def test_staff_ask_in_every_state(ended_us: int | None) -> None:
    current = conversation(ended=ended_us is not None, ended_us=ended_us)
    made = decide(Before(conversation=current), ASKED, ruled(RecordRules(on_end=False)))
    job = FileTranscript(
        document_id="c_1-1",
        conversation_id="c_1",
        upto_seq=1,
        ended_us=ended_us,
        because="asked",
        by_id="u2",
        by_name="Sam",
    )
    assert made == Decision(jobs=(job,))


def test_nobody_knows_whose_record_an_erased_conversation_belongs_to() -> None:
    with pytest.raises(Conflict) as caught:
        decide(Before(conversation=conversation(address="")), ASKED, PRACTICE)
    assert caught.value.code == "conversation.erased"


def test_what_the_decisions_look_at() -> None:
    assert needs(settled(Accepted())) == Needs(conversation_id="c_1", job_key="c_1-2.file")
    assert needs(ASKED) == Needs(conversation_id="c_1")


def test_it_is_filed_and_the_thread_says_by_whom_and_which() -> None:
    current = conversation()
    made = decide(Before(conversation=current, job=OWED), settled(Accepted(provider_id="R-7")), PRACTICE)
    (entry,) = made.entries
    assert (entry.id, entry.seq, entry.event, entry.raw) == ("m_9", 2, "transcript_filed", "R-7")
    assert (entry.author_id, entry.author_name) == ("u1", "Dr. Kim")
    assert entry.text == "The transcript was filed in the medical record (12 entries, SHA-256 0123456789ab)."
    assert made.conversation == evolve(current, version=current.version + 1, last_seq=2)
    assert made.job_settlement == JobSettlement(key="c_1-2.file", tries=1)


def test_who_asked_for_it_is_named() -> None:
    asked = evolve(OWED, job=evolve(JOB, because="asked", by_id="u2", by_name="Sam"))
    made = decide(Before(conversation=conversation(), job=asked), settled(Accepted(), count=1), PRACTICE)
    assert made.entries[0].text == (
        "The transcript was filed in the medical record, as Sam asked (1 entry, SHA-256 0123456789ab)."
    )
    assert (made.entries[0].author_id, made.entries[0].raw) == ("u2", "")


@pytest.mark.parametrize("outcome", [TryLater(raw="503"), Unsure(why="no answer")])
def test_p03_what_nobody_knows_the_end_of_is_tried_again(outcome: Outcome) -> None:
    made = decide(Before(conversation=conversation(), job=OWED), settled(outcome), PRACTICE)
    assert made == Decision(job_settlement=JobSettlement(key="c_1-2.file", tries=1, again_us=NOW + wait(1)))


def test_the_records_may_ask_for_more_time() -> None:
    made = decide(Before(conversation=conversation(), job=OWED), settled(TryLater(after=600)), PRACTICE)
    assert made.job_settlement == JobSettlement(key="c_1-2.file", tries=1, again_us=NOW + 600 * SECOND)


@pytest.mark.parametrize(
    ("outcome", "reason", "raw", "words"),
    [
        (Refused(reason="account_problem", raw="401"), "account_problem", "401", "turned down your practice's login"),
        (Refused(reason="landline", raw="?"), "landline", "?", "did not say why"),
        (Refused(reason="cancelled"), "cancelled", "", "cancelled before it was filed"),
        (TryLater(raw="503"), "expired", "503", "confirmed nothing for seven days"),
        (Unsure(why="hung up"), "expired", "hung up", "Nobody can know whether the medical record has it"),
    ],
)
def test_p04_it_comes_to_an_end_and_the_thread_says_why(outcome: Outcome, reason: str, raw: str, words: str) -> None:
    late = settled(outcome, at_us=NOW + GIVE_UP_AFTER - wait(1) + 1)
    made = decide(Before(conversation=conversation(), job=OWED), late, PRACTICE)
    (entry,) = made.entries
    assert (entry.event, entry.reason, entry.raw) == ("transcript_not_filed", reason, raw)
    assert entry.text.startswith("The transcript could not be filed in the medical record. ")
    assert words in entry.text
    assert made.job_settlement == JobSettlement(key="c_1-2.file", tries=1)


def test_until_the_last_moment_it_is_tried() -> None:
    last = settled(TryLater(), at_us=NOW + GIVE_UP_AFTER - wait(1))
    made = decide(Before(conversation=conversation(), job=OWED), last, PRACTICE)
    assert made.job_settlement == JobSettlement(key="c_1-2.file", tries=1, again_us=NOW + GIVE_UP_AFTER)


@pytest.mark.parametrize(
    "owed",
    [None, evolve(OWED, tries=2), evolve(OWED, state="owed"), evolve(OWED, state="done")],
)
def test_an_answer_that_came_too_late_changes_nothing(owed: OwedJob | None) -> None:
    assert decide(Before(conversation=conversation(), job=owed), settled(Accepted()), PRACTICE) == NOTHING


def test_of_a_conversation_that_is_gone_it_is_only_settled() -> None:
    made = decide(Before(job=OWED), settled(Accepted()), PRACTICE)
    assert made == Decision(job_settlement=JobSettlement(key="c_1-2.file", tries=1))


def test_every_reason_has_words_for_records() -> None:
    assert set(RECORD_ADVICE) <= set(REASONS)
    assert {record_advice(None), record_advice("made up"), record_advice("landline")} == {RECORD_ADVICE["unknown"]}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Sam downloaded the transcript (12 entries, SHA-256 0123456789ab)."),
        ({"count": 1}, "Sam downloaded the transcript (1 entry, SHA-256 0123456789ab)."),
        (
            {"internal_notes": True},
            "Sam downloaded the transcript, with the internal notes (12 entries, SHA-256 0123456789ab).",
        ),
        (
            {"redacted": ("phone_numbers",)},
            "Sam downloaded the transcript, without phone numbers (12 entries, SHA-256 0123456789ab).",
        ),
        (
            {"redacted": ("client_name", "messages", "phone_numbers"), "internal_notes": True},
            "Sam downloaded the transcript, with the internal notes, without client's name, chosen messages and phone "
            "numbers (12 entries, SHA-256 0123456789ab).",
        ),
    ],
)
@pytest.mark.parametrize("ended", [False, True])
def test_who_took_a_transcript_stands_in_the_thread(changes: dict[str, object], words: str, ended: bool) -> None:
    fact = TranscriptTaken(
        conversation_id="c_1", entry_id="m_9", at_us=NOW, by_id="u2", by_name="Sam", head=HEAD, count=12
    )
    current = conversation(ended=ended)
    made = decide(Before(conversation=current), evolve(fact, **changes), PRACTICE)  # type: ignore[arg-type]
    (entry,) = made.entries
    assert (entry.event, entry.text, entry.raw) == ("transcript_downloaded", words, HEAD)
    assert (entry.author_id, entry.author_name, entry.seq) == ("u2", "Sam", 2)
    assert made.conversation == evolve(current, version=current.version + 1, last_seq=2)
