"""News of a hand-over: a provider's report, or the end of the hand-over itself. Both feed the same join."""

from __future__ import annotations

from typing import assert_never

from attrs import evolve

from convokit.decisions.asking import look_up
from convokit.decisions.base import NOTHING, Before, Decision, DeliveryChange, Settlement, flagged
from convokit.domain.changed import changed
from convokit.domain.consent_ledger import ConsentEntry
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.delivery import ANSWER_LOST, NOT_FOUND, Delivery, advance
from convokit.domain.instant import HOUR
from convokit.domain.number_health import NumberHealth, is_lasting
from convokit.domain.retry import wait
from convokit.domain.rules import Practice
from convokit.effects import OwedEffect
from convokit.facts import DeliveryReported, EffectSettled
from convokit.outcomes import Accepted, Refused, TryLater, Unsure

REPEAT_WINDOW = 12 * HOUR
"""How long after it was owed a text may be repeated: carriers keep the key of an idempotent send for a day."""

OURSELVES = "convokit"
"""The provider's name in a settlement that our own gate or veto made: no carrier said it."""


def report(before: Before, fact: DeliveryReported) -> Decision:
    """A provider's report. An unknown word changes nothing; the report itself is kept with its raw words."""
    if before.entry is None or fact.delivery is None or fact.attempt > before.entry.attempt:
        return NOTHING  # on nothing of ours, in a word of nobody's, or on an attempt that was never made
    # A carrier cannot tell whether a text was read; some say so for other kinds of message.
    evidence = min(fact.delivery, Delivery.DELIVERED)
    return _join(before, before.entry, fact.attempt, evidence, fact.reason, fact.raw, fact.at_us)


def settle(before: Before, fact: EffectSettled, practice: Practice) -> Decision:
    """The end of one hand-over becomes delivery, and the effect is done or due again."""
    owed, entry = before.effect, before.entry
    if owed is None or entry is None:
        return NOTHING
    in_time = owed.state == "begun" and owed.tries == fact.tries
    if in_time and (again := _again(before, owed, entry, fact, practice)) is not None:
        return again
    provider_id = fact.outcome.provider_id if isinstance(fact.outcome, Accepted) else None
    evidence, reason, raw = _evidence(fact, entry)
    decision = _join(
        before,
        entry,
        owed.effect.attempt,
        evidence,
        reason,
        raw,
        fact.at_us,
        provider_id=provider_id,
        crossed=_crossed(before, owed, evidence) and fact.provider != OURSELVES,
        mirror=fact.provider != OURSELVES,
    )
    # An answer after the lease ended is evidence, no more: somebody else has settled the hand-over.
    if not in_time:
        return NOTHING if isinstance(fact.outcome, TryLater) else decision
    asked = (look_up(owed.effect, fact.at_us),) if fact.looks_up and evidence is Delivery.UNSURE else ()
    return evolve(decision, settlement=_done(owed, fact, provider_id), jobs=asked)


def _evidence(fact: EffectSettled, entry: Entry) -> tuple[Delivery, str | None, str]:
    """What the end of a hand-over says: how far the text came, why not further, and in whose words."""
    match fact.outcome:
        case Accepted() as accepted:
            return Delivery.DELIVERED if accepted.delivery == "delivered" else Delivery.SENT, None, ""
        case Unsure() as unsure:
            return Delivery.UNSURE, None, unsure.why
        case Refused() as refused if ANSWER_LOST in entry.flags and fact.provider == OURSELVES:
            return Delivery.UNSURE, None, f"an answer was lost, and then: {refused.reason}"
        case Refused() as refused:
            return Delivery.FAILED, refused.reason, refused.raw
        case TryLater() as later if ANSWER_LOST in entry.flags:
            return Delivery.UNSURE, None, later.raw
        case TryLater() as later:
            return Delivery.FAILED, "expired", later.raw
        case _:
            assert_never(fact.outcome)


def _again(before: Before, owed: OwedEffect, entry: Entry, fact: EffectSettled, practice: Practice) -> Decision | None:
    """The effect is due again: nothing was taken; or the answer was lost, and sending twice sends once."""
    limit = owed.owed_us + practice.rules.give_up_after
    if isinstance(fact.outcome, Unsure) and fact.repeats:
        limit = owed.owed_us + REPEAT_WINDOW
    elif not isinstance(fact.outcome, TryLater):
        return None
    if owed.effect.not_after_us is not None:
        limit = min(limit, owed.effect.not_after_us)
    again_us = fact.at_us + wait(owed.tries, fact.outcome.after if isinstance(fact.outcome, TryLater) else None)
    if again_us > limit:
        return None
    again = Decision(settlement=evolve(_done(owed, fact, None), again_us=again_us))
    known = isinstance(fact.outcome, TryLater) or ANSWER_LOST in entry.flags or owed.effect.attempt != entry.attempt
    if known:
        return again
    # What we say ourselves from now on ("expired", "opted out") is no proof that nothing left.
    moved = changed(before.found, version=before.found.version + 1)
    return evolve(again, conversation=moved, deliveries=(flagged(entry, ANSWER_LOST),))


def _done(owed: OwedEffect, fact: EffectSettled, provider_id: str | None) -> Settlement:
    return Settlement(key=owed.key, tries=fact.tries, provider=fact.provider, provider_id=provider_id)


def _crossed(before: Before, owed: OwedEffect, evidence: Delivery) -> bool:
    """Whether this text was already leaving when the opt-out took effect: the gate lets none begin afterwards."""
    return before.opted_out and not owed.effect.passes_opt_out and evidence is not Delivery.FAILED


def _join(
    before: Before,
    entry: Entry,
    attempt: int,
    evidence: Delivery,
    reason: str | None,
    raw: str,
    at_us: int,
    *,
    provider_id: str | None = None,
    crossed: bool = False,
    mirror: bool = True,
) -> Decision:
    """Join one piece of evidence into a message. Nothing new: nothing is written."""
    consent = _mirrored(before, reason, raw, at_us) if mirror else ()
    current = entry.delivery if entry.delivery is not None else Delivery.QUEUED
    if attempt != entry.attempt and evidence is not Delivery.DELIVERED:
        # An earlier attempt: only "the client has it" still says something about the message.
        return Decision(consent=consent)
    after = advance(current, evidence)
    flags = _flags(entry, current, after, evidence, crossed=crossed)
    why = _why(entry, current, evidence, reason, raw[:500])
    news = (after, *why, flags) != (current, entry.reason, entry.raw, entry.flags)
    if not news and provider_id is None:
        return Decision(consent=consent)
    change = DeliveryChange(
        entry_id=entry.id,
        attempt=entry.attempt,
        delivery=after,
        reason=why[0],
        raw=why[1],
        provider_id=provider_id or entry.provider_id,
        flags=flags,
    )
    health = _health(before, change, current, at_us)
    moved = _moved(before, entry, current, after)
    return Decision(conversation=moved, deliveries=(change,), consent=consent, health=health)


def _health(before: Before, change: DeliveryChange, current: Delivery, at_us: int) -> NumberHealth | None:
    """What the news says of the number itself: nothing most often, then nobody looks at it."""
    if change.delivery is Delivery.FAILED and is_lasting(change.reason):
        address = before.found.address
        return NumberHealth(address=address, reason=change.reason, since_us=at_us, entry_id=change.entry_id)
    if change.delivery is Delivery.DELIVERED and current is not Delivery.DELIVERED:
        return NumberHealth(address=before.found.address)
    return None


def _why(entry: Entry, current: Delivery, evidence: Delivery, reason: str | None, raw: str) -> tuple[str | None, str]:
    """Reason and raw words after the evidence. Of equal evidence one wins by itself, whichever came first."""
    if evidence < current:
        return entry.reason, entry.raw
    told = reason if evidence is Delivery.FAILED else None
    if evidence > current:
        return told, raw
    return max(((told, raw), (entry.reason, entry.raw)), key=_telling)


def _telling(why: tuple[str | None, str]) -> tuple[bool, str, str]:
    reason, raw = why
    return reason not in (None, "unknown"), reason or "", raw


def _flags(entry: Entry, current: Delivery, after: Delivery, evidence: Delivery, *, crossed: bool) -> tuple[str, ...]:
    """The message's flags after the evidence, in one order whatever the order of the evidence."""
    disagree = after >= Delivery.DELIVERED and (evidence is Delivery.FAILED or current is Delivery.FAILED)
    if not (crossed or disagree or entry.flags):
        return ()  # the usual report: worth no sets
    flags = set(entry.flags)
    if crossed:
        flags.add("crossed")
    if disagree:
        flags.add("reports_disagree")  # delivered is what is shown; that the carrier also said "failed" is kept
    if after is not current:
        flags.difference_update(("left", NOT_FOUND, ANSWER_LOST))
    return (*(f for f in entry.flags if f in flags), *sorted(flags.difference(entry.flags)))


def _moved(before: Before, entry: Entry, current: Delivery, after: Delivery) -> Conversation:
    conversation = before.found
    troubled = (Delivery.FAILED, Delivery.UNSURE)
    # A text that was "left" no longer counts as trouble, until news of it arrives.
    counted = current in troubled and "left" not in entry.flags
    counts = after in troubled and (after is not current or counted)
    return changed(
        conversation,
        version=conversation.version + 1,
        failed=max(0, conversation.failed + counts - counted),
        last_delivery=after if entry.seq == conversation.last_message_seq else conversation.last_delivery,
    )


def _mirrored(before: Before, reason: str | None, raw: str, at_us: int) -> tuple[ConsentEntry, ...]:
    """The carrier's "this number opted out" becomes ours, in the same transaction."""
    if reason != "opted_out" or before.opted_out:
        return ()
    entry = ConsentEntry(
        address=before.found.address, action="opt_out", source="gateway", at_us=at_us, evidence=raw[:500]
    )
    return (entry,)
