"""The connections of one process to one PostgreSQL database: made when they are needed, lent, and kept for the next.

A connection does not cross a fork: a child has a pool of its own, and leaves the parent's connections untouched.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Final

import psycopg

from convokit.stores.sql.faults import storage_error
from convokit.stores.sql.postgres.address import Address
from convokit.stores.sql.postgres.faults import ConnectError
from convokit.stores.sql.postgres.wire import Wire

_LONGEST_CONNECT_SECONDS: Final = 10.0
_SECONDS: Final = 2  # what libpq rounds up to

_of_parents: Final[list[Pool]] = []
"""Kept for good in a child: to let go of a connection would say good-bye in the parent's name."""


class Pool:
    """At most so many connections at once. Every thread may use it."""

    def __init__(self, address: Address) -> None:
        self.pid = os.getpid()
        self._address = address
        self._free = threading.Semaphore(address.connections)
        self._lock = threading.Lock()
        self._idle: list[Wire] = []
        self._closed = False

    def renewed(self) -> Pool:
        """A pool for this process, which was forked."""
        _of_parents.append(self)
        return Pool(self._address)

    def lend(self, patience_ms: int) -> Wire:
        """A connection; :meth:`give_back` or :meth:`drop` it.

        Raises:
            StorageError: ``storage.no_connection``: all of them are lent, and none came back in time.
            ConnectError: none could be made.
        """
        deadline = time.monotonic() + patience_ms / 1000
        if not self._free.acquire(timeout=patience_ms / 1000):
            raise storage_error("storage.no_connection")
        try:
            while (wire := self._take()) is not None:
                if wire.is_alive:
                    return wire
                wire.close()
            return self._connect(deadline - time.monotonic())
        except BaseException:
            self._free.release()
            raise

    def give_back(self, wire: Wire) -> None:
        """Keep a connection, outside of every transaction, for whoever comes next."""
        with self._lock:
            kept = not self._closed
            if kept:
                self._idle.append(wire)
        if not kept:
            wire.close()
        self._free.release()

    def drop(self, wire: Wire) -> None:
        """Close a connection that is not to be used again."""
        wire.close()
        self._free.release()

    def close(self) -> None:
        """Close what is idle now, and the others when they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for wire in idle:
            wire.close()

    def _take(self) -> Wire | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _connect(self, seconds: float) -> Wire:
        return Wire(connect(self._address, seconds), prepare=self._address.prepare)


def connect(address: Address, seconds: float = _LONGEST_CONNECT_SECONDS) -> psycopg.Connection[object]:
    """A connection of the driver's, without transactions of its own.

    Raises:
        ConnectError: none could be made.
    """
    limit = max(_SECONDS, int(min(seconds, _LONGEST_CONNECT_SECONDS)))
    try:
        return psycopg.connect(
            address.conninfo,
            autocommit=True,
            client_encoding="utf8",
            fallback_application_name="convokit",
            connect_timeout=limit,
        )
    except (psycopg.Error, OSError) as error:
        raise ConnectError(str(error)) from None
    except UnicodeError:
        raise ConnectError("the address") from None
