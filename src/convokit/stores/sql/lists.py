"""The statements of the lists: inbox, history, badges, changes. From the conversation's table alone, no joins."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from convokit.domain.inbox import BADGE_CAP, InboxQuery, Position
from convokit.domain.urgency import LEVELS
from convokit.stores.sql import rows, schema
from convokit.stores.sql.statement import Statement
from convokit.stores.sql.statements import columns, literally, only, param

_C: Final = schema.conversation
_E: Final = schema.entry
_listed = sa.select(*columns(_C, rows.CONVERSATION)).where(_C.c.practice_pk == param("practice"))
_BY_URGENCY: Final = ("urgency", "last_us", "pk")
_BY_TIME: Final = ("last_us", "pk")
_BY_END: Final = ("ended_us", "pk")


def _page(asked: sa.Select[*tuple[Any, ...]], order: tuple[str, ...], names: str, after: bool) -> Statement:
    """A page in descending order. The position is compared as one row value: SQLite seeks to it."""
    if after:
        asked = asked.where(sa.tuple_(*columns(_C, order)) < sa.tuple_(*(param(f"after_{name}") for name in order)))
        names += "".join(f" after_{name}" for name in order)
    ordered = asked.order_by(*(column.desc() for column in columns(_C, order)))
    return Statement(ordered.limit(param("most")).offset(only("0")), f"{names} most")


@cache
def inbox(
    unread: bool | None, initiated_by: bool, urgency: bool, channel: bool, by_urgency: bool, after: bool
) -> Statement:
    """The page of open conversations for this shape of query; see :func:`inbox_values` for its parameters."""
    asked = _listed.where(literally(schema.UNREAD if unread else schema.OPEN))
    names = "practice"
    if unread is False:
        asked = asked.where(literally("unread = 0"))
    if initiated_by:
        asked, names = asked.where(_C.c.initiated_by == param("initiated_by")), f"{names} initiated_by"
    if urgency:
        asked, names = asked.where(_C.c.urgency == param("urgency")), f"{names} urgency"
    if channel:
        # Joined to nothing, the channel cannot draw the planner to the index by address, which is not in order.
        asked, names = asked.where(_C.c.channel.concat(sa.literal_column("''")) == param("channel")), f"{names} channel"
    # Where all have the same urgency, the order is by time.
    return _page(asked, _BY_URGENCY if by_urgency and not urgency else _BY_TIME, names, after)


def inbox_for(query: InboxQuery, *, by_urgency: bool, after: bool) -> Statement:
    """The statement for a query."""
    return inbox(
        query.unread,
        query.initiated_by is not None,
        query.urgency is not None,
        query.channel is not None,
        by_urgency,
        after,
    )


def start_of(query: InboxQuery, by_urgency: bool, after: Position | None) -> Position | None:
    """Where the page starts, in the order of the statement: without the urgency that all its rows have."""
    if after is None or not by_urgency or query.urgency is None:
        return after
    if after[0] > query.urgency:
        return None
    return after[1:] if after[0] == query.urgency else (0, 0)


def inbox_values(query: InboxQuery) -> tuple[str | int, ...]:
    """The values of a query's filters, in the order of :func:`inbox`."""
    return tuple(value for value in (query.initiated_by, query.urgency, query.channel) if value is not None)


HISTORY: Final = _page(_listed.where(literally(schema.ENDED)), _BY_END, "practice", after=False)
HISTORY_AFTER: Final = _page(_listed.where(literally(schema.ENDED)), _BY_END, "practice", after=True)

CHANGES: Final = Statement(
    sa.select(_C.c.change, _C.c.public_id)
    .where(_C.c.practice_pk == param("practice"), _C.c.change > param("since"))
    .order_by(_C.c.change)
    .limit(param("most"))
    .offset(only("0")),
    "practice since most",
)


def _capped(condition: str, order: tuple[str, ...]) -> sa.ScalarSelect[int]:
    # The order changes no count: it leads the planner to the index of this very condition.
    counted = (
        sa.select(only("1"))
        .select_from(_C)
        .where(_C.c.practice_pk == param("practice"), literally(condition))
        .order_by(*(column.desc() for column in columns(_C, order)))
        .limit(only(str(BADGE_CAP + 1)))
        .offset(only("0"))
    )
    return sa.select(sa.func.count()).select_from(counted.subquery()).scalar_subquery()


_counts = (
    (schema.UNREAD, _BY_TIME),
    (schema.ENDED, _BY_END),
    *((f"{schema.OPEN} AND urgency = {rank}", _BY_URGENCY) for rank in range(len(LEVELS))),
)
BADGE_COUNTS: Final = len(_counts)
BADGES: Final = Statement(sa.select(*(_capped(*count) for count in _counts)), " ".join(["practice"] * BADGE_COUNTS))
"""Unread, history, then open by rank of urgency, each counted no further than one past the cap."""


def _waiting(condition: str) -> sa.Select[*tuple[Any, ...]]:
    unreceived = sa.exists().where(
        _E.c.practice_pk == _C.c.practice_pk,
        _E.c.conversation_pk == _C.c.pk,
        _E.c.seq > _C.c.opened_seq,
        _E.c.delivery.is_not(None),
    )
    return sa.select(_C.c.public_id).where(
        _C.c.practice_pk == param("practice"),
        _C.c.channel == sa.literal_column("'app'"),
        _C.c.address == param("client"),
        literally(condition),
        unreceived,
    )


# Two halves, because each partial index holds one of them.
APP_WAITING: Final = Statement(
    sa.union_all(_waiting(schema.OPEN), _waiting(schema.ENDED)), "practice client practice client"
)
