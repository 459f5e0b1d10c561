"""The runtime's HTTP client, blocking and asyncio: time-outs, no redirects, no automatic repetition.

Imported only when a gateway speaks HTTP, because the client library is slow to import.
"""

from __future__ import annotations

import logging
import time
from typing import Final
from urllib.parse import urlsplit

import httpx2

from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer

_log = logging.getLogger("convokit")

_LARGEST_ANSWER: Final = 1_000_000
_LONGEST_ANSWER_SECONDS: Final = 25.0

TIMEOUT: Final = httpx2.Timeout(20.0, connect=5.0)
"""Seconds: five to connect, twenty for anything else."""


class BlockingHttp:
    """Exchanges requests through one pooled client."""

    def __init__(self, transport: httpx2.BaseTransport | None = None) -> None:
        self._client = httpx2.Client(timeout=TIMEOUT, follow_redirects=False, transport=transport)

    def __call__(self, request: HttpRequest) -> HttpResponse | NoAnswer:
        """Send one request and read its answer, at most a megabyte of it."""
        deadline = time.monotonic() + _LONGEST_ANSWER_SECONDS
        try:
            with self._client.stream(
                request.method, request.url, headers=list(request.headers), content=request.body
            ) as answer:
                body = b""
                for chunk in answer.iter_bytes():
                    body += chunk
                    if (wrong := _unending(body, deadline)) is not None:
                        return wrong
                return _response(answer, body)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            return _no_answer(request, error)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


class AsyncHttp:
    """The same for asyncio; made and closed inside one event loop."""

    def __init__(self, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self._client = httpx2.AsyncClient(timeout=TIMEOUT, follow_redirects=False, transport=transport)

    async def __call__(self, request: HttpRequest) -> HttpResponse | NoAnswer:
        """Send one request and read its answer, at most a megabyte of it."""
        deadline = time.monotonic() + _LONGEST_ANSWER_SECONDS
        try:
            async with self._client.stream(
                request.method, request.url, headers=list(request.headers), content=request.body
            ) as answer:
                body = b""
                async for chunk in answer.aiter_bytes():
                    body += chunk
                    if (wrong := _unending(body, deadline)) is not None:
                        return wrong
                return _response(answer, body)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            return _no_answer(request, error)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _unending(body: bytes, deadline: float) -> NoAnswer | None:
    """Why an answer is not read to its end. A server that drips a byte now and then must not outlive the lease."""
    if len(body) > _LARGEST_ANSWER:
        return NoAnswer(why="the answer is too large", request_left=True)
    if time.monotonic() > deadline:
        return NoAnswer(why="the answer takes too long", request_left=True)
    return None


def _response(answer: httpx2.Response, body: bytes) -> HttpResponse:
    return HttpResponse(status=answer.status_code, headers=tuple(answer.headers.multi_items()), body=body)


# Errors that happen before the first byte of a request leaves.
_BEFORE = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)


def _no_answer(request: HttpRequest, error: Exception) -> NoAnswer:
    # The error's class alone: its text may carry the URL, and with it a password.
    why = type(error).__name__
    _log.warning("no answer from %s: %s", _host(request.url), why)
    return NoAnswer(why=why, request_left=not isinstance(error, (*_BEFORE, httpx2.InvalidURL)))


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "an URL without a host"
    except ValueError:
        return "a broken URL"
