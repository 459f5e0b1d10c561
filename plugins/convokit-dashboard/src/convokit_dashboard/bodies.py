"""Reading what a browser sends: bounded in size and in time, so that nobody can hold a place for nothing."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from typing import BinaryIO, Final, cast
from urllib.parse import parse_qsl

import anyio
from attrs import frozen
from starlette.requests import ClientDisconnect, Request

FORM_BYTES: Final = 512 * 1024
FORM_SECONDS: Final = 20.0
MOST_FIELDS: Final = 1_000
"""The largest form, of two hundred ready texts, has some six hundred."""

CHUNK_SECONDS: Final = 20.0
"""How long an upload may say nothing."""
SLOWEST: Final = 16 * 1024
"""Bytes a second that an upload must have on the whole, once it has run for a minute."""
_GRACE: Final = 60.0
_IN_MEMORY: Final = 1024 * 1024


@frozen
class BadBody(Exception):
    """What was sent is too large, too slow or no form. ``status`` is the answer."""

    status: int
    code: str


async def read_form(request: Request) -> tuple[tuple[str, str], ...]:
    """The fields of a form.

    Raises:
        BadBody: 408, 413 or 415.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", ""):
        raise BadBody(415, "form.type")
    body = bytearray()
    try:
        with anyio.fail_after(FORM_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > FORM_BYTES:
                    raise BadBody(413, "form.too_large")
    except TimeoutError:
        raise BadBody(408, "form.slow") from None
    except ClientDisconnect:
        raise BadBody(400, "form.cut_off") from None
    try:
        text = body.decode("utf-8", "replace")
        return tuple(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise BadBody(413, "form.too_many_fields") from None


async def read_file(request: Request, most: int) -> BinaryIO:
    """The body, in a temporary file that is open at its beginning; the caller closes it.

    Raises:
        BadBody: 408 for one that is too slow, 413 for one of more than ``most`` bytes.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > most:
        raise BadBody(413, "file.too_large")
    file = cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115 - the caller closes it
    try:
        await _into(file, request, most)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


async def _into(file: BinaryIO, request: Request, most: int) -> None:
    began, size = anyio.current_time(), 0
    try:
        async for chunk in _patiently(request):
            size += len(chunk)
            if size > most:
                raise BadBody(413, "file.too_large")
            passed = anyio.current_time() - began
            if passed > _GRACE and size < SLOWEST * passed:
                raise BadBody(408, "file.slow")
            await anyio.to_thread.run_sync(file.write, chunk)
    except ClientDisconnect:
        raise BadBody(400, "file.cut_off") from None


async def _patiently(request: Request) -> AsyncIterator[bytes]:
    chunks = request.stream()
    while True:
        try:
            with anyio.fail_after(CHUNK_SECONDS):
                chunk = await anext(chunks)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise BadBody(408, "file.slow") from None
        yield chunk
