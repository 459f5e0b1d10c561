"""What follows from a fact. Pure: ``decide(before, fact, practice) -> Decision``; a test of a rule is one ``==``."""

from __future__ import annotations

from typing import assert_never

from attrs import evolve

from convokit.decisions import asking, delivery, desk, end_of_day, ending, filing, mail, media, payments, pushing, quiet
from convokit.decisions.arrive import arrive
from convokit.decisions.base import NOTHING, Before, Decision, DeliveryChange, Needs, Settlement
from convokit.decisions.people import people
from convokit.decisions.reply import leave, reply, send_again, start
from convokit.domain.rules import Practice
from convokit.facts import (
    AppOpened,
    CarrierPolled,
    ConsentRecorded,
    ConversationEnded,
    ConversationRestarted,
    ConversationStarted,
    DeliveryReported,
    EffectSettled,
    Fact,
    FilingAsked,
    FilingSettled,
    JobSettled,
    MailSettled,
    MarkedUnread,
    MediaFetched,
    NoteWritten,
    PaymentAsked,
    PaymentCancelled,
    PaymentPageWanted,
    PaymentReported,
    PaymentRequested,
    PollWanted,
    PushSettled,
    RepliedAndEnded,
    SendAgainAsked,
    StaffAct,
    StaffRead,
    StaffReplied,
    TextArrived,
    TextLookedUp,
    TextReleased,
    ThreadRead,
    TimePassed,
    TranscriptTaken,
    UnsureLeft,
    UrgencySet,
)

__all__ = ["NOTHING", "Before", "Decision", "DeliveryChange", "Needs", "Settlement", "decide", "needs", "needs_more"]


def needs(fact: Fact) -> Needs:
    """What the decision on ``fact`` looks at."""
    match fact:
        case TextArrived():
            at, several = (fact.channel, fact.sender, fact.address), bool(fact.candidates)
            return Needs(at=at, or_ended=True, consent=True, choice=several)
        case ConversationStarted():
            return Needs(at=(fact.channel, fact.sender, fact.address))
        case StaffReplied():
            return Needs(conversation_id=fact.conversation_id, consent=True, reach=True)
        case SendAgainAsked() | UnsureLeft():
            return Needs(conversation_id=fact.conversation_id, entry_id=fact.entry_id, consent=True)
        case DeliveryReported():
            return Needs(entry_id=fact.entry_id, consent=True)
        case EffectSettled():
            return Needs(effect_key=fact.key, consent=True)
        case PaymentRequested():
            return Needs(conversation_id=fact.conversation_id, consent=True)
        case PaymentCancelled() | PaymentPageWanted() | PaymentReported():
            return Needs(payment_id=fact.payment_id, consent=True, reach=True)
        case PaymentAsked() | MediaFetched() | TextLookedUp() | CarrierPolled() | MailSettled():
            return _needs_of_job(fact)
        case FilingSettled() | PushSettled() | TextReleased():
            return _needs_of_job(fact)
        case TimePassed() | PollWanted():
            return Needs()
        case RepliedAndEnded():
            return needs(fact.reply)
        case ConversationRestarted():
            return Needs(conversation_id=fact.conversation_id, beside=True)
        case ConsentRecorded():
            return Needs(conversation_id=fact.conversation_id, address=fact.address, consent=True)
        case StaffAct() | StaffRead() | MarkedUnread() | AppOpened() | ThreadRead():
            return Needs(conversation_id=fact.conversation_id)
        case _:
            assert_never(fact)


def _needs_of_job(fact: JobSettled) -> Needs:
    match fact:
        case PaymentAsked():
            return Needs(payment_id=fact.payment_id, job_key=fact.key, consent=True, reach=True)
        case MediaFetched() | TextLookedUp():
            return Needs(conversation_id=fact.conversation_id, entry_id=fact.entry_id, job_key=fact.key)
        case TextReleased():
            return Needs(conversation_id=fact.conversation_id, entry_id=fact.entry_id, job_key=fact.key, consent=True)
        case MailSettled():
            return Needs(conversation_id=fact.conversation_id, job_key=fact.key, day=fact.day)
        case FilingSettled():
            return Needs(conversation_id=fact.conversation_id, job_key=fact.key)
        case CarrierPolled() | PushSettled():
            return Needs(job_key=fact.key)
        case _:
            assert_never(fact)


def needs_more(fact: Fact, before: Before, decision: Decision) -> Needs | None:
    """What to load before deciding again: how many automatic texts there were lately, now that another one is owed.

    Most texts are owed none, and need not wait for the count. The store commits no automatic text on a wrong one.
    """
    if not decision.effects or before.recent is not None or not any(text.automatic for text in decision.effects):
        return None
    return evolve(needs(fact), recent_us=fact.at_us)


def decide(before: Before, fact: Fact, practice: Practice) -> Decision:
    """What follows from ``fact``.

    Raises:
        ConvokitError: when the *caller's* wish does not fit the state; never for what a provider or client did.
    """
    return pushing.with_pushes(before, fact, _decided(before, fact, practice), practice)


def _decided(before: Before, fact: Fact, practice: Practice) -> Decision:
    match fact:
        case TextArrived():
            return arrive(before, fact, practice)
        case DeliveryReported():
            return delivery.report(before, fact)
        case EffectSettled():
            return delivery.settle(before, fact, practice)
        case PaymentRequested() | PaymentCancelled() | PaymentPageWanted() | PaymentReported():
            return payments.payment(before, fact, practice)
        case PaymentAsked() | MediaFetched() | TextLookedUp() | CarrierPolled() | MailSettled():
            return _of_job(before, fact, practice)
        case FilingSettled() | PushSettled() | TextReleased():
            return _of_job(before, fact, practice)
        case PollWanted():
            return asking.poll_wanted(fact)
        case TimePassed():
            return end_of_day.end_of_day(fact, practice)
        case StaffReplied():
            return reply(before, fact, practice)
        case ConversationStarted():
            return start(before, fact, practice)
        case SendAgainAsked():
            return send_again(before, fact, practice)
        case UnsureLeft():
            return leave(before, fact)
        case AppOpened() | ThreadRead():
            return desk.app_seen(before, fact)
        case ConversationEnded() | RepliedAndEnded():
            return ending.end(before, fact, practice)
        case ConversationRestarted():
            return desk.restart(before, fact, practice)
        case StaffRead():
            return desk.staff_read(before, fact)
        case MarkedUnread():
            return desk.mark_unread(before, fact)
        case UrgencySet():
            return desk.set_urgency(before, fact)
        case NoteWritten():
            return desk.note(before, fact)
        case TranscriptTaken() | FilingAsked():
            return filing.filing(before, fact, practice)
        case ConsentRecorded():
            return desk.record_consent(before, fact)
        case _:  # who looks after a conversation, and whose it is
            return people(before, fact, practice)


def _of_job(before: Before, fact: JobSettled, practice: Practice) -> Decision:
    match fact:
        case PaymentAsked():
            return payments.payment(before, fact, practice)
        case MediaFetched():
            return media.fetched(before, fact)
        case TextLookedUp():
            return asking.looked_up(before, fact)
        case TextReleased():
            return quiet.released(before, fact, practice)
        case CarrierPolled():
            return asking.polled(before, fact)
        case MailSettled():
            return mail.settle(before, fact)
        case FilingSettled():
            return filing.filing(before, fact, practice)
        case PushSettled():
            return pushing.settle(before, fact)
        case _:
            assert_never(fact)
