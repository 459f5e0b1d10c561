"""A file that came with a text: owed with it, and what follows from fetching it."""

from __future__ import annotations

import pytest
from attrs import evolve

from convokit.decisions import NOTHING, decide, needs
from convokit.decisions.arrive import FETCH_WINDOW
from convokit.decisions.base import Before, Decision, FilesChange, JobSettlement, Needs
from convokit.domain.attachment import Attachment, waiting
from convokit.domain.instant import SECOND
from convokit.domain.retry import wait
from convokit.effects import FetchMedia, OwedJob
from convokit.facts import MediaFetched, StaffReplied, TextArrived
from convokit.outcomes import Accepted, Outcome, Refused, TryLater
from convokit.testing.builders import Facts, practice

PRACTICE = practice()
FACTS = Facts()
WAITING, OTHER = waiting("w1", "bella.jpg"), waiting("w2", "")
FILE = Attachment(id="f1", name="a.jpg", kind="photo", media_type="image/jpeg", size=9, sha256="a" * 64)
ARRIVED = evolve(
    FACTS.arrived(""), attachments=(WAITING, OTHER), media=(("w1", "https://x/1", "d" * 64), ("w2", "https://x/2", ""))
)
CAME = decide(Before(), ARRIVED, PRACTICE)


def job(tries: int = 1, state: str = "begun") -> OwedJob:
    return OwedJob(job=CAME.jobs[0], practice="p", state=state, tries=tries, owed_us=0, due_us=0)  # type: ignore[arg-type]


def before(owed: OwedJob | None) -> Before:
    return Before(conversation=CAME.conversation, entry=CAME.entries[0], job=owed)


def fetched(outcome: Outcome, **more: object) -> MediaFetched:
    given = {"tries": 1, "at_us": ARRIVED.at_us + SECOND, "reason": None, **more}
    return MediaFetched(
        key="w1.fetch",
        outcome=outcome,
        conversation_id=ARRIVED.conversation_id,
        entry_id=ARRIVED.entry_id,
        attachment_id="w1",
        **given,  # type: ignore[arg-type]
    )


def test_the_message_is_there_at_once_and_its_files_are_owed() -> None:
    assert CAME.entries[0].attachments == (WAITING, OTHER)
    assert CAME.conversation is not None
    assert CAME.conversation.last_text == "[2 files]"
    assert CAME.jobs == tuple(
        FetchMedia(
            attachment_id=file,
            entry_id=ARRIVED.entry_id,
            conversation_id=ARRIVED.conversation_id,
            url=url,
            sha256=digest,
            not_after_us=ARRIVED.at_us + FETCH_WINDOW,
        )
        for file, url, digest in ARRIVED.media
    )
    assert CAME.jobs[0].key == "w1.fetch"
    assert "https" not in repr(CAME.jobs)


def test_what_is_looked_at() -> None:
    assert needs(fetched(Accepted())) == Needs(
        conversation_id=ARRIVED.conversation_id, entry_id=ARRIVED.entry_id, job_key="w1.fetch"
    )


def ended(files: tuple[Attachment, ...], taken: tuple[Attachment, ...]) -> Decision:
    assert CAME.conversation is not None
    return Decision(
        conversation=evolve(CAME.conversation, version=CAME.conversation.version + 1),
        job_settlement=JobSettlement(key="w1.fetch", tries=1),
        files=FilesChange(entry_id=ARRIVED.entry_id, attachments=files, taken=taken),
    )


def test_the_file_takes_the_place_of_the_waiting_one() -> None:
    assert decide(before(job()), fetched(Accepted(), attachment=FILE), PRACTICE) == ended((FILE, OTHER), (FILE,))


def test_p16_a_file_that_cannot_be_fetched_fails_and_the_text_stays() -> None:
    failed = evolve(WAITING, state="failed", reason="file.fetch_gone")
    said = fetched(Refused(reason="media_problem"), reason="file.fetch_gone")
    assert decide(before(job()), said, PRACTICE) == ended((failed, OTHER), ())


@pytest.mark.parametrize(("tries", "after"), [(1, None), (4, None), (2, 600)])
def test_later_means_later(tries: int, after: int | None) -> None:
    said = fetched(TryLater(after=after), tries=tries, reason="file.fetch_failed")
    again_us = said.at_us + wait(tries, after)
    settlement = JobSettlement(key="w1.fetch", tries=tries, again_us=again_us)
    assert decide(before(job(tries)), said, PRACTICE) == Decision(job_settlement=settlement)


def test_later_ends_with_the_window() -> None:
    said = fetched(TryLater(), at_us=ARRIVED.at_us + FETCH_WINDOW, reason="file.fetch_failed")
    failed = evolve(WAITING, state="failed", reason="file.fetch_failed")
    assert decide(before(job()), said, PRACTICE) == ended((failed, OTHER), ())


@pytest.mark.parametrize("owed", [None, job(2), job(state="done"), job(state="owed")])
def test_an_answer_after_somebody_elses_changes_nothing(owed: OwedJob | None) -> None:
    assert decide(before(owed), fetched(Accepted(), attachment=FILE), PRACTICE) == NOTHING


def test_a_message_that_is_gone_leaves_the_job_done() -> None:
    said = fetched(Accepted(), attachment=FILE)
    settled = Decision(job_settlement=JobSettlement(key="w1.fetch", tries=1))
    assert decide(Before(job=job()), said, PRACTICE) == settled
    assert decide(Before(job=job(), conversation=CAME.conversation), said, PRACTICE) == settled


def test_a_reply_keeps_its_files() -> None:
    fact: StaffReplied = evolve(FACTS.replied(ARRIVED.conversation_id, ""), attachments=(FILE,))
    decision = decide(Before(conversation=CAME.conversation), fact, PRACTICE)
    assert decision.entries[0].attachments == (FILE,)
    assert decision.conversation is not None
    assert decision.conversation.last_text == "[Photo]"


def test_a_text_without_files_owes_no_fetching() -> None:
    fact: TextArrived = FACTS.arrived("hello")
    assert decide(Before(), fact, PRACTICE).jobs == ()
