"""A loopback HTTP server that remembers what it was asked and answers with a settable status."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qsl, urlsplit

from attrs import field, frozen


@frozen(kw_only=True)
class Seen:
    """One request as it arrived; ``url`` is absolute."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes

    @property
    def query(self) -> dict[str, str]:
        """The decoded query; of a repeated name the last value."""
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))

    @property
    def authorization(self) -> str | None:
        """The ``Authorization`` header."""
        return next((value for name, value in self.headers if name.lower() == "authorization"), None)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        sink = self.server.sink  # type: ignore[attr-defined]  # set by HttpSink below
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = f"http://{self.headers['Host']}{self.path}"
        status = sink.take(Seen(method=self.command, url=url, headers=tuple(self.headers.items()), body=body))
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = _answer
    do_POST = _answer

    def log_message(self, *_: object) -> None:
        """Say nothing: pytest shows what matters."""


class HttpSink:
    """Use as a context manager; ``port`` is known inside."""

    def __init__(self) -> None:
        self.status = 200
        self._seen: list[Seen] = []
        self._changed = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.sink = self  # type: ignore[attr-defined]  # the handler's way back
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> HttpSink:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self, seen: Seen) -> int:
        """Remember a request; the status to answer it with."""
        with self._changed:
            self._seen.append(seen)
            self._changed.notify_all()
            return self.status

    def seen(self) -> list[Seen]:
        """Everything so far, in order of arrival."""
        with self._changed:
            return list(self._seen)

    def wait_for(self, fits: Callable[[Seen], bool], *, count: int = 1, timeout: float = 20) -> list[Seen]:
        """The first ``count`` requests that fit; waits up to ``timeout`` seconds for them.

        Raises:
            AssertionError: they did not come; lists what came.
        """
        with self._changed:
            self._changed.wait_for(lambda: sum(map(fits, self._seen)) >= count, timeout)
            found = [seen for seen in self._seen if fits(seen)]
        assert len(found) >= count, f"{len(found)} of {count} requests came; seen: {self.seen()}"
        return found[:count]
