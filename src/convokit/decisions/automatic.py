"""What is sent by itself in answer to a client's message: at most one thing, and in many cases nothing."""

from __future__ import annotations

from typing import Final, Literal
from zoneinfo import ZoneInfo

from attrs import frozen

from convokit.decisions.base import Before
from convokit.domain.consent import Verdict
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.delivery import Delivery
from convokit.domain.department_rules import hours_of
from convokit.domain.hours import NEVER, closed_window
from convokit.domain.instant import HOUR
from convokit.domain.rules import CONFIRMATION_WINDOW, Practice, filled
from convokit.effects import Because, SendText
from convokit.facts import TextArrived

MOST_AN_HOUR: Final = 3
"""Automatic texts to one number in an hour, of all kinds together: two machines that answer each other come to an end.

The confirmation of an opt-out counts and is never held back by it.
"""

LATE: Final = "late"
"""The flag of a client's text whose callback was lost: the carrier was asked for it, some time after it came."""

ANSWER_WINDOW: Final = HOUR
"""An away reply or a greeting that could not leave for so long is dropped: by then it would only puzzle."""

Unsent = Literal["automatic_held", "automatic_capped"]
"""Why an automatic message is not sent, as a flag of the message that would have been answered."""


@frozen(kw_only=True)
class Answer:
    """An automatic message that is called for.

    Attributes:
        not_after_us: by when it leaves, or not at all; ``None`` for no such limit.
        away_us: the closed time that it tells of, or ``None``.
        unsent: why it is not sent after all.
    """

    because: Because
    text: str
    not_after_us: int | None = None
    away_us: int | None = None
    unsent: Unsent | None = None


def answer_to(
    before: Before, current: Conversation, fact: TextArrived, verdict: Verdict, practice: Practice
) -> Answer | None:
    """The automatic message that a client's message calls for.

    Args:
        current: the conversation that the message joins, as it was before it; version 0 for a new one.
    """
    if fact.channel == "sms" and not fact.address.startswith("+"):
        return None  # a short code or a name: a machine, which might answer back for ever
    if LATE in fact.flags:
        return None  # an answer to what was written long ago puzzles, and a confirmation has five minutes
    if verdict.kind == "stop":
        return _confirmation(before, fact, practice)
    if verdict.kind == "help":
        return _help(before, fact, practice)
    if verdict.kind == "start":
        return None
    return _by_hours(before, current, fact, verdict, practice)


def _confirmation(before: Before, fact: TextArrived, practice: Practice) -> Answer | None:
    """One confirmation of an opt-out, and not another one within five minutes: STOP, START, STOP gets one."""
    if before.opted_out or fact.gateway_answers_stop:
        return None
    if any(
        because == "confirmation" and fact.at_us - owed_us <= CONFIRMATION_WINDOW
        for because, owed_us in before.recent or ()
    ):
        return None
    text = filled(practice.rules.confirmation, practice, fact.sender)
    return Answer(because="confirmation", text=text, not_after_us=fact.at_us + CONFIRMATION_WINDOW)


def _help(before: Before, fact: TextArrived, practice: Practice) -> Answer | None:
    if fact.gateway_answers_help:
        return None
    text = filled(practice.rules.help_reply, practice, fact.sender)
    return Answer(because="help", text=text, unsent=_capped(before))


def _by_hours(
    before: Before, current: Conversation, fact: TextArrived, verdict: Verdict, practice: Practice
) -> Answer | None:
    """The away reply, once in a closed time and conversation; else the greeting of a conversation that begins."""
    hours = hours_of(practice.rules, current.department)
    if not (hours.away or hours.greeting) or (fact.channel == "sms" and before.opted_out):
        return None
    # A client who may have asked for silence gets none of this until a person has decided.
    maybe = verdict.kind == "maybe" or (before.consent is not None and before.consent.maybe)
    unsent: Unsent | None = "automatic_held" if maybe else _capped(before)
    by = fact.at_us + ANSWER_WINDOW
    # The app is no number to call.
    own = fact.sender if fact.channel == "sms" else (practice.numbers[0] if practice.numbers else "")
    closed = closed_window(hours, fact.at_us, ZoneInfo(practice.time_zone)) if hours.away else None
    if closed is not None:
        if closed == current.away_us:
            return None
        by = by if closed == NEVER else min(by, closed)
        text = filled(hours.away, practice, own)
        return Answer(because="away", text=text, not_after_us=by, away_us=closed, unsent=unsent)
    if current.version or not hours.greeting:
        return None
    text = filled(hours.greeting, practice, own)
    return Answer(because="greeting", text=text, not_after_us=by, unsent=unsent)


def _capped(before: Before) -> Unsent | None:
    return "automatic_capped" if len(before.recent or ()) >= MOST_AN_HOUR else None


def entry_of_answer(answer: Answer, fact: TextArrived, conversation_id: str, seq: int) -> Entry:
    """The answer as an entry of the timeline. In the app it is sent once it is stored."""
    return Entry(
        id=fact.answer_id,
        conversation_id=conversation_id,
        seq=seq,
        at_us=fact.at_us,
        kind="automatic",
        side="practice",
        channel=fact.channel,
        text=answer.text,
        delivery=Delivery.SENT if fact.channel == "app" else Delivery.QUEUED,
    )


def text_of_answer(answer: Answer, fact: TextArrived, conversation_id: str) -> tuple[SendText, ...]:
    """What is owed to the carrier for it; nothing in the app."""
    if fact.channel == "app":
        return ()
    text = SendText(
        entry_id=fact.answer_id,
        conversation_id=conversation_id,
        sender=fact.sender,
        to=fact.address,
        because=answer.because,
        not_after_us=answer.not_after_us,
    )
    return (text,)
