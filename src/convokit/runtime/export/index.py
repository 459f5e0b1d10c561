"""Rows that are looked up by key and read in order, in a temporary file: memory stays flat whatever their number."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Final

Key = tuple[str, str, str]
"""Practice, conversation, and the suffix of the file."""

_TABLE: Final = (
    "CREATE TABLE row (practice TEXT, conversation TEXT, suffix TEXT, file TEXT, line BLOB,"
    " PRIMARY KEY (practice, conversation, suffix)) WITHOUT ROWID"
)
_PUT: Final = "INSERT OR REPLACE INTO row VALUES (?, ?, ?, ?, ?)"
_GET: Final = "SELECT line FROM row WHERE practice = ? AND conversation = ? AND suffix = ?"
_ALL: Final = "SELECT line FROM row ORDER BY practice, file, conversation, suffix"


class Index:
    """Lines of a manifest by their keys. SQLite deletes its file by itself, also when the process is killed."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        for statement in ("PRAGMA journal_mode = OFF", "PRAGMA cache_size = -2048", _TABLE, "BEGIN"):
            self._database.execute(statement)

    def put(self, key: Key, file: str, line: bytes) -> None:
        """Add a line, instead of the one with this key."""
        self._database.execute(_PUT, (*key, file, line))

    def get(self, key: Key) -> bytes | None:
        """The line with a key."""
        row = self._database.execute(_GET, key).fetchone()
        return None if row is None else bytes(row[0])

    def lines(self) -> Iterator[bytes]:
        """All lines, by practice and file."""
        for row in self._database.execute(_ALL):
            yield row[0]

    def close(self) -> None:
        """Forget them."""
        self._database.close()
