"""Connections to one SQLite file.

Durable and in order: write-ahead log, ``synchronous=FULL`` (a commit is on the disk when it returns; with ``NORMAL``
a power cut loses acknowledged commits), ``BEGIN IMMEDIATE`` for every write (a deferred transaction fails where it
turns from reading to writing), foreign keys on, and the log is folded back every 10,000 pages.

**One writing connection in a process**, behind a lock, shared by every store that this process opens on the file.
SQLite before 3.51.3 (3.50.7, 3.44.6) can damage a database in WAL mode when two connections write and fold the log
back at the same moment. In one process this cannot happen here; with several processes on such a version it can,
rarely: see :func:`sqlite_version_risk`, which ``convokit doctor`` prints.

Reading connections are lent to one thread at a time and never wait for the writer. A connection never crosses a
fork: what a process inherited stays unused, and it opens its own.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote

from convokit.stores.sql.faults import storage_error, translated
from convokit.stores.sql.rows import Cells
from convokit.stores.sql.statement import Statement

PATIENCE_MS: Final = 10_000
_FOLD_PAGES: Final = 10_000
_FIXED: Final = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
_DRIVER: Final = (sqlite3.Error, UnicodeEncodeError, OverflowError)
_BROKEN: Final = frozenset({"storage.io", "storage.corrupt", "storage.not_a_database", "storage.closed"})


def sqlite_version_risk(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> str | None:
    """What is risky about this SQLite, in a sentence for an administrator; ``None`` when nothing is known."""
    newest = _FIXED[0]
    if version >= newest or any(version[:2] == fixed[:2] and version >= fixed for fixed in _FIXED[1:]):
        return None
    return (
        f"SQLite {'.'.join(map(str, version))} can damage a database when several processes write to it; "
        f"keep to one process per file, or use SQLite {'.'.join(map(str, newest))} or newer"
    )


class Run:
    """A connection that runs prepared statements."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def one(self, statement: Statement, values: Cells) -> Cells | None:
        """The only row, or ``None``."""
        row: Cells | None = self.connection.execute(statement.sqlite, values).fetchone()
        return row

    def all(self, statement: Statement, values: Cells) -> list[Cells]:
        """All rows."""
        return self.connection.execute(statement.sqlite, values).fetchall()

    def write(self, statement: Statement, values: Cells) -> sqlite3.Cursor:
        """Write; the cursor says how many rows, and the new row's number."""
        return self.connection.execute(statement.sqlite, values)


class _Connections:
    """The connections of one process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.writer: Run | None = None
        self.patience_ms = 0
        self.idle: list[Run] = []


class Database:
    """One file, its writing connection and its reading ones. Every thread may use it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.closed = False
        # By process: after a fork the child finds nothing of its own here, and leaves the parent's alone.
        self._connections: dict[int, _Connections] = {}

    def one(self, statement: Statement, values: Cells) -> Cells | None:
        """Read one row, or ``None``.

        Raises:
            StorageError: it could not be read.
        """
        found = self.all(statement, values)
        return found[0] if found else None

    def all(self, statement: Statement, values: Cells) -> list[Cells]:
        """Read rows.

        Raises:
            StorageError: they could not be read.
        """
        # The hot path: what ``with self.reading()`` does, without the price of a generator.
        own = self._own()
        run = self._lend(own)
        try:
            found = run.all(statement, values)
        except _DRIVER as error:
            run.connection.close()
            raise translated(error, self.path) from error
        self._give_back(own, run)
        return found

    def one_to_write(self, statement: Statement, values: Cells) -> Cells | None:
        """Read one row that a write is about to follow.

        On the writing connection, if nobody uses it: its cache is warm, while every commit empties those of the
        reading connections.

        Raises:
            StorageError: it could not be read.
        """
        own = self._own()
        if own.lock.acquire(blocking=False):
            try:
                if own.writer is not None:
                    return own.writer.one(statement, values)
            except _DRIVER as error:
                raise translated(error, self.path) from error
            finally:
                own.lock.release()
        return self.one(statement, values)

    @contextmanager
    def reading(self) -> Iterator[Run]:
        """Lend a reading connection; each statement sees what was committed when it began."""
        own = self._own()
        run = self._lend(own)
        try:
            yield run
        except _DRIVER as error:
            run.connection.close()
            raise translated(error, self.path) from error
        except BaseException:
            self._give_back(own, run)
            raise
        self._give_back(own, run)

    @contextmanager
    def snapshot(self) -> Iterator[Run]:
        """Lend a reading connection; all statements see the same state."""
        with self.reading() as run:
            run.connection.execute("BEGIN")
            try:
                yield run
            finally:
                run.connection.rollback()

    def writing(self, patience_ms: int = PATIENCE_MS) -> Transaction:
        """A write transaction: ``with`` it. Committed and synced at the end, rolled back by any exception.

        Raises:
            StorageError: ``storage.busy`` after ``patience_ms``; nothing was stored.
        """
        return Transaction(self, patience_ms)

    def close(self) -> None:
        """Close what is not in use; what is comes to its end first."""
        self.closed = True
        own = self._connections.get(os.getpid())
        if own is None:
            return
        while own.idle:
            own.idle.pop().connection.close()
        with own.lock:
            if own.writer is not None:
                own.writer.connection.close()
                own.writer = None

    def _own(self) -> _Connections:
        if self.closed:
            raise storage_error("storage.closed")
        pid = os.getpid()
        return self._connections.get(pid) or self._connections.setdefault(pid, _Connections())

    def _give_back(self, own: _Connections, run: Run) -> None:
        own.idle.append(run)
        if self.closed:
            self.close()

    def _lend(self, own: _Connections) -> Run:
        try:
            return own.idle.pop()
        except IndexError:
            return self._connect("query_only = ON", PATIENCE_MS)

    def _writer(self, own: _Connections, patience_ms: int) -> Run:
        if self.closed:  # while we waited for the lock
            raise storage_error("storage.closed")
        if own.writer is None:
            own.writer = self._connect(f"wal_autocheckpoint = {_FOLD_PAGES}", patience_ms)
            own.patience_ms = patience_ms
        if own.patience_ms != patience_ms:
            own.writer.connection.execute(f"PRAGMA busy_timeout = {patience_ms}")
            own.patience_ms = patience_ms
        return own.writer

    def _connect(self, pragma: str, patience_ms: int) -> Run:
        try:
            connection = connect(self.path, "rw", patience_ms)
            connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error as error:
            raise translated(error, self.path) from error
        return Run(connection)


class Transaction:
    """One write transaction on the process's writing connection."""

    def __init__(self, database: Database, patience_ms: int) -> None:
        self._database = database
        self._patience_ms = patience_ms

    def __enter__(self) -> Run:
        database = self._database
        self._own = own = database._own()
        left_ms = _wait(own.lock, self._patience_ms)
        try:
            run = database._writer(own, left_ms)
            run.connection.execute("BEGIN IMMEDIATE")
        except BaseException as error:
            self._fail(error)
            raise
        return run

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None:
            self._fail(error)
            return
        own = self._own
        try:
            if own.writer is not None:
                own.writer.connection.execute("COMMIT")
        except BaseException as failed:
            self._fail(failed)
            raise
        own.lock.release()

    def _fail(self, error: BaseException) -> None:
        """Roll back. A connection that the operating system failed is not trusted again: the next write opens one.

        Raises:
            StorageError: what an exception of the driver means.
        """
        own = self._own
        try:
            meaning = translated(error, self._database.path) if isinstance(error, _DRIVER) else None
            if own.writer is not None:
                with suppress(sqlite3.Error):
                    own.writer.connection.rollback()
                if meaning is not None and meaning.code in _BROKEN:
                    own.writer.connection.close()
                    own.writer = None
        finally:
            own.lock.release()
        if meaning is not None:
            raise meaning from error


def _wait(lock: threading.Lock, patience_ms: int) -> int:
    """Wait for the lock; the milliseconds of patience that are left."""
    if lock.acquire(blocking=False):
        return patience_ms
    started = time.monotonic()
    if not lock.acquire(timeout=patience_ms / 1000):
        raise storage_error("storage.busy")
    return max(0, patience_ms - int((time.monotonic() - started) * 1000))


def connect(
    path: Path, mode: str, patience_ms: int = PATIENCE_MS, factory: type[sqlite3.Connection] = sqlite3.Connection
) -> sqlite3.Connection:
    """A connection without implicit transactions. ``mode`` is ``"rw"``, or ``"rwc"`` to create the file."""
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode={mode}",
        uri=True,
        timeout=patience_ms / 1000,
        isolation_level=None,
        check_same_thread=False,
        factory=factory,
        cached_statements=256,
    )
    # "fullfsync" matters on macOS only, where a plain fsync does not reach the disk.
    for pragma in ("synchronous = FULL", "fullfsync = ON", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection
