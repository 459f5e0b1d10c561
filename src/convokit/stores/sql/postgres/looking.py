"""A look at a server, for an administrator."""

from __future__ import annotations

from typing import Any, Final

import psycopg
from attrs import frozen

from convokit.stores.sql.postgres.address import address_of
from convokit.stores.sql.postgres.faults import ConnectError, RefusedError, translated
from convokit.stores.sql.postgres.pool import connect
from convokit.stores.sql.postgres.walls import TENANTS

_LOOK: Final = (
    "SELECT current_setting('server_version'), current_user, current_setting('fsync'), current_setting('autovacuum'),"
    " current_setting('max_connections')::int, inet_server_addr() IS NULL OR inet_server_addr() <<= '127.0.0.0/8',"
    " coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false),"
    " pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = 'convokit_entry'::regclass), 'MEMBER'),"
    " (SELECT count(*) FROM pg_inherits WHERE inhparent = 'convokit_entry'::regclass)"
)


@frozen(kw_only=True)
class Look:
    """What a server says of itself, and of the role.

    Attributes:
        fsync, autovacuum: ``"on"`` or ``"off"``.
        owns: the role owns the tables, or may act as their owner.
        local: the server is on this machine.
        partitions: into how many parts the tables are divided; 0: they are whole.
        tables: behind row-level security.
        connections: the most of this process; ``server_connections``: of everybody.
    """

    version: str
    role: str
    fsync: str
    autovacuum: str
    server_connections: int
    local: bool
    encrypted: bool
    owns: bool
    partitions: int
    tables: int
    connections: int


def look(url: str) -> Look:
    """Look at the server of a URL.

    Raises:
        ConfigurationError: ``store.url``.
        StorageError: it does not answer.
    """
    address = address_of(url)
    try:
        with connect(address) as connection:
            row: Any = connection.execute(_LOOK).fetchone()
    except psycopg.Error as error:
        raise translated(RefusedError(error.sqlstate or "08000")) from None
    except ConnectError as error:
        raise translated(error) from None
    version, role, fsync, autovacuum, most, local, encrypted, owns, partitions = row
    return Look(
        version=version.partition(" ")[0],
        role=role,
        fsync=fsync,
        autovacuum=autovacuum,
        server_connections=most,
        local=local,
        encrypted=encrypted,
        owns=owns,
        partitions=partitions,
        tables=len(TENANTS),
        connections=address.connections,
    )
