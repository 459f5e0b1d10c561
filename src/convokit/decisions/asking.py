"""What follows from asking a carrier: for a text whose answer was lost, and for what its callbacks did not tell."""

from __future__ import annotations

from typing import Final

from attrs import evolve

from convokit.decisions.base import NOTHING, Before, Decision, JobSettlement, flagged
from convokit.domain.changed import changed
from convokit.domain.delivery import NOT_FOUND, Delivery
from convokit.domain.instant import DAY, HOUR, MINUTE
from convokit.domain.retry import wait
from convokit.effects import LookUpText, PollCarrier, SendText
from convokit.facts import CarrierPolled, PollWanted, TextLookedUp
from convokit.outcomes import Refused, TryLater

BELIEVED_AFTER: Final = 10 * MINUTE
"""So long after a hand-over a carrier that has no such text is believed: it may have been on its way until then."""
LOOK_UP_WINDOW: Final = DAY
"""A carrier that did not answer for so long is asked no more for a text; a person decides."""
POLL_EVERY: Final = 15 * MINUTE
"""How long a client's text may stay unknown when the carrier's callback was lost."""
LOOK_BACK: Final = DAY
"""How far behind what was asked for already a carrier is asked again: reports on a text may come a day later."""
POLL_REFUSED: Final = HOUR
"""When to ask again a carrier that is not the practice's any more, or that does not know the account."""


def look_up(effect: SendText, at_us: int) -> LookUpText:
    """The question that is owed when the answer to a hand-over never came."""
    return LookUpText(
        entry_id=effect.entry_id,
        conversation_id=effect.conversation_id,
        attempt=effect.attempt,
        not_after_us=at_us + LOOK_UP_WINDOW,
    )


def looked_up(before: Before, fact: TextLookedUp) -> Decision:
    """The question is answered, or asked again. That the carrier has no such text is shown beside the message."""
    owed, entry = before.job, before.entry
    if owed is None or (owed.state, owed.tries) != ("begun", fact.tries):
        return NOTHING
    again_us = fact.at_us + wait(owed.tries) if isinstance(fact.outcome, TryLater) else None
    if again_us is not None and again_us > (owed.job.not_after_us or again_us):
        again_us = None
    settled = Decision(job_settlement=JobSettlement(key=fact.key, tries=fact.tries, again_us=again_us))
    if not fact.absent or entry is None or before.conversation is None:
        return settled
    if (entry.delivery, entry.attempt) != (Delivery.UNSURE, fact.attempt) or NOT_FOUND in entry.flags:
        return settled
    moved = changed(before.conversation, version=before.conversation.version + 1)
    return evolve(settled, conversation=moved, deliveries=(flagged(entry, NOT_FOUND),))


def poll_wanted(fact: PollWanted) -> Decision:
    """From now on this carrier is asked. What came before was not for convokit."""
    job = PollCarrier(provider=fact.provider, first_us=fact.at_us, since_us=fact.at_us)
    return Decision(jobs=(job,))


def polled(before: Before, fact: CarrierPolled) -> Decision:
    """Asked again: at once for the rest of what was too much, else after a while, for the last day once more."""
    owed = before.job
    if owed is None or (owed.state, owed.tries) != ("begun", fact.tries) or not isinstance(owed.job, PollCarrier):
        return NOTHING
    since_us = owed.job.since_us
    match fact.outcome:
        case TryLater() as later:
            pause = max(wait(owed.tries, later.after), 0)
        case Refused():
            pause = POLL_REFUSED
        case _ if fact.more:
            pause, since_us = 0, max(since_us, fact.until_us or 0)
        case _:
            pause, since_us = POLL_EVERY, max(owed.job.first_us, fact.at_us - LOOK_BACK)
    # What was asked for at a time that has not come yet (a clock that went back) is asked for again.
    instead = evolve(owed.job, since_us=min(since_us, fact.at_us))
    return Decision(
        job_settlement=JobSettlement(key=fact.key, tries=fact.tries, again_us=fact.at_us + pause, instead=instead)
    )
