"""A transcript is taken by somebody, or filed in the medical record: asked for, tried again, or at its end.

The records promise that the same id is the same document. So what nobody knows the end of is simply tried again, and
the document is there once all the same.
"""

from __future__ import annotations

from typing import Final, assert_never

from attrs import evolve

from convokit.decisions.base import NOTHING, Before, Decision, JobSettlement
from convokit.domain.changed import changed
from convokit.domain.conversation import Conversation, Entry, EventKind
from convokit.domain.instant import DAY
from convokit.domain.record_reasons import NO_CLEAR_ANSWER, record_advice
from convokit.domain.retry import wait
from convokit.domain.rules import Practice
from convokit.effects import FileTranscript
from convokit.errors import Conflict
from convokit.facts import ConversationEnded, FilingAsked, FilingSettled, TranscriptTaken
from convokit.outcomes import Accepted, Refused, TryLater, Unsure

GIVE_UP_AFTER: Final = 7 * DAY
"""A record that took nothing for so long will not do so by itself. A long weekend passes, and the log is full."""

SHOWN: Final = 12
"""Characters of a transcript's last digest that the timeline shows."""

FILED: Final = "transcript_filed"
"""The event of a transcript that the record has taken; an erasure counts them."""

_LEFT_OUT: Final = {"client_name": "client's name", "messages": "chosen messages", "phone_numbers": "phone numbers"}


def filing(before: Before, fact: TranscriptTaken | FilingAsked | FilingSettled, practice: Practice) -> Decision:
    """What follows, by the kind of fact."""
    match fact:
        case TranscriptTaken():
            return _taken(before, fact)
        case FilingAsked():
            return _asked(before, fact, practice)
        case FilingSettled():
            return _settled(before, fact)
        case _:
            assert_never(fact)


def filing_of(conversation: Conversation, fact: ConversationEnded | FilingAsked, practice: Practice) -> FileTranscript:
    """The transcript of a conversation as it now stands is owed to the record."""
    return FileTranscript(
        document_id=f"{conversation.id}-{conversation.last_seq}",
        conversation_id=conversation.id,
        upto_seq=conversation.last_seq,
        ended_us=conversation.ended_us,
        format=practice.rules.records.format,
        because="asked" if isinstance(fact, FilingAsked) else "ended",
        by_id=fact.by_id,
        by_name=fact.by_name,
    )


def _taken(before: Before, fact: TranscriptTaken) -> Decision:
    """The timeline says who took the transcript, which one, and what it holds besides or not; in every state."""
    holds = [
        *(("with the internal notes",) if fact.internal_notes else ()),
        *((f"without {_joined([_LEFT_OUT.get(kind, kind) for kind in fact.redacted])}",) if fact.redacted else ()),
    ]
    which = "".join(f", {one}" for one in holds)
    words = f"{fact.by_name} downloaded the transcript{which} ({_named(fact.head, fact.count)})."
    entry = _event(before.found, fact, "transcript_downloaded", words, (fact.by_id, fact.by_name))
    return _told(before.found, evolve(entry, raw=fact.head))


def _asked(before: Before, fact: FilingAsked, practice: Practice) -> Decision:
    """It is owed, in every state but one.

    Raises:
        Conflict: ``conversation.erased``: nobody knows any more whose record it would be.
    """
    current = before.found
    if current.is_erased:
        raise Conflict("conversation.erased", "the client of this conversation was erased", field="conversation_id")
    return Decision(jobs=(filing_of(current, fact, practice),))


def _settled(before: Before, fact: FilingSettled) -> Decision:
    """The attempt is over. An answer that came after somebody else had settled it changes nothing."""
    owed = before.job
    if owed is None or (owed.state, owed.tries) != ("begun", fact.tries) or not isinstance(owed.job, FileTranscript):
        return NOTHING
    settlement = JobSettlement(key=fact.key, tries=fact.tries)
    if isinstance(fact.outcome, (TryLater, Unsure)):
        again_us = fact.at_us + wait(owed.tries, fact.outcome.after if isinstance(fact.outcome, TryLater) else None)
        if again_us <= owed.owed_us + GIVE_UP_AFTER:
            return Decision(job_settlement=evolve(settlement, again_us=again_us))
    if before.conversation is None:
        return Decision(job_settlement=settlement)
    entry = _news(before.conversation, fact, owed.job)
    return evolve(_told(before.conversation, entry), job_settlement=settlement)


def _news(current: Conversation, fact: FilingSettled, job: FileTranscript) -> Entry:
    asked = f", as {job.by_name} asked" if job.because == "asked" else ""
    by = job.by_id, job.by_name
    match fact.outcome:
        case Accepted() as taken:
            words = f"The transcript was filed in the medical record{asked} ({_named(fact.head, fact.count)})."
            return evolve(_event(current, fact, FILED, words, by), raw=taken.provider_id or "")
        case Refused() as no:
            reason, raw, words = no.reason, no.raw, record_advice(no.reason)
        case TryLater() as later:
            reason, raw, words = "expired", later.raw, record_advice("expired")
        case Unsure() as open_:
            reason, raw, words = "expired", open_.why, NO_CLEAR_ANSWER
        case _:
            assert_never(fact.outcome)
    words = f"The transcript could not be filed in the medical record{asked}. {words}"
    return evolve(_event(current, fact, "transcript_not_filed", words, by), reason=reason, raw=raw[:500])


def _event(
    current: Conversation, fact: TranscriptTaken | FilingSettled, event: EventKind, words: str, by: tuple[str, str]
) -> Entry:
    return Entry(
        id=fact.entry_id,
        conversation_id=current.id,
        seq=current.last_seq + 1,
        at_us=fact.at_us,
        kind="event",
        side="system",
        channel=current.channel,
        event=event,
        text=words,
        author_id=by[0],
        author_name=by[1],
    )


def _told(current: Conversation, entry: Entry) -> Decision:
    after = changed(current, version=current.version + 1, last_seq=entry.seq)
    return Decision(conversation=after, entries=(entry,))


def _named(head: str, count: int) -> str:
    """Which transcript it was: how many entries it had, and the beginning of its last digest."""
    return f"{'1 entry' if count == 1 else f'{count} entries'}, SHA-256 {head[:SHOWN]}"


def _joined(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
