"""What the parts of the SQL store share: the database, and the keys of the practices."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Final

from convokit.stores.checks import unknown_practice
from convokit.stores.sql import statements as sql
from convokit.stores.sql.database import Database
from convokit.stores.sql.guests import not_within

GUESTS: Final[ContextVar[Mapping[Part, Database]]] = ContextVar("convokit guests", default={})  # noqa: B039 - never changed
"""The stores that take part in a transaction, the host's or their own for several commits, here and now."""


class Part:
    """A part of the store."""

    def __init__(self, database: Database) -> None:
        self._home = database
        self._keys: dict[str, int] = {}

    @property
    def _db(self) -> Database:
        """The database; within a transaction, as that sees it."""
        guests = GUESTS.get()
        return guests.get(self, self._home) if guests else self._home

    def _refuse_within(self, what: str) -> None:
        """Refuse what a transaction that may be rolled back must not carry.

        Raises:
            Conflict: ``within.not_here``.
        """
        if self._db is not self._home:
            raise not_within(what)

    def _key(self, practice_id: str) -> int:
        """The practice's key inside; it never changes.

        Raises:
            NotFound: ``practice.unknown``.
        """
        known = self._keys.get(practice_id)
        if known is not None:
            return known
        row = self._db.one(sql.PRACTICE_KEY, (practice_id,))
        if row is None:
            raise unknown_practice()
        key = int(row[0])
        if self._db is self._home:  # a row that was not committed may still go away
            self._keys[practice_id] = key
        return key
