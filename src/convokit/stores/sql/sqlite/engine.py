"""Connections to one SQLite file.

Durable and in order: write-ahead log, ``synchronous=FULL`` (a commit is on the disk when it returns; with ``NORMAL``
a power cut loses acknowledged commits), ``BEGIN IMMEDIATE`` for every write (a deferred transaction fails where it
turns from reading to writing), foreign keys on, and the log is folded back every 10,000 pages.

**One writing connection in a process**, behind a lock, shared by every store that this process opens on the file.
SQLite before 3.51.3 (3.50.7, 3.44.6) can damage a database in WAL mode when two connections write and fold the log
back at the same moment. In one process this cannot happen here; with several processes on such a version it can,
rarely: see :func:`sqlite_version_risk`, which ``convokit doctor`` prints.

Reading connections are lent to one thread at a time and never wait for the writer. No connection is open while the
process forks (``connections.py`` says why): a fork waits for the statements that run, closes all connections, and
parent and child open their own. That needs Python's ``os.fork``: the child of another fork is refused.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import quote

from convokit.ports.store_beside import Heard
from convokit.stores.bell import Bell
from convokit.stores.sql.database import PATIENCE_MS, CommitLostError, Run
from convokit.stores.sql.faults import storage_error
from convokit.stores.sql.guests import Guest
from convokit.stores.sql.rows import Cells
from convokit.stores.sql.sqlite.connections import Connections, SqliteRun
from convokit.stores.sql.sqlite.faults import translated
from convokit.stores.sql.sqlite.forking import FORKS
from convokit.stores.sql.sqlite.guest import SqliteSession, savepoint
from convokit.stores.sql.sqlite.words import FullText
from convokit.stores.sql.statement import Statement

T = TypeVar("T")

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


class SqliteDatabase:
    """One file, its writing connection and its reading ones; see :class:`convokit.stores.sql.database.Database`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.words = FullText()
        self._bell = Bell()
        self.closed = False
        self.connections = Connections()
        FORKS.databases.add(self)

    def renew(self) -> None:
        """Forget the connections, which are closed: this is a child that was just forked."""
        self.connections = Connections()

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
        except BaseException as error:
            self._drop(own, run)
            if isinstance(error, _DRIVER):
                raise translated(error, self.path) from error
            raise
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

    def two_to_write(
        self, first: Statement, values: Cells, second: Statement, others: Cells
    ) -> tuple[Cells | None, Cells | None]:
        """Read one row, or another one, as :meth:`one_to_write` does.

        Raises:
            StorageError: they could not be read.
        """
        row = self.one_to_write(first, values)
        return row, None if row is not None else self.one_to_write(second, others)

    @contextmanager
    def reading(self, practice: int = 0) -> Iterator[SqliteRun]:
        """Lend a reading connection; each statement sees what was committed when it began."""
        own = self._own()
        run = self._lend(own)
        try:
            yield run
        except _DRIVER as error:
            self._drop(own, run)
            raise translated(error, self.path) from error
        except BaseException:
            self._give_back(own, run)
            raise
        self._give_back(own, run)

    @contextmanager
    def snapshot(self, practice: int = 0) -> Iterator[SqliteRun]:
        """Lend a reading connection; all statements see the same state."""
        with self.reading(practice) as run:
            run.connection.execute("BEGIN")
            try:
                yield run
            finally:
                run.connection.rollback()

    def writing(self, practice: int | None = None, patience_ms: int = PATIENCE_MS) -> Transaction:
        """A write transaction: ``with`` it. Committed and synced at the end, rolled back by any exception.

        ``practice`` does not matter here: there is one writer of a file at a time.

        Raises:
            StorageError: ``storage.busy`` after ``patience_ms``; nothing was stored.
        """
        return Transaction(self, patience_ms)

    def look_up(self, practice: int, lost: CommitLostError, patience_ms: int, ask: Callable[[Run], T]) -> T:
        """Never needed: a commit that fails here has not happened.

        Raises:
            CommitLostError: always.
        """
        raise lost

    def committed(self, practice_id: str) -> None:
        """See :meth:`convokit.stores.sql.database.Database.committed`."""
        self._bell.ring(practice_id)

    def listen(self, heard: Heard) -> Callable[[], None]:
        """See :meth:`convokit.ports.store_beside.NewsStore.listen`; of this process only."""
        self._own()
        return self._bell.add(heard)

    def rewrite(self) -> None:
        """Write the file anew and empty the log. What was deleted is then in neither.

        ``secure_delete`` alone is not enough: when SQLite splits a page, bytes of rows that moved stay in its gap.

        Raises:
            StorageError: ``storage.busy``: somebody still reads an older state; ``storage.full``.
        """
        own = self._own()
        left_ms = own.wait_for_writer(PATIENCE_MS)
        try:
            connection = self._writer(own, left_ms).connection
            connection.execute("VACUUM")
            row = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except _DRIVER as error:
            raise translated(error, self.path) from error
        finally:
            own.lock.release()
        if row[0]:
            raise storage_error("storage.busy")

    def check_open(self) -> None:
        """See :meth:`convokit.stores.sql.database.Database.check_open`."""
        self._own()

    @contextmanager
    def together(self, practice: int, patience_ms: int) -> Iterator[Guest]:
        """See :meth:`convokit.stores.sql.database.Database.together`."""
        with self.writing(practice, patience_ms) as run:
            yield Guest(self, partial(savepoint, run))

    def within(self, driver: object) -> Guest:
        """See :meth:`convokit.stores.sql.database.Database.within`."""
        return Guest(self, SqliteSession(driver, self.path))

    def close(self) -> None:
        """Close what is not in use; what is comes to its end first."""
        self.closed = True
        own = self.connections
        if own.pid != os.getpid():
            return
        own.close_idle()
        with own.lock:
            own.close_writer()

    def _own(self) -> Connections:
        if self.closed:
            raise storage_error("storage.closed")
        own = self.connections
        if own.pid != os.getpid():
            raise storage_error("storage.forked")
        return own

    def _give_back(self, own: Connections, run: SqliteRun) -> None:
        own.give_back(run)
        if self.closed:
            self.close()

    def _drop(self, own: Connections, run: SqliteRun) -> None:
        run.close()
        own.give_back(None)

    def _lend(self, own: Connections) -> SqliteRun:
        run = own.lend()
        if run is None:
            try:
                run = self._connect("query_only = ON", PATIENCE_MS)
            except BaseException:
                own.give_back(None)
                raise
        return run

    def _writer(self, own: Connections, patience_ms: int) -> SqliteRun:
        if self.closed:  # while we waited for the lock
            raise storage_error("storage.closed")
        if own.writer is None:
            own.writer = self._connect(f"wal_autocheckpoint = {_FOLD_PAGES}", patience_ms)
            own.patience_ms = patience_ms
        if own.patience_ms != patience_ms:
            own.writer.connection.execute(f"PRAGMA busy_timeout = {patience_ms}")
            own.patience_ms = patience_ms
        return own.writer

    def _connect(self, pragma: str, patience_ms: int) -> SqliteRun:
        try:
            connection = connect(self.path, "rw", patience_ms, pragma=pragma)
        except sqlite3.Error as error:
            raise translated(error, self.path) from error
        return SqliteRun(connection)


class Transaction:
    """One write transaction on the process's writing connection."""

    def __init__(self, database: SqliteDatabase, patience_ms: int) -> None:
        self._database = database
        self._patience_ms = patience_ms

    def __enter__(self) -> SqliteRun:
        database = self._database
        self._own = own = database._own()
        left_ms = own.wait_for_writer(self._patience_ms)
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
                    own.close_writer()
        finally:
            own.lock.release()
        if meaning is not None:
            raise meaning from error


def connect(
    path: Path,
    mode: str,
    patience_ms: int = PATIENCE_MS,
    factory: type[sqlite3.Connection] = sqlite3.Connection,
    *,
    pragma: str = "foreign_keys = ON",
) -> sqlite3.Connection:
    """A connection without implicit transactions. ``mode`` is ``"rw"``, or ``"rwc"`` to create the file.

    ``pragma`` is set last. Whatever fails on the way, no connection is left open.
    """
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode={mode}",
        uri=True,
        timeout=patience_ms / 1000,
        isolation_level=None,
        check_same_thread=False,
        factory=factory,
        cached_statements=256,
    )
    try:
        # "fullfsync" matters on macOS only, where a plain fsync does not reach the disk.
        # "secure_delete": what is deleted is overwritten in the file, so that erasing a person leaves nothing of them.
        for setting in ("synchronous = FULL", "fullfsync = ON", "foreign_keys = ON", "secure_delete = ON", pragma):
            connection.execute(f"PRAGMA {setting}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection
