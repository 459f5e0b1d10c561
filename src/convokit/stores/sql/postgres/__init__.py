"""What is PostgreSQL's own: connections, faults, migrations, its index of words, and the second wall."""

from convokit.stores.sql.postgres.migrating import migrate
from convokit.stores.sql.postgres.opening import open_postgres

__all__ = ["migrate", "open_postgres"]
