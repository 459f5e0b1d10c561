"""A text that a program wrote by itself: it waits for the end of the quiet hours, and then is owed as every text is."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from attrs import evolve

from convokit.decisions.base import NOTHING, Before, Decision, DeliveryChange, JobSettlement, flagged
from convokit.decisions.reply import owed_text
from convokit.domain.changed import changed
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.delivery import QUIET, Delivery
from convokit.domain.instant import HOUR
from convokit.domain.quiet import quiet_until
from convokit.domain.rules import Practice
from convokit.effects import ReleaseText
from convokit.facts import TextReleased
from convokit.outcomes import Refused, Unsure


def released(before: Before, fact: TextReleased, practice: Practice) -> Decision:
    """It is owed now, or looked at again when the quiet hours end; by the rules as they are at that moment.

    While it waited the client may have written what perhaps means an opt-out: then it waits on, until a person decided.
    """
    owed, entry, current = before.job, before.entry, before.conversation
    if owed is None or (owed.state, owed.tries) != ("begun", fact.tries) or not isinstance(owed.job, ReleaseText):
        return NOTHING
    settlement = JobSettlement(key=fact.key, tries=fact.tries)
    if entry is None or current is None or entry.delivery is not Delivery.QUEUED:
        return Decision(job_settlement=settlement)
    moved = changed(current, version=current.version + 1)
    if isinstance(fact.outcome, (Refused, Unsure)):
        return _for_a_person(moved, entry, fact.outcome, settlement)
    zone = ZoneInfo(owed.job.zone or practice.time_zone)
    until_us = quiet_until(fact.at_us, practice.rules.quiet_hours, zone)
    if until_us is not None:
        # An hour at a time: to a store, what is due still later was written before the clock went back.
        again = evolve(settlement, again_us=min(until_us, fact.at_us + HOUR))
        if QUIET in entry.flags:
            return Decision(job_settlement=again)
        return Decision(conversation=moved, deliveries=(flagged(entry, QUIET),), job_settlement=again)
    unflagged = (_without_flag(entry),) if QUIET in entry.flags else ()
    if before.consent is not None and before.consent.maybe:
        later = evolve(settlement, again_us=fact.at_us + HOUR)
        return Decision(conversation=moved if unflagged else None, deliveries=unflagged, job_settlement=later)
    return Decision(
        conversation=moved,
        deliveries=unflagged,
        effects=(owed_text(moved, entry.id, entry.attempt),),
        job_settlement=settlement,
    )


def _for_a_person(moved: Conversation, entry: Entry, outcome: Refused | Unsure, settlement: JobSettlement) -> Decision:
    """It is shown as failed, or as unsure where it may have left before a backup was restored: a person decides."""
    change = _without_flag(entry)
    if isinstance(outcome, Refused):
        change = evolve(change, delivery=Delivery.FAILED, reason=outcome.reason, raw=outcome.raw)
    else:
        change = evolve(change, delivery=Delivery.UNSURE, raw=outcome.why)
    last = change.delivery if entry.seq == moved.last_message_seq else moved.last_delivery
    after = changed(moved, failed=moved.failed + 1, last_delivery=last)
    return Decision(conversation=after, deliveries=(change,), job_settlement=settlement)


def _without_flag(entry: Entry) -> DeliveryChange:
    return DeliveryChange(
        entry_id=entry.id,
        attempt=entry.attempt,
        delivery=Delivery.QUEUED,
        flags=tuple(flag for flag in entry.flags if flag != QUIET),
    )
