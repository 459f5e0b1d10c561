"""The pretended API is what the official SDK expects, and as strict as the real one."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from convokit_sms_plivo import PlivoGateway, PlivoSettings
from convokit_sms_plivo.testing import AUTH_ID, AUTH_TOKEN, PlivoApi
from plivo.exceptions import AuthenticationError, GeoPermissionError, ValidationError
from plivo.rest import Client
from plivo.utils import validate_v3_signature
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from convokit.outcomes import Accepted
from convokit.ports.sms import OutboundText, Verified
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.testing import answered

OURS, ANA = "13035550100", "13035550123"
GOOD: dict[str, Any] = {"src": OURS, "dst": ANA, "text": "Hi", "type": "sms"}
PATH = f"/v1/Account/{AUTH_ID}/Message/"
BASIC = f"Basic {base64.b64encode(f'{AUTH_ID}:{AUTH_TOKEN}'.encode()).decode()}"
PICTURE = "https://desk.example/bella.jpg"


@pytest.fixture
def api() -> Iterator[PlivoApi]:
    with PlivoApi() as running:
        yield running


class ToThisMachine(HTTPAdapter):
    """Carries what the SDK sends to another address than Plivo's."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def send(self, request: PreparedRequest, *given: Any, **named: Any) -> Response:
        request.url = f"{self.url}{request.path_url}"
        return super().send(request, *given, **named)


def sdk(api: PlivoApi, token: str = AUTH_TOKEN) -> Client:
    client = Client(AUTH_ID, token, timeout=20)
    client.session.mount("https://", ToThisMachine(api.url))
    return client


def test_the_sdk_sends_texts_and_pictures(api: PlivoApi) -> None:
    with sdk(api) as client:
        text = client.messages.create(src=OURS, dst=ANA, text="¿Bien? 🐶", url="https://desk.example/x?id=1")
        client.messages.create(src=OURS, dst=ANA, text="Bella", type_="mms", media_urls=[PICTURE])
    assert [(left.text, left.media, left.callback) for left in api.ledger] == [
        ("¿Bien? 🐶", (), "https://desk.example/x?id=1"),
        ("Bella", (PICTURE,), None),
    ]
    assert text.message_uuid == [api.ledger.lines()[0].id]


def test_the_sdk_understands_refusals(api: PlivoApi) -> None:
    api.refuses[f"+{ANA}"] = (403, "Messages to this destination country are barred")
    with sdk(api) as client:
        with pytest.raises(GeoPermissionError, match="barred"):
            client.messages.create(src=OURS, dst=ANA, text="Hi")
        with pytest.raises(ValidationError, match="text parameter is too long"):
            client.messages.create(src=OURS, dst=ANA, text="y" * 1_601)
    with sdk(api, "wrong") as client, pytest.raises(AuthenticationError):
        client.messages.create(src=OURS, dst=ANA, text="Hi")


def test_what_the_plugin_sends_is_taken(api: PlivoApi) -> None:
    gateway = PlivoGateway(PlivoSettings(**dict(api.settings(api.url))))  # type: ignore[arg-type]
    talk = gateway.send(OutboundText(id="m_1.1", sender=f"+{OURS}", to=f"+{ANA}", text="Hi"))
    with pytest.raises(StopIteration) as stop:
        talk.send(api.answer(next(talk)))
    assert stop.value.value == Accepted(provider_id=api.ledger.lines()[0].id)


def asked(method: str, path: str, told: object = None, kind: str = "application/json", who: str = BASIC) -> HttpRequest:
    headers = (("Authorization", who), ("Content-Type", kind))
    body = b"" if told is None else json.dumps(told).encode()
    return HttpRequest(method=method, url=f"http://h{path}", headers=headers, body=body)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"dst": ""}, "dst"),
        ({"dst": "+13035550123"}, "dst"),
        ({"src": "clinic"}, "src"),
        ({"src": ANA}, "src and dst"),
        ({"type": "fax"}, "type"),
        ({"type": "mms"}, "type"),
        ({"text": ""}, "text"),
        ({"text": "y" * 1_601}, "text"),
        ({"text": "é" * 1_600 + "🐶"}, "text"),
        ({"type": "mms", "media_urls": ["file:///x"]}, "media_urls"),
        ({"type": "mms", "media_urls": [PICTURE] * 11}, "media_urls"),
        ({"url": "desk.example"}, "url"),
        ({"method": "PUT"}, "method"),
    ],
)
def test_it_refuses_what_plivo_refuses(api: PlivoApi, changed: dict[str, Any], named: str) -> None:
    answer = api.answer(asked("POST", PATH, {**GOOD, **changed}))
    assert answer.status == 400
    assert json.loads(answer.body)["error"].startswith(named)
    assert not list(api.ledger)


def test_it_knows_its_own_parameters_only(api: PlivoApi) -> None:
    with pytest.raises(AssertionError, match="txt"):
        api.answer(asked("POST", PATH, {**GOOD, "txt": "Hi"}))


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (asked("POST", PATH, GOOD), 202),
        (asked("POST", PATH, GOOD, who="Basic eDp5"), 401),
        (asked("GET", PATH), 404),
        (asked("POST", PATH.replace("MAX", "MAY"), GOOD), 404),
        (asked("POST", PATH, GOOD, "text/plain"), 400),
    ],
)
def test_who_may_do_what(api: PlivoApi, request_: HttpRequest, status: int) -> None:
    assert api.answer(request_).status == status


def listening(api: PlivoApi) -> list[HttpRequest]:
    heard: list[HttpRequest] = []

    def host(request: HttpRequest) -> HttpResponse:
        heard.append(request)
        return answered(200)

    api.host, api.hook = host, "https://desk.example/x?lang=en"
    return heard


def test_who_opted_out_is_reported_and_never_reached(api: PlivoApi) -> None:
    heard = listening(api)
    api.opt_out(f"+{ANA}")
    assert api.answer(asked("POST", PATH, {**GOOD, "url": "https://desk.example/x?id=1"})).status == 202
    assert b"ErrorCode=200" in heard[0].body
    assert not list(api.ledger)


def test_its_callbacks_are_signed_and_the_sdk_believes_them(api: PlivoApi) -> None:
    heard = listening(api)
    api.bring(f"+{ANA}", f"+{OURS}", "¿Bien? 🐶 a=1&b")
    api.proof = "Ma-V3"
    api.bring(f"+{ANA}", f"+{OURS}", "Look!", b"one", b"two")
    gateway = PlivoGateway(PlivoSettings(**dict(api.settings(api.url))))  # type: ignore[arg-type]
    for request, header in zip(heard, ("X-Plivo-Signature-V3", "X-Plivo-Signature-Ma-V3"), strict=True):
        told = parse_qs(request.body.decode(), keep_blank_values=True)
        given, nonce = request.header(header) or "", request.header("X-Plivo-Signature-V3-Nonce") or ""
        assert validate_v3_signature("POST", request.url, nonce, AUTH_TOKEN, given, told)
        reading = gateway.read_webhook(request)
        assert isinstance(reading, Verified)
    assert len(reading.events[0].media) == 2  # type: ignore[union-attr]  # a text
