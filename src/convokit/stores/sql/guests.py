"""A database as it is seen from within a transaction of somebody's: the host's, or our own for several commits."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from convokit.errors import Conflict
from convokit.ports.store_beside import Heard
from convokit.stores.sql.database import PATIENCE_MS, CommitLostError, Database, Run
from convokit.stores.sql.rows import Cells
from convokit.stores.sql.statement import Statement

T = TypeVar("T")


class Session(Protocol):
    """Opens a savepoint in the transaction. What fails inside takes back itself alone."""

    def __call__(self, practice: int | None, patience_ms: int | None) -> AbstractContextManager[Run]:
        """``patience_ms``: for a write, which waits so long for others; ``None``: for a read."""
        ...


class Guest:
    """A :class:`convokit.stores.sql.database.Database` on a connection with a transaction. It ends none."""

    def __init__(self, home: Database, session: Session) -> None:
        """``home``: the database by its own connections."""
        self._home = home
        self._session = session
        self.words = home.words

    def one(self, statement: Statement, values: Cells) -> Cells | None:
        """Read one row, or ``None``."""
        found = self.all(statement, values)
        return found[0] if found else None

    one_to_write = one

    def two_to_write(
        self, first: Statement, values: Cells, second: Statement, others: Cells
    ) -> tuple[Cells | None, Cells | None]:
        """Read one row, or another one."""
        row = self.one(first, values)
        return row, None if row is not None else self.one(second, others)

    def all(self, statement: Statement, values: Cells) -> list[Cells]:
        """Read rows."""
        if statement.across:
            raise not_within("what is about all practices")
        practice = None if statement.practice_at is None else values[statement.practice_at]
        with self._session(practice, None) as run:
            return run.all(statement, values)

    def reading(self, practice: int) -> AbstractContextManager[Run]:
        """Lend the connection."""
        return self._session(practice, None)

    def snapshot(self, practice: int) -> AbstractContextManager[Run]:
        """Lend the connection; how much its statements see of others is up to the transaction."""
        return self._session(practice, None)

    def writing(self, practice: int | None, patience_ms: int = PATIENCE_MS) -> AbstractContextManager[Run]:
        """Write; it is committed when the transaction is."""
        return self._session(practice, patience_ms)

    def look_up(self, practice: int, lost: CommitLostError, patience_ms: int, ask: Callable[[Run], T]) -> T:
        """Never needed: nothing is committed here."""
        raise lost

    def committed(self, practice_id: str) -> None:
        """Not yet."""

    def listen(self, heard: Heard) -> Callable[[], None]:
        """As outside of the transaction."""
        return self._home.listen(heard)

    def check_open(self) -> None:
        """As outside of the transaction."""
        self._home.check_open()

    def together(self, practice: int, patience_ms: int) -> AbstractContextManager[Database]:
        """Its transaction is somebody else's.

        Raises:
            Conflict: ``within.not_here``.
        """
        raise not_within("to commit several things together")

    def within(self, driver: object) -> Database:
        """A transaction in the transaction."""
        return self._home.within(driver)

    def rewrite(self) -> None:
        """It cannot be taken back, so it is not done here.

        Raises:
            Conflict: ``within.not_here``.
        """
        raise not_within("to rewrite the database")

    def close(self) -> None:
        """The connection is somebody else's."""


class Group:
    """A transaction of our own for several commits; see :class:`convokit.ports.store_beside.HostTransaction`."""

    def __init__(self) -> None:
        self._told: list[Callable[[], None]] = []

    def after_commit(self, tell: Callable[[], None]) -> None:
        """Remember it."""
        self._told.append(tell)

    def tell(self) -> None:
        """It is committed."""
        for tell in self._told:
            tell()


def not_within(what: str) -> Conflict:
    """Something that a transaction which may be rolled back must not carry."""
    return Conflict("within.not_here", f"{what} is not possible in a transaction of the host's; call it outside")
