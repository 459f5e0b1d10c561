"""Conversation hours are checked when a practice is added: the practice's, and those of its departments."""

from __future__ import annotations

from collections.abc import Iterator

from convokit.domain.hours import ConversationHours, check_hours
from convokit.domain.rules import Practice, Rules
from convokit.errors import InvalidInput


def check_all_hours(rules: Rules) -> None:
    """Times and days that can be kept.

    Raises:
        InvalidInput: ``rules.hours``, ``hours...``.
    """
    for hours in _all_hours(rules):
        if not isinstance(hours, ConversationHours):
            why = "hours= is a convokit.ConversationHours"
            raise InvalidInput("rules.hours", why, field="rules.hours", limit="ConversationHours")
        check_hours(hours)


def answers_by_hours(rules: Rules) -> Iterator[tuple[str, object]]:
    """What is sent by itself because of the hours, each with the code of its error."""
    for hours in _all_hours(rules):
        yield from (("hours.away", hours.away), ("hours.greeting", hours.greeting))


def check_phone_known(practice: Practice, field: str, template: object) -> None:
    """The app is no number to call: an answer that names one needs one.

    Raises:
        InvalidInput: ``hours.away``, ``hours.greeting``.
    """
    if "{phone}" in str(template) and practice.phone is None and not practice.numbers:
        why = "{phone} needs practice.phone or one of practice.numbers"
        raise InvalidInput(field, why, field=field, limit="1 number")


def _all_hours(rules: Rules) -> Iterator[ConversationHours]:
    yield rules.hours
    yield from (one.hours for one in rules.departments if one.hours is not None)
