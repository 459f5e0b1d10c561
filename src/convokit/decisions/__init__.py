"""What follows from a fact. Pure: ``decide(before, fact, practice) -> Decision``; a test of a rule is one ``==``."""

from __future__ import annotations

from typing import assert_never

from convokit.decisions import delivery, desk
from convokit.decisions.arrive import arrive
from convokit.decisions.base import NOTHING, Before, Decision, DeliveryChange, Needs, Settlement
from convokit.decisions.reply import leave, reply, send_again, start
from convokit.domain.rules import Practice
from convokit.facts import (
    AppOpened,
    ConsentRecorded,
    ConversationEnded,
    ConversationRestarted,
    ConversationStarted,
    DeliveryReported,
    EffectSettled,
    Fact,
    MarkedUnread,
    SendAgainAsked,
    StaffRead,
    StaffReplied,
    TeamMemberRenamed,
    TextArrived,
    ThreadRead,
    UnsureLeft,
    UrgencySet,
)

__all__ = ["NOTHING", "Before", "Decision", "DeliveryChange", "Needs", "Settlement", "decide", "needs"]


def needs(fact: Fact) -> Needs:
    """What the decision on ``fact`` looks at."""
    match fact:
        case TextArrived():
            return Needs(at=(fact.channel, fact.sender, fact.address), or_ended=True, consent=True)
        case ConversationStarted():
            return Needs(at=(fact.channel, fact.sender, fact.address))
        case StaffReplied():
            return Needs(conversation_id=fact.conversation_id, consent=True)
        case SendAgainAsked() | UnsureLeft():
            return Needs(conversation_id=fact.conversation_id, entry_id=fact.entry_id, consent=True)
        case DeliveryReported():
            return Needs(entry_id=fact.entry_id, consent=True)
        case EffectSettled():
            return Needs(effect_key=fact.key, consent=True)
        case ConversationRestarted():
            return Needs(conversation_id=fact.conversation_id, beside=True)
        case ConsentRecorded():
            return Needs(conversation_id=fact.conversation_id, address=fact.address, consent=True)
        case (
            ConversationEnded()
            | StaffRead()
            | MarkedUnread()
            | TeamMemberRenamed()
            | UrgencySet()
            | AppOpened()
            | ThreadRead()
        ):
            return Needs(conversation_id=fact.conversation_id)
        case _:
            assert_never(fact)


def decide(before: Before, fact: Fact, practice: Practice) -> Decision:
    """What follows from ``fact``.

    Raises:
        ConvokitError: when the *caller's* wish does not fit the state; never for what a provider or client did.
    """
    match fact:
        case TextArrived():
            return arrive(before, fact, practice)
        case DeliveryReported():
            return delivery.report(before, fact)
        case EffectSettled():
            return delivery.settle(before, fact, practice)
        case StaffReplied():
            return reply(before, fact)
        case ConversationStarted():
            return start(before, fact)
        case SendAgainAsked():
            return send_again(before, fact)
        case UnsureLeft():
            return leave(before, fact)
        case AppOpened() | ThreadRead():
            return desk.app_seen(before, fact)
        case ConversationEnded():
            return desk.end(before, fact)
        case ConversationRestarted():
            return desk.restart(before, fact)
        case StaffRead():
            return desk.staff_read(before, fact)
        case MarkedUnread():
            return desk.mark_unread(before, fact)
        case TeamMemberRenamed():
            return desk.rename(before, fact)
        case UrgencySet():
            return desk.set_urgency(before, fact)
        case ConsentRecorded():
            return desk.record_consent(before, fact)
        case _:
            assert_never(fact)
