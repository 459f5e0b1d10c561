"""The engine: names are written with what they name, and any worker of any machine performs them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from importlib.metadata import version

import psycopg

from convokit.plugins.faults import log_fault
from convokit.ports.dispatcher import DispatcherHealth, NameWrite, Notice, Work
from convokit_engine_procrastinate.looking import Looked, look
from convokit_engine_procrastinate.names import DEFER, packed
from convokit_engine_procrastinate.running import Running
from convokit_engine_procrastinate.settings import ProcrastinateSettings

_log = logging.getLogger("convokit")


class ProcrastinateDispatcher:
    """A :class:`~convokit.ports.dispatcher.Dispatcher`. It holds no connection but while it runs."""

    def __init__(self, settings: ProcrastinateSettings, work: Work, conninfo: str) -> None:
        """An engine at rest. ``conninfo``: where the desk and the queue are."""
        self._settings = settings
        self._work = work
        self._conninfo = conninfo if settings.dsn is None else settings.dsn.reveal()
        # Re-entrant: a signal handler may call stop() in the very thread that holds it.
        self._lock = threading.RLock()
        self._ended = threading.Condition(self._lock)
        self._runs: list[Running] = []
        self._stopping = False

    def writes(self, notices: Sequence[Notice]) -> Sequence[NameWrite]:
        """See :meth:`convokit.ports.dispatcher.Dispatcher.writes`."""
        return [NameWrite(text=DEFER, values=(packed(notices),))] if notices else []

    def notify(self, notices: Sequence[Notice]) -> None:
        """See :meth:`convokit.ports.dispatcher.Dispatcher.notify`. Rare: the store writes names itself."""
        if not notices:
            return
        try:
            with psycopg.connect(self._conninfo, connect_timeout=2, cursor_factory=psycopg.RawCursor) as connection:
                connection.execute(DEFER, (packed(notices),))
        except psycopg.Error as error:
            log_fault(_log, "the queue took no name; the next sweep brings it", error)

    def run(self, *, threads: int, idle_seconds: float) -> None:
        """See :meth:`convokit.ports.dispatcher.Dispatcher.run`."""
        running = Running(self._settings, self._work, self._conninfo, threads=threads, idle_seconds=idle_seconds)
        with self._lock:
            self._runs.append(running)
            stopped = self._stopping
        try:
            if not stopped:
                running.go()
        finally:
            with self._lock:
                self._runs.remove(running)
                # Only now, and only by the last: a stop that came before the start counts too.
                self._stopping = self._stopping and bool(self._runs)
                self._ended.notify_all()

    def stop(self) -> None:
        """See :meth:`convokit.ports.dispatcher.Dispatcher.stop`."""
        with self._lock:
            self._stopping = True
            for running in self._runs:
                running.stop()

    def wait(self, seconds: float) -> bool:
        """See :meth:`convokit.ports.dispatcher.Dispatcher.wait`."""
        with self._lock:
            return self._ended.wait_for(lambda: not self._runs, timeout=seconds)

    def health(self) -> DispatcherHealth:
        """See :meth:`convokit.ports.dispatcher.Dispatcher.health`. It asks the queue, for two seconds at most."""
        with self._lock:
            running, busy = bool(self._runs), sum(one.turns.busy for one in self._runs)
        here = f"{busy} at work here" if running else "none of them in this process"
        about = f"Procrastinate {version('procrastinate')}"
        try:
            found = look(self._conninfo, self._settings.silent_seconds)
        except psycopg.Error as error:
            why = f"{about}: the queue does not answer ({type(error).__name__})"
            return DispatcherHealth(running=running, busy=busy, words=why, problem=why)
        words = f"{about}: {found.words} ({here})"
        return DispatcherHealth(running=running, busy=busy, words=words, problem=_problem(found, words))


def _problem(found: Looked, words: str) -> str | None:
    if found.waiting and not found.workers:
        return f"{words}; nobody performs what waits: start `convokit worker`"
    return None
