"""After the answer to a commit was lost: wait for the server, and for the end of the transaction, and look.

To do it again would be wrong if it was committed, and to give up would be wrong too. The transaction held the lock of
its practice: once that is ours, what it wrote is there or will never be.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeVar

from convokit.errors import StorageError
from convokit.stores.sql.database import CommitLostError, Run
from convokit.stores.sql.postgres.faults import LostError, RefusedError

if TYPE_CHECKING:
    from convokit.stores.sql.postgres.engine import PostgresDatabase

T = TypeVar("T")

_POLL_SECONDS: Final = 0.05
_WAIT_SECONDS: Final = 5.0
_PASSING: Final = frozenset({"storage.away", "storage.busy", "storage.no_connection", "storage.timeout"})
# The network broke, and the server waits for a client that is gone. The session is ours, and nobody is in it.
_END: Final = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE pid = $1 AND usename = current_user AND state LIKE 'idle in transaction%'"
)


def look_up(
    database: PostgresDatabase, practice: int, lost: CommitLostError, patience_ms: int, ask: Callable[[Run], T]
) -> T:
    """See :meth:`convokit.stores.sql.database.Database.look_up`."""
    deadline = time.monotonic() + patience_ms / 1000
    while time.monotonic() < deadline:
        try:
            with database.writing(practice, max(1, patience_ms // 4)) as run:
                return ask(run)
        except StorageError as error:
            if error.code not in _PASSING:
                raise
            if error.code == "storage.busy":
                _end(database, lost.session)
        time.sleep(_POLL_SECONDS)
    raise lost


def _end(database: PostgresDatabase, session: int) -> None:
    with suppress(StorageError):
        pool, wire = database.lend(1000)
        try:
            wire.exchange([(_END, (session,))], _WAIT_SECONDS)
        except (RefusedError, LostError):
            pool.drop(wire)
        else:
            pool.give_back(wire)
