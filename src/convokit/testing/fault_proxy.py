"""A proxy on this machine that breaks exchanges in one way at a time, before a service that does nothing wrong.

It takes one request from each connection, passes it on or not, and does with the answer what the next fault says::

    with FaultProxy(service.port) as proxy:
        proxy.then(FAULTS["reset before the answer"])
        ...                                   # the next request is taken, and its answer never comes
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from types import TracebackType
from typing import Final, Literal, Self

from attrs import frozen

PATIENCE: Final = 20.0

Cut = Literal["", "before the request is taken", "before the answer", "inside the answer", "after the answer"]


@frozen(kw_only=True)
class Fault:
    """What happens to one request and its answer.

    Attributes:
        taken: the service gets the request.
        wait: seconds before anything is answered; with ``cut`` before the cut.
        cut: where the connection is reset.
        silent: nothing is ever answered, and the connection stays open.
        drip: seconds between the bytes of the answer.
        length: how many bytes more (or fewer) than there are the answer says that it has.
        instead: an answer that the proxy gives in place of the service's: status line, headers and body.
    """

    taken: bool = True
    wait: float = 0.0
    cut: Cut = ""
    silent: bool = False
    drip: float = 0.0
    length: int = 0
    instead: bytes | None = None

    @property
    def slow(self) -> bool:
        """Whether it takes longer than a client in a hurry waits."""
        return self.silent or self.drip > 0 or self.wait > 1


def _answer(status: str, body: bytes = b"", *headers: str) -> bytes:
    head = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", "")
    return "\r\n".join(head).encode() + body


_HTML: Final = _answer("200 OK", b"<!doctype html><title>Sign in</title>", "Content-Type: text/html")

FAULTS: Final[Mapping[str, Fault]] = {
    "latency": Fault(wait=0.2),
    "reset before the request is taken": Fault(taken=False, cut="before the request is taken"),
    "reset before the answer": Fault(cut="before the answer"),
    "reset inside the answer": Fault(cut="inside the answer"),
    "reset after the answer": Fault(cut="after the answer"),
    "half-open": Fault(silent=True),
    "one byte at a time": Fault(drip=0.5),
    "an answer that is too short": Fault(length=10),
    "an answer that is too long": Fault(length=-5),
    "HTML with 200, not taken": Fault(taken=False, instead=_HTML),
    "HTML with 200, taken": Fault(instead=_HTML),
    "429 with Retry-After": Fault(taken=False, instead=_answer("429 Too Many Requests", b"", "Retry-After: 30")),
    "429 without Retry-After": Fault(taken=False, instead=_answer("429 Too Many Requests")),
    "500, not taken": Fault(taken=False, instead=_answer("500 Internal Server Error")),
    "502, taken": Fault(instead=_answer("502 Bad Gateway", b"<html>Bad Gateway</html>", "Content-Type: text/html")),
    "503, not taken": Fault(taken=False, instead=_answer("503 Service Unavailable")),
    "503, taken": Fault(instead=_answer("503 Service Unavailable")),
    "504, taken": Fault(instead=_answer("504 Gateway Timeout")),
    "an answer after our deadline": Fault(wait=3.0),
}
"""Everything that happens on the way, by what one would call it. Give a client a deadline of a second or two."""


class FaultProxy:
    """Use it as a context manager; without faults it only passes on. It listens on 127.0.0.1."""

    def __init__(self, port: int) -> None:
        self._upstream = port
        self._next: deque[Fault] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port: int = 0

    @property
    def url(self) -> str:
        """The beginning of all URLs that go through it."""
        return f"http://127.0.0.1:{self.port}"

    def then(self, *faults: Fault) -> None:
        """The next requests meet these faults, one each."""
        self._next.extend(faults)

    def refuse(self) -> None:
        """Listen no more: connections are refused, and not a byte leaves."""
        self._call(self._close_server())

    def listen(self) -> None:
        """Listen again, on the same port."""
        self._call(self._open_server())

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.listen()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    def _call(self, work: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    async def _open_server(self) -> None:
        listening = socket.create_server(("127.0.0.1", self.port))
        self.port = listening.getsockname()[1]
        self._server = await asyncio.start_server(self._connected, sock=listening)

    async def _close_server(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _end(self) -> None:
        await self._close_server()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await _exchange(reader, writer, self._take, self._pass_on)
        except (OSError, asyncio.IncompleteReadError):
            return  # the client hung up: that is its own business
        finally:
            writer.close()
            self._tasks.discard(task)

    def _take(self) -> Fault:
        return self._next.popleft() if self._next else Fault()

    async def _pass_on(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._upstream)
        try:
            writer.write(request)
            await writer.drain()
            return await _message(reader, writer)
        finally:
            writer.close()


async def _exchange(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    take: Callable[[], Fault],
    pass_on: Callable[[bytes], Awaitable[bytes]],
) -> None:
    request = await _message(reader, writer)
    fault = take()
    answer = await pass_on(request) if fault.taken else b""
    await asyncio.sleep(fault.wait)
    if fault.silent:
        await asyncio.sleep(PATIENCE)
        return
    if fault.cut in ("before the request is taken", "before the answer"):
        _reset(writer)
        return
    answer = fault.instead if fault.instead is not None else _closing(answer, fault.length)
    if fault.cut == "inside the answer":
        answer = answer[: len(answer) - max(1, len(answer) // 4)]
    await _write(writer, answer, fault.drip)
    if fault.cut:
        _reset(writer)


async def _message(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """A whole request or answer: its head, and as much body as the head says."""
    head = await reader.readuntil(b"\r\n\r\n")
    fields = dict(line.partition(b":")[::2] for line in head.lower().split(b"\r\n")[1:])
    if fields.get(b"expect", b"").strip() == b"100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    return head + await reader.readexactly(int(fields.get(b"content-length", b"0")))


def _closing(answer: bytes, more: int) -> bytes:
    """The answer, saying that the connection ends with it, and perhaps a wrong length."""
    head, _, body = answer.partition(b"\r\n\r\n")
    kept = [line for line in head.split(b"\r\n") if not line.lower().startswith((b"connection:", b"content-length:"))]
    length = f"Content-Length: {max(0, len(body) + more)}".encode()
    return b"\r\n".join((*kept, length, b"Connection: close", b"", body))


async def _write(writer: asyncio.StreamWriter, answer: bytes, drip: float) -> None:
    if not drip:
        writer.write(answer)
        await writer.drain()
        return
    for byte in answer:
        writer.write(bytes((byte,)))
        await writer.drain()
        await asyncio.sleep(drip)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST, not with FIN: what was on its way is gone."""
    connected = writer.get_extra_info("socket")
    if connected is not None:
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
