"""A PostgreSQL database that rows of another one are moved into, as the role that owns its tables.

Row-level security is forced, so it binds the owner too: rows are written practice by practice, each under the setting
that shows and takes rows of that practice alone. (COPY knows no row-level security; whole columns as arrays are nearly
as fast.) How far the move is stands in a table of its own, and is committed together with the rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, LiteralString

import psycopg
from psycopg import sql as quoting

from convokit.errors import ConfigurationError, InvalidInput, StorageError
from convokit.stores.sql.moving import MARK_TABLE, TABLES, MovedTable, by_practice
from convokit.stores.sql.postgres.address import address_of
from convokit.stores.sql.postgres.faults import ConnectError, RefusedError, translated
from convokit.stores.sql.postgres.migrating import version_of
from convokit.stores.sql.postgres.pool import connect
from convokit.stores.sql.postgres.walls import TENANTS, check_role, check_walls, wrong_role
from convokit.stores.sql.rows import Cells
from convokit.stores.sql.schema import REVISIONS

_LOCK: Final = 0x636F6E766F6D6F76 >> 1
_READ_ROWS: Final = 2_000
_SOURCE: Final = "source"
_SCOPE: Final = "SELECT set_config('convokit.practice', %s, true)"
_EVERYBODY: Final = "*"
_OWNS: Final = (
    "SELECT current_user, pg_has_role(current_user, relowner, 'MEMBER') FROM pg_class"
    " WHERE oid = to_regclass('convokit_entry')"
)
_IS_MOVING: Final = f"SELECT to_regclass('{MARK_TABLE}') IS NOT NULL"
_MARKS: Final = f"SELECT name, value FROM {MARK_TABLE}"  # noqa: S608 - our own constant
_SET_MARK: Final = (
    f"INSERT INTO {MARK_TABLE} (name, value) VALUES (%s, %s)"  # noqa: S608 - our own constant
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
# Empty tables: the next row is the first one, as in a new database.
_NUMBER: Final = (
    "SELECT setval(pg_get_serial_sequence({name}, 'pk'), coalesce(max(pk), 1), max(pk) IS NOT NULL) FROM {table}"
)


class Arriving:
    """The database, by one connection."""

    def __init__(self, connection: psycopg.Connection[object]) -> None:
        self._connection = connection
        self._done: dict[str, object] = {}

    def begin(self, fingerprint: str) -> None:
        """Claim an empty database for the rows of a source; or go on with what was begun for the same.

        Raises:
            ConfigurationError: ``move.not_empty``, ``move.other_source``.
        """
        with self._connection.transaction():
            if not is_moving(self._connection):
                if (full := self._first_with_rows()) is not None:
                    why = f"the database has rows already ({full}); move into one that is new"
                    raise ConfigurationError("move.not_empty", why, field="to", limit=full)
                self._run("CREATE TABLE {} (name text PRIMARY KEY, value text NOT NULL)", MARK_TABLE)
                self._connection.execute(_SET_MARK, (_SOURCE, json.dumps(fingerprint)))
            rows: list[object] = self._connection.execute(_MARKS).fetchall()
            self._done = {str(row[0]): json.loads(row[1]) for row in rows if isinstance(row, tuple)}
        if self._done.get(_SOURCE) != fingerprint:
            why = (
                "the database holds the beginning of a move of another file, or of this one before somebody wrote to"
                " it; make the database anew"
            )
            raise ConfigurationError("move.other_source", why, field="from")

    def done_until(self, table: MovedTable) -> Cells | None:
        """The key of the last row of a table that is here; ``None``: none is."""
        found = self._done.get(table.name)
        return tuple(found) if isinstance(found, list) else None

    def write(self, table: MovedTable, rows: Sequence[Cells]) -> None:
        """Write rows, and that they are here, in one transaction.

        Raises:
            InvalidInput: ``move.value``: PostgreSQL does not take a text of these.
        """
        names = quoting.SQL(", ").join(map(quoting.Identifier, table.columns))
        arrays = quoting.SQL(", ").join(
            quoting.SQL("%s::{}[]").format(quoting.SQL(_checked(kind))) for kind in table.types
        )
        statement = quoting.SQL("INSERT INTO {} ({}) SELECT * FROM unnest({})").format(
            quoting.Identifier(table.name), names, arrays
        )
        try:
            with self._connection.pipeline(), self._connection.transaction():
                for practice, own in by_practice(table, rows):
                    if practice is not None:
                        self._connection.execute(_SCOPE, (str(practice),))
                    self._connection.execute(statement, [list(column) for column in zip(*own, strict=True)])
                self._connection.execute(_SET_MARK, (table.name, json.dumps(list(table.key_of(rows[-1])))))
        except psycopg.DataError:  # a NUL
            why = f"a row of {table.name} holds a text that PostgreSQL does not take; nothing after it was moved"
            raise InvalidInput("move.value", why, field=table.name) from None

    def rows(self, table: MovedTable) -> Iterator[Cells]:
        """All rows of a table in the order of its key."""
        names = quoting.SQL(", ").join(map(quoting.Identifier, table.columns))
        order = quoting.SQL(", ").join(map(quoting.Identifier, table.key))
        statement = quoting.SQL("SELECT {} FROM {} ORDER BY {}").format(names, quoting.Identifier(table.name), order)
        with self._connection.transaction():
            self._connection.execute(_SCOPE, (_EVERYBODY,))
            with self._connection.cursor("convokit_move") as cursor:
                cursor.itersize = _READ_ROWS
                for row in cursor.execute(statement):
                    if isinstance(row, tuple):
                        yield row

    def set_numbers(self) -> None:
        """Let new rows have numbers above those that were moved."""
        with self._connection.transaction():
            self._connection.execute(_SCOPE, (_EVERYBODY,))
            for table in TABLES:
                if table.numbered:
                    self._connection.execute(
                        quoting.SQL(_NUMBER).format(
                            name=quoting.Literal(table.name), table=quoting.Identifier(table.name)
                        )
                    )

    def end(self) -> None:
        """The move is over: the database may be opened."""
        for table in TABLES:
            self._run("ANALYZE {}", table.name)
        self._run("DROP TABLE {}", MARK_TABLE)

    def _first_with_rows(self) -> str | None:
        self._connection.execute(_SCOPE, (_EVERYBODY,))
        for name in dict.fromkeys((*(table.name for table in TABLES), *TENANTS)):
            statement = quoting.SQL("SELECT EXISTS (SELECT FROM {})").format(quoting.Identifier(name))
            found: object = self._connection.execute(statement).fetchone()
            if found == (True,):
                return name
        return None

    def _run(self, text: LiteralString, name: str) -> None:
        self._connection.execute(quoting.SQL(text).format(quoting.Identifier(name)))


def _checked(kind: str) -> LiteralString:
    return "bytea" if kind == "bytea" else "text" if kind == "text" else "bigint"


def is_moving(connection: psycopg.Connection[object]) -> bool:
    """Whether a move into this database has not ended."""
    found: object = connection.execute(_IS_MOVING).fetchone()
    return found == (True,)


@contextmanager
def arriving(url: str) -> Iterator[Arriving]:
    """The database of a URL, whose tables are at this release's schema, for one move at a time.

    Raises:
        ConfigurationError: ``store.url``.
        StorageError: ``storage.wrong_role``: the role does not own the tables; ``storage.busy``: another move is on;
            ``storage.older``, ``storage.away``, ``storage.full``, ...
    """
    try:
        with connect(address_of(url)) as connection:
            _check(connection)
            yield Arriving(connection)
    except psycopg.Error as error:
        raise translated(RefusedError(error.sqlstate or "08000")) from None
    except ConnectError as error:
        raise translated(error) from None


def _check(connection: psycopg.Connection[object]) -> None:
    check_role(connection)
    if version_of(connection) != REVISIONS[-1]:
        raise StorageError("storage.older", "the tables of this release are not there", field="to", limit=REVISIONS[-1])
    check_walls(connection, owner=True)
    found: object = connection.execute(_OWNS).fetchone()
    if not isinstance(found, tuple) or not found[1]:
        name = found[0] if isinstance(found, tuple) else "the role"
        raise wrong_role(f"{name} does not own the tables; move as their owner")
    locked: object = connection.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,)).fetchone()
    if locked != (True,):
        raise StorageError("storage.busy", "another move into this database is on; let it end", field="to")
