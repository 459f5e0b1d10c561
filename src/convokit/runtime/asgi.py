"""The webhook front, and the one for files, as an ASGI 3 application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, MutableMapping
from urllib.parse import quote

import anyio.to_thread

from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.runtime.webhooks import LARGEST_WEBHOOK

Message = MutableMapping[str, object]
Scope = MutableMapping[str, object]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Answer = Callable[[HttpRequest], HttpResponse]


def asgi_app(answer: Answer) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """An ASGI application that answers with ``answer`` (``kit.front``, or ``kit.webhook``) in a worker thread.

    A request whose client went away before its body was whole is dropped: there is nobody to acknowledge it to.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        body = await _body(receive)
        if body is None:
            return
        response = await anyio.to_thread.run_sync(answer, _request(scope, body))
        headers = [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in response.headers]
        if response.header("Content-Length") is None:
            headers.append((b"content-length", str(len(response.body)).encode()))
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        if response.chunks is not None:
            await _stream(response.chunks, send)
        await send({"type": "http.response.body", "body": response.body})

    return app


async def _stream(chunks: Generator[bytes, None, None], send: Send) -> None:
    """The pieces of a file, each read in a worker thread."""
    try:
        while (chunk := await anyio.to_thread.run_sync(next, chunks, b"")) != b"":
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    finally:
        chunks.close()


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


async def _body(receive: Receive) -> bytes | None:
    """The body, and no more of it than tells that it is too large; ``None`` if the client went away."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        body += part if isinstance(part, bytes) else b""
        if not message.get("more_body", False) or len(body) > LARGEST_WEBHOOK:
            return body


def _request(scope: Scope, body: bytes) -> HttpRequest:
    pairs = scope["headers"]
    assert isinstance(pairs, (list, tuple))  # noqa: S101 - the ASGI specification says so
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in pairs)
    raw, query = scope.get("raw_path"), scope.get("query_string", b"")
    path = raw.decode("latin-1") if isinstance(raw, bytes) else _quoted(str(scope["path"]))
    host = next((value for name, value in headers if name == "host"), "localhost")
    tail = f"?{query.decode('latin-1')}" if isinstance(query, bytes) and query else ""
    url = f"{scope.get('scheme', 'http')}://{host}{path}{tail}"
    return HttpRequest(method=str(scope["method"]), url=url, headers=headers, body=body)


def _quoted(path: str) -> str:
    return quote(path.encode("utf-8", "replace"), safe="/;=,@:!$&'()*+~")
