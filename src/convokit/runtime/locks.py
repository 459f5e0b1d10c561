"""A lock for each name: whoever waits for a slow vault keeps only those waiting who need the same one."""

from __future__ import annotations

import threading


class Locks:
    """Every thread may use it."""

    def __init__(self) -> None:
        self._all: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def of(self, name: str) -> threading.Lock:
        """The lock of this name."""
        with self._lock:
            return self._all.setdefault(name, threading.Lock())
