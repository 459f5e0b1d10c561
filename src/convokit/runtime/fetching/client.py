"""One GET after the other, each to an address that was checked and is pinned; nothing is followed unchecked.

The one function that fetches for convokit: there is no other path on which a check could be forgotten.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import threading
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Final
from urllib.parse import urljoin

from attrs import frozen

from convokit.errors import ConfigurationError
from convokit.ports.wire import HttpRequest
from convokit.runtime.fetching.addresses import ForbiddenError, Resolve, Target, system_resolve, target_of

MOST_REDIRECTS: Final = 3
SOCKET_SECONDS: Final = 15.0
WHOLE_SECONDS: Final = 90.0
"""From the first connection to the last byte; less than a lease."""
CHUNK: Final = 64 * 1024
_HOST_AND_PORT: Final = re.compile(r"[^\s:/]+:[0-9]{1,5}")
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_OURS: Final = frozenset({"host", "connection", "accept-encoding", "content-length", "transfer-encoding"})


class CutShortError(Exception):
    """The answer began and did not come whole. No ``OSError``: those on the way to the disk are the disk's."""


@frozen(kw_only=True)
class Fetched:
    """A provider's answer: its status, and the body piece by piece while it is open."""

    status: int
    chunks: Generator[bytes, None, None]


def check_private_hosts(given: object) -> frozenset[str]:
    """Hosts with their ports.

    Raises:
        ConfigurationError: ``media.private_hosts``.
    """
    wrong = ConfigurationError(
        "media.private_hosts",
        'private_media_hosts= is a list of hosts with their ports: ["127.0.0.1:8080"]',
        field="private_media_hosts",
        limit="host:port",
    )
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        raise wrong
    hosts = tuple(given)
    if not all(isinstance(host, str) and _HOST_AND_PORT.fullmatch(host) for host in hosts):
        raise wrong
    return frozenset(hosts)


@frozen(kw_only=True)
class MediaClient:
    """Fetches. ``private``: ``"host:port"`` that may be on the host's own network, by plain HTTP too."""

    private: frozenset[str] = frozenset()
    resolve: Resolve = system_resolve
    whole_seconds: float = WHOLE_SECONDS
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context

    @contextmanager
    def get(self, request: HttpRequest, hosts: Collection[str]) -> Iterator[Fetched]:
        """Ask, and follow up to three redirects; the request's headers go to its own host only.

        Raises:
            ForbiddenError: a URL leads where nothing may be fetched.
            OSError, http.client.HTTPException: no answer, or not in time.
            CutShortError: from the chunks.
        """
        with _Deadline(self.whole_seconds) as deadline:
            url, headers = request.url, dict(request.headers)
            for _ in range(MOST_REDIRECTS + 1):
                target = target_of(url, hosts, self.private, self.resolve)
                with (
                    self._connected(target, deadline) as connection,
                    closing(_ask(connection, target, headers)) as answer,
                ):
                    onward = answer.getheader("Location") if answer.status in _REDIRECTS else None
                    if onward is None:
                        yield Fetched(status=answer.status, chunks=_body(answer, deadline))
                        return
                url, headers = urljoin(url, onward), {}
            raise ForbiddenError("too many redirects")

    @contextmanager
    def _connected(self, target: Target, deadline: _Deadline) -> Iterator[http.client.HTTPConnection]:
        connection = http.client.HTTPConnection(target.host, target.port, timeout=SOCKET_SECONDS)
        raw = socket.create_connection((target.address, target.port), timeout=SOCKET_SECONDS)
        try:
            deadline.watch(raw)
            if target.scheme == "https":
                raw = self.tls().wrap_socket(raw, server_hostname=target.host)
                deadline.watch(raw)
            connection.sock = raw
            yield connection
        finally:
            raw.close()
            connection.close()


def _ask(connection: http.client.HTTPConnection, target: Target, headers: dict[str, str]) -> http.client.HTTPResponse:
    given = {name: value for name, value in headers.items() if name.lower() not in _OURS}
    own = {"Host": target.authority, "Accept-Encoding": "identity", "Connection": "close"}
    connection.request("GET", target.path, headers={**given, **own})
    answer = connection.getresponse()
    if answer.getheader("Content-Encoding", "identity").lower() != "identity":
        raise http.client.HTTPException("an encoding that was not asked for")
    return answer


def _body(answer: http.client.HTTPResponse, deadline: _Deadline) -> Generator[bytes, None, None]:
    try:
        while chunk := answer.read1(CHUNK):
            yield chunk
    except (OSError, http.client.HTTPException) as error:
        raise CutShortError(type(error).__name__) from error
    if deadline.passed or answer.length:
        raise CutShortError("too slow" if deadline.passed else "too short")


class _Deadline:
    """Cuts the connection when the time is up: a server that drips keeps no worker."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._socket: socket.socket | None = None

    def watch(self, connected: socket.socket) -> None:
        """This is the socket to cut. Not the connection: it forgets its socket when the answer begins."""
        self._socket = connected
        if self.passed:
            self._cut()

    def _cut(self) -> None:
        self.passed = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> _Deadline:
        self._timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._timer.cancel()
