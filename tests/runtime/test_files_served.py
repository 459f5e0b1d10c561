"""Files through the two adapters, over a real socket where there is a server in the standard library."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from wsgiref.simple_server import WSGIRequestHandler, make_server
from wsgiref.validate import validator

import anyio
import made_files as made
import pytest
from desks import KIM, World, world

import convokit
from convokit.aio import AsyncKit

PUBLIC = "http://127.0.0.1:8000/hooks"


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def served(kit: convokit.Convokit) -> Iterator[HTTPConnection]:
    app = convokit.wsgi_app(kit.front)
    server = make_server("127.0.0.1", 0, validator(app), handler_class=Quiet)  # type: ignore[arg-type]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    try:
        yield connection
    finally:
        connection.close()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def w(tmp_path) -> Iterator[World]:  # type: ignore[no-untyped-def]
    with world(f"sqlite:///{tmp_path}/desk.db", public_url=PUBLIC) as made_world:
        yield made_world


def path_of(w: World, content: bytes) -> str:
    upload = w.desk.upload("walk.mp4", content, by=KIM)
    return w.desk.file_url(upload.id, by=KIM).removeprefix("http://127.0.0.1:8000")


def test_a_file_comes_whole_through_wsgi(w: World) -> None:
    content = made.video(size=3_000_000)
    path = path_of(w, content)
    with served(w.kit) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Content-Length"], answer.read()) == (200, str(len(content)), content)
        connection.request("HEAD", path)
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Content-Length"], answer.read()) == (200, str(len(content)), b"")
        connection.request("GET", path, headers={"Range": "bytes=4-7"})
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (206, b"ftyp")
        connection.request("GET", path[:-1])
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Content-Length"], answer.read()) == (404, "0", b"")


async def asked(kit: convokit.Convokit, path: str, *, stop_after: int | None = None) -> list[dict[str, object]]:
    sent: list[dict[str, object]] = []
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1")],
        "scheme": "http",
    }

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b""}

    async def send(message: dict[str, object]) -> None:
        if len(sent) == stop_after:
            raise OSError("the client went away")
        sent.append(message)

    await AsyncKit(kit).asgi()(scope, receive, send)  # type: ignore[arg-type]
    return sent


def test_a_file_comes_whole_through_asgi(w: World) -> None:
    content = made.video(size=3_000_000)
    start, *rest = anyio.run(asked, w.kit, path_of(w, content))
    headers = dict(start["headers"])  # type: ignore[call-overload]
    assert (start["status"], headers[b"content-length"]) == (200, str(len(content)).encode())
    assert b"".join(part["body"] for part in rest) == content  # type: ignore[misc]
    assert len(rest) > 10
    assert [part.get("more_body", False) for part in rest] == [True] * (len(rest) - 1) + [False]


def test_a_client_that_goes_away_leaves_no_file_open(w: World) -> None:
    """An open file would be reported when it is collected, and that fails the test."""
    path = path_of(w, made.video(size=3_000_000))

    async def went() -> None:
        with pytest.raises(OSError, match="went away"):
            await asked(w.kit, path, stop_after=2)

    anyio.run(went)
