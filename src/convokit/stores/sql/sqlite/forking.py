"""What a fork does to the open files: see ``connections.py`` for the reason."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final
from weakref import WeakSet

from convokit.stores.sql.faults import storage_error

if TYPE_CHECKING:
    from convokit.stores.sql.sqlite.engine import SqliteDatabase

_PATIENCE_SECONDS: Final = 30.0
"""Longer than anybody waits for a lock of the file, so that a fork outlasts every transaction."""


class Forks:
    """The open files of this process, and the lock under which they are opened and closed."""

    def __init__(self) -> None:
        self.opening = threading.Lock()
        self.databases: WeakSet[SqliteDatabase] = WeakSet()
        self._held: list[tuple[SqliteDatabase, bool]] = []
        self._pid = os.getpid()
        self._lost: set[Path] = set()

    def check(self, path: Path) -> None:
        """Refuse a file that was in use when this process was forked: what SQLite knows of its locks is wrong here.

        Raises:
            StorageError: ``storage.forked``.
        """
        if self._pid != os.getpid():  # a fork that did not call us
            self._begin_as_child({database.path for database in self.databases if database.connections.in_use})
        if path in self._lost:
            raise storage_error("storage.forked")

    def before(self) -> None:
        """Nobody is inside SQLite from here on, and nothing is open."""
        self.opening.acquire()
        for database in list(self.databases):
            quiet = False
            try:
                quiet = database.connections.before_fork(_PATIENCE_SECONDS)
            finally:
                self._held.append((database, quiet))

    def after_in_parent(self) -> None:
        """Everybody goes on, with new connections."""
        held, self._held = self._held, []
        for database, quiet in held:
            database.connections.after_fork(quiet=quiet)
        self.opening.release()

    def after_in_child(self) -> None:
        """Locks and connections of its own; a file that was in use all the time stays the parent's."""
        held, self._held = self._held, []
        for database, quiet in held:
            if quiet:
                database.renew()
        self.opening = threading.Lock()
        self._begin_as_child({database.path for database, quiet in held if not quiet})

    def _begin_as_child(self, lost: set[Path]) -> None:
        self._pid = os.getpid()
        self._lost |= lost


FORKS: Final = Forks()
"""Of this process."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=FORKS.before, after_in_parent=FORKS.after_in_parent, after_in_child=FORKS.after_in_child)
