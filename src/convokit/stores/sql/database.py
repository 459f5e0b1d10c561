"""What the store asks of a database, whichever it is: run a statement, lend a connection, write in a transaction.

``sqlite/`` and ``postgres/`` each hold one. Only these two folders know a driver.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from convokit.errors import StorageError
from convokit.ports.store_beside import Heard
from convokit.stores.sql.rows import Cells
from convokit.stores.sql.statement import Statement

if TYPE_CHECKING:
    from convokit.stores.sql.words import Words

T = TypeVar("T")

PATIENCE_MS: Final = 10_000
"""How long a write waits for others, in milliseconds, where nobody says how long."""


class TakenError(Exception):
    """A unique index has this row already. The transaction it happened in stores nothing."""


class EarlierTakenError(Exception):
    """The same of a row that was written before what is being tried, and may not fail with it."""


class NamesRefusedError(Exception):
    """The names for an engine's queue could not be written. The transaction it happened in stores nothing."""


class CommitLostError(StorageError):
    """The connection broke during a commit: what was written is stored, or it is not. To a caller: ``storage.unknown``.

    Attributes:
        session: the number of the database's session that it was in.
    """

    session = 0


class Run(Protocol):
    """A connection that is lent: it runs statements, each with a tuple of values."""

    def one(self, statement: Statement, values: Cells) -> Cells | None:
        """The only row, or ``None``."""
        ...

    def all(self, statement: Statement, values: Cells) -> list[Cells]:
        """All rows."""
        ...

    def write(self, statement: Statement, values: Cells, told: Callable[[int], None] | None = None) -> None:
        """Write. A database may send it together with what follows: what goes wrong shows at the end, at the latest.

        ``told`` gets how many rows that were, here or later.

        Raises:
            TakenError: here, or later in the transaction.
        """
        ...

    def count(self, statement: Statement, values: Cells) -> int:
        """Write; how many rows that were.

        Raises:
            TakenError: as :meth:`write`.
        """
        ...

    def must(self, statement: Statement, values: Cells, otherwise: Exception) -> None:
        """Write one row, as :meth:`write` does; ``otherwise`` is raised if it was none, here or later.

        Raises:
            TakenError: as :meth:`write`.
        """
        ...

    def check(self, statement: Statement, values: Cells, told: Callable[[Cells | None], None]) -> None:
        """Read one row, with what follows; ``told`` gets it, or ``None``, here or later, and may raise."""
        ...

    def put(self, statement: Statement, values: Cells) -> int | None:
        """Insert a row that has a number of its own, with what follows; its number, if that is known already.

        Raises:
            TakenError: as :meth:`write`.
        """
        ...

    def set(self, statement: Statement, values: Cells, otherwise: Exception) -> int | None:
        """Change one row, with what follows; its number, if that is known already.

        ``otherwise`` is raised, here or later, if there was none.

        Raises:
            TakenError: as :meth:`write`.
        """
        ...

    def carry(self, text: str, values: tuple[str, ...]) -> None:
        """Write names into an engine's queue, as the last thing in the transaction; it waits for nobody for long.

        Raises:
            NamesRefusedError: here, or at the commit.
        """
        ...

    def next_change(self, practice: int) -> int:
        """Count up the practice's change number, and return it."""
        ...

    def count_up(self, practice: int, told: Callable[[int], None]) -> int:
        """The same, with what follows; ``told`` gets the number, here or later.

        Returns the parameter of :data:`~convokit.stores.sql.statements.CHANGE_NUMBER` in what follows.
        """
        ...

    def undoable(self) -> AbstractContextManager[None]:
        """``with`` it: after a :class:`TakenError` inside, the transaction goes on without what was in it.

        Raises:
            EarlierTakenError: for what was written before; it stores nothing.
        """
        ...

    def enter(self, practice: int) -> None:
        """What follows in this transaction is about that practice; for one that began before its row was there."""
        ...


class Database(Protocol):
    """A database. Every thread may use it.

    A transaction names the practice that it is about. There is one writer of a practice at a time: what a transaction
    has read of its practice stays true until its end.
    """

    @property
    def words(self) -> Words:
        """Its index of words."""
        ...

    def one(self, statement: Statement, values: Cells) -> Cells | None:
        """Read one row, or ``None``.

        Raises:
            StorageError: it could not be read.
        """
        ...

    def all(self, statement: Statement, values: Cells) -> list[Cells]:
        """Read rows.

        Raises:
            StorageError: they could not be read.
        """
        ...

    def one_to_write(self, statement: Statement, values: Cells) -> Cells | None:
        """Read one row that a write is about to follow.

        Raises:
            StorageError: it could not be read.
        """
        ...

    def two_to_write(
        self, first: Statement, values: Cells, second: Statement, others: Cells
    ) -> tuple[Cells | None, Cells | None]:
        """Read one row by each of two statements about the same practice; a write is about to follow.

        If the first finds one, the second need not be asked.

        Raises:
            StorageError: they could not be read.
        """
        ...

    def reading(self, practice: int) -> AbstractContextManager[Run]:
        """Lend a connection; each statement sees what was committed when it began."""
        ...

    def snapshot(self, practice: int) -> AbstractContextManager[Run]:
        """Lend a connection; all statements see the same state."""
        ...

    def writing(self, practice: int | None, patience_ms: int = PATIENCE_MS) -> AbstractContextManager[Run]:
        """A write transaction. Committed and synced at the end, rolled back by any exception.

        ``practice``: ``None`` where nothing of a practice is written, or its row is not there yet.

        Raises:
            StorageError: ``storage.busy`` after ``patience_ms``; nothing was stored.
            CommitLostError: nobody knows whether it is committed.
        """
        ...

    def look_up(self, practice: int, lost: CommitLostError, patience_ms: int, ask: Callable[[Run], T]) -> T:
        """What became of a commit whose answer was lost: ``ask``, as the practice's only writer, once it is over.

        Raises:
            StorageError: ``storage.unknown``: the database did not answer within ``patience_ms``.
        """
        ...

    def committed(self, practice_id: str) -> None:
        """Something of a practice was committed: tell those in this process who listen, if they do not hear it anyway.

        Called by the store, after every commit that has news.
        """
        ...

    def listen(self, heard: Heard) -> Callable[[], None]:
        """See :meth:`convokit.ports.store_beside.NewsStore.listen`."""
        ...

    def check_open(self) -> None:
        """Whether it may still be asked.

        Raises:
            StorageError: ``storage.closed``.
        """
        ...

    def together(self, practice: int, patience_ms: int) -> AbstractContextManager[Database]:
        """This database by one write transaction: ``with`` it, and what fails inside takes back itself alone.

        Raises:
            StorageError, CommitLostError: as :meth:`writing`.
        """
        ...

    def within(self, driver: object) -> Database:
        """This database by a host's connection, whose transaction carries what is written by it.

        Raises:
            ConfigurationError: ``within.connection``.
            Conflict: ``within.no_transaction``.
        """
        ...

    def rewrite(self) -> None:
        """Leave nothing of what was deleted in files of the database, as far as it is able to.

        Raises:
            StorageError: ``storage.busy``: somebody still reads an older state; ``storage.full``.
        """
        ...

    def close(self) -> None:
        """Close what is not in use; what is comes to its end first."""
        ...
