"""The queue is in the desk's own database: where that is."""

from __future__ import annotations

from convokit.errors import ConfigurationError
from convokit.stores.sql.postgres.address import address_of


def conninfo_of(url: str) -> str:
    """What libpq takes, of the URL of a store. It may hold a password.

    Raises:
        ConfigurationError: ``procrastinate.store``: the store is not PostgreSQL.
    """
    if not url.startswith("postgres"):
        why = "the queue is a table beside the desk's, which has to be in PostgreSQL: postgresql://..."
        raise ConfigurationError("procrastinate.store", why, field="plugins")
    return address_of(url).conninfo
