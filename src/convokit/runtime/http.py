"""The runtime's HTTP client, blocking and asyncio: time-outs, no redirects, no automatic repetition, no cookies.

Imported only when a gateway speaks HTTP, because the client library is slow to import.
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib import import_module
from typing import Final
from urllib.parse import urlsplit

import anyio
import httpx2

from convokit.plugins.faults import log_fault
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit.runtime.http_deadline import bound_reads, exchange_until

_log = logging.getLogger("convokit")

_LARGEST_ANSWER: Final = 1_000_000
_LONGEST_ANSWER_SECONDS: Final = 25.0
_LONGEST_HOST: Final = 100

_STEP_SECONDS: Final = 20.0
_CONNECT_SECONDS: Final = 5.0

_METHOD: Final = re.compile(r"[A-Z]{1,20}")
_HEADER: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

_CLOSED: Final = NoAnswer(why="the HTTP client is closed", request_left=False)
_TOO_SLOW: Final = NoAnswer(why="the answer takes too long", request_left=True)


class BlockingHttp:
    """Exchanges requests through one pooled client. Every thread may use it, and a forked process gets its own."""

    def __init__(
        self, transport: httpx2.BaseTransport | None = None, *, seconds: float = _STEP_SECONDS, http2: bool = False
    ) -> None:
        """``seconds``: the longest that one step may take. Connecting has five at most, a whole answer 25.

        ``http2``: speak HTTP/2 with servers that offer it, over TLS.

        Raises:
            ImportError: with ``http2``, where the package ``h2`` is not installed.
        """
        if http2:
            import_module("h2")  # the client would only say so at the first request
        _keep_urls_out_of_logs()
        self._http2 = http2
        self._transport = transport
        self._seconds = seconds
        self._clients: dict[int, httpx2.Client] = {}
        self._closed = False

    def _client(self) -> httpx2.Client:
        """This process's client. One inherited by a fork shares its connections with the parent: it is left alone."""
        mine = os.getpid()
        found = self._clients.get(mine)
        if found is not None:
            return found
        fresh = httpx2.Client(
            timeout=_timeout(self._seconds),
            follow_redirects=False,
            transport=self._transport,
            cookies=_no_cookies(),
            http2=self._http2,
        )
        bound_reads(fresh)
        # No lock: a fork while another thread held it would lock the child for ever.
        return self._clients.setdefault(mine, fresh)

    def __call__(self, request: HttpRequest) -> HttpResponse | NoAnswer:
        """Send one request and read its answer, at most a megabyte of it, for at most 25 seconds."""
        if self._closed:
            return _CLOSED
        client = self._client()
        try:
            made = _made(client, request)
        except Exception as error:  # whatever a plugin put into it
            return _unusable(error)
        deadline = time.monotonic() + _whole(self._seconds)
        try:
            with _ours(), exchange_until(deadline):
                return _read(client, made, deadline)
        except Exception as error:
            return _no_answer(made, error)

    def close(self) -> None:
        """Close this process's connections."""
        self._closed = True
        mine = self._clients.pop(os.getpid(), None)
        if mine is not None:
            with _ours():
                mine.close()


class AsyncHttp:
    """The same for asyncio; made and closed inside one event loop."""

    def __init__(self, transport: httpx2.AsyncBaseTransport | None = None, *, seconds: float = _STEP_SECONDS) -> None:
        """``seconds`` as for :class:`BlockingHttp`."""
        _keep_urls_out_of_logs()
        self._seconds = seconds
        self._client = httpx2.AsyncClient(
            timeout=_timeout(seconds), follow_redirects=False, transport=transport, cookies=_no_cookies()
        )

    async def __call__(self, request: HttpRequest) -> HttpResponse | NoAnswer:
        """Send one request and read its answer, at most a megabyte of it, for at most 25 seconds."""
        if self._client.is_closed:
            return _CLOSED
        try:
            made = _made(self._client, request)
        except Exception as error:  # whatever a plugin put into it
            return _unusable(error)
        deadline = time.monotonic() + _whole(self._seconds)
        try:
            with _ours(), anyio.move_on_after(_whole(self._seconds)):
                return await _aread(self._client, made, deadline)
        except Exception as error:
            return _no_answer(made, error)
        return _TOO_SLOW

    async def close(self) -> None:
        """Close the connections."""
        with _ours():
            await self._client.aclose()


def _whole(seconds: float) -> float:
    return min(_LONGEST_ANSWER_SECONDS, 1.25 * seconds)


def _timeout(seconds: float) -> httpx2.Timeout:
    short = min(_CONNECT_SECONDS, seconds)
    return httpx2.Timeout(seconds, connect=short, pool=short)


def _read(client: httpx2.Client, made: httpx2.Request, deadline: float) -> HttpResponse | NoAnswer:
    answer = client.send(made, stream=True)
    try:
        body = b""
        for chunk in answer.iter_bytes():
            body += chunk
            if (wrong := _unending(body, deadline)) is not None:
                return wrong
        return _response(answer, body)
    finally:
        answer.close()


async def _aread(client: httpx2.AsyncClient, made: httpx2.Request, deadline: float) -> HttpResponse | NoAnswer:
    answer = await client.send(made, stream=True)
    try:
        body = b""
        async for chunk in answer.aiter_bytes():
            body += chunk
            if (wrong := _unending(body, deadline)) is not None:
                return wrong
        return _response(answer, body)
    finally:
        await answer.aclose()


def _unending(body: bytes, deadline: float) -> NoAnswer | None:
    """Why an answer is not read to its end. A server that drips a byte now and then must not outlive the lease."""
    if len(body) > _LARGEST_ANSWER:
        return NoAnswer(why="the answer is too large", request_left=True)
    return _TOO_SLOW if time.monotonic() > deadline else None


def _response(answer: httpx2.Response, body: bytes) -> HttpResponse:
    return HttpResponse(status=answer.status_code, headers=tuple(answer.headers.multi_items()), body=body)


# --- requests ------------------------------------------------------------------------------------------------------
def _made(client: httpx2.Client | httpx2.AsyncClient, request: HttpRequest) -> httpx2.Request:
    """The request for the library. Raises for what can never be sent, so that no half of it leaves."""
    headers = [(_want(_HEADER.fullmatch(name), name), _header_value(value)) for name, value in request.headers]
    if not isinstance(request.body, bytes):
        raise TypeError("the body is bytes")
    method = _want(_METHOD.fullmatch(request.method), request.method)
    made = client.build_request(method, request.url, headers=headers, content=request.body)
    parts = urlsplit(request.url)  # stricter than the library about brackets
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an http or https URL with a host is needed")
    made.url.host.encode("idna")  # raises for labels that no resolver takes
    return made


def _want(fits: object, value: str) -> str:
    if not fits:
        raise ValueError("not a token")
    return value


def _header_value(value: str) -> str:
    value.encode("ascii")
    return _want(not _CONTROL.search(value), value)


def _unusable(error: Exception) -> NoAnswer:
    # The places, not the words: these may quote the URL, and with it a password.
    log_fault(_log, "gateway.contract: a request that cannot be sent", error)
    return NoAnswer(why=f"the request cannot be sent ({type(error).__name__})", request_left=False)


# Errors that happen before the first byte of a request leaves.
_BEFORE = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)


def _no_answer(made: httpx2.Request, error: Exception) -> NoAnswer:
    # The error's class alone: its text may carry the URL, and with it a password.
    why = type(error).__name__
    _log.warning("no answer from %s: %s", made.url.host[:_LONGEST_HOST], why)
    return NoAnswer(why=why, request_left=not isinstance(error, (*_BEFORE, httpx2.InvalidURL)))


# --- what is not kept and not told ---------------------------------------------------------------------------------
def _no_cookies() -> CookieJar:
    """A jar that stores nothing: one client serves all practices, and none may get another's session."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=()))


_asking: ContextVar[bool] = ContextVar("convokit_asking", default=False)
_LOGGERS: Final = (
    "httpx2",
    "httpcore2.connection",
    "httpcore2.http11",
    "httpcore2.http2",
    "httpcore2.proxy",
    "httpcore2.socks",
)


@contextmanager
def _ours() -> Iterator[None]:
    token = _asking.set(True)
    try:
        yield
    finally:
        _asking.reset(token)


def _is_not_ours(record: logging.LogRecord) -> bool:
    return not _asking.get()


def _keep_urls_out_of_logs() -> None:
    """Keep the library's log lines about *our* requests out: it logs whole URLs at INFO, and they carry texts.

    A filter that looks at who is asking, not a level: the host's own use of the library is logged as the host likes.
    A filter of a logger does not see what its children log, so each logger of the library gets it.
    """
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_is_not_ours)  # the same filter again changes nothing
