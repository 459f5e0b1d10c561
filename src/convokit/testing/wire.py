"""HTTP values as the contracts need them: made from few words, taken apart, and changed in one way at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from attrs import evolve

from convokit.ports.wire import HttpRequest, HttpResponse

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
RECEIVED_US: Final = 1_800_000_000_000_000
"""When a callback of a contract comes in, microseconds since the epoch, UTC: what its signature may be made for."""

Fields = Mapping[str, str | Sequence[str]]
"""Parameters by name; several values of one name as a list."""


# --- making -----------------------------------------------------------------------------------------------------------
def answered(status: int, body: str | bytes = b"", headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A canned answer."""
    content = body.encode() if isinstance(body, str) else body
    return HttpResponse(status=status, headers=tuple((headers or {}).items()), body=content)


def answered_json(status: int, value: object, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A canned answer that is JSON."""
    return answered(status, json.dumps(value), {"Content-Type": JSON, **(headers or {})})


def posted_form(url: str, fields: Fields, headers: Mapping[str, str] | None = None) -> HttpRequest:
    """A callback that is a form, as browsers and most carriers encode it."""
    return _posted(url, urlencode(list(pairs_of(fields))).encode(), FORM, headers)


def posted_json(url: str, value: object, headers: Mapping[str, str] | None = None) -> HttpRequest:
    """A callback that is JSON."""
    return _posted(url, json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"), JSON, headers)


def _posted(url: str, body: bytes, kind: str, headers: Mapping[str, str] | None) -> HttpRequest:
    given = (("Content-Type", kind), *(headers or {}).items())
    return HttpRequest(method="POST", url=url, headers=given, body=body, received_us=RECEIVED_US)


def pairs_of(fields: Fields) -> Iterator[tuple[str, str]]:
    """Name and value, one after the other."""
    for name, value in fields.items():
        for one in (value,) if isinstance(value, str) else value:
            yield name, one


# --- taking apart -----------------------------------------------------------------------------------------------------
def kind_of(message: HttpRequest | HttpResponse) -> str:
    """The media type, in lower case and without parameters."""
    return (message.header("Content-Type") or "").partition(";")[0].strip().lower()


def form_of(body: bytes) -> list[tuple[str, str]]:
    """Name and value of a form, blanks kept."""
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)


def said(request: HttpRequest) -> set[str]:
    """Every text that a request holds, decoded: path and query of its URL, its headers, and the leaves of its body."""
    parts = urlsplit(request.url)
    found = {parts.path, *(value for _, value in parse_qsl(parts.query)), *(value for _, value in request.headers)}
    if kind_of(request) == FORM:
        return found | {value for _, value in form_of(request.body)}
    if kind_of(request) == JSON:
        return found | set(_leaves(json.loads(request.body)))
    return found | {request.body.decode("utf-8", "replace")}


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for one in value.values():
            yield from _leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one)
    elif isinstance(value, str):
        yield value


# --- changing in one way ----------------------------------------------------------------------------------------------
def with_more(request: HttpRequest, name: str, value: str) -> HttpRequest:
    """The same callback with one more parameter, where its parameters are."""
    if kind_of(request) == FORM:
        more = urlencode({name: value}).encode()
        return evolve(request, body=request.body + (b"&" if request.body else b"") + more)
    if kind_of(request) == JSON:
        told = json.loads(request.body)
        added = [{**one, name: value} for one in told] if isinstance(told, list) else {**told, name: value}
        return evolve(request, body=json.dumps(added, ensure_ascii=False).encode())
    return evolve(request, url=_with_query(request.url, f"{name}={quote(value)}", first=False))


def with_parameter(request: HttpRequest, name: str, values: Sequence[str]) -> HttpRequest:
    """The same callback with other values of a parameter of its form, its JSON object, or its query."""
    if kind_of(request) == FORM:
        kept = [(key, value) for key, value in form_of(request.body) if key != name]
        body = urlencode([*kept, *((name, value) for value in values)], errors="surrogatepass")
        return evolve(request, body=body.encode())
    if kind_of(request) == JSON:
        kept_json = {key: value for key, value in json.loads(request.body).items() if key != name}
        # A name that is given twice is something that no dictionary can hold.
        more = "".join(f", {json.dumps(name)}: {json.dumps(value)}" for value in values)
        whole = json.dumps(kept_json, ensure_ascii=False)[:-1] + more + "}"
        return evolve(request, body=whole.encode("utf-8", "surrogatepass"))
    parts = urlsplit(request.url)
    left = [pair for pair in parts.query.split("&") if pair.partition("=")[0] != name]
    query = "&".join([*left, *(f"{name}={quote(value, safe='', errors='surrogatepass')}" for value in values)])
    return evolve(request, url=urlunsplit((*parts[:3], query, "")))


def reordered(request: HttpRequest) -> HttpRequest:
    """The same callback with its parameters in the opposite order."""
    if kind_of(request) == FORM:
        return evolve(request, body=b"&".join(reversed(request.body.split(b"&"))))
    if kind_of(request) == JSON:
        return evolve(request, body=json.dumps(_backwards(json.loads(request.body)), ensure_ascii=False).encode())
    parts = urlsplit(request.url)
    query = "&".join(reversed(parts.query.split("&")))
    return evolve(request, url=urlunsplit((*parts[:3], query, "")))


def _backwards(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _backwards(value[name]) for name in reversed(list(value))}
    return [_backwards(one) for one in value] if isinstance(value, list) else value


def behind_a_proxy(request: HttpRequest) -> HttpRequest:
    """The same callback to a host that publishes its desk under a prefix, with a query of its own in front."""
    parts = urlsplit(request.url)
    moved = f"https://clinic.example/apps/desk{parts.path}" + (f"?{parts.query}" if parts.query else "")
    return evolve(request, url=_with_query(moved, "lang=en-US&v=%7E1", first=True))


def as_the_server_sees_it(request: HttpRequest) -> HttpRequest:
    """What the proxy makes of :func:`behind_a_proxy`: another scheme, host and port, and no prefix."""
    parts = urlsplit(request.url)
    path = parts.path.removeprefix("/apps/desk")
    return evolve(request, url=urlunsplit(("http", "10.0.0.7:8000", path, parts.query, "")))


def _with_query(url: str, more: str, *, first: bool) -> str:
    parts = urlsplit(url)
    both = (more, parts.query) if first else (parts.query, more)
    return urlunsplit((*parts[:3], "&".join(filter(None, both)), ""))


def with_one_byte_changed(body: bytes) -> Iterator[tuple[int, bytes]]:
    """The body with one byte changed, at some places from its beginning to its end: the place, and the body."""
    step = max(1, len(body) // 12)
    for at in {*range(0, len(body), step), *([len(body) - 1] if body else [])}:
        other = b"0" if body[at : at + 1] != b"0" else b"1"
        yield at, body[:at] + other + body[at + 1 :]


def with_header(request: HttpRequest, name: str, value: str | None) -> HttpRequest:
    """The same with another value of a header, or (``None``) without it."""
    rest = tuple((key, found) for key, found in request.headers if key.lower() != name.lower())
    return evolve(request, headers=rest if value is None else (*rest, (name, value)))
