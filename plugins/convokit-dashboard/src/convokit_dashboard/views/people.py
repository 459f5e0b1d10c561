"""Who a conversation is with, and by which way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from convokit.domain.conversation import Conversation
from convokit.domain.departments import Department
from convokit.runtime.desk.reminders import PastDueReminders
from convokit_dashboard.words import N_, Words

_GROUPS: Final = ((0, 2), (2, 5), (5, 8), (8, 12))
_NANP_DIGITS: Final = 11


@frozen(kw_only=True)
class Emoji:
    """A past-due reminder: the emoji, and what it means."""

    emoji: str
    label: str


@frozen(kw_only=True)
class Way:
    """The delivery method: fixed for the conversation's life. ``address`` is a number, or empty for the app."""

    icon: str
    label: str
    address: str = ""


def phone_words(number: str) -> str:
    """A number in E.164 as people write it: ``"(303) 555-0123"`` for North America, else in groups."""
    digits = number.removeprefix("+")
    if number.startswith("+1") and len(digits) == _NANP_DIGITS:
        return f"({digits[1:4]}) {digits[4:7]}-{digits[7:]}"
    return "+" + " ".join(part for begin, end in _GROUPS if (part := digits[begin:end])) if digits.isdigit() else number


def client_words(conversation: Conversation, words: Words) -> str:
    """Who it is with: the client's name, else the number, else that nobody knows."""
    if conversation.is_erased:
        return words("Erased client")
    if conversation.client_name:
        return conversation.client_name
    return phone_words(conversation.address) if conversation.channel == "sms" else words("Unknown client")


def initials(name: str) -> str:
    """One or two letters for the round badge beside a name."""
    letters = [part[0].upper() for part in name.split() if part[0].isalpha()]
    return "".join(letters[:1] + letters[-1:] if len(letters) > 1 else letters) or "#"


def way(conversation: Conversation, words: Words) -> Way:
    """By which way the conversation goes."""
    if conversation.channel == "app":
        return Way(icon="app", label=words("In the app"))
    return Way(icon="sms", label=words("By text"), address=phone_words(conversation.address))


def emojis(reminders: PastDueReminders, words: Words) -> tuple[Emoji, ...]:
    """The past-due reminders of a patient."""
    return tuple(
        Emoji(
            emoji=one.emoji,
            label=words.many(
                "%(what)s, %(n)s day overdue",
                "%(what)s, %(n)s days overdue",
                one.days_overdue,
                what=words(one.label),
            ),
        )
        for one in reminders.items
    )


def department_name(conversation: Conversation, departments: Mapping[str, Department]) -> str:
    """The department's name; its id where the practice no longer has it."""
    found = departments.get(conversation.department)
    return conversation.department if found is None else found.name


_URGENCY: Final[Mapping[str, str]] = {
    "low": N_("Low"),
    "normal": N_("Normal"),
    "high": N_("High"),
    "urgent": N_("Urgent"),
}


def urgency_words(level: str, words: Words) -> str:
    """An urgency as the front desk reads it."""
    return words(_URGENCY[level])
