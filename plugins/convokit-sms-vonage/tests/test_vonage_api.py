"""The pretended APIs are what the official SDK expects, and as strict as the real ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from convokit_sms_vonage import VonageGateway, VonageSettings
from convokit_sms_vonage.older import VonageSmsGateway, VonageSmsSettings
from convokit_sms_vonage.testing import BASIC, KEY, PASSWORD, SIGNATURE_SECRET, VonageApi, VonageSmsApi
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from vonage_http_client import Auth, HttpClient
from vonage_http_client.errors import HttpRequestError
from vonage_jwt import verify_signature
from vonage_messages import Messages, MmsContent, MmsImage, Sms
from vonage_messages.models.mms import MmsContentItemImage, MmsResource
from vonage_sms import Sms as SmsClient
from vonage_sms import SmsMessage
from vonage_sms.errors import SmsError

from convokit.outcomes import Accepted
from convokit.ports.sms import OutboundText, Verified
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.testing import answered

OURS, ANA = "13035550100", "13035550123"
GOOD: dict[str, Any] = {"channel": "sms", "message_type": "text", "text": "Hi", "to": ANA, "from": OURS}
FORM = {"from": OURS, "to": ANA, "text": "Hi", "type": "text"}
PICTURE = "https://desk.example/bella.jpg"


class ToThisMachine(HTTPAdapter):
    """Carries what the SDK sends to another address than Vonage's."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def send(self, request: PreparedRequest, *given: Any, **named: Any) -> Response:
        request.url = f"{self.url}{request.path_url}"
        return super().send(request, *given, **named)


@pytest.fixture
def api() -> Iterator[VonageApi]:
    with VonageApi() as running:
        yield running


@pytest.fixture
def sms() -> Iterator[VonageSmsApi]:
    with VonageSmsApi() as running:
        yield running


def sdk(url: str) -> HttpClient:
    client = HttpClient(Auth(api_key=KEY, api_secret=PASSWORD))
    client._session.mount("https://", ToThisMachine(url))
    return client


def asked(method: str, path: str, body: bytes = b"", kind: str = "application/json", who: str = BASIC) -> HttpRequest:
    headers = (("Authorization", who), ("Content-Type", kind))
    return HttpRequest(method=method, url=f"http://h{path}", headers=headers, body=body)


# --- Messages API -----------------------------------------------------------------------------------------------------
def test_the_sdk_sends_texts_and_pictures(api: VonageApi) -> None:
    messages = Messages(sdk(api.url))
    about = {"to": ANA, "from_": OURS, "client_ref": "m_1.1", "webhook_url": "https://desk.example/x"}
    one = MmsContentItemImage(url=PICTURE, caption="Bella")
    sent = [
        messages.send(Sms(text="¿Bien? 🐶", **about)),
        messages.send(MmsImage(image=MmsResource(url=PICTURE, caption="Bella"), **about)),
        messages.send(MmsContent(content=[one, MmsContentItemImage(url=PICTURE)], **about)),
    ]
    assert [(left.id, left.text, left.media, left.own_id) for left in api.ledger] == [
        (sent[0].message_uuid, "¿Bien? 🐶", (), "m_1.1"),
        (sent[1].message_uuid, "Bella", (PICTURE,), "m_1.1"),
        (sent[2].message_uuid, "Bella", (PICTURE, PICTURE), "m_1.1"),
    ]
    assert {left.callback for left in api.ledger} == {"https://desk.example/x"}


def test_what_the_plugin_sends_is_taken_and_recorded(api: VonageApi) -> None:
    gateway = VonageGateway(VonageSettings(**dict(api.settings(api.url))))  # type: ignore[arg-type]
    talk = gateway.send(OutboundText(id="m_1.1", sender=f"+{OURS}", to=f"+{ANA}", text="Hi"))
    with pytest.raises(StopIteration) as stop:
        talk.send(api.answer(next(talk)))
    assert stop.value.value == Accepted(provider_id=api.ledger.lines()[0].id)
    client = sdk(api.url)
    path = f"?account_id={KEY}&product=MESSAGES&direction=outbound&from={OURS}&to={ANA}"
    span = "&date_start=2020-01-01T00:00:00Z&date_end=2120-01-01T00:00:00Z"
    found = client.get("api.nexmo.com", f"/v2/reports/records{path}{span}", auth_type="basic")
    assert found is not None
    assert [(one["client_ref"], one["status"]) for one in found["records"]] == [("m_1.1", "submitted")]


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"channel": "whatsapp"}, "message_type"),
        ({"message_type": "image"}, "message_type"),
        ({"to": "+13035550123"}, "to"),
        ({"to": 13035550123}, "to"),
        ({"from": "clinic"}, "from"),
        ({"text": ""}, "text"),
        ({"text": "y" * 3_201}, "text"),
        ({"client_ref": "y" * 101}, "client_ref"),
        ({"webhook_url": "desk.example"}, "webhook_url"),
        ({"webhook_version": "v2"}, "webhook_version"),
    ],
)
def test_it_refuses_what_vonage_refuses(api: VonageApi, changed: dict[str, Any], fault: str) -> None:
    answer = api.answer(asked("POST", "/v1/messages", json.dumps({**GOOD, **changed}).encode()))
    assert answer.status == 422
    assert json.loads(answer.body)["invalid_parameters"] == [{"name": fault, "reason": "is not valid"}]
    assert not list(api.ledger)


@pytest.mark.parametrize(
    "picture", [{"url": "file:///x"}, {"url": PICTURE, "caption": ""}, {"url": PICTURE, "name": "bella"}]
)
def test_it_refuses_pictures_that_are_none(api: VonageApi, picture: dict[str, str]) -> None:
    told = {"channel": "mms", "message_type": "image", "image": picture, "to": ANA, "from": OURS}
    assert b'"image"' in api.answer(asked("POST", "/v1/messages", json.dumps(told).encode())).body


def test_it_knows_its_own_fields_only(api: VonageApi, sms: VonageSmsApi) -> None:
    with pytest.raises(AssertionError, match="txt"):
        api.answer(asked("POST", "/v1/messages", json.dumps({**GOOD, "txt": "Hi"}).encode()))
    with pytest.raises(AssertionError, match="txt"):
        sms.answer(asked("POST", "/sms/json", urlencode({**FORM, "txt": "Hi"}).encode()))
    with pytest.raises(AssertionError, match="question marks"):
        sms.answer(asked("POST", "/sms/json", urlencode({**FORM, "text": "🐶"}).encode()))


def test_it_refuses_by_number(api: VonageApi) -> None:
    messages = Messages(sdk(api.url))
    for code, status in ((1170, 422), (1000, 429)):
        api.refuses[f"+{ANA}"] = code
        with pytest.raises(HttpRequestError) as refused:
            messages.send(Sms(to=ANA, from_=OURS, text="Hi"))
        assert refused.value.response.status_code == status
        assert f"#{code}" in refused.value.response.text


RECORDS = (
    f"/v2/reports/records?account_id={KEY}&product=MESSAGES&direction=outbound&from=1&to=2"
    "&date_start=2027-01-01T00%3A00%3A00Z&date_end=2027-01-02T00%3A00%3A00Z"
)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (asked("GET", RECORDS), 200),
        (asked("GET", RECORDS, who="Basic eDp5"), 401),
        (asked("GET", RECORDS.replace("MESSAGES", "SMS")), 422),
        (asked("GET", RECORDS.replace("outbound", "inbound")), 422),
        (asked("GET", f"{RECORDS}&text=1"), 422),
        (asked("GET", "/v1/messages"), 404),
        (asked("POST", "/v1/messages", json.dumps(GOOD).encode(), "text/plain"), 422),
    ],
)
def test_who_may_do_what(api: VonageApi, request_: HttpRequest, status: int) -> None:
    assert api.answer(request_).status == status


def test_who_opted_out_is_reported_and_never_reached(api: VonageApi) -> None:
    heard = listening(api)
    api.opt_out(f"+{ANA}")
    Messages(sdk(api.url)).send(Sms(to=ANA, from_=OURS, text="Hi", webhook_url="https://desk.example/x"))
    assert json.loads(heard[0].body)["error"]["title"] == 1240
    assert not list(api.ledger)


def listening(api: VonageApi | VonageSmsApi) -> list[HttpRequest]:
    heard: list[HttpRequest] = []

    def host(request: HttpRequest) -> HttpResponse:
        heard.append(request)
        return answered(200)

    api.host, api.hook = host, "https://desk.example/x"
    return heard


def test_its_callbacks_are_signed_and_the_sdk_believes_them(api: VonageApi) -> None:
    heard = listening(api)
    api.bring(f"+{ANA}", f"+{OURS}", "Hi")
    api.bring(f"+{ANA}", f"+{OURS}", "Look!", b"one", b"two")
    gateway = VonageGateway(VonageSettings(**dict(api.settings(api.url))))  # type: ignore[arg-type]
    for request in heard:
        assert verify_signature((request.header("Authorization") or "").removeprefix("Bearer "), SIGNATURE_SECRET)
        stamped = HttpRequest(
            method=request.method,
            url=request.url,
            headers=request.headers,
            body=request.body,
            received_us=int(api.now().timestamp() * 1_000_000),
        )
        reading = gateway.read_webhook(stamped)
        assert isinstance(reading, Verified)
    assert len(reading.events[0].media) == 2  # type: ignore[union-attr]  # a text


# --- SMS API ----------------------------------------------------------------------------------------------------------
def test_the_sdk_sends_a_text(sms: VonageSmsApi) -> None:
    about = {"to": ANA, "from_": OURS, "client_ref": "m_1.1", "callback": "https://desk.example/x"}
    sent = SmsClient(sdk(sms.url)).send(SmsMessage(text="¿Bien? 🐶" * 20, type="unicode", **about))
    (left,) = sms.ledger
    assert (left.id, left.text, left.own_id) == (sent.messages[0].message_id, "¿Bien? 🐶" * 20, "m_1.1")
    assert int(sent.message_count) == len(sent.messages) == 3


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"to": ""}, "2"),
        ({"to": "+13035550123"}, "6"),
        ({"from": "clinic"}, "15"),
        ({"text": ""}, "2"),
        ({"text": "y" * 1_378}, "12"),
        ({"type": "binary"}, "3"),
        ({"client-ref": "y" * 101}, "3"),
        ({"callback": "desk.example"}, "23"),
        ({"callback": f"https://desk.example/{'y' * 80}"}, "23"),
        ({"to": "13035550199"}, "7"),
    ],
)
def test_it_refuses_what_the_sms_api_refuses(sms: VonageSmsApi, changed: dict[str, str], code: str) -> None:
    sms.refuses["+13035550199"] = 7
    answer = sms.answer(asked("POST", "/sms/json", urlencode({**FORM, **changed}).encode()))
    (part,) = json.loads(answer.body)["messages"]
    assert (answer.status, part["status"]) == (200, code)
    assert not list(sms.ledger)


def test_the_sdk_understands_refusals(sms: VonageSmsApi) -> None:
    sms.refuses[f"+{ANA}"] = 7
    with pytest.raises(SmsError, match="Refused"):
        SmsClient(sdk(sms.url)).send(SmsMessage(to=ANA, from_=OURS, text="Hi", type="text"))
    assert sms.answer(asked("GET", "/sms/json")).status == 404


def test_its_callbacks_are_signed_as_the_sdk_signs(sms: VonageSmsApi) -> None:
    heard = listening(sms)
    sms.bring(f"+{ANA}", f"+{OURS}", "Fish & chips = 5 🐶?")
    gateway = VonageSmsGateway(VonageSmsSettings(**dict(sms.settings(sms.url))))  # type: ignore[arg-type]
    reading = gateway.read_webhook(heard[0])
    assert isinstance(reading, Verified)
    assert [event.text for event in reading.events] == ["Fish & chips = 5 🐶?"]  # type: ignore[union-attr]
