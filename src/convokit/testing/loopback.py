"""An HTTP server on this machine, for services that tests pretend to be: plain values in, plain values out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final, Generic, Self, TypeVar

from convokit.ports.wire import HttpRequest, HttpResponse

PATIENCE: Final = 20.0
"""Seconds until something that must happen counts as never happening."""

T = TypeVar("T")


class LoopbackServer:
    """Answers with what :meth:`answer` says, on a free port of 127.0.0.1. Use it as a context manager.

    Each request gets a thread. Several may be in :meth:`answer` at once.
    """

    _server: _Server
    _thread: threading.Thread

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The beginning of all its URLs, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def answer(self, request: HttpRequest) -> HttpResponse:
        """What this service answers. What it raises is a mistake of the test: it comes out at the end."""
        raise NotImplementedError(
            "fill in answer: return what the service answers; write what it takes into its ledger"
        )

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.takes = self.answer
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(PATIENCE)
        if self._server.mistakes and error is None:
            raise self._server.mistakes[0]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    takes: Callable[[HttpRequest], HttpResponse]

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self.mistakes: list[Exception] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what some tests are about: say nothing."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = f"http://{self.headers['Host']}{self.path}"
        request = HttpRequest(method=self.command, url=url, headers=tuple(self.headers.items()), body=body)
        try:
            answer = self.server.takes(request)
        except Exception as error:  # a mistake of the test's service: told at the end, not to the client
            self.server.mistakes.append(error)
            answer = HttpResponse(status=500)
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.header("Content-Length") is None and answer.status != 204:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any

    def log_message(self, *_: object) -> None:
        """Say nothing: the test says what matters."""


class Ledger(Generic[T]):
    """What truly happened, in order. Every thread may write; whoever reads may wait."""

    def __init__(self) -> None:
        self._lines: list[T] = []
        self._changed = threading.Condition()

    def write(self, line: T) -> T:
        """Add a line; it is returned."""
        with self._changed:
            self._lines.append(line)
            self._changed.notify_all()
        return line

    def lines(self) -> list[T]:
        """Everything so far."""
        with self._changed:
            return list(self._lines)

    def wait_for(self, count: int) -> list[T]:
        """Wait until there are so many lines.

        Raises:
            AssertionError: they did not come, for twenty seconds.
        """
        with self._changed:
            came = self._changed.wait_for(lambda: len(self._lines) >= count, PATIENCE)
            assert came, f"{len(self._lines)} of {count} lines came"
            return list(self._lines)

    def __len__(self) -> int:
        return len(self.lines())

    def __iter__(self) -> Iterator[T]:
        return iter(self.lines())
