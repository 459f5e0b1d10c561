"""Numbers, ids and times as Vonage writes them."""

from __future__ import annotations

from datetime import datetime
from typing import Final, TypeGuard

from convokit.ports.carrier_tools import LONGEST_ID

TEXT_LIMIT: Final = 100_000
_SECOND: Final = 1_000_000
_SHORTEST, _LONGEST = 7, 15


def bare(number: str) -> str:
    """A number of E.164 without its plus: so Vonage wants it."""
    return number.removeprefix("+")


def plus(number: str) -> str:
    """The number with its plus again; a short code or a name stays as it is."""
    whole = number.isascii() and number.isdecimal() and _SHORTEST < len(number) <= _LONGEST
    return f"+{number}" if whole else number


def is_id(value: object) -> TypeGuard[str]:
    """Whether it can be the id of a message, or a number."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_ID


def number_of(value: object) -> int | None:
    """An error number, as JSON or a form gives it; ``None`` for none, and for what is no such number."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 9:
        return int(value) or None
    return value or None if type(value) is int and 0 <= value < 10**9 else None


def microseconds_of(stamp: object) -> int | None:
    """An instant of ISO 8601 with its zone, as in ``2027-01-15T08:00:00.123Z``; ``None`` for anything else."""
    try:
        found = datetime.fromisoformat(stamp) if isinstance(stamp, str) else None
        return None if found is None or found.tzinfo is None else round(found.timestamp() * _SECOND)
    except (ValueError, OverflowError):
        return None
