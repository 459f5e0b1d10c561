"""What may be asked of the lists."""

from __future__ import annotations

from typing import TypeVar

from convokit.domain.inbox import SORTS, Sort
from convokit.errors import InvalidInput
from convokit.runtime.checks import ID_LIMIT, is_storable

T = TypeVar("T")


def check_one_of(value: T | None, allowed: tuple[object, ...], field: str) -> T | None:
    """A filter that has one of a few values, or ``None``.

    Raises:
        InvalidInput: ``inbox.filter``; ``limit`` names the values.
    """
    if value is not None and not any(value is a or (isinstance(a, str) and value == a) for a in allowed):
        raise _wrong_filter(field, ", ".join(str(a) for a in allowed))
    return value


def check_key(value: object, field: str) -> str | None:
    """The id of a department or a member of staff, ``""`` for the default one or nobody, or ``None``.

    Raises:
        InvalidInput: ``inbox.filter``.
    """
    if value is None or (isinstance(value, str) and len(value) <= ID_LIMIT and is_storable(value)):
        return value
    raise _wrong_filter(field, f"str of at most {ID_LIMIT} characters")


def check_sort(value: object) -> Sort | None:
    """An order of the active list, or ``None``.

    Raises:
        InvalidInput: ``inbox.sort``; ``limit`` names the orders.
    """
    if value is None:
        return None
    for known in SORTS:
        if value == known:
            return known
    raise InvalidInput("inbox.sort", "unknown order of the list", field="sort", limit=", ".join(SORTS))


def _wrong_filter(field: str, limit: str) -> InvalidInput:
    return InvalidInput("inbox.filter", f"unknown value for {field}", field=field, limit=limit)
