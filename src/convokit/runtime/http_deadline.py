"""A deadline for a whole blocking exchange.

The client library's time-outs are for one read from the socket each, so a server that drips one byte of a header now
and then would hold a worker for ever. Here every read also ends at the deadline of the exchange that its thread is in.
"""

from __future__ import annotations

import logging
import math
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpcore2
import httpx2

_log = logging.getLogger("convokit")

_LEAST_SECONDS: Final = 0.001
"""A time-out of 0 would mean "do not wait" to a socket, and ``None`` "wait for ever"."""


class _Present(threading.local):
    deadline: float = math.inf


_present = _Present()


@contextmanager
def exchange_until(deadline: float) -> Iterator[None]:
    """Reads of this thread end at ``deadline`` (of ``time.monotonic``)."""
    _present.deadline = deadline
    try:
        yield
    finally:
        _present.deadline = math.inf


def bound_reads(client: httpx2.Client) -> None:
    """Make every connection that ``client`` opens from now on, through a proxy or not, heed the deadline.

    The client has no public door to its network backend. Should a release move it, texts still go out: then only the
    time-outs of single reads hold, and the log says so.
    """
    try:
        for transport in (client._transport, *client._mounts.values()):
            if isinstance(transport, httpx2.HTTPTransport):
                pool = transport._pool
                pool._network_backend = _Backend(pool._network_backend)
    except AttributeError:
        _log.warning("this version of httpx2 cannot be given a deadline for a whole exchange")


def _left(timeout: float | None) -> float | None:
    left = _present.deadline - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout
    bounded = min(left, math.inf if timeout is None else timeout)
    return None if math.isinf(bounded) else max(bounded, _LEAST_SECONDS)


class _Backend(httpcore2.NetworkBackend):
    def __init__(self, inner: httpcore2.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        return _Stream(self._inner.connect_tcp(host, port, timeout, local_address, socket_options))

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _Stream(httpcore2.NetworkStream):
    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
