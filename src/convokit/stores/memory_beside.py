"""The part of the store in memory that tells of news; it knows no transactions, and carries no queue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from convokit.errors import ConfigurationError
from convokit.ports.store_beside import Heard, HostTransaction, Names
from convokit.stores.bell import Bell


class MemoryBeside:
    """See :mod:`convokit.ports.store_beside`."""

    _bell: Bell

    def _open(self, patience_ms: int | None = None) -> AbstractContextManager[None]:
        raise NotImplementedError

    def _desk(self, practice_id: str, patience_ms: int | None = None) -> AbstractContextManager[object]:
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

    @contextmanager
    def together(self, practice_id: str, *, patience_ms: int = 10_000) -> Iterator[HostTransaction]:
        """See :meth:`convokit.ports.store_beside.GroupStore.together`. Each commit inside stands by itself."""
        with self._desk(practice_id, patience_ms):
            pass
        yield _EachByItself()

    def carry(self, names: Names) -> None:
        """See :meth:`convokit.ports.store_beside.QueueStore.carry`. Nothing: it knows no statements."""


class _EachByItself:
    """What is committed is committed for good."""

    def after_commit(self, tell: Callable[[], None]) -> None:
        tell()
