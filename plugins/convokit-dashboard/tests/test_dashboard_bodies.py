"""Clients that are slow, endless or gone: bounded in time and in size."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from convokit_dashboard import bodies
from convokit_dashboard.bodies import BadBody, read_file, read_form
from starlette.requests import Request

FORM = {"content-type": "application/x-www-form-urlencoded"}


def request(chunks: AsyncIterator[bytes], headers: dict[str, str] | None = None) -> Request:
    async def receive() -> dict[str, Any]:
        async for chunk in chunks:
            return {"type": "http.request", "body": chunk, "more_body": True}
        return {"type": "http.request", "body": b"", "more_body": False}

    pairs = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": pairs, "query_string": b""}
    return Request(scope, receive)


async def slowly(*chunks: bytes, seconds: float = 0.0) -> AsyncIterator[bytes]:
    for chunk in chunks:
        await asyncio.sleep(seconds)
        yield chunk


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield b"x" * 65_536


def refused(awaitable: Any) -> tuple[int, str]:
    with pytest.raises(BadBody) as caught:
        asyncio.run(awaitable)
    return caught.value.status, caught.value.code


def test_a_form_in_pieces_is_read_whole() -> None:
    given = request(slowly(b"a=1&b", b"=%C3%A9&a=2&c="), FORM)
    assert asyncio.run(read_form(given)) == (("a", "1"), ("b", "é"), ("a", "2"), ("c", ""))


def test_a_form_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "FORM_SECONDS", 0.1)
    assert refused(read_form(request(slowly(*[b"a"] * 50, seconds=0.02), FORM))) == (408, "form.slow")


def test_an_endless_form_is_stopped_at_the_limit() -> None:
    assert refused(read_form(request(endless(), FORM))) == (413, "form.too_large")


def test_a_form_of_another_kind_is_not_read() -> None:
    given = request(slowly(b"{}"), {"content-type": "multipart/form-data; boundary=x"})
    assert refused(read_form(given)) == (415, "form.type")


def test_a_file_is_read_to_its_end() -> None:
    async def read() -> bytes:
        file = await read_file(request(slowly(b"abc", b"def")), 6)
        with file:
            return file.read()

    assert asyncio.run(read()) == b"abcdef"


def test_an_endless_file_is_stopped_at_the_limit_and_nothing_of_it_stays() -> None:
    assert refused(read_file(request(endless()), 1_000_000)) == (413, "file.too_large")


def test_a_file_that_announces_too_much_is_not_read_at_all() -> None:
    assert refused(read_file(request(endless(), {"content-length": "101"}), 100)) == (413, "file.too_large")


def test_a_file_that_falls_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "CHUNK_SECONDS", 0.05)
    assert refused(read_file(request(slowly(b"a", b"b", seconds=0.2)), 100)) == (408, "file.slow")


def test_a_file_that_drips_is_given_up_after_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "_GRACE", 0.05)
    assert refused(read_file(request(slowly(*[b"a"] * 50, seconds=0.01)), 100)) == (408, "file.slow")


@pytest.mark.parametrize("read", [read_form, lambda given: read_file(given, 100)])
def test_a_client_that_is_gone_leaves_nothing(read: Any) -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    pairs = [(b"content-type", b"application/x-www-form-urlencoded")]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": pairs, "query_string": b""}
    status, code = refused(read(Request(scope, receive)))
    assert (status, code.partition(".")[2]) == (400, "cut_off")
