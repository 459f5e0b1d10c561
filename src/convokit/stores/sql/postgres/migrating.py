"""Bringing a PostgreSQL database to this release's tables, as the role that owns them: all of it or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from typing import Final, LiteralString

import psycopg
import sqlalchemy as sa
from psycopg import sql as quoting
from sqlalchemy.pool import NullPool

from convokit.errors import ConfigurationError, ConvokitError, StorageError
from convokit.stores.sql.postgres.address import address_of
from convokit.stores.sql.postgres.faults import ConnectError, RefusedError, translated
from convokit.stores.sql.postgres.pool import connect
from convokit.stores.sql.schema import REVISIONS, VERSION_TABLE

_LOCK: Final = 0x636F6E766F6B6974 >> 1  # "convokit"
_VERSION: Final = f"SELECT version_num FROM {VERSION_TABLE}"  # noqa: S608 - our own constant
_IS_THERE: Final = f"SELECT to_regclass('{VERSION_TABLE}') IS NOT NULL"
_MOST_PARTITIONS: Final = 1024
_ROLE: Final = re.compile(r"[^\x00]{1,63}")
_TABLES: Final = (
    "SELECT c.relname FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace"
    r" AND c.relname LIKE 'convokit\_%%' AND c.relkind = ANY(%s) AND NOT c.relispartition"
)
_FUNCTIONS: Final = (
    "SELECT p.oid::regprocedure::text FROM pg_proc p"
    r" WHERE p.pronamespace = current_schema()::regnamespace AND p.proname LIKE 'convokit\_found\_%'"
)
# The ledger of opt-outs is only added to; erasing a person blanks what names them.
_LEDGER: Final = "convokit_consent_line"
_LEDGER_RIGHTS: Final = "SELECT, INSERT, UPDATE (address, evidence, provider_id)"


def migrate(url: str, *, app_roles: Iterable[str] = (), partitions: int = 0) -> None:
    """Make or change the tables as the role in the URL, which owns them, and let other roles use them.

    Of two processes one migrates; the other waits for it and finds nothing left to do.

    Args:
        app_roles: roles that may then open the database with ``convokit.open``.
        partitions: for a new database: into how many parts its tables are divided, by a hash of the practice's key.
            0: they stay whole. Later it cannot be changed here.

    Raises:
        ConfigurationError: ``store.url``; ``migrate.role``, ``migrate.partitions``.
        StorageError: ``storage.newer``: a later release made these tables, and they are left as they are;
            ``storage.wrong_role``: this role may not make tables; ``storage.missing``, ``storage.away``, ...
    """
    roles = tuple(map(_checked_role, app_roles))
    if not 0 <= partitions <= _MOST_PARTITIONS:
        why = f"partitions are a whole number from 0 to {_MOST_PARTITIONS}"
        raise ConfigurationError("migrate.partitions", why, field="partitions", limit=str(_MOST_PARTITIONS))
    engine = sa.create_engine("postgresql+psycopg://", creator=partial(_connect, url), poolclass=NullPool)
    try:
        with engine.begin() as wrapped:
            connection = _driver(wrapped)
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            if version_of(connection) != REVISIONS[-1]:
                _upgrade(wrapped, partitions)
            for role in roles:
                _grant(connection, role)
    except sa.exc.DBAPIError as error:
        raise _meaning(error.orig) from None
    except psycopg.Error as error:
        raise _meaning(error) from None
    except ConnectError as error:
        raise translated(error) from None


def _connect(url: str) -> psycopg.Connection[object]:
    connection = connect(address_of(url))
    connection.autocommit = False
    return connection


def _driver(wrapped: sa.Connection) -> psycopg.Connection[object]:
    found = wrapped.connection.driver_connection
    if not isinstance(found, psycopg.Connection):
        raise TypeError(type(found))
    return found


def _upgrade(wrapped: sa.Connection, partitions: int) -> None:
    from convokit.stores.sql.migrating import upgrade  # Alembic is slow to import

    upgrade(wrapped, partitions=partitions)


def _meaning(error: BaseException | None) -> ConvokitError:
    return translated(RefusedError(getattr(error, "sqlstate", None) or "08000"))


def version_of(connection: psycopg.Connection[object]) -> str | None:
    """The revision of the tables, ``None`` where there are none.

    Raises:
        StorageError: ``storage.newer``.
    """
    there: object = connection.execute(_IS_THERE).fetchone()
    if there != (True,):
        return None
    found: object = connection.execute(_VERSION).fetchone()
    version = found[0] if isinstance(found, tuple) else None
    if version is not None and version not in REVISIONS:
        raise StorageError(
            "storage.newer",
            "a newer release of convokit has written this database; it was left as it is",
            limit=REVISIONS[-1],
        )
    return None if version is None else str(version)


def _checked_role(name: str) -> str:
    if not _ROLE.fullmatch(name):
        raise ConfigurationError("migrate.role", "a role is 1 to 63 characters", field="app_role", limit="63")
    return name


def _grant(connection: psycopg.Connection[object], role: str) -> None:
    """Let a role use the tables, and no more than that."""
    who = quoting.Identifier(role)
    schema = _names(connection, "SELECT current_schema()")[0]
    tables = _names(connection, _TABLES, ["r", "p"])
    rights = dict.fromkeys(tables, "SELECT, INSERT, UPDATE, DELETE")
    rights |= {VERSION_TABLE: "SELECT", _LEDGER: _LEDGER_RIGHTS}
    connection.execute(quoting.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(quoting.Identifier(schema), who))
    for name, right in rights.items():
        grant = quoting.SQL("GRANT {} ON {} TO {}").format(quoting.SQL(right), quoting.Identifier(schema, name), who)
        connection.execute(grant)
    for name in _names(connection, _TABLES, ["S"]):
        connection.execute(
            quoting.SQL("GRANT USAGE ON SEQUENCE {} TO {}").format(quoting.Identifier(schema, name), who)
        )
    for name in _names(connection, _FUNCTIONS):
        connection.execute(quoting.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(quoting.SQL(name), who))


def _names(connection: psycopg.Connection[object], query: LiteralString, *values: list[str]) -> list[str]:
    rows: list[object] = connection.execute(query, values or None).fetchall()
    return [str(row[0]) for row in rows if isinstance(row, tuple)]
