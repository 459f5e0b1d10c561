"""The webhook front, and the one for files, as a WSGI application (PEP 3333)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import quote
from wsgiref.util import application_uri

from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.runtime.webhooks import LARGEST_WEBHOOK

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Answer = Callable[[HttpRequest], HttpResponse]

_LONGEST_LENGTH: Final = 18
"""Digits of a CONTENT_LENGTH; longer ones are nonsense, and slow to convert."""


class _Refused(Exception):
    """The request cannot be read whole, so nothing of it may be acknowledged."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def wsgi_app(answer: Answer) -> Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]:
    """A WSGI application that answers with ``answer`` (``kit.front``, or ``kit.webhook``); mount it under any prefix.

    A body that did not arrive whole is never given to ``answer``: 400 when it is shorter than its CONTENT_LENGTH or
    that is no number, 411 when only the server knows where it ends and does not say so (``wsgi.input_terminated``).
    """

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            response = answer(_request(environ))
        except _Refused as refused:
            response = HttpResponse(status=refused.status)
        headers = [*response.headers]
        if response.header("Content-Length") is None:
            headers.append(("Content-Length", str(len(response.body))))
        start_response(f"{response.status} {_phrase(response.status)}", headers)
        # The server closes it (PEP 3333), also when the client went away in the middle.
        return [response.body] if response.chunks is None else response.chunks

    return app


def _request(environ: WSGIEnvironment) -> HttpRequest:
    url, body = _url(environ), _body(environ)
    headers = [(k[5:].replace("_", "-"), str(v)) for k, v in environ.items() if k.startswith("HTTP_")]
    if environ.get("CONTENT_TYPE"):
        headers.append(("Content-Type", environ["CONTENT_TYPE"]))
    return HttpRequest(method=environ["REQUEST_METHOD"], url=url, headers=tuple(headers), body=body)


def _url(environ: WSGIEnvironment) -> str:
    try:
        path = quote(environ.get("PATH_INFO", "").encode("latin-1"), safe="/;=,@:!$&'()*+~")
        base = application_uri(environ).rstrip("/")
    except UnicodeEncodeError:  # no server makes such a path of bytes, so nobody has a webhook there
        raise _Refused(404) from None
    query = environ.get("QUERY_STRING", "")
    return base + path + (f"?{query}" if query else "")


def _body(environ: WSGIEnvironment) -> bytes:
    """The body, up to one byte more than is allowed: that tells "too large" without reading the rest."""
    if environ.get("HTTP_TRANSFER_ENCODING") or not environ.get("CONTENT_LENGTH"):
        if environ.get("wsgi.input_terminated"):
            return _read(environ, LARGEST_WEBHOOK + 1)
        if environ.get("HTTP_TRANSFER_ENCODING"):
            raise _Refused(411)
        return b""
    given = str(environ["CONTENT_LENGTH"])
    if not (given.isascii() and given.isdigit() and len(given) <= _LONGEST_LENGTH):
        raise _Refused(400)
    wanted = min(int(given), LARGEST_WEBHOOK + 1)
    body = _read(environ, wanted)
    if len(body) < wanted:
        raise _Refused(400)
    return body


def _read(environ: WSGIEnvironment, most: int) -> bytes:
    parts: list[bytes] = []
    left = most
    try:
        while left > 0 and (part := environ["wsgi.input"].read(left)):
            parts.append(part)
            left -= len(part)
    except OSError:  # the client is gone, or its chunks are broken
        raise _Refused(400) from None
    return b"".join(parts)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
