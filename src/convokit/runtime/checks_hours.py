"""Conversation hours are checked when a practice is added: the practice's, and those of its departments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from attrs import fields

from convokit.domain.hours import ConversationHours, check_hours
from convokit.domain.rules import Practice, Rules
from convokit.errors import InvalidInput

_SETTINGS: Final = frozenset(one.name for one in fields(ConversationHours))


def check_all_hours(rules: Rules) -> None:
    """Times and days that can be kept.

    Raises:
        InvalidInput: ``rules.hours``, ``hours...``.
    """
    for place, hours in _all_hours(rules):
        if not isinstance(hours, ConversationHours):
            why = "hours= is a convokit.ConversationHours"
            raise InvalidInput("rules.hours", why, field=place, limit="ConversationHours")
        with told_of(place):
            check_hours(hours)


def answers_by_hours(rules: Rules) -> Iterator[tuple[str, str, object]]:
    """What is sent by itself because of the hours, each with where the hours stand and the code of its error."""
    for place, hours in _all_hours(rules):
        yield from ((place, "hours.away", hours.away), (place, "hours.greeting", hours.greeting))


@contextmanager
def told_of(place: str) -> Iterator[None]:
    """Refusals of hours, with the field of the rules that is meant: departments may have hours of their own."""
    try:
        yield
    except InvalidInput as error:
        named = (error.field or "").removeprefix("hours.")
        field = f"{place}.{named}" if named in _SETTINGS else place
        raise InvalidInput(error.code, error.message, field=field, limit=error.limit) from error


def check_phone_known(practice: Practice, field: str, template: object) -> None:
    """The app is no number to call: an answer that names one needs one.

    Raises:
        InvalidInput: ``hours.away``, ``hours.greeting``.
    """
    if "{phone}" in str(template) and practice.phone is None and not practice.numbers:
        why = "{phone} needs practice.phone or one of practice.numbers"
        raise InvalidInput(field, why, field=field, limit="1 number")


def _all_hours(rules: Rules) -> Iterator[tuple[str, ConversationHours]]:
    yield "rules.hours", rules.hours
    for number, one in enumerate(rules.departments):
        if one.hours is not None:
            yield f"rules.departments[{number}].hours", one.hours
