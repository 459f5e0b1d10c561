"""A file that came with a text was fetched, or was not: tried again, or at its end. The text is there either way."""

from __future__ import annotations

from attrs import evolve

from convokit.decisions.base import NOTHING, Before, Decision, FilesChange, JobSettlement
from convokit.domain.attachment import Attachment
from convokit.domain.changed import changed
from convokit.domain.retry import wait
from convokit.effects import OwedJob
from convokit.facts import MediaFetched
from convokit.outcomes import TryLater


def fetched(before: Before, fact: MediaFetched) -> Decision:
    """The attempt is over. An answer that came after somebody else had settled it changes nothing."""
    owed = before.job
    if owed is None or (owed.state, owed.tries) != ("begun", fact.tries):
        return NOTHING
    again_us = _again(owed, fact)
    settled = Decision(job_settlement=JobSettlement(key=fact.key, tries=fact.tries, again_us=again_us))
    if again_us is not None or before.conversation is None or before.entry is None:
        return settled
    taken = () if fact.attachment is None else (fact.attachment,)
    files = tuple(_after(file, fact) for file in before.entry.attachments)
    return evolve(
        settled,
        conversation=changed(before.conversation, version=before.conversation.version + 1),
        files=FilesChange(entry_id=before.entry.id, attachments=files, taken=taken),
    )


def _again(owed: OwedJob, fact: MediaFetched) -> int | None:
    if not isinstance(fact.outcome, TryLater):
        return None
    again_us = fact.at_us + wait(owed.tries, fact.outcome.after)
    return again_us if owed.job.not_after_us is None or again_us <= owed.job.not_after_us else None


def _after(file: Attachment, fact: MediaFetched) -> Attachment:
    if file.id != fact.attachment_id:
        return file
    return fact.attachment or evolve(file, state="failed", reason=fact.reason)
