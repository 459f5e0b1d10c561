"""The part of the store in memory that tells of news; it takes part in no transaction, and carries no queue."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from convokit.errors import ConfigurationError
from convokit.ports.store_beside import Heard, HostTransaction, Names
from convokit.stores.bell import Bell


class MemoryBeside:
    """See :mod:`convokit.ports.store_beside`."""

    _bell: Bell

    def _open(self, patience_ms: int | None = None) -> AbstractContextManager[None]:
        raise NotImplementedError

    def listen(self, heard: Heard) -> Callable[[], None]:
        """See :meth:`convokit.ports.store_beside.NewsStore.listen`."""
        with self._open():
            return self._bell.add(heard)

    def within(self, connection: object) -> AbstractContextManager[HostTransaction]:
        """See :meth:`convokit.ports.store_beside.HostStore.within`.

        Raises:
            ConfigurationError: ``within.store``: always.
        """
        with self._open():
            why = "a store in memory takes part in no transaction; use SQLite or PostgreSQL"
            raise ConfigurationError("within.store", why, field="connection")

    def carry(self, names: Names) -> None:
        """See :meth:`convokit.ports.store_beside.QueueStore.carry`. Nothing: it knows no statements."""
