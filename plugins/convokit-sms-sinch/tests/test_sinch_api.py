"""The pretended API is what the official SDK expects, and as strict as the real one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from convokit_sms_sinch import SinchGateway, SinchSettings
from convokit_sms_sinch.testing import PLAN, SECRET, TOKEN, SinchApi, SinchMmsApi
from sinch import SinchClient
from sinch.domains.sms.api.v1.exceptions import SmsException
from sinch.domains.sms.sinch_events.v1.sms_sinch_event import SmsSinchEvent

from convokit.outcomes import Accepted, Refused
from convokit.ports.sms import OutboundText, Verified
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.testing import answered

OURS, ANA = "+13035550100", "+13035550123"
GOOD: dict[str, Any] = {"type": "mt_text", "from": OURS, "to": [ANA], "body": "Hi"}
PATH = f"/xms/v1/{PLAN}/batches"
PICTURE = "https://desk.example/bella.jpg"


@pytest.fixture
def api() -> Iterator[SinchApi]:
    with SinchMmsApi() as running:
        yield running


@pytest.fixture
def sdk(api: SinchApi) -> SinchClient:
    client = SinchClient(service_plan_id=PLAN, sms_api_token=TOKEN, sms_region="us")
    client.configuration.sms_domain_with_service_plan_id = api.url
    return client


def test_the_sdk_sends_texts_and_pictures_and_lists_them(api: SinchApi, sdk: SinchClient) -> None:
    told: dict[str, Any] = {"to": [ANA], "from_": OURS, "client_reference": "m_1.1"}
    text = sdk.sms.batches.send_sms(body="¿Bien? 🐶", delivery_report="per_recipient", **told)
    sdk.sms.batches.send_mms(body={"url": PICTURE, "message": "Bella"}, **{**told, "client_reference": "m_2.1"})
    assert [(left.text, left.media, left.own_id) for left in api.ledger] == [
        ("¿Bien? 🐶", (), "m_1.1"),
        ("Bella", (PICTURE,), "m_2.1"),
    ]
    span = {"start_date": api.now() - timedelta(minutes=5), "end_date": api.now() + timedelta(minutes=5)}
    found = sdk.sms.batches.list(client_reference="m_1.1", **span).content()
    assert [one.id for one in found] == [text.id]
    api.know(api.ledger.lines()[0], "delivered")
    last = sdk.sms.delivery_reports.get_for_number(batch_id=text.id, recipient=ANA)
    assert (last.status, last.code, last.client_reference) == ("Delivered", 0, "m_1.1")


def test_the_sdk_understands_refusals(api: SinchApi, sdk: SinchClient) -> None:
    api.refuses[ANA] = (403, "blocked_account", "blocked")
    with pytest.raises(SmsException) as refused:
        sdk.sms.batches.send_sms(to=[ANA], from_=OURS, body="Hi")
    assert refused.value.http_response.status_code == 403
    assert not list(api.ledger)


def gateway(api: SinchApi) -> SinchGateway:
    return SinchGateway(SinchSettings(**dict(api.settings(api.url))))  # type: ignore[arg-type]


def sent(api: SinchApi) -> object:
    talk = gateway(api).send(OutboundText(id="m_1.1", sender=OURS, to=ANA, text="Hi"))
    with pytest.raises(StopIteration) as stop:
        talk.send(api.answer(next(talk)))
    return stop.value.value


def test_what_the_plugin_sends_is_taken_and_what_is_refused_is_understood(api: SinchApi) -> None:
    assert sent(api) == Accepted(provider_id=api.ledger.lines()[0].id)
    api.refuses[ANA] = (403, "blocked_account", "blocked")
    assert sent(api) == Refused(reason="account_problem", raw="403 blocked_account blocked")


def asked(
    method: str, path: str, told: object = None, kind: str = "application/json", who: str = f"Bearer {TOKEN}"
) -> HttpRequest:
    headers = (("Authorization", who), ("Content-Type", kind))
    body = b"" if told is None else json.dumps(told).encode()
    return HttpRequest(method=method, url=f"http://h{path}", headers=headers, body=body)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"to": ANA}, "to"),
        ({"to": []}, "to"),
        ({"to": ["clinic"]}, "to"),
        ({"from": ""}, "from"),
        ({"type": "fax"}, "type"),
        ({"body": ""}, "body"),
        ({"body": "y" * 2_001}, "body"),
        ({"type": "mt_media"}, "body"),
        ({"type": "mt_media", "body": {"message": "Hi"}}, "body"),
        ({"type": "mt_media", "body": {"url": PICTURE, "more": 1}}, "body"),
        ({"delivery_report": "always"}, "delivery_report"),
        ({"callback_url": "desk.example"}, "callback_url"),
        ({"client_reference": "y" * 2_049}, "client_reference"),
    ],
)
def test_it_refuses_what_sinch_refuses(api: SinchApi, changed: dict[str, Any], named: str) -> None:
    answer = api.answer(asked("POST", PATH, {**GOOD, **changed}))
    assert answer.status == 400
    assert json.loads(answer.body)["text"].startswith(named)
    assert not list(api.ledger)


def test_it_knows_its_own_fields_only_and_pictures_where_they_are_switched_on(api: SinchApi) -> None:
    with pytest.raises(AssertionError, match="txt"):
        api.answer(asked("POST", PATH, {**GOOD, "txt": "Hi"}))
    picture = {**GOOD, "type": "mt_media", "body": {"url": PICTURE}}
    assert api.answer(asked("POST", PATH, picture)).status == 201
    assert SinchApi().answer(asked("POST", PATH, picture)).status == 403


LISTED = f"{PATH}?start_date=2027-01-15T08:00:00Z&end_date=2027-01-15T09:00:00Z"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (asked("POST", PATH, GOOD), 201),
        (asked("POST", PATH, GOOD, who="Bearer other"), 401),
        (asked("POST", PATH.replace("jd", "je"), GOOD), 404),
        (asked("POST", PATH, GOOD, "text/plain"), 404),
        (asked("GET", LISTED), 200),
        (asked("GET", f"{LISTED}&page_size=101"), 400),
        (asked("GET", f"{LISTED}&status=Delivered"), 400),
        (asked("GET", f"{PATH}/b1/delivery_report/{ANA}"), 404),
        (asked("DELETE", f"{PATH}/b1"), 404),
    ],
)
def test_who_may_do_what(api: SinchApi, request_: HttpRequest, status: int) -> None:
    assert api.answer(request_).status == status


def test_its_callbacks_are_signed_and_the_sdk_believes_and_reads_them(api: SinchApi) -> None:
    heard: list[HttpRequest] = []

    def host(request: HttpRequest) -> HttpResponse:
        heard.append(request)
        return answered(200)

    api.host, api.hook = host, "https://desk.example/x"
    api.bring(ANA, OURS, "¿Bien? 🐶")
    api.bring(ANA, OURS, "Look!", b"one", b"two")
    events = SmsSinchEvent(SECRET)
    for request in heard:
        assert events.validate_authentication_header(dict(request.headers), request.body)
        stamped = HttpRequest(
            method="POST",
            url=request.url,
            headers=request.headers,
            body=request.body,
            received_us=int(api.now().timestamp() * 1_000_000),
        )
        assert isinstance(gateway(api).read_webhook(stamped), Verified)
    text, picture = (events.parse_event(request.body) for request in heard)
    assert (text.type, text.body) == ("mo_text", "¿Bien? 🐶")
    assert (picture.type, len(picture.body.media)) == ("mo_media", 2)
