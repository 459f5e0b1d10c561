"""A SQLite file whose rows are read to be moved elsewhere. Nothing in it is changed."""

# ruff: noqa: S608 - what is put together here are names of our own tables and columns

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from convokit.stores.sql.faults import storage_error
from convokit.stores.sql.moving import TABLES, MovedTable, digest_row
from convokit.stores.sql.rows import Cells
from convokit.stores.sql.sqlite.engine import connect
from convokit.stores.sql.sqlite.faults import translated
from convokit.stores.sql.sqlite.opening import open_sqlite, path_of

_WHOLE: Final = ("convokit_practice", "convokit_secret")
_FILES: Final = (
    "SELECT DISTINCT p.public_id, m.{column} FROM convokit_media m JOIN convokit_practice p ON p.pk = m.practice_pk"
    " WHERE m.{column} <> '' ORDER BY 1, 2"
)


class Leaving:
    """The file, in one transaction: all that is read is of one moment."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def count(self, table: MovedTable, after: Cells | None = None) -> int:
        """How many rows a table has, those up to ``after`` left out."""
        found: int = self._connection.execute(
            f"SELECT count(*) FROM {table.name}{_beyond(table, after)}", after or ()
        ).fetchone()[0]
        return found

    def rows(self, table: MovedTable, after: Cells | None = None) -> Iterator[Cells]:
        """The rows of a table in the order of its key, those up to ``after`` left out."""
        columns, key = ", ".join(map(_quoted, table.columns)), ", ".join(table.key)
        statement = f"SELECT {columns} FROM {table.name}{_beyond(table, after)} ORDER BY {key}"
        yield from self._connection.execute(statement, after or ())

    def files(self) -> Iterator[tuple[str, str]]:
        """The id of a practice and the address of a file of it, for all that are in the media store."""
        for column in ("address", "thumbnail"):
            yield from self._connection.execute(_FILES.format(column=column))

    def fingerprint(self) -> str:
        """What tells this file, as it is now, from another one and from itself after somebody wrote to it.

        Every change of a conversation counts its practice's number up, so not every row has to be read.
        """
        digest = hashlib.sha256()
        for table in TABLES:
            if table.name in _WHOLE:
                for row in self.rows(table):
                    digest.update(digest_row(row))
            order = ", ".join(f"{name} DESC" for name in table.key)
            last = self._connection.execute(
                f"SELECT {', '.join(table.key)} FROM {table.name} ORDER BY {order} LIMIT 1"
            ).fetchone()
            digest.update(digest_row((table.name, self.count(table), *(last or ()))))
        return digest.hexdigest()


def _beyond(table: MovedTable, after: Cells | None) -> str:
    return "" if after is None else f" WHERE ({', '.join(table.key)}) > ({', '.join('?' * len(table.key))})"


def _quoted(name: str) -> str:
    return f'"{name}"'


def bring_up(url: str) -> None:
    """Bring the file to this release, and make none.

    Raises:
        ConfigurationError: ``store.url``.
        StorageError: ``storage.missing``, and as :func:`convokit.stores.sql.open_sqlite`.
    """
    if not path_of(url).exists():
        raise storage_error("storage.missing")
    open_sqlite(url).close()


@contextmanager
def leaving(url: str, *, alone: bool) -> Iterator[Leaving]:
    """The file of ``sqlite:///desk.db``, which is at this release's schema.

    ``alone``: nobody else may write to it meanwhile.

    Raises:
        ConfigurationError: ``store.url``.
        StorageError: ``storage.busy``: somebody is writing to it; or it cannot be read.
    """
    path = path_of(url)
    try:
        connection = connect(path, "rw")
        try:
            connection.execute("BEGIN IMMEDIATE" if alone else "BEGIN")
            yield Leaving(connection)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise translated(error, path) from error


def files_of(url: str) -> list[tuple[str, str]]:
    """The id of a practice and the address of a file of it, for all that the desk has in its media store.

    Raises:
        ConfigurationError: ``store.url``.
        StorageError: it cannot be read.
    """
    with leaving(url, alone=False) as here:
        return sorted(set(here.files()))
