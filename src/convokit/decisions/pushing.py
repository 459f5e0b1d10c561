"""The client's app is told that a message waits: owed with the message, tried again, or at its end.

Repeating a push is harmless: it wakes the phone twice and shows one message. So what nobody knows the end of is simply
tried again, as long as it is of use.
"""

from __future__ import annotations

from typing import Final

from attrs import evolve

from convokit.decisions.base import NOTHING, Before, Decision, JobSettlement, TokenLoss
from convokit.domain.retry import wait
from convokit.domain.rules import Practice
from convokit.effects import SendPush
from convokit.facts import Fact, PushSettled
from convokit.outcomes import TryLater, Unsure

_SAID: Final = ("message", "automatic")


def with_pushes(before: Before, fact: Fact, decision: Decision, practice: Practice) -> Decision:
    """The decision, and a push to each app of the client where the practice says something to them in it."""
    if not before.reach:
        return decision
    said = [e for e in decision.entries if e.channel == "app" and e.side == "practice" and e.kind in _SAID]
    if not said:
        return decision
    newest = said[-1]
    pushes = tuple(
        SendPush(
            token_id=token_id,
            entry_id=newest.id,
            conversation_id=newest.conversation_id,
            seq=newest.seq,
            not_after_us=fact.at_us + practice.rules.push.window,
        )
        for token_id in before.reach
    )
    return evolve(decision, jobs=(*decision.jobs, *pushes))


def settle(before: Before, fact: PushSettled) -> Decision:
    """The attempt is over. An answer that came after somebody else had settled it changes nothing."""
    owed = before.job
    if owed is None or (owed.state, owed.tries) != ("begun", fact.tries) or not isinstance(owed.job, SendPush):
        return NOTHING
    settlement = JobSettlement(key=fact.key, tries=fact.tries)
    if isinstance(fact.outcome, (TryLater, Unsure)):
        again_us = fact.at_us + wait(owed.tries, fact.outcome.after if isinstance(fact.outcome, TryLater) else None)
        if again_us <= (owed.job.not_after_us or 0):
            return Decision(job_settlement=evolve(settlement, again_us=again_us))
    lost = None if fact.gone_us is None else TokenLoss(token_id=fact.token_id, until_us=fact.gone_us)
    return Decision(job_settlement=settlement, token_loss=lost)
