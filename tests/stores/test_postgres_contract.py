"""The SQL store on PostgreSQL keeps the store contract, as a role that does not own the tables."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from postgres_cluster import Place

from convokit.ports.store import Store
from convokit.stores.builtin import open_store
from convokit.testing import StoreContract


class TestPostgresStore(StoreContract):
    shared_between_processes = True
    place: Place

    @pytest.fixture(autouse=True)
    def _database(self, postgres_place: Place) -> None:
        self.place = postgres_place

    def make_store(self, tmp_path: Path) -> Store:
        return self.opener(tmp_path)()

    def opener(self, tmp_path: Path) -> Callable[[], Store]:
        return partial(open_store, self.place.url(), {})
