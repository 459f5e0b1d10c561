"""The pretended API is what the official SDK expects, and as strict as the real one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from convokit_sms_telnyx import TelnyxGateway, TelnyxSettings
from convokit_sms_telnyx.testing import API_KEY, PROFILE, PUBLIC_KEY, TelnyxApi
from telnyx import APIStatusError, Telnyx

from convokit.outcomes import Accepted
from convokit.ports.sms import OutboundText, Verified
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.testing import answered

OURS, ANA = "+13035550100", "+13035550123"
GOOD = {"from": OURS, "to": ANA, "text": "Hi"}


@pytest.fixture
def api() -> Iterator[TelnyxApi]:
    with TelnyxApi() as running:
        yield running


@pytest.fixture
def sdk(api: TelnyxApi) -> Iterator[Telnyx]:
    with Telnyx(api_key=API_KEY, public_key=PUBLIC_KEY, base_url=f"{api.url}/v2", max_retries=0) as client:
        yield client


def by_key(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


def test_the_sdk_sends_and_reads(api: TelnyxApi, sdk: Telnyx) -> None:
    sent = sdk.messages.send(
        to=ANA, from_=OURS, text="¿Bien? 🐶", webhook_url="https://desk.example/x?id=1", extra_headers=by_key("k1")
    ).data
    assert sent is not None
    assert sent.id is not None
    assert [(left.id, left.text, left.callback) for left in api.ledger] == [
        (sent.id, "¿Bien? 🐶", "https://desk.example/x?id=1")
    ]
    api.know(api.ledger.lines()[0], "delivered")
    found: Any = sdk.messages.retrieve(sent.id).data
    assert (found.id, found.to[0].status, found.text, found.direction) == (
        sent.id,
        "delivered",
        "¿Bien? 🐶",
        "outbound",
    )


def test_the_sdk_lists_records(api: TelnyxApi, sdk: Telnyx) -> None:
    now = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
    api.now = lambda: now
    for number in range(3):
        api.keep(ANA, OURS, str(number))
        now += timedelta(minutes=1)
    api.keep("+13035550144", OURS, "no", b"a picture")
    asked: Any = {"record_type": "messaging", "cli": ANA, "direction": "inbound"}
    records: list[Any] = list(sdk.detail_records.list(filter=asked, page_size=2, sort=["created_at"]))
    assert [one.uuid for one in records] == [one.id for one in api.kept[:3]]
    assert {(one.record_type, one.cli, one.cld) for one in records} == {("message_detail_record", ANA, OURS)}


def test_what_the_plugin_sends_the_sdk_finds_once(api: TelnyxApi, sdk: Telnyx) -> None:
    gateway = TelnyxGateway(TelnyxSettings(**dict(api.settings(api.url))))  # type: ignore[arg-type]
    for _ in range(2):
        talk = gateway.send(OutboundText(id="m_1.1", sender=OURS, to=ANA, text="Hi"))
        answer = api.answer(next(talk))
        with pytest.raises(StopIteration) as stop:
            talk.send(answer)
        assert isinstance(stop.value.value, Accepted)
    (left,) = api.ledger
    assert stop.value.value.provider_id == left.id
    found: Any = sdk.messages.retrieve(left.id).data
    assert found.to[0].status == "queued"


def test_another_request_with_the_same_key_is_refused(sdk: Telnyx) -> None:
    sdk.messages.send(to=ANA, from_=OURS, text="Hi", extra_headers=by_key("k1"))
    with pytest.raises(APIStatusError) as refused:
        sdk.messages.send(to=ANA, from_=OURS, text="Bye", extra_headers=by_key("k1"))
    assert refused.value.status_code == 422


def test_what_was_refused_is_asked_anew(api: TelnyxApi, sdk: Telnyx) -> None:
    api.opt_out(ANA)
    with pytest.raises(APIStatusError) as refused:
        sdk.messages.send(to=ANA, from_=OURS, text="Hi", extra_headers=by_key("k1"))
    assert (refused.value.status_code, "40300" in refused.value.response.text) == (403, True)
    api.refuses.clear()
    assert sdk.messages.send(to=ANA, from_=OURS, text="Hi", extra_headers=by_key("k1")).data is not None


def asked(method: str, path: str, body: object = None, **headers: str) -> HttpRequest:
    given = {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json", **headers}
    told = tuple((name.replace("_", "-"), value) for name, value in given.items() if value)
    content = b"" if body is None else json.dumps(body).encode()
    return HttpRequest(method=method, url=f"http://h{path}", headers=told, body=content)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"to": ""}, 10002),
        ({"to": "13035550123"}, 10002),
        ({"to": 13035550123}, 10002),
        ({"from": "clinic"}, 40305),
        ({"text": ""}, 10004),
        ({"media_urls": "https://desk.example/x"}, 10003),
        ({"media_urls": ["file:///x"]}, 10003),
        ({"webhook_url": "desk.example"}, 10003),
        ({"messaging_profile_id": PROFILE.replace("1", "2")}, 10006),
    ],
)
def test_it_refuses_what_telnyx_refuses(api: TelnyxApi, changed: dict[str, Any], code: int) -> None:
    answer = api.answer(asked("POST", "/v2/messages", {**GOOD, **changed}, Idempotency_Key="k1"))
    assert answer.status == 400
    assert f'"code": "{code}"'.encode() in answer.body
    assert not list(api.ledger)


def test_it_knows_its_own_fields_only(api: TelnyxApi) -> None:
    with pytest.raises(AssertionError, match="txt"):
        api.answer(asked("POST", "/v2/messages", {**GOOD, "txt": "Hi"}, Idempotency_Key="k1"))


RECORDS = "/v2/detail_records?filter%5Brecord_type%5D=messaging"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (asked("GET", RECORDS, Authorization="Bearer other"), 401),
        (asked("GET", RECORDS, Authorization=""), 401),
        (asked("GET", RECORDS), 200),
        (asked("GET", RECORDS.replace("messaging", "fax")), 400),
        (asked("GET", f"{RECORDS}&filter%5Bnumber%5D=1"), 400),
        (asked("GET", f"{RECORDS}&page%5Bsize%5D=51"), 400),
        (asked("GET", f"{RECORDS}&sort=cost"), 400),
        (asked("GET", "/v2/messages/unknown"), 404),
        (asked("DELETE", "/v2/messages/unknown"), 404),
        (asked("POST", "/v2/messages", GOOD), 400),
        (asked("POST", "/v2/messages", GOOD, Idempotency_Key="m_1.1"), 400),
        (asked("POST", "/v2/messages", GOOD, Idempotency_Key="k1", Content_Type="text/plain"), 400),
    ],
)
def test_who_may_do_what(api: TelnyxApi, request_: HttpRequest, status: int) -> None:
    assert api.answer(request_).status == status


def test_its_callbacks_reach_the_host_signed_and_the_sdk_believes_them(api: TelnyxApi, sdk: Telnyx) -> None:
    heard: list[HttpRequest] = []

    def host(request: HttpRequest) -> HttpResponse:
        heard.append(request)
        return answered(200)

    api.host, api.hook = host, "https://desk.example/x"
    api.bring(ANA, OURS, "Hi")
    (request,) = heard
    told: Any = sdk.webhooks.unwrap(request.body.decode(), headers=dict(request.headers))
    assert (told.data.event_type, told.data.payload.text) == ("message.received", "Hi")
    gateway = TelnyxGateway(TelnyxSettings(**dict(api.settings(api.url))))  # type: ignore[arg-type]
    stamped = HttpRequest(
        method=request.method,
        url=request.url,
        headers=request.headers,
        body=request.body,
        received_us=int(api.now().timestamp() * 1_000_000),
    )
    assert isinstance(gateway.read_webhook(stamped), Verified)
