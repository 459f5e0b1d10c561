"""Who wants to hear that something was committed."""

from __future__ import annotations

import threading
from collections.abc import Callable

from convokit.ports.store_beside import Heard


class Bell:
    """Rung after a commit. Every thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: dict[object, Heard] = {}

    def add(self, heard: Heard) -> Callable[[], None]:
        """Call it from now on; returns what ends that."""
        token = object()
        with self._lock:
            self._listeners = {**self._listeners, token: heard}

        def end() -> None:
            with self._lock:
                self._listeners = {key: one for key, one in self._listeners.items() if key is not token}

        return end

    def silence(self) -> None:
        """Nobody listens any more."""
        with self._lock:
            self._listeners = {}

    @property
    def is_heard(self) -> bool:
        """Whether anybody listens."""
        return bool(self._listeners)

    def ring(self, practice_id: str | None) -> None:
        """Tell everybody."""
        for heard in self._listeners.values():
            heard(practice_id)
