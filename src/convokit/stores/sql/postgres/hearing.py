"""What other processes committed: each commit is followed by a NOTIFY, and one connection of a process listens.

It spares waiting and nothing else. A NOTIFY is sent after the commit, not in it: in it, all commits of the server would
stand in one line.
"""

from __future__ import annotations

import os
import select
import socket
import threading
from collections.abc import Callable
from typing import Any, Final

import psycopg

from convokit.errors import StorageError
from convokit.ports.store_beside import Heard
from convokit.stores.bell import Bell
from convokit.stores.sql.postgres.address import Address
from convokit.stores.sql.postgres.faults import ConnectError
from convokit.stores.sql.postgres.pool import connect

CHANNEL: Final = "convokit"
NOTIFY: Final = f"SELECT pg_notify('{CHANNEL}', $1)"
_PAUSE_SECONDS: Final = 1.0
_LOOK_SECONDS: Final = 60.0


class Hearing:
    """The listening connection, in a thread of its own, as long as anybody listens. Every thread may use it."""

    def __init__(self, address: Address, name_of: Callable[[int], str | None]) -> None:
        """``name_of``: the id of the practice with a key."""
        self._address = address
        self._name_of = name_of
        self._lock = threading.Lock()
        self._begin()

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._bell = Bell()
        self._thread: threading.Thread | None = None
        self._wake, self._woken = socket.socketpair()

    def listen(self, heard: Heard) -> Callable[[], None]:
        """See :meth:`convokit.ports.store_beside.NewsStore.listen`."""
        with self._lock:
            if self._pid != os.getpid():  # a fork takes no thread along
                self._begin()
            end = self._bell.add(heard)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, args=(self._bell,), name="convokit news", daemon=True)
                self._thread.start()
        return lambda: self._end(end)

    def close(self) -> None:
        """Nobody listens any more."""
        if self._pid == os.getpid():
            self._bell.silence()
            self._rest()
        for side in (self._wake, self._woken):
            side.close()

    def _end(self, end: Callable[[], None]) -> None:
        end()
        self._rest()

    def _rest(self) -> None:
        """End the thread, unless somebody listens."""
        with self._lock:
            if self._bell.is_heard or self._thread is None:
                return
            thread, self._thread = self._thread, None
            self._wake.send(b"x")
        if thread is not threading.current_thread():
            thread.join()

    def _run(self, bell: Bell) -> None:
        while bell.is_heard:
            try:
                with connect(self._address) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    bell.ring(None)  # what was said before is not heard here
                    self._hear(connection, bell)
            except (psycopg.Error, ConnectError, OSError):
                select.select([self._woken], [], [], _PAUSE_SECONDS)

    def _hear(self, connection: psycopg.Connection[Any], bell: Bell) -> None:
        """Until nobody listens, or the connection breaks."""
        libpq = connection.pgconn
        server, woken = libpq.socket, self._woken.fileno()
        while bell.is_heard:
            ready, _, _ = select.select([server, woken], [], [], _LOOK_SECONDS)
            if woken in ready:
                self._woken.recv(16)
            if not ready:
                connection.execute("SELECT 1")  # a network that broke says nothing by itself
            libpq.consume_input()
            while (news := libpq.notifies()) is not None:
                bell.ring(self._name(news.extra.decode()))

    def _name(self, said: str) -> str | None:
        if not said.isdecimal():
            return None
        try:
            return self._name_of(int(said))
        except StorageError:
            return None
