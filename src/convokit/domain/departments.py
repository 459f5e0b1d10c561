"""Departments: who inside the practice looks after a conversation.

The default department, whose id is ``""``, always exists. It cannot be deleted, and it receives every text of a client
who writes first: a text names no department.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, cast

from attrs import frozen

from convokit.domain.hours import ConversationHours

DEFAULT: Final = ""
"""Id of the department that always exists."""

MOST_DEPARTMENTS: Final = 50


@frozen(kw_only=True)
class Department:
    """A department of a practice.

    Attributes:
        id: the host's, 1 to 64 characters of ``A-Z a-z 0-9 . _ -``; ``""`` is the default department.
        name: what staff and, if it is in the app, clients read.
        in_app: whether clients see it in the app and may write to it.
        greeting: what the app shows above a new conversation with it; ``""`` for none.
        hours: its own conversation hours, with their own away reply and greeting; ``None`` for the practice's.
    """

    id: str
    name: str
    in_app: bool = True
    greeting: str = ""
    hours: ConversationHours | None = None


FRONT_DESK: Final = Department(id=DEFAULT, name="Front desk")
"""The default department of a practice that says nothing about it."""


def listed(given: Iterable[Department]) -> tuple[Department, ...]:
    """Departments as a tuple; what is no list stays as it is, for the door to refuse."""
    try:
        return tuple(given)
    except TypeError:
        return cast("tuple[Department, ...]", given)
