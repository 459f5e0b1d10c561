"""What became of a commit whose answer was lost: the server is asked by the number of the transaction.

Doing it again would be wrong if it was committed, and giving up would be wrong too. Whoever holds the answer back does
not help either: a webhook that is answered "no" comes again, and its fact is then known.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from convokit.errors import StorageError
from convokit.stores.sql.faults import storage_error
from convokit.stores.sql.postgres.faults import LostError, RefusedError

if TYPE_CHECKING:
    from convokit.stores.sql.postgres.engine import PostgresDatabase

_STATUS: Final = "SELECT pg_xact_status($1::text::xid8)"
_POLL_SECONDS: Final = 0.05
_WAIT_SECONDS: Final = 5.0


def was_committed(database: PostgresDatabase, number: str | None, timeline: str | None, patience_ms: int) -> bool:
    """Whether a transaction was committed; a server that restarts is waited for.

    Raises:
        StorageError: ``storage.unknown``: nobody could say within ``patience_ms``, or another server took over, which
            may have given the number to another transaction.
    """
    deadline = time.monotonic() + patience_ms / 1000
    while number is not None and time.monotonic() < deadline:
        state = _ask(database, number, timeline)
        if state in ("committed", "aborted"):
            return state == "committed"
        if state == "lost":
            break
        time.sleep(_POLL_SECONDS)
    raise storage_error("storage.unknown")


def _ask(database: PostgresDatabase, number: str, timeline: str | None) -> str:
    """``"committed"``, ``"aborted"``, ``"in progress"``, ``"away"``; ``"lost"``: nobody can know any more."""
    try:
        pool, wire = database.lend(1000)
    except StorageError as error:
        return "lost" if error.code == "storage.closed" else "away"
    try:
        if wire.timeline != timeline:
            state = "lost"
        else:
            state = wire.exchange([(_STATUS, (number,))], _WAIT_SECONDS)[0].rows[0][0] or "lost"
    except RefusedError:
        state = "lost"
    except LostError:
        pool.drop(wire)
        return "away"
    pool.give_back(wire)
    return state
