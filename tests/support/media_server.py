"""A provider's server of files, on this machine: each path answers in its own way, and notes who asked how."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from attrs import define, field

Answer = Callable[[BaseHTTPRequestHandler], None]


@define
class MediaServer:
    """``answers`` by path; ``asked``: path and headers of every request."""

    port: int = 0
    answers: dict[str, Answer] = field(factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(factory=list)
    released: threading.Event = field(factory=threading.Event)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


def gives(content: bytes, status: int = 200, **headers: str) -> Answer:
    """A whole answer."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Length", headers.pop("length", str(len(content))))
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(content)

    return answer


def leads_to(url: str, status: int = 302) -> Answer:
    """A redirect."""
    return gives(b"", status, Location=url)


@contextmanager
def media_server(tls: ssl.SSLContext | None = None) -> Iterator[MediaServer]:
    """It, running."""
    made = MediaServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append((self.path, dict(self.headers.items())))
            made.answers.get(self.path, gives(b"", 404))(self)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *args: None  # type: ignore[method-assign]  # clients that go away are wanted here
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield made
    finally:
        made.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
