"""The memory store keeps the store contract."""

from pathlib import Path

from convokit.ports.store import Store
from convokit.stores.memory import MemoryStore
from convokit.testing import StoreContract


class TestMemoryStore(StoreContract):
    def make_store(self, tmp_path: Path) -> Store:
        return MemoryStore()
