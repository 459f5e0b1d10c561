"""Bringing a file to this release's tables: all of it or nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from convokit.stores.sql.faults import storage_error
from convokit.stores.sql.migrating import upgrade
from convokit.stores.sql.sqlite.engine import connect


class _Whole(sqlite3.Connection):
    """A connection whose transaction only we end: Alembic and SQLAlchemy commit as they go."""

    def commit(self) -> None:
        """Not yet."""

    def rollback(self) -> None:
        """Not by them."""


def migrate(path: Path, patience_ms: int) -> None:
    """Run the missing migrations in one transaction.

    Of two processes one migrates; the other waits for it and finds nothing left to do.

    Raises:
        sqlite3.Error: it could not be done; the file is as it was.
        StorageError: ``storage.corrupt`` when rows point nowhere afterwards; the file is as it was.
    """
    connection = connect(path, "rw", patience_ms, factory=_Whole)
    try:
        # Migrations rebuild tables: enforcing foreign keys meanwhile would cascade. They are checked before the end.
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("BEGIN IMMEDIATE")
        try:
            _upgrade(connection)
            if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise storage_error("storage.corrupt")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    finally:
        connection.close()


def _upgrade(connection: sqlite3.Connection) -> None:
    engine = sa.create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    with engine.connect() as wrapped:
        upgrade(wrapped)
