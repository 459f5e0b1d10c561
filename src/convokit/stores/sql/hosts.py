"""A host's own transaction, whichever library holds it: SQLAlchemy's ``Connection``, or Django's in ``atomic()``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

import sqlalchemy as sa

from convokit.errors import ConfigurationError, Conflict

Tell = Callable[[], None]


class Host(Protocol):
    """A transaction of the host's, which the host ends."""

    @property
    def driver(self) -> object:
        """The driver's own connection."""
        ...

    def after_commit(self, tell: Tell) -> None:
        """Call it once the transaction is committed, and never if it is not."""
        ...


def host_of(connection: object) -> Host:
    """What a host gave.

    Raises:
        ConfigurationError: ``within.connection``: neither SQLAlchemy's nor Django's.
        Conflict: ``within.no_transaction``: each statement commits by itself.
    """
    if isinstance(connection, sa.Connection):
        return _Alchemy(connection)
    if all(hasattr(connection, name) for name in ("in_atomic_block", "ensure_connection", "on_commit", "vendor")):
        return _Django(connection)
    raise ConfigurationError(
        "within.connection",
        f"within() takes a Connection of SQLAlchemy or Django's connection, not {type(connection).__name__}",
        field="connection",
    )


def no_transaction(how: str) -> Conflict:
    """There is no transaction to be part of."""
    return Conflict("within.no_transaction", f"the connection is not in a transaction; {how}", field="connection")


class _Django:
    """``django.db.connection``, or another of ``django.db.connections``."""

    def __init__(self, connection: Any) -> None:
        if not connection.in_atomic_block:
            raise no_transaction("use transaction.atomic()")
        self._connection = connection

    @property
    def driver(self) -> object:
        self._connection.ensure_connection()
        found: object = self._connection.connection
        return found

    def after_commit(self, tell: Tell) -> None:
        self._connection.on_commit(tell)


_KEY: Final = "convokit after commit"


class _Alchemy:
    """A ``Connection`` of SQLAlchemy.

    It tells when a commit begins, not when it is done. So what is to be told then is told when the connection goes back
    to its pool, or begins its next transaction: at ``with engine.begin()``, at the end of the block.
    """

    def __init__(self, connection: sa.Connection) -> None:
        if not connection.in_transaction():
            connection.begin()  # as SQLAlchemy itself does at the first statement
        self._connection = connection

    @property
    def driver(self) -> object:
        return self._connection.connection.driver_connection

    def after_commit(self, tell: Tell) -> None:
        info = self._connection.info
        if _KEY not in info:
            info[_KEY] = _Waiting()
            sa.event.listen(self._connection, "commit", _committing)
            sa.event.listen(self._connection, "rollback", _rolled_back)
            sa.event.listen(self._connection, "begin", _begun)
            if not sa.event.contains(self._connection.engine, "checkin", _given_back):
                sa.event.listen(self._connection.engine, "checkin", _given_back)
        info[_KEY].told.append(tell)


class _Waiting:
    """What is to be told after the commit of a connection."""

    def __init__(self) -> None:
        self.told: list[Tell] = []
        self.committed: list[Tell] = []

    def tell(self) -> None:
        told, self.committed = self.committed, []
        for one in told:
            one()


def _committing(connection: sa.Connection) -> None:
    waiting: _Waiting = connection.info[_KEY]
    waiting.committed += waiting.told
    waiting.told = []


def _rolled_back(connection: sa.Connection) -> None:
    """Also after a commit that failed."""
    waiting: _Waiting = connection.info[_KEY]
    waiting.told, waiting.committed = [], []


def _begun(connection: sa.Connection) -> None:
    connection.info[_KEY].tell()


def _given_back(driver: object, record: Any) -> None:
    waiting: _Waiting | None = record.info.pop(_KEY, None)
    if waiting is not None:
        waiting.tell()
