"""Webhooks: a text through WSGI and ASGI, beside a bare handler; proving and reading alone; many in one request."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import io
import tempfile
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import by_anymail
import by_hand
import several
from convokit_sms_twilio.settings import TwilioSettings
from convokit_sms_twilio.webhook import read_callback
from filled import OURS, Size, address, copied, fill
from harness import Effort, Figure, Goal, Report, Side, Work, compare, race

import convokit
from convokit.facts import TextArrived
from convokit.ports.wire import HttpRequest
from convokit.runtime.asgi import asgi_app
from convokit.runtime.wsgi import wsgi_app

_HOST: Final = "https://desk.example.com"
_TOKEN: Final = "fedcba9876543210" * 2
_SETTINGS: Final = {"account_sid": f"AC{'0123456789abcdef' * 2}", "auth_token": _TOKEN}
_TYPE: Final = "application/x-www-form-urlencoded"

_BARE: Final = {name: f"a bare {name} handler" for name in ("WSGI", "ASGI")}

Call = Callable[[HttpRequest], object]
Message = MutableMapping[str, Any]


def run(effort: Effort) -> Report:
    """Each text goes into a conversation that is open, under ``synchronous=FULL``; the bare handler stores it, too."""
    each, rounds = effort.of(400, 200, 3), effort.of(9, 5, 1)
    figures = list(_reading(effort))
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as loop:
        size = Size(conversations=effort.of(10_000, 2_000, 20), practices=1, open_each=effort.of(6_000, 1_200, 12))
        filled = Path(folder) / "filled.db"
        fill(filled, size, messages=True)
        callers = {"WSGI": _calling_wsgi, "ASGI": partial(_calling_asgi, loop)}
        ours = {name: partial(_ours, filled, size, each, name, caller) for name, caller in callers.items()}
        bare = {_BARE[name]: partial(_bare, filled, size, each, name, caller) for name, caller in callers.items()}
        times = race({**ours, **bare}, rounds=rounds, portions=1)
        for name, handler in _BARE.items():
            figures.append(compare(times, name, handler, what=f"webhook by {name}", items=each, rate=True))
        figures.append(several.figure(effort, filled, size))
    gone = () if by_anymail.HERE else ("not installed: django-anymail",)
    return Report(figures=tuple(figures), notes=gone)


# --- proving and reading ----------------------------------------------------------------------------------------------


def _reading(effort: Effort) -> Iterator[Figure]:
    count = effort.of(2_000, 500, 3)
    texts = [_request(f"{_HOST}/hooks/x", number) for number in range(count)]
    reports = [_request(f"{_HOST}/hooks/x?id=m_{number:032x}", number, _reported) for number in range(count)]
    settings = TwilioSettings(**_SETTINGS)
    ours = partial(read_callback, settings)
    theirs = by_anymail.sides(count)
    sides: dict[str, Side] = {"text": _each(texts, ours), "by hand": _each(texts, _read)}
    times = race({**sides, "report": _each(reports, ours), **theirs}, rounds=effort.of(15, 7, 1))
    what = "prove and read a text of Twilio's"
    yield compare(times, "text", "by hand", what=what, items=count, goal=Goal("<=", 2))
    for name in theirs:
        what = "prove and read a delivery report of Twilio's"
        yield compare(times, "report", name, what=what, items=count, goal=Goal(">=", 1.5))


def _each(requests: list[HttpRequest], call: Call) -> Side:
    @contextmanager
    def ready() -> Iterator[Work]:
        def work(_: int) -> None:
            for request in requests:
                call(request)

        call(requests[0])  # what is imported late is imported now
        yield work

    return ready


def _read(request: HttpRequest) -> dict[str, str]:
    """What everybody must do: the digest of the URL and the sorted parameters, compared; the form."""
    fields = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
    if not hmac.compare_digest(_signature(request.url, fields), request.header("X-Twilio-Signature") or ""):
        raise ValueError
    return fields


def _signature(url: str, fields: dict[str, str]) -> str:
    signed = url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    return base64.b64encode(hmac.new(_TOKEN.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def _texted(number: int) -> dict[str, str]:
    return {
        "MessageSid": f"SM{number:032x}",
        "AccountSid": _SETTINGS["account_sid"],
        "From": address(number),
        "To": OURS,
        "Body": "Hi, is Bella ready to be picked up this afternoon?",
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
    }


def _reported(number: int) -> dict[str, str]:
    return {
        "MessageSid": f"SM{number:032x}",
        "AccountSid": _SETTINGS["account_sid"],
        "From": OURS,
        "To": address(number),
        "MessageStatus": "delivered",
        "SmsSid": f"SM{number:032x}",
        "SmsStatus": "delivered",
        "ApiVersion": "2010-04-01",
    }


def _request(url: str, number: int, said: Callable[[int], dict[str, str]] = _texted) -> HttpRequest:
    fields = said(number)
    headers = (("Content-Type", _TYPE), ("X-Twilio-Signature", _signature(url, fields)))
    return HttpRequest(method="POST", url=url, headers=headers, body=urlencode(fields).encode())


# --- through a server's interface -------------------------------------------------------------------------------------


@contextmanager
def _ours(filled: Path, size: Size, each: int, name: str, caller: Callable[[Any], Call]) -> Iterator[Work]:
    """A desk whose carrier is Twilio, mounted."""
    with (
        copied(filled) as path,
        convokit.open(
            f"sqlite:///{path}", plugins=["twilio"], settings={"twilio": _SETTINGS}, public_url=f"{_HOST}/hooks/"
        ) as kit,
    ):
        url = kit.webhook_url(size.practice_id(0))
        requests = [_request(str(url), number) for number in _open(size, each)]
        call = caller(wsgi_app(kit.webhook) if name == "WSGI" else asgi_app(kit.webhook))

        def work(_: int) -> None:
            for request in requests:
                call(request)

        yield work


@contextmanager
def _bare(filled: Path, size: Size, each: int, name: str, caller: Callable[[Any], Call]) -> Iterator[Work]:
    """A handler that proves the request, stores the text with the sqlite3 module, and answers."""
    with copied(filled) as path, by_hand.taker(path) as take:
        requests = [_request(f"{_HOST}/hooks/x", number) for number in _open(size, each)]

        def handle(request: HttpRequest) -> bytes:
            take(size.practice_id(0), _fact(_read(request)))
            return b"<Response/>"

        call = caller(_bare_wsgi(handle) if name == "WSGI" else _bare_asgi(handle))

        def work(_: int) -> None:
            for request in requests:
                call(request)

        yield work


def _open(size: Size, count: int) -> list[int]:
    found = [number for number in range(size.conversations) if size.is_open(number)]
    return [found[number % len(found)] for number in range(count)]


def _fact(fields: dict[str, str]) -> TextArrived:
    sid = fields["MessageSid"]
    return TextArrived(
        conversation_id=f"c_{sid}",
        entry_id=f"m_{sid}",
        answer_id=f"a_{sid}",
        event_id=f"e_{sid}",
        at_us=1_800_000_000_000_000,
        channel="sms",
        sender=fields["To"],
        address=fields["From"],
        text=fields["Body"],
        provider="twilio",
        provider_id=sid,
        fingerprint=hashlib.sha256(fields["Body"].encode()).hexdigest(),
        client_name="",
    )


def _bare_wsgi(handle: Callable[[HttpRequest], bytes]) -> Callable[..., Any]:
    def app(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        headers = (("X-Twilio-Signature", environ["HTTP_X_TWILIO_SIGNATURE"]),)
        url = f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}{environ['PATH_INFO']}"
        answer = handle(HttpRequest(method="POST", url=url, headers=headers, body=body))
        start_response("200 OK", [("Content-Length", str(len(answer)))])
        return [answer]

    return app


def _calling_wsgi(app: Callable[..., Any]) -> Call:
    def call(request: HttpRequest) -> bytes:
        parts, told = urlsplit(request.url), []
        environ = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "CONTENT_TYPE": _TYPE,
            "CONTENT_LENGTH": str(len(request.body)),
            "HTTP_HOST": parts.netloc,
            "HTTP_X_TWILIO_SIGNATURE": request.header("X-Twilio-Signature"),
            "wsgi.url_scheme": parts.scheme,
            "wsgi.input": io.BytesIO(request.body),
        }
        body = b"".join(app(environ, lambda status, headers: told.append(status)))
        if told[0][:3] != "200":
            raise RuntimeError(told[0])
        return body

    return call


def _bare_asgi(handle: Callable[[HttpRequest], bytes]) -> Callable[..., Any]:
    async def app(scope: Message, receive: Callable[[], Awaitable[Message]], send: Any) -> None:
        body = (await receive())["body"]
        headers = tuple((name.decode(), value.decode()) for name, value in scope["headers"])
        url = f"{scope['scheme']}://{dict(scope['headers'])[b'host'].decode()}{scope['path']}"
        request = HttpRequest(method="POST", url=url, headers=headers, body=body)
        answer = await asyncio.to_thread(handle, request)  # it blocks, as every store does
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": answer})

    return app


def _calling_asgi(loop: asyncio.Runner, app: Callable[..., Awaitable[None]]) -> Call:
    async def call(request: HttpRequest) -> None:
        parts, told = urlsplit(request.url), []
        signed = (request.header("X-Twilio-Signature") or "").encode()
        scope = {
            "type": "http",
            "method": "POST",
            "scheme": parts.scheme,
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "root_path": "",
            "headers": [
                (b"host", parts.netloc.encode()),
                (b"content-type", _TYPE.encode()),
                (b"x-twilio-signature", signed),
            ],
        }

        async def receive() -> Message:
            return {"type": "http.request", "body": request.body, "more_body": False}

        async def send(message: Message) -> None:
            told.append(message)

        await app(scope, receive, send)
        if told[0]["status"] != 200:
            raise RuntimeError(told[0]["status"])

    return lambda request: loop.run(call(request))
