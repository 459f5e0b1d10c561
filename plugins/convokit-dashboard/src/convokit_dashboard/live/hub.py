"""One look at the change feed, several times a second, for every dashboard of this process that is open.

A single thread looks, only at practices that somebody watches, and only while somebody does. Those who watch sleep
until it rings: two hundred open dashboards cost one query, not two hundred.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from attrs import define, field

from convokit.errors import ConvokitError, NotFound
from convokit.runtime.kit import Convokit
from convokit_dashboard.live.feed import Feed, Told

LOOK_SECONDS: Final = 0.2
"""How long after a commit it is seen at the latest."""

QUIET_SECONDS: Final = 20.0
"""How long after the last ring it rings again without news, so that streams can say that they are still there."""

_MOST_AT_ONCE: Final = 200
_PATIENCE: Final = 25
"""Looks without anybody watching before the thread ends."""

_log = logging.getLogger("convokit.dashboard")


@define(eq=False)
class Bell:
    """Wakes one watcher, on the event loop that it lives on."""

    loop: asyncio.AbstractEventLoop
    rung: asyncio.Event = field(factory=asyncio.Event)


def ring(bells: Iterable[Bell]) -> None:
    """Wake watchers, from any thread: each event loop is called once, however many of them live on it."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Bell]] = {}
    for bell in bells:
        by_loop.setdefault(bell.loop, []).append(bell)
    for loop, there in by_loop.items():
        try:
            loop.call_soon_threadsafe(_ring_here, there)
        except RuntimeError:  # the loop has closed: whoever listened there is gone
            _log.debug("a watcher's event loop has closed")


def _ring_here(bells: list[Bell]) -> None:
    for bell in bells:
        bell.rung.set()


@define(eq=False)
class _Watched:
    feed: Feed
    bells: set[Bell] = field(factory=set)


class Hub:
    """The watchers of all practices of a kit."""

    def __init__(
        self, kit: Convokit, *, look_seconds: float = LOOK_SECONDS, quiet_seconds: float = QUIET_SECONDS
    ) -> None:
        self._kit = kit
        self._look_seconds = look_seconds
        self.quiet_seconds = quiet_seconds
        """Seconds after which a watcher is told at least that somebody is there."""
        self._lock = threading.Lock()
        self._watched: dict[str, _Watched] = {}
        self._hurry = threading.Event()
        self._thread: threading.Thread | None = None

    def number(self, practice_id: str) -> int | None:
        """The newest change that was seen, or ``None`` where nobody watches."""
        with self._lock:
            found = self._watched.get(practice_id)
            return None if found is None else found.feed.number

    def hurry(self) -> None:
        """Something was written here just now: look at once."""
        self._hurry.set()

    def after(self, practice_id: str, since: int, visible: tuple[str, ...] | None) -> Told | None:
        """What a watcher has to be told, or ``None``."""
        with self._lock:
            found = self._watched.get(practice_id)
            return None if found is None else found.feed.after(since, visible)

    @contextmanager
    def watching(self, practice_id: str, number: int) -> Iterator[Bell]:
        """Watch a practice from a change number on, in a running event loop. The bell rings whenever it changed."""
        bell = Bell(asyncio.get_running_loop())
        with self._lock:
            found = self._watched.setdefault(practice_id, _Watched(Feed(number)))
            found.bells.add(bell)
            self._look_out()
        try:
            yield bell
        finally:
            with self._lock:
                found.bells.discard(bell)
                if not found.bells:
                    self._watched.pop(practice_id, None)

    def _look_out(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="convokit-dashboard", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        idle, rang = 0, time.monotonic()
        while idle < _PATIENCE:
            self._hurry.wait(self._look_seconds)
            self._hurry.clear()
            with self._lock:
                practices = list(self._watched)
            idle = 0 if practices else idle + 1
            for practice_id in practices:
                self._look(practice_id)
            if time.monotonic() - rang >= self.quiet_seconds:
                rang = time.monotonic()
                with self._lock:
                    everybody = [bell for watched in self._watched.values() for bell in watched.bells]
                ring(everybody)
            with self._lock:
                if idle >= _PATIENCE and not self._watched:
                    self._thread = None
                    return

    def _look(self, practice_id: str) -> None:
        number = self.number(practice_id)
        if number is None:
            return
        try:
            fresh = self._fresh(practice_id, number)
        except ConvokitError as error:  # a store that is busy, or closed: the next look will see it
            _log.warning("the changes of practice %s could not be read: %s", practice_id, error.code)
            return
        if fresh:
            self._tell(practice_id, fresh)

    def _fresh(self, practice_id: str, number: int) -> list[tuple[int, str, str]]:
        desk = self._kit.practice(practice_id)
        found: list[tuple[int, str, str]] = []
        for change in desk.changes(number, limit=_MOST_AT_ONCE):
            try:
                department = desk.conversation(change.conversation_id).department
            except NotFound:  # erased between the two reads
                continue
            found.append((change.number, change.conversation_id, department))
        return found

    def _tell(self, practice_id: str, fresh: list[tuple[int, str, str]]) -> None:
        with self._lock:
            watched = self._watched.get(practice_id)
            if watched is None:
                return
            for one in fresh:
                watched.feed.add(*one)
            bells = list(watched.bells)
        ring(bells)
