"""Whose turn it is: names that were fetched wait here for one of the threads, and no practice gets all of them.

Without a thread, a lock or a clock of its own: the event loop of a worker is its only user.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from attrs import frozen

from convokit.ports.dispatcher import Notice, Queue

ROOM: Final = 100
"""How many names wait here at most."""

Answer = Callable[[bool], None]
Turn = tuple[str, str, str]


@frozen(eq=False)
class _Asked:
    notice: Notice
    answer: Answer


class Turns:
    """Who waits, and who is at it."""

    def __init__(self, threads: int, limits: Mapping[Queue, int], room: int = ROOM) -> None:
        """``limits``: how many of each queue may be at it."""
        self._threads = threads
        self._limits = limits
        self._room = room
        self._most = max(1, threads - 1)
        self._waiting: dict[str, list[_Asked]] = {}
        self._flying: dict[Turn, Notice] = {}
        self._missed: set[tuple[str, str]] = set()
        self._closed = False
        self.left: bool = False
        """Whether something is due that has no name in the queue, because it was left to the sweep."""

    @property
    def busy(self) -> int:
        """How many are at it."""
        return len(self._flying)

    @property
    def is_hungry(self) -> bool:
        """Whether it is time for what was left to the sweep."""
        return self.left and sum(map(len, self._waiting.values())) < self._threads

    def holds(self, notice: Notice) -> bool:
        """Whether it waits or is at it here."""
        turn = turn_of(notice)
        waiting = self._waiting.get(notice.practice, ())
        return turn in self._flying or any(turn_of(asked.notice) == turn for asked in waiting)

    def ask(self, notice: Notice, answer: Answer) -> None:
        """Answer ``True`` once it is its turn; then :meth:`end` it. ``False``: it is left to the sweep, or a double."""
        if self._closed or self.holds(notice):
            answer(False)
            return
        mine = self._waiting.setdefault(notice.practice, [])
        if self._has_room(len(mine)):
            mine.append(_Asked(notice, answer))
            self._serve()
        else:
            self.left = True
            answer(False)
        if not mine:
            self._waiting.pop(notice.practice, None)

    def end(self, notice: Notice, *, performed: bool) -> bool:
        """It has been at it. Whether there is something for a sweep to find now."""
        del self._flying[turn_of(notice)]
        lane = (notice.practice, notice.lane)
        behind = any(asked.notice.lane == notice.lane for asked in self._waiting.get(notice.practice, ()))
        missed = lane in self._missed
        if not behind:
            self._missed.discard(lane)
        elif not performed:
            self._missed.add(lane)  # it came before its turn: those that it waits for are still to come
        self._serve()
        found = missed and performed and not behind
        return found or self.is_hungry

    def close(self) -> None:
        """Nobody's turn comes any more; who is at it is not disturbed."""
        self._closed = True
        waiting, self._waiting = self._waiting, {}
        for asked in (asked for mine in waiting.values() for asked in mine):
            asked.answer(False)

    def _has_room(self, mine: int) -> bool:
        """Whether one more can wait; who has most here makes room for who has less."""
        if sum(map(len, self._waiting.values())) < self._room:
            return True
        longest = max(self._waiting.values(), key=len)
        if len(longest) <= mine + 1:
            return False
        self.left = True
        longest.pop().answer(False)
        return True

    def _serve(self) -> None:
        while len(self._flying) < self._threads and (asked := self._next()) is not None:
            mine = self._waiting[asked.notice.practice]
            mine.remove(asked)
            if not mine:
                del self._waiting[asked.notice.practice]
            self._flying[turn_of(asked.notice)] = asked.notice
            asked.answer(True)

    def _next(self) -> _Asked | None:
        """The first of the practice with the fewest at it, whose lane and queue are free."""
        flying = self._flying.values()
        busy = Counter(notice.practice for notice in flying)
        queues = Counter(notice.queue for notice in flying)
        lanes = {(notice.practice, notice.lane) for notice in flying}
        for practice in sorted(self._waiting, key=busy.__getitem__):
            if busy[practice] >= self._most:
                return None
            for asked in self._waiting[practice]:
                notice = asked.notice
                if (practice, notice.lane) not in lanes and queues[notice.queue] < self._limits[notice.queue]:
                    return asked
        return None


def turn_of(notice: Notice) -> Turn:
    """Keys are unique within a practice only."""
    return notice.practice, notice.kind, notice.key
