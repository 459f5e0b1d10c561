"""The statements of the active list: for each combination of filters and order, which index is read, and from where.

An order is a few *stretches* one below the other, each read from one index that is in its order already. The most
selective filter chooses the index; the others are looked at row by row. Nothing is ever sorted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa
from attrs import evolve, frozen

from convokit.domain.inbox import InboxPosition, InboxQuery, Sort
from convokit.domain.urgency import LEVELS
from convokit.stores.sql import rows, schema
from convokit.stores.sql.spelling import among
from convokit.stores.sql.statement import Statement
from convokit.stores.sql.statements import columns, literally, only, param

_C: Final = schema.conversation
_NEWEST: Final = ("-last_us", "-pk")
_HOLDS: Final = {
    "conversation_by_time": schema.OPEN,
    "conversation_by_urgency": schema.OPEN,
    "unread_by_time": schema.UNREAD,
    "unread_by_urgency": schema.UNREAD,
    "failed_by_time": schema.FAILED,
    "department_by_time": schema.ELSEWHERE,
    "assignee_by_time": schema.ASSIGNED,
    "conversation_waiting": schema.WAITING,
}
"""The condition of each partial index."""

# A filter that is not asked for compares a column with itself, so that few statements serve all combinations.
_FILTERS: Final = {
    "unread": "(unread > 0) = coalesce(:unread, unread > 0)",
    "initiated_by": "initiated_by = coalesce(:initiated_by, initiated_by)",
    "urgency": "urgency = coalesce(:urgency, urgency)",
    "channel": "channel = coalesce(:channel, channel)",
    "department": "department = coalesce(:department, department)",
    "assignee": "coalesce(assignee_id, '') = coalesce(:assignee, assignee_id, '')",
    "awaiting_reply": "(awaiting_us IS NOT NULL) = coalesce(:awaiting_reply, awaiting_us IS NOT NULL)",
    "failed": "(failed > 0) = coalesce(:failed, failed > 0)",
}
VISIBLE: Final = among(_C.c.department, "visible")
"""The conversation is in one of the departments that the reader sees."""


@frozen
class Shape:
    """What decides the text of a statement.

    Attributes:
        index: the one that is read.
        equal: its column that has one value, if any.
        order: the columns of the order, with ``-`` for descending.
        begin: how many of them are compared with the place where the page starts.
    """

    index: str
    equal: str = ""
    order: tuple[str, ...] = _NEWEST
    begin: int = 0
    filtered: bool = False
    narrowed: bool = False


@frozen
class Stretch:
    """Rows in order from one index: the statement, and its values without practice and limit."""

    shape: Shape
    values: tuple[str | int | None, ...]


@lru_cache(maxsize=1024)
def statement(shape: Shape) -> Statement:
    """The statement of a shape. Parameters: practice, the equal value, where to begin, filters, visible, limit."""
    asked = sa.select(*columns(_C, rows.CONVERSATION)).where(
        _C.c.practice_pk == param("practice"), literally(_HOLDS[shape.index])
    )
    names = ["practice"]
    if shape.equal:
        asked, names = asked.where(_C.c[shape.equal] == param("equal")), [*names, "equal"]
    if shape.begin:
        started = [name.removeprefix("-") for name in shape.order[: shape.begin]]
        here = sa.tuple_(*columns(_C, started))
        there = sa.tuple_(*(param(f"after_{name}") for name in started))
        asked = asked.where(here < there if shape.order[0].startswith("-") else here > there)
        names += [f"after_{name}" for name in started]
    if shape.filtered:
        asked, names = asked.where(*map(literally, _FILTERS.values())), [*names, *_FILTERS]
    if shape.narrowed:
        asked, names = asked.where(VISIBLE), [*names, "visible"]
    order = (_C.c[name[1:]].desc() if name.startswith("-") else _C.c[name] for name in shape.order)
    page = asked.order_by(*order).limit(param("most")).offset(only("0"))
    return Statement(page.with_hint(_C, f"INDEXED BY convokit_{shape.index}", "sqlite"), " ".join([*names, "most"]))


def stretches(query: InboxQuery, sort: Sort, after: InboxPosition | None) -> Iterator[Stretch]:
    """What to read for a page that starts below ``after``, in turn, until it is full."""
    if sort == "urgency" and not _narrow_index(query) and query.urgency is None:
        yield _by_urgency(query, after)
        return
    for segment, asked in enumerate(_segments(query, sort)):
        if asked is None or (after is not None and segment < after.segment):
            continue
        start = after if after is not None and segment == after.segment else None
        if sort == "awaiting_reply" and segment == 0:
            yield _waiting(asked, start)
        elif (sort, segment) in _GROUPED:
            yield from _groups(asked, sort, *_GROUPED[sort, segment], start)
        else:
            yield _by_time(asked, start)


_GROUPED: Final = {
    ("department", 1): ("department_by_time", "department"),
    ("assignee", 0): ("assignee_by_time", "assignee_id"),
}
_VALUES: Final[dict[str, tuple[bool | str | int, ...]]] = {
    "unread": (True, False),
    "failed": (True, False),
    "awaiting_reply": (True, False),
    "initiated_by": ("client", "practice"),
    "channel": ("app", "sms"),
    "urgency": tuple(reversed(range(len(LEVELS)))),
}


def _segments(query: InboxQuery, sort: Sort) -> Iterator[InboxQuery | None]:
    """The segments of an order as queries; ``None`` for one that no row can be in."""
    if sort == "newest":
        yield query
    elif sort == "department":
        yield _with(query, sort, "")
        yield None if query.department == "" else query
    elif sort == "assignee":
        yield None if query.assignee == "" else query
        yield _with(query, sort, "")
    else:
        for value in _VALUES[sort]:
            yield _with(query, sort, value)


def _with(query: InboxQuery, name: str, value: bool | str | int) -> InboxQuery | None:
    """The query with one more filter, unless that contradicts it."""
    one: dict[str, Any] = {name: value}
    return evolve(query, **one) if getattr(query, name) in (None, value) else None


def _narrow_index(query: InboxQuery) -> tuple[str, str, str] | None:
    """Index, its column and the filter, where a filter leaves few rows that have an index of their own."""
    if query.failed:
        return "failed_by_time", "", "failed"
    if query.assignee:
        return "assignee_by_time", "assignee_id", "assignee"
    if query.department:
        return "department_by_time", "department", "department"
    return None


def _by_time(query: InboxQuery, start: InboxPosition | None) -> Stretch:
    index, column, done = _narrow_index(query) or ("unread_by_time" if query.unread else "conversation_by_time", "", "")
    if query.urgency is not None and not column and done != "failed":
        index, column, done = index.replace("_time", "_urgency"), "urgency", "urgency"
    values = (getattr(query, done),) if column else ()
    shape = Shape(index, equal=column, begin=0 if start is None else len(_NEWEST))
    begin = () if start is None else (start.moment_us, start.row)
    return _filtered(shape, (*values, *begin), query, done)


def _by_urgency(query: InboxQuery, after: InboxPosition | None) -> Stretch:
    index = "unread_by_urgency" if query.unread else "conversation_by_urgency"
    order = ("-urgency", *_NEWEST)
    begin = () if after is None else (len(LEVELS) - 1 - after.segment, after.moment_us, after.row)
    return _filtered(Shape(index, order=order, begin=len(begin)), begin, query)


def _waiting(query: InboxQuery, start: InboxPosition | None) -> Stretch:
    """Longest waiting first."""
    order = ("awaiting_us", "pk")
    begin = () if start is None else (start.moment_us, start.row)
    shape = Shape("conversation_waiting", order=order, begin=len(begin))
    return _filtered(shape, begin, query, "awaiting_reply")


def _groups(query: InboxQuery, group: str, index: str, column: str, start: InboxPosition | None) -> Iterator[Stretch]:
    """Group by group: first what is left of the one where the last page ended."""
    order, only_one = (column, *_NEWEST), getattr(query, group)
    if only_one is not None:
        if start is None or start.word <= only_one:
            yield _by_time(query, start if start is not None and start.word == only_one else None)
    elif start is None:
        yield _filtered(Shape(index, order=order), (), query)
    else:
        rest = (start.word, start.moment_us, start.row)
        yield _filtered(Shape(index, equal=column, begin=len(_NEWEST)), rest, query)
        yield _filtered(Shape(index, order=order, begin=1), (start.word,), query)


def _filtered(shape: Shape, values: tuple[str | int, ...], query: InboxQuery, done: str = "") -> Stretch:
    """With the filters that the index does not see to."""
    if query.unread and _HOLDS[shape.index] == schema.UNREAD:
        query = evolve(query, unread=None)
    asked = tuple(None if name == done else getattr(query, name) for name in _FILTERS)
    filtered, narrowed = any(value is not None for value in asked), query.visible is not None
    return Stretch(
        evolve(shape, filtered=filtered, narrowed=narrowed),
        (*values, *(asked if filtered else ()), *((json.dumps(query.visible),) if narrowed else ())),
    )
