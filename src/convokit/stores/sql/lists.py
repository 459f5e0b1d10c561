"""The statements of history, badges and changes, from the conversation's table alone, no joins.

Those of the active list stand in ``inbox.py``.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from convokit.domain.inbox import BADGE_CAP
from convokit.domain.urgency import LEVELS
from convokit.stores.sql import rows, schema
from convokit.stores.sql.inbox import VISIBLE
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


_ended = _listed.where(literally(schema.ENDED))
_NARROWED: Final = "practice visible"
HISTORY: Final = _page(_ended, _BY_END, "practice", after=False)
HISTORY_AFTER: Final = _page(_ended, _BY_END, "practice", after=True)
HISTORY_NARROWED: Final = _page(_ended.where(VISIBLE), _BY_END, _NARROWED, after=False)
HISTORY_NARROWED_AFTER: Final = _page(_ended.where(VISIBLE), _BY_END, _NARROWED, after=True)

_changed = sa.select(_C.c.change, _C.c.public_id).where(
    _C.c.practice_pk == param("practice"), _C.c.change > param("since")
)


def _changes(asked: sa.Select[*tuple[Any, ...]], names: str) -> Statement:
    return Statement(asked.order_by(_C.c.change).limit(param("most")).offset(only("0")), f"{names} most")


CHANGES: Final = _changes(_changed, "practice since")
CHANGES_NARROWED: Final = _changes(_changed.where(VISIBLE), "practice since visible")


NEWEST_CHANGE: Final = Statement(
    sa.select(schema.practice.c.change_no).where(schema.practice.c.pk == param("practice")), "practice"
)

_of_app = _listed.where(_C.c.channel == sa.literal_column("'app'"), _C.c.address == param("client"))
APP_OPEN: Final = Statement(
    _of_app.where(literally(schema.OPEN)).limit(param("most")).offset(only("0")), "practice client most"
)
APP_ENDED: Final = _page(_of_app.where(literally(schema.ENDED)), _BY_TIME, "practice client", after=False)
"""Of the app's conversations of one client the open ones, and those that ended."""


def _capped(condition: str, order: tuple[str, ...], *more: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    # The order changes no count: it leads the planner to the index of this very condition.
    counted = (
        sa.select(only("1"))
        .select_from(_C)
        .where(_C.c.practice_pk == param("practice"), literally(condition), *more)
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
_narrowed = (_capped(*count, VISIBLE) for count in _counts)
BADGES_NARROWED: Final = Statement(sa.select(*_narrowed), " ".join([_NARROWED] * BADGE_COUNTS))


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
