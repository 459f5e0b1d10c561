"""Calls of plugins' code that end by a deadline for the caller, whatever the plugin does.

Nothing in Python can stop a thread that hangs. So such a call runs in a thread of its own, and the caller stops
waiting; the thread is lost until the plugin comes back. A plugin that holds as many threads as it may lose is asked
nothing more: it costs its callers no time, and everybody else none at all.
"""

from __future__ import annotations

import contextvars
import os
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final, Generic, TypeVar

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
        if self._process != os.getpid():
            self._begin_anew()
        with self._lock:
            lost = self._lost[who]
        if lost >= self._most_lost:
            raise PluginFailed(f"no answer to {lost} calls before", asked=False)
        call: _Call[T] = _Call(function)
        if self._here():
            call.run()
            if call.error is not None:
                contain(call.error)
        else:
            self._hands.do(call.run)
            if not call.ended.wait(self._seconds) and self._is_late(who, call):
                raise PluginFailed(f"no answer within {self._seconds:g} s")
        if call.error is not None:
            raise PluginFailed(type(call.error).__name__, call.error) from None
        return call.answers[0]

    def lost(self) -> Mapping[str, int]:
        """Who holds how many threads by calls that are late now."""
        with self._lock:
            return {who: count for who, count in self._lost.items() if count}

    def close(self) -> None:
        """End the threads that wait for a call."""
        self._hands.close()

    def _is_late(self, who: str, call: _Call[T]) -> bool:
        """Count a call as late, until it comes back."""

        def back() -> None:
            with self._lock:
                self._lost[who] -= 1

        with call.lock:
            if call.ended.is_set():
                return False
            with self._lock:
                self._lost[who] += 1
            call.back = back
            return True


class _Call(Generic[T]):
    def __init__(self, function: Callable[[], T]) -> None:
        self._function = function
        self._context = contextvars.copy_context()
        self.lock = threading.Lock()
        self.ended = threading.Event()
        self.answers: list[T] = []
        self.error: BaseException | None = None
        self.back: Callable[[], None] | None = None

    def run(self) -> None:
        try:
            self.answers.append(self._context.run(in_this_process, self._function))
        except BaseException as error:  # also a KeyboardInterrupt: no Ctrl-C comes to these threads
            self.error = error
        with self.lock:
            self.ended.set()
            back = self.back
        if back is not None:
            back()
