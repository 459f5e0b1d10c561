"""What a store does besides keeping rows: it tells of news, takes part in a host's transactions, and carries an
engine's queue along.

Parts of :class:`convokit.ports.store.Store`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from convokit.decisions.base import Decision
from convokit.ports.dispatcher import NameWrite

Names = Callable[[str, Decision], Sequence[NameWrite]]
"""Gets a practice's id and a decision that owes something; gives what an engine has written of it. It never raises."""

Heard = Callable[[str | None], None]
"""Gets the id of a practice of which something was committed; ``None``: perhaps of any."""


class NewsStore(Protocol):
    """News of commits, to spare waiting. It is never needed: whoever waits looks for himself now and then."""

    def listen(self, heard: Heard) -> Callable[[], None]:
        """Call ``heard`` soon after something was committed, here or, in some stores, in another process.

        In whichever thread; it must be quick and must not raise. News may come twice, late, or not at all. Returns
        what ends it.

        Raises:
            StorageError: ``storage.closed``.
        """
        ...


class HostTransaction(Protocol):
    """A transaction that somebody else ends: the host, or who let several commits be one."""

    def after_commit(self, tell: Callable[[], None]) -> None:
        """Call ``tell`` once what was committed so far is committed for good, and never if it is not."""
        ...


class HostStore(Protocol):
    """Rows that are committed with the host's own, or not at all."""

    def within(self, connection: object) -> AbstractContextManager[HostTransaction]:
        """``with`` it: all that the store is asked inside, in this thread or task, goes through a host's connection.

        Nothing inside ends the host's transaction. A call that fails takes back what itself has done.

        Raises:
            ConfigurationError: ``within.connection``: not a connection that this store can use; ``within.store``:
                this store can use none.
            Conflict: ``within.no_transaction``.
            StorageError: ``storage.closed``.
        """
        ...


class GroupStore(Protocol):
    """Several commits of one practice for the price of one."""

    def together(self, practice_id: str, *, patience_ms: int = 10_000) -> AbstractContextManager[HostTransaction]:
        """``with`` it: what of the practice is loaded and committed inside, in this thread, may become one transaction.

        Others may wait until the end of it, so it is not for long, and nothing inside calls a plugin. An exception that
        leaves it may take back all that was committed inside, or none. So it is for facts with an identity: whoever
        does them once more, each by itself, does none twice. A call that fails takes back what itself has done, as
        ever; so what is caught inside has taken back nothing else.

        Raises:
            NotFound: ``practice.unknown``.
            Conflict: ``within.not_here``: inside of a host's transaction, or of another call of this.
            StorageError: ``storage.busy`` after ``patience_ms``; ``storage.unknown``: whether it is committed.
        """
        ...


class QueueStore(Protocol):
    """The queue of an engine in the same database."""

    def carry(self, names: Names) -> None:
        """Write what ``names`` gives in the transaction of each commit that owes something, from now on.

        If the database refuses that, the commit is done without it. :class:`~convokit.ports.store.Committed` says
        which of both it was. A store that has no statements carries nothing.
        """
        ...
