"""A practice, and every knob of its policy as one frozen value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, cast

from attrs import field, frozen

from convokit.domain.audience import EVERYBODY, AppAudience
from convokit.domain.canned import CannedReply, listed_replies
from convokit.domain.departments import Department, listed
from convokit.domain.hours import ALWAYS_OPEN, ConversationHours
from convokit.domain.instant import HOUR, MINUTE
from convokit.domain.mail_rules import NO_MAIL, NO_REMINDER, EndOfDay, MailRules
from convokit.domain.payment_rules import USUAL_PAYMENTS, PaymentRules
from convokit.domain.push_rules import USUAL_PUSH, PushRules
from convokit.domain.quiet import USUAL_QUIET, QuietHours
from convokit.domain.record_rules import USUAL_RECORDS, RecordRules
from convokit.domain.sender_states import SenderState, states
from convokit.errors import InvalidInput

PLACEHOLDERS: Final = ("{practice}", "{phone}")
"""What automatic answers may have filled in."""

_PLACEHOLDER: Final = re.compile("|".join(map(re.escape, PLACEHOLDERS)))
_LEFT_OVER: Final = re.compile(r"\{[^{}]*\}?|\}")

# What cannot be converted stays as it is: add_practice refuses it by name, a constructor would raise a TypeError.


def _words(given: Iterable[str]) -> frozenset[str]:
    if isinstance(given, str):  # one word; taken as a list it would be a word per letter
        return cast("frozenset[str]", given)
    try:
        return frozenset(given)
    except TypeError:
        return cast("frozenset[str]", given)


def _numbers(given: Iterable[str]) -> tuple[str, ...]:
    # One number may be given as it is; a string taken as a list would be a number per digit.
    try:
        return (given,) if isinstance(given, str) else tuple(given)
    except TypeError:
        return cast("tuple[str, ...]", given)


def _pairs(given: Mapping[str, str] | Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    # A mapping cannot be frozen; sorted pairs can, and two equal mappings make equal rules.
    try:
        return tuple(sorted((key, value) for key, value in (given.items() if isinstance(given, Mapping) else given)))
    except (TypeError, ValueError):
        raise InvalidInput(
            "rules.reminder_emojis", "reminder_emojis maps kinds to emojis", field="rules.reminder_emojis", limit="str"
        ) from None


@frozen(kw_only=True)
class Rules:
    """What a practice has decided. The defaults suit a practice in the United States.

    Attributes:
        urgency: sort the active list by urgency first.
        reopen_hours: a client who writes again within so many hours of the end reopens the conversation.
        max_text_segments: a longer text is refused, saying how many it has.
        max_app_characters: a longer app message is refused.
        countries: region codes that may be texted; empty means the practice's own region only.
        stop_words: further whole-message words that opt out, in the practice's languages.
        confirmation: the one text that confirms an opt-out (47 CFR 64.1200(a)(12)); see :func:`filled`.
        help_reply: the answer to HELP; see :func:`filled`.
        give_up_hours: a text that could not be handed over for so long is marked failed (``expired``).
        link_hours: how long the link to a file in a text holds.
        reminder_emojis: the practice's own emojis for kinds of past-due reminders, as a mapping or pairs; an empty one
            hides its kind. What is left out has the emoji of :mod:`convokit.domain.reminder_kinds`.
        reminder_months: a reminder that is more than so many calendar months overdue is no longer shown.
        departments: the practice's departments; the default one, whose id is ``""``, exists without being named.
        app: which clients the practice writes to in its app.
        mail: from whom mails come, and who gets the transcript of a conversation that ended.
        end_of_day: when, and who is reminded of conversations that are still open.
        hours: when somebody answers, the away reply and the greeting; a department may have its own.
        payments: in which currencies clients can be asked for money, for how long, and in which words.
        records: whether transcripts are filed in the medical record by themselves, and in which format.
        push: what the client's app is told when a message waits, and for how long.
        quiet_hours: when what a program writes by itself waits; see :mod:`convokit.domain.quiet`.
        canned: texts that are ready to be used; see :mod:`convokit.domain.canned`.
    """

    urgency: bool = True
    reopen_hours: int = 72
    max_text_segments: int = 10
    max_app_characters: int = 20_000
    countries: frozenset[str] = field(default=frozenset(), converter=_words)
    stop_words: frozenset[str] = field(default=frozenset(), converter=_words)
    confirmation: str = "{practice}: you are unsubscribed and will get no more texts. Reply START to allow texts again."
    help_reply: str = "{practice}: call {phone} to reach us. Reply STOP to get no more texts."
    give_up_hours: int = 4
    link_hours: int = 72
    reminder_emojis: tuple[tuple[str, str], ...] = field(default=(), converter=_pairs)
    reminder_months: int = 18
    departments: tuple[Department, ...] = field(default=(), converter=listed)
    app: AppAudience = EVERYBODY
    mail: MailRules = NO_MAIL
    end_of_day: EndOfDay = NO_REMINDER
    hours: ConversationHours = ALWAYS_OPEN
    payments: PaymentRules = USUAL_PAYMENTS
    records: RecordRules = USUAL_RECORDS
    push: PushRules = USUAL_PUSH
    quiet_hours: QuietHours = USUAL_QUIET
    canned: tuple[CannedReply, ...] = field(default=(), converter=listed_replies)

    @property
    def reopen_window(self) -> int:
        """The reopen window in microseconds."""
        return self.reopen_hours * HOUR

    @property
    def give_up_after(self) -> int:
        """How long a text may wait for its carrier, in microseconds."""
        return self.give_up_hours * HOUR


CONFIRMATION_WINDOW = 5 * MINUTE
"""An opt-out confirmation is presumed fine within five minutes and is dropped later (47 CFR 64.1200(a)(12))."""


@frozen(kw_only=True)
class Practice:
    """The tenant: one veterinary practice.

    Attributes:
        id: the host's, 1 to 64 characters of ``A-Z a-z 0-9 . _ -``.
        time_zone: IANA name; times in transcripts and mails are local to it.
        region: two-letter region that phone numbers without a country code belong to.
        numbers: the practice's sender numbers; the first is the default.
        phone: the number that clients may call, for the HELP reply; default: the first sender number.
        sender_states: the state of sender numbers that are not simply ready, as a mapping or pairs:
            ``{"+13035550100": "verifying"}``; see :mod:`convokit.domain.senders`.
    """

    id: str
    name: str
    time_zone: str = "UTC"
    region: str | None = None
    numbers: tuple[str, ...] = field(default=(), converter=_numbers)
    phone: str | None = None
    sender_states: tuple[tuple[str, SenderState], ...] = field(default=(), converter=states)
    rules: Rules = Rules()


def filled(template: str, practice: Practice, sender: str) -> str:
    """An automatic answer: ``{practice}`` is the practice's name, ``{phone}`` its phone, else the ``sender`` number."""
    # In one pass and not by str.format: a name may hold braces, and no template may reach attributes.
    names = {"{practice}": practice.name, "{phone}": practice.phone or sender}
    return _PLACEHOLDER.sub(lambda found: names[found[0]], template)


def unknown_placeholder(template: str, known: tuple[str, ...] = PLACEHOLDERS) -> str | None:
    """The first brace of a template that nothing would be filled in for, with what it holds; ``None`` if all are known.

    Whoever reads an automatic answer must not see ``{practise}``.
    """
    for placeholder in known:
        template = template.replace(placeholder, " ")
    found = _LEFT_OVER.search(template)
    return None if found is None else found[0]
