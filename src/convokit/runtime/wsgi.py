"""The webhook front as a WSGI application (PEP 3333)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote
from wsgiref.util import application_uri

from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.runtime.webhooks import LARGEST_WEBHOOK

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Answer = Callable[[HttpRequest], HttpResponse]


def wsgi_app(answer: Answer) -> Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]:
    """A WSGI application that answers with ``answer`` (``kit.webhook``); mount it under any prefix."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        response = answer(_request(environ))
        headers = [*response.headers, ("Content-Length", str(len(response.body)))]
        start_response(f"{response.status} {_phrase(response.status)}", headers)
        return [response.body]

    return app


def _request(environ: WSGIEnvironment) -> HttpRequest:
    path = quote(environ.get("PATH_INFO", "").encode("latin-1"), safe="/;=,@:!$&'()*+~")
    query = environ.get("QUERY_STRING", "")
    # One byte more than allowed tells "too large" without reading the rest.
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(min(length, LARGEST_WEBHOOK + 1)) if length > 0 else b""
    headers = [(k[5:].replace("_", "-"), str(v)) for k, v in environ.items() if k.startswith("HTTP_")]
    if environ.get("CONTENT_TYPE"):
        headers.append(("Content-Type", environ["CONTENT_TYPE"]))
    url = application_uri(environ).rstrip("/") + path + (f"?{query}" if query else "")
    return HttpRequest(method=environ["REQUEST_METHOD"], url=url, headers=tuple(headers), body=body)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
