"""The second wall between practices: what must be so for row-level security to hold, looked at when a kit is opened.

The first wall is that every statement finds its rows by their practice. This one stands behind it, in the server.
"""

from __future__ import annotations

from typing import Final

import psycopg

from convokit.errors import StorageError
from convokit.stores.sql import schema, schema_payments, schema_push, schema_search

TENANTS: Final = (
    *sorted(table.name for table in schema.metadata.tables.values() if "practice_pk" in table.c),
    "convokit_search_header",
    "convokit_search_text",
)
"""Tables whose rows belong to a practice."""

_PARTS: Final = (schema_payments, schema_push, schema_search)  # they add their tables to the same metadata

_ROLE: Final = (
    "SELECT rolname, rolsuper, rolbypassrls, has_table_privilege(to_regclass(%s), 'SELECT')"
    " FROM pg_roles WHERE rolname = current_user"
)
_TABLES: Final = (
    "SELECT c.relname, pg_has_role(current_user, c.relowner, 'MEMBER'), c.relrowsecurity AND c.relforcerowsecurity,"
    " has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')"
    " FROM unnest(%s::text[]) AS wanted(name) JOIN pg_class c ON c.oid = to_regclass(wanted.name)"
)
_SERVER: Final = "SELECT getdatabaseencoding(), pg_is_in_recovery()"


def check_walls(connection: psycopg.Connection[object], *, owner: bool) -> None:
    """Refuse a role, or tables, with which the server would not keep practices apart.

    ``owner``: the role may own the tables, or be a member of the role that does.

    Raises:
        StorageError: ``storage.wrong_role``, ``storage.no_row_security``.
    """
    name = _row(connection.execute(_ROLE, (schema.VERSION_TABLE,)).fetchone())[0]
    found = [_row(row) for row in connection.execute(_TABLES, (list(TENANTS),)).fetchall()]
    owned = sorted(str(table) for table, owns, _, _ in found if owns)
    if owned and not owner:
        raise wrong_role(f"{name} owns {owned[0]} or may act as its owner; use a role that only uses the tables")
    if any(not usable for _, _, _, usable in found):
        raise _without_rights(name)
    walled = {str(table) for table, _, forced, _ in found if forced}
    if open_ones := sorted(set(TENANTS) - walled):
        raise StorageError(
            "storage.no_row_security",
            "row-level security is not forced on every table; let their owner run `convokit migrate`",
            limit=", ".join(open_ones),
        )


def check_role(connection: psycopg.Connection[object]) -> None:
    """Refuse a server that is of no use, and a role that row-level security does not bind, or that has no rights.

    Raises:
        StorageError: ``storage.encoding``, ``storage.read_only``, ``storage.wrong_role``.
    """
    encoding, standby = _row(connection.execute(_SERVER).fetchone())
    if encoding != "UTF8":
        raise StorageError("storage.encoding", "the database is not in UTF8; make one that is", limit="UTF8")
    if standby:
        raise StorageError("storage.read_only", "this server is a standby; use the primary", field="url")
    name, is_super, bypasses, may_look = _row(connection.execute(_ROLE, (schema.VERSION_TABLE,)).fetchone())
    if is_super or bypasses:
        what = "is a superuser" if is_super else "has BYPASSRLS"
        raise wrong_role(f"{name} {what}, so row-level security would not hold; use a plain role")
    if may_look is False:  # not None: there are no tables yet
        raise _without_rights(name)


def _without_rights(name: object) -> StorageError:
    return wrong_role(f"{name} may not use the tables; let their owner run `convokit migrate --app-role {name}`")


def wrong_role(why: str) -> StorageError:
    """The role is not one to use."""
    return StorageError("storage.wrong_role", why, field="url")


def _row(row: object) -> tuple[object, ...]:
    return row if isinstance(row, tuple) else ()
