"""Opening a PostgreSQL database: from its URL to a store that is safe to use."""

from __future__ import annotations

import psycopg

from convokit.errors import StorageError
from convokit.stores.sql.postgres.address import Address, address_of
from convokit.stores.sql.postgres.arriving import is_moving
from convokit.stores.sql.postgres.engine import PostgresDatabase
from convokit.stores.sql.postgres.faults import ConnectError, RefusedError, translated
from convokit.stores.sql.postgres.guest import home_of
from convokit.stores.sql.postgres.migrating import migrate, version_of
from convokit.stores.sql.postgres.pool import connect
from convokit.stores.sql.postgres.walls import check_role, check_walls
from convokit.stores.sql.schema import REVISIONS
from convokit.stores.sql.store import SqlStore


def open_postgres(url: str) -> SqlStore:
    """Open ``postgresql://ROLE@HOST/DATABASE``, as a role that uses the tables and does not own them.

    Their owner makes them: :func:`convokit.stores.sql.postgres.migrate`. With ``?convokit_role=owner`` one role does
    both; then opening migrates.

    Raises:
        ConfigurationError: ``store.url``.
        StorageError: ``storage.older``: the owner has to migrate first; ``storage.newer``; ``storage.wrong_role``,
            ``storage.no_row_security``: rows of different practices would not be kept apart; ``storage.encoding``;
            ``storage.moving``: a move into it has not ended;
            ``storage.away``, ``storage.no_connection``, ``storage.missing``, ``storage.read_only``, ...
    """
    address = address_of(url)
    if address.owner:
        migrate(url)
    try:
        with connect(address) as connection:
            _check(connection, address)
            home = home_of(connection)
    except psycopg.Error as error:
        raise translated(RefusedError(error.sqlstate or "08000")) from None
    except ConnectError as error:
        raise translated(error) from None
    database = PostgresDatabase(address, home)
    return SqlStore(database, release=database.close)


def _check(connection: psycopg.Connection[object], address: Address) -> None:
    check_role(connection)
    version = version_of(connection)
    if version != REVISIONS[-1]:
        raise StorageError(
            "storage.older",
            "the tables of this release are not there; let their owner run `convokit migrate`",
            field="url",
            limit=REVISIONS[-1],
        )
    check_walls(connection, owner=address.owner)
    if is_moving(connection):
        why = "a desk is being moved into this database; let `convokit migrate --from ... --to ...` come to its end"
        raise StorageError("storage.moving", why, field="url")
