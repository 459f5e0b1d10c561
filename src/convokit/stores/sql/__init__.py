"""The SQL store: one schema and one set of statements; SQLite is the embedded default."""

from convokit.stores.sql.sqlite.opening import open_sqlite
from convokit.stores.sql.store import SqlStore

__all__ = ["SqlStore", "open_sqlite"]
