"""Procrastinate's tables in the desk's database: whether they are there and fit, and making them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import version
from typing import Final

import psycopg
from procrastinate.schema import SchemaManager
from procrastinate.sql import queries
from psycopg import sql

from convokit.errors import ConfigurationError

TABLES: Final = ("procrastinate_jobs", "procrastinate_events", "procrastinate_periodic_defers", "procrastinate_workers")

_LOCK: Final = 0x70726F6372617374 >> 1  # "procrast"
_CALLED: Final = re.compile(r"procrastinate_\w+(?=\()")
_MISSING: Final = (
    "SELECT wanted FROM unnest(%s::text[]) AS wanted WHERE NOT EXISTS"
    " (SELECT FROM pg_proc WHERE proname = wanted AND pg_function_is_visible(oid)) ORDER BY wanted"
)
_WITHOUT_RIGHT: Final = (
    "SELECT wanted FROM unnest(%s::text[]) AS wanted, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS needed"
    " WHERE NOT has_table_privilege(to_regclass(wanted), needed) ORDER BY wanted LIMIT 1"
)
_PLACE: Final = "SELECT system_identifier, to_regclass('procrastinate_jobs')::oid FROM pg_control_system()"
_SEQUENCES: Final = (
    "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind = 'S' AND pg_table_is_visible(c.oid)"
    r" AND c.relname LIKE 'procrastinate\_%'"
)


def check(conninfo: str, *, beside: str | None = None) -> None:
    """Refuse a database in which this release of Procrastinate could not work.

    ``beside``: where the desk is; it must be the same database.

    Raises:
        ConfigurationError: ``procrastinate.schema``: its tables are not there, or older; ``procrastinate.rights``;
            ``procrastinate.database``: another one than the desk's; ``procrastinate.away``.
    """
    try:
        with _connect(conninfo) as connection:
            _check(connection)
            here = connection.execute(_PLACE).fetchone()
        if beside is not None:
            with _connect(beside) as connection:
                if connection.execute(_PLACE).fetchone() != here:
                    why = "dsn leads to another queue than the desk's URL; both must be in one database and schema"
                    raise ConfigurationError("procrastinate.database", why, field="procrastinate.dsn")
    except psycopg.Error as error:
        raise _away(error) from None


def make(conninfo: str, app_roles: Iterable[str] = ()) -> bool:
    """Make the tables as the role that owns the desk's, and let other roles use them. Whether they were made now.

    Raises:
        ConfigurationError: ``procrastinate.schema``: an older release's are there; ``procrastinate.role``,
            ``procrastinate.away``.
    """
    try:
        with _connect(conninfo) as connection, connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            made = not _is_there(connection)
            if made:
                connection.execute(SchemaManager.get_schema())
            _check(connection)
            for role in app_roles:
                _grant(connection, role)
    except psycopg.errors.UndefinedObject:
        raise ConfigurationError("procrastinate.role", "there is no such role", field="app_role") from None
    except psycopg.errors.InsufficientPrivilege:
        why = "this role may not make tables; use the one that owns the desk's"
        raise ConfigurationError("procrastinate.role", why, field="db") from None
    except psycopg.Error as error:
        raise _away(error) from None
    return made


def _connect(conninfo: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(conninfo, connect_timeout=5, autocommit=True)


def _is_there(connection: psycopg.Connection[tuple[object, ...]]) -> bool:
    return connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone() != (None,)


def _check(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    if not _is_there(connection):
        why = "its tables are not there; let their owner run `convokit --plugin procrastinate procrastinate --db ...`"
        raise ConfigurationError("procrastinate.schema", why, field="plugins")
    missing = connection.execute(_MISSING, (_functions(),)).fetchall()
    if missing:
        why = f"its tables are of another release than Procrastinate {version('procrastinate')}: migrate them"
        raise ConfigurationError("procrastinate.schema", why, field="plugins", limit=str(missing[0][0]))
    without = connection.execute(_WITHOUT_RIGHT, (list(TABLES),)).fetchone()
    if without is not None:
        why = f"this role may not use {without[0]}; let the owner run `convokit procrastinate` with --app-role"
        raise ConfigurationError("procrastinate.rights", why, field="plugins")


def _functions() -> list[str]:
    """The functions of the database that the installed release calls: they have its version in their names."""
    return sorted({name for text in queries.values() for name in _CALLED.findall(text)})


def _grant(connection: psycopg.Connection[tuple[object, ...]], role: str) -> None:
    who = sql.Identifier(role)
    tables = sql.SQL(", ").join(map(sql.Identifier, TABLES))
    connection.execute(sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO {}").format(tables, who))
    for schema, name in connection.execute(_SEQUENCES).fetchall():
        sequence = sql.Identifier(str(schema), str(name))
        connection.execute(sql.SQL("GRANT USAGE ON SEQUENCE {} TO {}").format(sequence, who))


def _away(error: psycopg.Error) -> ConfigurationError:
    """Without the driver's words: they may quote an address."""
    why = (
        f"the queue's database does not answer, or refuses ({type(error).__name__}, {error.sqlstate or 'no SQLSTATE'})"
    )
    return ConfigurationError("procrastinate.away", why, field="plugins")
