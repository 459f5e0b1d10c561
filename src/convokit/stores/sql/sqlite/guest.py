"""SQLite within a host's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from convokit.errors import ConfigurationError
from convokit.stores.sql.database import TakenError
from convokit.stores.sql.hosts import no_transaction
from convokit.stores.sql.sqlite.connections import SqliteRun
from convokit.stores.sql.sqlite.faults import translated

# Takes the lock of writers and writes nothing.
_LOCK: Final = "UPDATE convokit_practice SET change_no = change_no WHERE pk = -1"
_DRIVER: Final = (sqlite3.Error, UnicodeEncodeError, OverflowError)


class _Plain(sqlite3.Cursor):
    """A cursor that gives tuples, whatever the host's connection gives."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self.row_factory: Any = None


class _Connection:
    """What of a connection a run needs."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, text: str, values: Any = ()) -> sqlite3.Cursor:
        return self._connection.cursor(_Plain).execute(text, values)


class SqliteSession:
    """See :class:`convokit.stores.sql.guests.Session`."""

    def __init__(self, driver: object, path: Path) -> None:
        """``path``: the file that it must be.

        Raises:
            ConfigurationError: ``within.connection``: another database.
            Conflict: ``within.no_transaction``.
        """
        if not isinstance(driver, sqlite3.Connection) or path_of(driver) != path:
            why = "the host's connection leads to another database than the kit's"
            raise ConfigurationError("within.connection", why, field="connection")
        self._path = path
        self._driver = driver
        if not driver.in_transaction:
            if driver.isolation_level is None or getattr(driver, "autocommit", False) is True:
                raise no_transaction("it commits each statement by itself")
            # Its driver would begin one that cannot be turned from reading to writing once somebody else has written.
            driver.execute("BEGIN IMMEDIATE")

    @contextmanager
    def __call__(self, practice: int | None, patience_ms: int | None) -> Iterator[SqliteRun]:
        """A savepoint."""
        connection: Any = _Connection(self._driver)
        try:
            connection.execute("SAVEPOINT convokit")
            if patience_ms is not None:
                connection.execute(_LOCK)
            yield SqliteRun(connection)
        except BaseException as error:
            if self._driver.in_transaction:
                connection.execute("ROLLBACK TO convokit")
                connection.execute("RELEASE convokit")
            if isinstance(error, _DRIVER) and not isinstance(error, TakenError):
                raise translated(error, self._path) from error
            raise
        connection.execute("RELEASE convokit")


@contextmanager
def savepoint(run: SqliteRun, practice: int | None, patience_ms: int | None) -> Iterator[SqliteRun]:
    """A :class:`convokit.stores.sql.guests.Session` in a write transaction of our own; reading needs no savepoint."""
    if patience_ms is None:
        yield run
        return
    run.connection.execute("SAVEPOINT convokit_one")
    try:
        yield run
    except BaseException:
        if run.connection.in_transaction:  # else SQLite has rolled it back
            run.connection.execute("ROLLBACK TO convokit_one")
            run.connection.execute("RELEASE convokit_one")
        raise
    run.connection.execute("RELEASE convokit_one")


def path_of(driver: sqlite3.Connection) -> Path | None:
    """The file of a connection."""
    row: tuple[int, str, str] | None = driver.cursor(_Plain).execute("PRAGMA database_list").fetchone()
    return None if row is None or not row[2] else Path(row[2]).resolve()
