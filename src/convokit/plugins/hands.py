"""Threads that are used again, and that nobody waits for when the process ends.

The pools of the standard library are joined at the end: one plugin that hangs would keep the process from ending.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Final

Work = Callable[[], None]

IDLE_SECONDS: Final = 20.0
"""A thread that nobody needs for so long ends: of a desk that was never closed none must be left."""


class Hands:
    """Every thread may use it, and a forked process begins anew."""

    def __init__(self, name: str, *, most_idle: int, idle_seconds: float = IDLE_SECONDS) -> None:
        """``most_idle``: so many threads at most wait for the next work, each at most for ``idle_seconds``."""
        self._name, self._most_idle, self._idle_seconds = name, most_idle, idle_seconds
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._idle: list[SimpleQueue[Work | None]] = []
        self._closed = False

    def do(self, work: Work) -> None:
        """Have it done by a thread that is idle, or by a new one. It raises nothing."""
        if self._process != os.getpid():
            self._begin_anew()
        with self._lock:
            queue = self._idle.pop() if self._idle else None
        if queue is None:
            queue = SimpleQueue()
            threading.Thread(target=self._wait, args=(queue,), name=self._name, daemon=True).start()
        queue.put(work)

    def close(self) -> None:
        """Let the idle threads end, and the others when they have done what they do."""
        with self._lock:
            idle, self._idle, self._closed = self._idle, [], True
        for queue in idle:
            queue.put(None)

    def _wait(self, queue: SimpleQueue[Work | None]) -> None:
        while (work := self._next(queue)) is not None:
            work()
            with self._lock:
                if self._closed or len(self._idle) >= self._most_idle:
                    return
                self._idle.append(queue)

    def _next(self, queue: SimpleQueue[Work | None]) -> Work | None:
        """What to do next; ``None``: nothing any more."""
        while True:
            try:
                return queue.get(timeout=self._idle_seconds)
            except Empty:
                with self._lock:
                    if queue in self._idle:
                        self._idle.remove(queue)
                        return None
                # Somebody has taken it out at this moment: the work is on its way.
