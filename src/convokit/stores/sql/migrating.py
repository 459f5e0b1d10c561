"""Bringing a file to this release's tables: all of it or nothing. The only importer of Alembic, and slow to import."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.pool import StaticPool

from convokit.stores.sql.engine import connect
from convokit.stores.sql.faults import storage_error

SCRIPTS: Final = Path(__file__).parent / "migrations"


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


def config() -> Config:
    """Alembic's configuration: no file, our scripts."""
    made = Config()
    made.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return made


def _upgrade(connection: sqlite3.Connection) -> None:
    engine = sa.create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    settings = config()
    with engine.connect() as wrapped:
        settings.attributes["connection"] = wrapped
        command.upgrade(settings, "head")
