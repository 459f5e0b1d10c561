"""Calls of plugins' code that end by a deadline for the caller, whatever the plugin does.

Nothing in Python can stop a thread that hangs. So such a call runs in a thread of its own, and the caller stops
waiting; the thread is lost until the plugin comes back. A plugin that holds as many threads as it may lose is asked
nothing more: it costs its callers no time, and everybody else none at all.
"""

from __future__ import annotations

import contextvars
import os
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

from convokit.plugins.faults import contain, in_this_process
from convokit.plugins.hands import Hands

T = TypeVar("T")

SECONDS: Final = 5.0
MOST_LOST: Final = 4
_MOST_IDLE: Final = 8


class PluginFailed(Exception):
    """A call that came to nothing. ``error`` is what the plugin raised; the words are ours and quote nothing.

    ``asked``: whether the plugin was called at all. If not, it was told of before.
    """

    def __init__(self, words: str, error: BaseException | None = None, *, asked: bool = True) -> None:
        super().__init__(words)
        self.asked: bool = asked
        self.error: BaseException = self if error is None else error

    @property
    def is_late(self) -> bool:
        """Whether it did not come back in time, now or before."""
        return self.error is self


class Bounded:
    """Makes such calls. Every thread may use it, and a forked process begins anew."""

    def __init__(
        self, *, seconds: float = SECONDS, most_lost: int = MOST_LOST, here: Callable[[], bool] = lambda: False
    ) -> None:
        """Calls with a deadline.

        Args:
            seconds: the longest that a caller waits.
            most_lost: how many calls of one plugin may be late at a time before it is asked nothing more.
            here: whether a call must be made in the caller's own thread, without a deadline: a transaction of the
                host's belongs to its thread.
        """
        self._seconds, self._most_lost, self._here = seconds, most_lost, here
        self._hands = Hands("convokit-plugin", most_idle=_MOST_IDLE)
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._lost: Counter[str] = Counter()

    def call(self, who: str, function: Callable[[], T]) -> T:
        """What ``function`` returns.

        Args:
            who: the plugin, or whoever's code it is, in words for people: its late calls are counted under it.

        Raises:
            PluginFailed: it raised, did not come back in time, or has not come back from too many calls before.
        """
        call = _Call(who, function)
        (failed,) = self._made([call])
        if failed is not None:
            raise failed from None
        return call.answers[0]

    def each(self, calls: Iterable[tuple[str, Callable[[], object]]]) -> list[PluginFailed | None]:
        """Make calls, one after the other. Of each, why it failed, or ``None``.

        Each has a deadline of its own, and one that fails or is late keeps no other from being made. As long as they
        come back they share a thread: the way there and back costs more than most calls.
        """
        return self._made([_Call(who, function) for who, function in calls])

    def lost(self) -> Mapping[str, int]:
        """Who holds how many threads by calls that are late now."""
        with self._lock:
            return {who: count for who, count in self._lost.items() if count}

    def close(self) -> None:
        """End the threads that wait for a call."""
        self._hands.close()

    def _made(self, calls: Sequence[_Call[T]]) -> list[PluginFailed | None]:
        if self._process != os.getpid():
            self._begin_anew()
        with self._lock:
            lost = [self._lost[call.who] for call in calls]
        allowed = [call for call, count in zip(calls, lost, strict=True) if count < self._most_lost]
        if self._here():
            for call in allowed:
                call.run()
                if call.error is not None:
                    contain(call.error)
        elif allowed:
            self._wait_for(_Round(allowed))
        return [self._failed(call, count) for call, count in zip(calls, lost, strict=True)]

    def _wait_for(self, made: _Round) -> None:
        """Until each of them has come back, or was late."""
        self._hands.do(made.run)
        left = self._seconds
        while not made.over.wait(left):
            left = made.seconds_left(self._seconds)
            if left <= 0:
                if made.abandon(self._seconds, self._count_late):
                    self._hands.do(made.run)
                left = self._seconds

    def _count_late(self, call: _Call[Any]) -> None:
        """Count a call as late, until it comes back."""

        def back() -> None:
            with self._lock:
                self._lost[call.who] -= 1

        with self._lock:
            self._lost[call.who] += 1
        call.back = back

    def _failed(self, call: _Call[Any], lost: int) -> PluginFailed | None:
        if lost >= self._most_lost:
            return PluginFailed(f"no answer to {lost} calls before", asked=False)
        if call.back is not None:
            return PluginFailed(f"no answer within {self._seconds:g} s")
        return None if call.error is None else PluginFailed(type(call.error).__name__, call.error)


class _Call(Generic[T]):
    """A call. ``back``: what is to be done when it comes back, once nobody waits for it any more."""

    def __init__(self, who: str, function: Callable[[], T]) -> None:
        self.who = who
        self._function = function
        self._context = contextvars.copy_context()
        self.answers: list[T] = []
        self.error: BaseException | None = None
        self.back: Callable[[], None] | None = None

    def run(self) -> None:
        try:
            self.answers.append(self._context.run(in_this_process, self._function))
        except BaseException as error:  # also a KeyboardInterrupt: no Ctrl-C comes to these threads
            self.error = error


class _Round:
    """Calls that one thread makes, one after the other, and another one goes on with when one of them is late."""

    def __init__(self, calls: Sequence[_Call[Any]]) -> None:
        self._left = deque(calls)
        self._lock = threading.Lock()
        self._running: _Call[Any] | None = None
        self._since = 0.0
        self.over = threading.Event()

    def run(self) -> None:
        """Make them, in the thread that this is called in."""
        call = self._next(None)
        while call is not None:
            call.run()
            call = self._next(call)

    def _next(self, done: _Call[Any] | None) -> _Call[Any] | None:
        with self._lock:
            back = None if done is None else done.back
            if back is None:
                self._running = self._left.popleft() if self._left else None
                self._since = time.monotonic()
                if self._running is None:
                    self.over.set()
                return self._running
        back()  # another thread has gone on long since
        return None

    def seconds_left(self, seconds: float) -> float:
        """How much of the time of the running call is left."""
        with self._lock:
            return seconds if self._running is None else self._since + seconds - time.monotonic()

    def abandon(self, seconds: float, late: Callable[[_Call[Any]], None]) -> bool:
        """Wait no longer for a call that runs for so many seconds. Whether another thread is to go on."""
        with self._lock:
            if self._running is None or time.monotonic() - self._since < seconds:
                return False  # it has just come back
            late(self._running)
            self._running = None
            if not self._left:
                self.over.set()
            return bool(self._left)
