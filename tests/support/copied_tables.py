"""A new SQLite database in the tests is a copy of one that was migrated once.

The same migration, again and again, was a quarter of what the suite computed.

What migrates by itself is what tests migration (``tests/stores``), whatever runs in a process of its own, and any file
that is not empty.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import threading
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from convokit.stores.sql.sqlite import opening

_REAL: Final = opening._migrate
_MIGRATING: Final = ("tests/stores", "src/convokit/testing/store_")


class Copied:
    """Holds the migrated database; as a plugin of pytest it is there for the tests of every folder."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._copies = False

    def pytest_configure(self) -> None:
        opening._migrate = self.migrate

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self._copies = not any(folder in item.path.as_posix() for folder in _MIGRATING)

    def pytest_unconfigure(self) -> None:
        opening._migrate = _REAL
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def migrate(self, path: Path) -> None:
        """In the place of the store's own: copy where there is nothing yet."""
        with self._lock:
            if not self._copies or path.stat().st_size:
                _REAL(path)
                return
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="convokit-tables-"))
                with closing(sqlite3.connect(self._folder / "desk.db")):
                    _REAL(self._folder / "desk.db")
            with closing(sqlite3.connect(self._folder / "desk.db")) as full, closing(sqlite3.connect(path)) as empty:
                full.backup(empty)
