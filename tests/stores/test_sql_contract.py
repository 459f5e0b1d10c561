"""The SQL store on SQLite keeps the store contract."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from convokit.ports.store import Store
from convokit.stores.sql import open_sqlite
from convokit.testing import StoreContract


class TestSqliteStore(StoreContract):
    shared_between_processes = True

    def make_store(self, tmp_path: Path) -> Store:
        return self.opener(tmp_path)()

    def opener(self, tmp_path: Path) -> Callable[[], Store]:
        return partial(open_sqlite, f"sqlite:///{tmp_path}/desk.db")
