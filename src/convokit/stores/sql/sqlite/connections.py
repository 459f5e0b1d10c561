"""The connections of one process to one file, and the gate that closes while the process forks.

SQLite keeps what it knows of a file's locks in the memory of the process, once for each file. A forked child inherits
that memory and none of the locks: each connection it opened on the same file would believe in locks that nobody
holds, and another process could unlink the log with the child's commits in it. A thread that is inside SQLite at that
moment leaves its locks taken in the child for ever. So nothing of SQLite may be open or running while a process
forks: the fork waits until every transaction and every read has ended, closes all connections, and parent and child
open new ones when they need them.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Final

from convokit.stores.sql import statements as sql
from convokit.stores.sql.database import PATIENCE_MS, NamesRefusedError, TakenError
from convokit.stores.sql.faults import storage_error
from convokit.stores.sql.rows import Cells
from convokit.stores.sql.sqlite.faults import is_taken
from convokit.stores.sql.statement import Statement

_ALONE: Final = nullcontext()


class SqliteRun:
    """A connection that runs prepared statements; see :class:`convokit.stores.sql.database.Run`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def one(self, statement: Statement, values: Cells) -> Cells | None:
        """The only row, or ``None``."""
        row: Cells | None = self.connection.execute(statement.sqlite, values).fetchone()
        return row

    def all(self, statement: Statement, values: Cells) -> list[Cells]:
        """All rows."""
        return self.connection.execute(statement.sqlite, values).fetchall()

    def write(self, statement: Statement, values: Cells, told: Callable[[int], None] | None = None) -> None:
        """Write."""
        done = self._write(statement, values)
        if told is not None:
            told(done.rowcount)

    def count(self, statement: Statement, values: Cells) -> int:
        """Write; how many rows that were."""
        return self._write(statement, values).rowcount

    def must(self, statement: Statement, values: Cells, otherwise: Exception) -> None:
        """Write one row; ``otherwise`` is raised if it was none."""
        if self.count(statement, values) != 1:
            raise otherwise

    def _write(self, statement: Statement, values: Cells) -> sqlite3.Cursor:
        try:
            return self.connection.execute(statement.sqlite, values)
        except sqlite3.IntegrityError as error:
            if is_taken(error):
                raise TakenError from error
            raise

    def check(self, statement: Statement, values: Cells, told: Callable[[Cells | None], None]) -> None:
        """Read one row."""
        told(self.one(statement, values))

    def put(self, statement: Statement, values: Cells) -> int:
        """Insert a row, and return its number."""
        return self._write(statement, values).lastrowid or 0

    def set(self, statement: Statement, values: Cells, otherwise: Exception) -> int:
        """Change one row, and return the number that it has."""
        row = self._write(statement, values).fetchone()
        if row is None:
            raise otherwise
        return int(row[0])

    def carry(self, text: str, values: tuple[str, ...]) -> None:
        """Write names into an engine's queue."""
        try:
            self.connection.execute(text, values)
        except sqlite3.Error as error:
            raise NamesRefusedError(error.sqlite_errorname or "") from error

    def next_change(self, practice: int) -> int:
        """Count up the practice's change number, and return it."""
        row = self.one(sql.NEXT_CHANGE, (practice,))
        return int(row[0]) if row is not None else 0

    def count_up(self, practice: int, told: Callable[[int], None]) -> int:
        """The same."""
        number = self.next_change(practice)
        told(number)
        return number

    def undoable(self) -> AbstractContextManager[None]:
        """Nothing to do: here, a statement that fails takes back itself alone."""
        return _ALONE

    def enter(self, practice: int) -> None:
        """Nothing to do: there is one writer of a file."""

    def close(self) -> None:
        """Close the connection, whatever state it is in."""
        with suppress(sqlite3.Error):
            self.connection.close()


class Connections:
    """The writing connection, with the lock of its users, and the reading ones."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.lock = threading.Lock()
        """Held by whoever uses :attr:`writer`, and during a fork."""
        self.writer: SqliteRun | None = None
        self.patience_ms = 0
        self._gate = threading.Condition()
        self._forking = False
        self._idle: list[SqliteRun] = []
        self._lent = 0

    @property
    def in_use(self) -> bool:
        """Whether a connection is open."""
        return self.writer is not None or bool(self._idle) or self._lent > 0

    def wait_for_writer(self, patience_ms: int) -> int:
        """Take the writer's lock; the milliseconds of patience that are left.

        Raises:
            StorageError: ``storage.busy``.
        """
        if not self._forking and self.lock.acquire(blocking=False):
            return patience_ms
        started = time.monotonic()
        if self._forking:  # it comes first: without this, busy writers could keep it waiting
            with self._gate:
                self._wait_for_fork(patience_ms)
        left = max(0, patience_ms - _since(started))
        if not self.lock.acquire(timeout=left / 1000):
            raise storage_error("storage.busy")
        return max(0, patience_ms - _since(started))

    def lend(self) -> SqliteRun | None:
        """An idle reading connection, or ``None``: open one. Either way :meth:`give_back` must follow.

        Raises:
            StorageError: ``storage.busy``: a fork has not ended in time.
        """
        with self._gate:
            if self._forking:
                self._wait_for_fork(PATIENCE_MS)
            self._lent += 1
            return self._idle.pop() if self._idle else None

    def give_back(self, run: SqliteRun | None) -> None:
        """Take a connection back; ``None``: it is closed, or could not be opened."""
        with self._gate:
            self._lent -= 1
            if run is not None:
                self._idle.append(run)
            if self._forking:
                self._gate.notify_all()

    def close_idle(self) -> None:
        """Close the reading connections that nobody uses."""
        with self._gate:
            while self._idle:
                self._idle.pop().close()

    def close_writer(self) -> None:
        """Close the writing connection, under its lock."""
        writer, self.writer = self.writer, None
        if writer is not None:
            writer.close()

    # --- forking -------------------------------------------------------------------------------------------------

    def before_fork(self, seconds: float) -> bool:
        """Let nobody in, wait for those inside, close everything. ``False``: somebody did not leave in time."""
        deadline = time.monotonic() + seconds
        with self._gate:
            self._forking = True
        if not self.lock.acquire(timeout=seconds):
            return False
        quiet = False
        try:
            with self._gate:
                quiet = self._gate.wait_for(lambda: not self._lent, max(0.0, deadline - time.monotonic()))
        finally:
            if not quiet:
                self.lock.release()
        if quiet:
            self.close_writer()
            self.close_idle()
        return quiet

    def after_fork(self, *, quiet: bool) -> None:
        """Let everybody in again, in the parent. ``quiet`` is what :meth:`before_fork` returned."""
        if quiet:
            self.lock.release()
        with self._gate:
            self._forking = False
            self._gate.notify_all()

    def _wait_for_fork(self, patience_ms: int) -> None:
        if not self._gate.wait_for(lambda: not self._forking, patience_ms / 1000):
            raise storage_error("storage.busy")


def _since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)
