"""A PostgreSQL database as the store sees it.

Every transaction says whose rows it is about (``convokit.practice``, for itself alone: the setting does not outlive
it), and row-level security shows it no others. A write locks the row of its practice first. A commit whose answer was
lost is looked up (``lost.py``), and never simply tried again.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final, TypeVar

from convokit.ports.store_beside import Heard
from convokit.stores.sql import statements as sql
from convokit.stores.sql.database import PATIENCE_MS, CommitLostError, Run
from convokit.stores.sql.faults import WORDS, storage_error
from convokit.stores.sql.guests import Guest
from convokit.stores.sql.postgres.address import Address
from convokit.stores.sql.postgres.faults import DRIVER, LostError, RefusedError, translated
from convokit.stores.sql.postgres.guest import Home, PostgresSession
from convokit.stores.sql.postgres.hearing import NOTIFY, Hearing
from convokit.stores.sql.postgres.lost import look_up
from convokit.stores.sql.postgres.pool import Pool
from convokit.stores.sql.postgres.run import EVERYBODY, NOBODY, PostgresRun, savepoint
from convokit.stores.sql.postgres.wire import Answer, Ask, Wire
from convokit.stores.sql.postgres.words import WordLists
from convokit.stores.sql.rows import Cells
from convokit.stores.sql.statement import Statement

T = TypeVar("T")

_SLACK_SECONDS: Final = 5.0
_READ: Final = "SELECT set_config('convokit.practice', $1, true), set_config('statement_timeout', $2, true)"
_WRITE: Final = (
    "SELECT set_config('convokit.practice', $1, true), set_config('statement_timeout', $2, true),"
    " set_config('lock_timeout', $3, true), set_config('idle_in_transaction_session_timeout', $2, true),"
    " set_config('synchronous_commit', coalesce(nullif(current_setting('synchronous_commit'), 'off'), 'on'), true)"
)
_FAILED: Final = "25P02"
"""What the server says of a transaction in which something failed."""
_SNAPSHOT: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_BEGIN: Final = "BEGIN ISOLATION LEVEL READ COMMITTED"


class PostgresDatabase:
    """A pool of connections to one database; see :class:`convokit.stores.sql.database.Database`."""

    def __init__(self, address: Address, home: Home) -> None:
        """``home``: what its connections have, as they were looked at when it was opened."""
        self.address = address
        self._home = home
        self.words = WordLists()
        self.closed = False
        self._pool = Pool(address)
        self._names: dict[int, str] = {}
        self._hearing = Hearing(address, self._name_of)
        self._lock = threading.Lock()

    # --- reading ---------------------------------------------------------------------------------------------------

    def one(self, statement: Statement, values: Cells) -> Cells | None:
        """Read one row, or ``None``.

        Raises:
            StorageError: it could not be read.
        """
        found = self.all(statement, values)
        return found[0] if found else None

    def all(self, statement: Statement, values: Cells) -> list[Cells]:
        """Read rows; whose they may be, the statement and its values say.

        Raises:
            StorageError: they could not be read.
        """
        answers = self._exchange([self._read_of(_scope_of(statement, values)), (statement.postgres, values)])
        return answers[1].rows

    one_to_write = one

    def two_to_write(
        self, first: Statement, values: Cells, second: Statement, others: Cells
    ) -> tuple[Cells | None, Cells | None]:
        """Read two rows in one trip.

        Raises:
            StorageError: they could not be read.
        """
        scope = self._read_of(_scope_of(first, values))
        _, one, other = self._exchange([scope, (first.postgres, values), (second.postgres, others)])
        return (one.rows[0] if one.rows else None), (other.rows[0] if other.rows else None)

    @contextmanager
    def reading(self, practice: int) -> Iterator[PostgresRun]:
        """Lend a connection; each statement sees what was committed when it began."""
        with self._session(practice, _BEGIN + " READ ONLY") as run:
            yield run

    @contextmanager
    def snapshot(self, practice: int) -> Iterator[PostgresRun]:
        """Lend a connection; all statements see the same state."""
        with self._session(practice, _SNAPSHOT) as run:
            yield run

    @contextmanager
    def _session(self, practice: int, begin: str) -> Iterator[PostgresRun]:
        pool, wire = self._lend(PATIENCE_MS)
        run = PostgresRun(wire, self._seconds(0))
        run.queue(begin)
        run.queue(*self._read_of(str(practice)))
        try:
            yield run
            run.exchange(("COMMIT", ()))
        except BaseException as error:
            roll_back(pool, wire)
            if isinstance(error, DRIVER):
                raise translated(error) from None
            raise
        pool.give_back(wire)

    def _exchange(self, batch: list[Ask]) -> list[Answer]:
        pool, wire = self._lend(PATIENCE_MS)
        try:
            answers = wire.exchange(batch, self._seconds(0))
        except RefusedError as error:  # the batch was a transaction, and that is over
            pool.give_back(wire)
            raise translated(error) from None
        except BaseException as error:
            pool.drop(wire)
            if isinstance(error, DRIVER):
                raise translated(error) from None
            raise
        pool.give_back(wire)
        return answers

    def _read_of(self, scope: str) -> Ask:
        return _READ, (scope, str(self.address.statement_ms))

    # --- writing ---------------------------------------------------------------------------------------------------

    def writing(self, practice: int | None = None, patience_ms: int = PATIENCE_MS) -> Transaction:
        """A write transaction: ``with`` it. Committed and synced at the end, rolled back by any exception.

        Raises:
            StorageError: ``storage.busy`` after ``patience_ms``; nothing was stored.
            CommitLostError: the connection broke while it was committed.
        """
        return Transaction(self, practice, patience_ms)

    def look_up(self, practice: int, lost: CommitLostError, patience_ms: int, ask: Callable[[Run], T]) -> T:
        """See :meth:`convokit.stores.sql.database.Database.look_up`."""
        return look_up(self, practice, lost, patience_ms, ask)

    def committed(self, practice_id: str) -> None:
        """Nothing to do: the server tells everybody who listens, this process too."""

    def listen(self, heard: Heard) -> Callable[[], None]:
        """See :meth:`convokit.ports.store_beside.NewsStore.listen`; of every process."""
        self._own()
        return self._hearing.listen(heard)

    def _name_of(self, practice: int) -> str | None:
        if practice not in self._names:
            row = self.one(sql.PRACTICE_NAME, (practice,))
            if row is None:
                return None
            self._names[practice] = row[0]
        return self._names[practice]

    def rewrite(self) -> None:
        """Nothing: what the server keeps of deleted rows until it cleans up, only the owner of the tables can hasten.

        See "Erase a person" in the manual.
        """
        self._own()

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
        return Guest(self, PostgresSession(driver, self._home))

    def close(self) -> None:
        """Close what is not in use; what is comes to its end first."""
        self.closed = True
        self._hearing.close()
        if self._pool.pid == os.getpid():
            self._pool.close()

    # --- connections -----------------------------------------------------------------------------------------------

    def lend(self, patience_ms: int) -> tuple[Pool, Wire]:
        """A connection, and the pool that gets it back.

        Raises:
            StorageError: ``storage.away``, ``storage.no_connection``, ``storage.wrong_role``, ...
        """
        return self._lend(patience_ms)

    def _lend(self, patience_ms: int) -> tuple[Pool, Wire]:
        pool = self._own()
        try:
            return pool, pool.lend(patience_ms)
        except DRIVER as error:
            raise translated(error) from None

    def _own(self) -> Pool:
        if self.closed:
            raise storage_error("storage.closed")
        if self._pool.pid != os.getpid():
            with self._lock:
                if self._pool.pid != os.getpid():
                    self._pool = self._pool.renewed()
        return self._pool

    def _seconds(self, patience_ms: int) -> float:
        """How long the answer to a batch may take before the connection counts as lost."""
        return (self.address.statement_ms + patience_ms) / 1000 + _SLACK_SECONDS


class Transaction:
    """One write transaction."""

    def __init__(self, database: PostgresDatabase, practice: int | None, patience_ms: int) -> None:
        self._database = database
        self._practice = practice
        self._patience_ms = patience_ms

    def __enter__(self) -> PostgresRun:
        database, patience_ms = self._database, self._patience_ms
        self._pool, self._wire = database.lend(patience_ms)
        self._run = run = PostgresRun(self._wire, database._seconds(patience_ms))
        scope = NOBODY if self._practice is None else str(self._practice)
        run.queue(_BEGIN)
        run.queue(_WRITE, (scope, str(database.address.statement_ms), str(patience_ms)))
        if self._practice is not None:
            run.lock(self._practice)
        return run

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None:
            self._fail(error)
            return
        try:
            self._commit()
        except CommitLostError:
            self._pool.drop(self._wire)
            raise
        except BaseException as failed:
            self._fail(failed)
            raise
        self._pool.give_back(self._wire)

    def _commit(self) -> None:
        self._run.be_sure()
        told = [(NOTIFY, (str(practice),)) for practice in sorted(self._run.news)]
        try:
            ended = self._run.exchange(("COMMIT", ()), *told, spare=len(told))[0]
        except LostError:
            lost = CommitLostError("storage.unknown", WORDS["storage.unknown"])
            lost.session = self._wire.session
            raise lost from None
        if ended.rolled_back:
            raise RefusedError(_FAILED, 0)

    def _fail(self, error: BaseException) -> None:
        """Roll back; on a connection that answers, which then can be used again.

        Raises:
            StorageError: what an exception of the driver means.
        """
        roll_back(self._pool, self._wire)
        if isinstance(error, DRIVER):
            raise translated(error) from None


def roll_back(pool: Pool, wire: Wire) -> None:
    """End a transaction that failed; a connection that still answers goes back to its pool."""
    try:
        wire.exchange([("ROLLBACK", ())], _SLACK_SECONDS)
    except (RefusedError, LostError):  # it broke: the server rolls back by itself
        pool.drop(wire)
    else:
        pool.give_back(wire)


def _scope_of(statement: Statement, values: Cells) -> str:
    if statement.practice_at is not None:
        return str(values[statement.practice_at])
    return EVERYBODY if statement.across else NOBODY
