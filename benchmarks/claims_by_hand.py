"""The loop that no worker can do without: take a text and commit, say that it is handed over and commit."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any, Final

from by_hand import PRAGMAS
from server import connect

from convokit.domain.delivery import Delivery

_TAKE: Final = "UPDATE convokit_owed SET state = 1, tries = tries + 1, begun_us = $1, lease_us = $1 + 150000000"
_NEXT: Final = "FROM convokit_owed WHERE state = 0 AND due_us <= $1 ORDER BY due_us, pk LIMIT 1"
_LEASE: Final = (
    f"{_TAKE} WHERE (practice_pk, pk) = (SELECT practice_pk, pk {_NEXT} FOR UPDATE SKIP LOCKED)"
    " RETURNING practice_pk, pk, entry_pk"
)
_ENTRY: Final = (
    f"UPDATE convokit_entry SET delivery = {int(Delivery.SENT)}, provider_id = $3"  # noqa: S608
    " WHERE practice_pk = $1 AND pk = $2"
)
_DONE: Final = (
    "UPDATE convokit_owed SET state = 2, provider = 'noop', provider_id = $3 WHERE practice_pk = $1 AND pk = $2"
)
_LEASE_OF_FILE: Final = f"{_TAKE} WHERE pk = (SELECT pk {_NEXT}) RETURNING practice_pk, pk, entry_pk".replace("$", "?")
_SETTLE_OF_FILE: Final = tuple(text.replace("$", "?") for text in (_ENTRY, _DONE))

Loop = Callable[[Sequence[int]], None]


@contextmanager
def on_postgres(url: str) -> Iterator[Loop]:
    """The loop on PostgreSQL, until nothing is left to take."""
    with connect(url) as connection:

        def work(_: Sequence[int]) -> None:
            while (row := connection.execute(_LEASE, (time.time_ns() // 1_000,)).fetchone()) is not None:
                _settle(connection, row)

        yield work


def _settle(connection: Any, row: tuple[int, int, int]) -> None:
    practice, owed, entry = row
    with connection.transaction():
        connection.execute(_ENTRY, (practice, entry, f"x{owed}"))
        connection.execute(_DONE, (practice, owed, f"x{owed}"))


@contextmanager
def on_sqlite(url: str) -> Iterator[Loop]:
    """The same on a file, as durable as ours: ``synchronous=FULL``. Others are waited for."""
    path = url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None, timeout=60)) as connection:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

        def work(_: Sequence[int]) -> None:
            while rows := connection.execute(_LEASE_OF_FILE, (time.time_ns() // 1_000,)).fetchall():
                practice, owed, entry = rows[0]
                connection.execute("BEGIN IMMEDIATE")
                for statement, key in zip(_SETTLE_OF_FILE, (entry, owed), strict=True):
                    connection.execute(statement, (practice, key, f"x{owed}"))
                connection.execute("COMMIT")

        yield work
