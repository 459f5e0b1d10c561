"""Opening a SQLite file: from its URL to a store whose tables are as this release needs them."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Final

from convokit.errors import ConfigurationError, StorageError
from convokit.stores.sql.faults import storage_error
from convokit.stores.sql.schema import REVISIONS, VERSION_TABLE
from convokit.stores.sql.sqlite.engine import SqliteDatabase, connect
from convokit.stores.sql.sqlite.faults import translated
from convokit.stores.sql.sqlite.forking import FORKS
from convokit.stores.sql.store import SqlStore

_PREFIX: Final = "sqlite:///"
_MIGRATING_MS: Final = 60_000
_VERSION: Final = f"SELECT version_num FROM {VERSION_TABLE}"  # noqa: S608 - our own constant

_open: Final[dict[Path, tuple[SqliteDatabase, int]]] = {}
"""Open files and how many stores use each: one writing connection a process, however often a file is opened."""


def open_sqlite(url: str) -> SqlStore:
    """Open ``sqlite:///relative.db`` or ``sqlite:////absolute.db``, created and migrated if need be.

    Opening checks the version with one statement; Alembic is imported only when there is something to migrate.

    Raises:
        ConfigurationError: ``store.url``.
        StorageError: ``storage.no_folder``, ``storage.read_only``, ``storage.not_a_database``, ``storage.corrupt``,
            ``storage.newer`` (a later release wrote this file; it is left as it is), ``storage.busy``,
            ``storage.forked`` (it was in use here when this process was forked), ...
    """
    path = path_of(url)
    with FORKS.opening:
        database, users = _open.get(path, (None, 0))
        if database is None:
            FORKS.check(path)
            _prepare(path)
            database = SqliteDatabase(path)
        _open[path] = (database, users + 1)
    return SqlStore(database, release=lambda: _release(path))


def _release(path: Path) -> None:
    with FORKS.opening:
        database, users = _open.pop(path)
        if users > 1:
            _open[path] = (database, users - 1)
        else:
            database.close()


def path_of(url: str) -> Path:
    """The file of a URL.

    Raises:
        ConfigurationError: ``store.url``.
    """
    name = url.removeprefix(_PREFIX)
    if name == url or not name or "?" in name or name == ":memory:":
        raise ConfigurationError(
            "store.url",
            'a SQLite URL is "sqlite:///" and a file name; for a store that forgets, use "memory:"',
            field="url",
            limit=f"{_PREFIX}FILE",
        )
    return Path(name).expanduser().resolve()


def _prepare(path: Path) -> None:
    _check_file(path)
    try:
        connection = connect(path, "rwc", _MIGRATING_MS)
    except sqlite3.Error as error:
        raise translated(error, path) from error
    try:
        version = _version(connection)
        want_module(connection, "fts5")
        if version != REVISIONS[-1]:
            _migrate(path)
        _use_log(connection)
    except sqlite3.Error as error:
        raise translated(error, path) from error
    finally:
        connection.close()


def _check_file(path: Path) -> None:
    if not path.parent.is_dir():
        raise StorageError("storage.no_folder", "the folder of the database does not exist", field="url")
    if path.is_dir():
        raise storage_error("storage.not_a_database")
    if not os.access(path if path.exists() else path.parent, os.W_OK) or not os.access(path.parent, os.W_OK):
        raise storage_error("storage.read_only")
    log = path.with_name(f"{path.name}-wal")
    # An empty file is a new database; but one whose log holds commits was emptied, and SQLite would drop the log.
    if path.exists() and not path.stat().st_size and log.exists() and log.stat().st_size:
        raise storage_error("storage.corrupt")


def _version(connection: sqlite3.Connection) -> str | None:
    """The file's revision, ``None`` for a file without our tables.

    Raises:
        StorageError: ``storage.newer``.
    """
    try:
        row = connection.execute(_VERSION).fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise
        return None
    found: str | None = row[0] if row else None
    if found is not None and found not in REVISIONS:
        raise StorageError(
            "storage.newer",
            "a newer release of convokit has written this database; it was left as it is",
            limit=REVISIONS[-1],
        )
    return found


def want_module(connection: sqlite3.Connection, name: str) -> None:
    """Refuse a build of SQLite that lacks a module.

    Raises:
        StorageError: ``storage.no_module``.
    """
    if connection.execute("SELECT 1 FROM pragma_module_list WHERE name = ?", (name,)).fetchone() is None:
        why = f"this build of SQLite lacks {name}, which search needs; use a Python that comes with it"
        raise StorageError("storage.no_module", why, limit=name)


def _migrate(path: Path) -> None:
    from convokit.stores.sql.sqlite.migrating import migrate

    migrate(path, _MIGRATING_MS)


def _use_log(connection: sqlite3.Connection) -> None:
    """Write-ahead logging, which the file remembers. SQLite does not always wait for the lock that the change needs."""
    deadline = time.monotonic() + _MIGRATING_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return
