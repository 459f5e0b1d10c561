"""What the parts of the SQL store share: the database, and the keys of the practices."""

from __future__ import annotations

from convokit.stores.checks import unknown_practice
from convokit.stores.sql import statements as sql
from convokit.stores.sql.database import Database


class Part:
    """A part of the store."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._keys: dict[str, int] = {}

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
        key = self._keys[practice_id] = int(row[0])
        return key
