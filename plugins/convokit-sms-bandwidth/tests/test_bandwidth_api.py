"""The pretended API is as strict as the real one is documented to be."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from convokit_sms_bandwidth import BandwidthGateway, BandwidthSettings
from convokit_sms_bandwidth.testing import ACCOUNT, API_PASSWORD, APPLICATION, BandwidthApi

from convokit.outcomes import Accepted, Refused
from convokit.ports.sms import DeliveryReport, InboundText, OutboundText, Verified
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.testing import answered

OURS, ANA = "+13035550100", "+13035550123"
GOOD: dict[str, Any] = {"applicationId": APPLICATION, "from": OURS, "to": [ANA], "text": "Hi", "tag": "m_1.1"}
PATH = f"/api/v2/users/{ACCOUNT}/messages"
BASIC = f"Basic {base64.b64encode(f'clinic:{API_PASSWORD}'.encode()).decode()}"


@pytest.fixture
def api() -> Iterator[BandwidthApi]:
    with BandwidthApi() as running:
        yield running


def gateway(api: BandwidthApi) -> BandwidthGateway:
    return BandwidthGateway(BandwidthSettings(**dict(api.settings(api.url))))  # type: ignore[arg-type]


def sent(api: BandwidthApi, to: str = ANA) -> object:
    talk = gateway(api).send(OutboundText(id="m_1.1", sender=OURS, to=to, text="Hi"))
    with pytest.raises(StopIteration) as stop:
        talk.send(api.answer(next(talk)))
    return stop.value.value


def asked(method: str, path: str, told: object = None, kind: str = "application/json", who: str = BASIC) -> HttpRequest:
    headers = (("Authorization", who), ("Content-Type", kind))
    body = b"" if told is None else json.dumps(told).encode()
    return HttpRequest(method=method, url=f"http://h{path}", headers=headers, body=body)


def test_what_the_plugin_sends_is_taken_and_what_is_refused_is_understood(api: BandwidthApi) -> None:
    assert sent(api) == Accepted(provider_id=api.ledger.lines()[0].id)
    assert [left.own_id for left in api.ledger] == ["m_1.1"]
    api.refuses[ANA] = ("to", "is blocked")
    assert sent(api) == Refused(reason="invalid_number", raw="400 request-validation to 'to' is blocked")
    assert len(api.ledger.lines()) == 1


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"applicationId": "x"}, "applicationId"),
        ({"to": ANA}, "to"),
        ({"to": []}, "to"),
        ({"to": ["13035550123"]}, "to[0]"),
        ({"to": [OURS]}, "from"),
        ({"from": "clinic"}, "from"),
        ({"media": "https://desk.example/x"}, "media"),
        ({"media": ["file:///x"]}, "media"),
        ({"media": [f"https://desk.example/{'y' * 4_096}"]}, "media"),
        ({"text": ""}, "text"),
        ({"text": "y" * 2_049}, "text"),
        ({"tag": "y" * 1_025}, "tag"),
    ],
)
def test_it_refuses_what_bandwidth_refuses(api: BandwidthApi, changed: dict[str, Any], named: str) -> None:
    answer = api.answer(asked("POST", PATH, {**GOOD, **changed}))
    assert answer.status == 400
    assert json.loads(answer.body)["fieldErrors"][0]["fieldName"] == named
    assert not list(api.ledger)


def test_it_knows_its_own_fields_only(api: BandwidthApi) -> None:
    with pytest.raises(AssertionError, match="callbackUrl"):
        api.answer(asked("POST", PATH, {**GOOD, "callbackUrl": "https://desk.example/x"}))


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (asked("POST", PATH, GOOD), 202),
        (asked("POST", PATH, GOOD, who="Basic eDp5"), 401),
        (asked("POST", PATH.replace("99", "88"), GOOD), 403),
        (asked("GET", PATH), 404),
        (asked("GET", PATH.replace("messages", "media/x.png")), 404),
        (asked("POST", PATH, GOOD, "text/plain"), 415),
    ],
)
def test_who_may_do_what(api: BandwidthApi, request_: HttpRequest, status: int) -> None:
    assert api.answer(request_).status == status


def test_its_callbacks_are_lists_that_the_plugin_believes(api: BandwidthApi) -> None:
    heard: list[HttpRequest] = []

    def host(request: HttpRequest) -> HttpResponse:
        heard.append(request)
        return answered(200)

    api.host, api.hook = host, "https://desk.example/x?lang=en"
    api.bring(ANA, OURS, "Look!", b"one", b"two")
    api.opt_out(ANA)
    assert isinstance(sent(api), Accepted)
    events = []
    for request in heard:
        assert isinstance(json.loads(request.body), list)
        reading = gateway(api).read_webhook(request)
        assert isinstance(reading, Verified)
        events.extend(reading.events)
    came, report = events
    assert isinstance(came, InboundText)
    assert isinstance(report, DeliveryReport)
    assert (came.text, len(came.media)) == ("Look!", 2)
    assert (report.attempt_id, report.state, report.reason) == ("m_1.1", "failed", "opted_out")
    assert not list(api.ledger)
