"""Kannel keeps the contract of carriers: what it answers, what it calls back, and what it cannot tell."""

from __future__ import annotations

import base64
from urllib.parse import quote, urlencode

import pytest
from attrs import evolve
from convokit_sms_kannel import KannelSettings, convokit_sms_gateways, report_url
from convokit_sms_kannel.testing import KannelApi

from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.ports.sms import DeliveryReport, InboundText
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.testing import (
    CALLBACK_URL,
    MESSAGE,
    Asked,
    CallbackRow,
    CarrierApi,
    PluginContract,
    SendRow,
    Signature,
    SmsGatewayContract,
    SmsJourneyContract,
    answered,
)

SETTINGS = {
    "send_url": "http://127.0.0.1:13013/cgi-bin/sendsms",
    "username": "clinic",
    "password": "send-secret-4711",
    "webhook_user": "kannel",
    "webhook_password": "p:ss/wörd 0123456789",
}
BY_NAME = {"kannel": SETTINGS}
INBOUND = {
    "event": "mo",
    "from": "+13035550123",
    "to": "+13035550100",
    "id": "m-1",
    "smsc": "fake1",
    "ts": "1795374599",
    "coding": "2",
    "charset": "UTF-8",
}


def basic(encode: bool) -> Signature:
    """Kannel sends user and password as they stand in the URL that it was given: percent-encoded, or plain ASCII."""
    password = SETTINGS["webhook_password"]
    pair = f"kannel:{quote(password, safe='') if encode else password}"
    value = f"Basic {base64.b64encode(pair.encode()).decode()}"

    def sign(request: HttpRequest) -> HttpRequest:
        return evolve(request, headers=(*request.headers, ("Authorization", value)))

    label = "percent-encoded" if encode else "plain"
    return Signature(label=label, sign=sign, headers=("Authorization",), covers=frozenset())


def inbound(text: str, **fields: str) -> HttpRequest:
    return HttpRequest(method="POST", url=f"{CALLBACK_URL}?{urlencode({**INBOUND, **fields})}", body=text.encode())


def report(**fields: str) -> HttpRequest:
    given = {"event": "dlr", "id": MESSAGE.id, "smsc": "fake1", "ts": "1795374599", "fid": "", **fields}
    return HttpRequest(method="GET", url=f"{CALLBACK_URL}?{urlencode(given)}")


def reported(state: str | None, raw: str, reason: str | None = None) -> tuple[DeliveryReport]:
    return (DeliveryReport(attempt_id=MESSAGE.id, provider_id=None, state=state, reason=reason, raw=raw),)  # type: ignore[arg-type]


WAIVED = {
    "opted out": "Kannel keeps no list of who opted out; the carrier behind it may drop such a text silently",
    "landline": "Kannel does not know what kind of line a number is, and carriers' err: numbers differ",
    "filtered": "carriers say so with err: numbers that mean something else with each of them",
    "unregistered sender": "Kannel has no registration of senders; a carrier's refusal comes without a reason",
    "a 5xx took nothing": "503 with these very words is smsbox's own: bearerbox has put the text into no queue",
    "one byte changed": "Kannel signs nothing; it knows HTTP Basic only, so callbacks need TLS or one machine",
}


class TestKannel(SmsGatewayContract):
    (offer,) = convokit_sms_gateways()
    settings = SETTINGS
    secrets = ("password", "webhook_password")
    waived = WAIVED
    sends = (
        SendRow(
            label="taken",
            shows="accepted",
            answers=(answered(202, "0: Accepted for delivery"),),
            outcome=Accepted(),
            asks=(
                Asked(
                    url=SETTINGS["send_url"],
                    headers={
                        "X-Kannel-Username": "clinic",
                        "X-Kannel-Password": SETTINGS["password"],
                        "X-Kannel-From": MESSAGE.sender,
                        "X-Kannel-To": MESSAGE.to,
                        "X-Kannel-Coding": "2",
                        "X-Kannel-DLR-Mask": "31",
                        "X-Kannel-DLR-URL": report_url(KannelSettings(**SETTINGS), CALLBACK_URL, MESSAGE.id),
                        "Content-Type": "text/plain; charset=UTF-8",
                    },
                    body=MESSAGE.text.encode(),
                ),
            ),
        ),
        SendRow(
            label="queued, no connection to the carrier is up",
            shows="accepted",
            answers=(answered(202, "3: Queued for later delivery"),),
            outcome=Accepted(),
        ),
        SendRow(
            label="wrong login",
            shows="wrong credentials",
            answers=(answered(403, "Authorization failed for sendsms"),),
            outcome=Refused(reason="account_problem", raw="403 Authorization failed for sendsms"),
        ),
        SendRow(
            label="no receiver",
            shows="bad number",
            answers=(answered(400, "Empty receiver number not allowed, rejected"),),
            outcome=Refused(reason="invalid_number", raw="400 Empty receiver number not allowed, rejected"),
        ),
        SendRow(
            label="a proxy is throttling",
            shows="throttled, with Retry-After",
            answers=(answered(429, "slow down", {"Retry-After": "7"}),),
            outcome=TryLater(raw="429 slow down", after=7),
        ),
        SendRow(
            label="smsbox cannot take it now",
            shows="throttled, without Retry-After",
            answers=(answered(503, "Temporal failure, try again later."),),
            outcome=TryLater(raw="503 Temporal failure, try again later."),
        ),
        SendRow(
            label="a proxy lost the answer",
            shows="server error",
            answers=(answered(502, "Bad Gateway"),),
            outcome=Unsure(why="unexpected answer: 502 Bad Gateway"),
        ),
        SendRow(
            label="no words",
            shows="unreadable answer",
            answers=(answered(202, b"\xff\xfe"),),
            outcome=Unsure(why="unexpected answer: 202 \ufffd\ufffd"),
        ),
        SendRow(
            label="a login page",
            shows="HTML with 200",
            answers=(answered(200, "<html>Sign in</html>"),),
            outcome=Unsure(why="unexpected answer: 200 <html>Sign in</html>"),
        ),
        SendRow(
            label="more parts than are allowed",
            message=evolve(MESSAGE, text="a" * 1531),
            outcome=Refused(reason="content_rejected", raw="11 parts, at most 10"),
        ),
    )
    callbacks = (
        CallbackRow(
            label="a text",
            request=inbound("¿Está bien? 🐶 "),
            reads=(
                InboundText(
                    provider_id="m-1",
                    sender="+13035550123",
                    to="+13035550100",
                    text="¿Está bien? 🐶 ",
                    sent_at=1_795_374_599_000_000,
                    raw="smsc=fake1 coding=2 charset=UTF-8",
                ),
            ),
        ),
        CallbackRow(
            label="taken by the carrier",
            shows="report: sent",
            request=report(type="8", reply="ACK/"),
            reads=reported("sent", "type=8 fid= ACK/"),
        ),
        CallbackRow(
            label="delivered",
            shows="report: delivered",
            request=report(type="1", reply=""),
            reads=reported("delivered", "type=1 fid="),
        ),
        CallbackRow(
            label="refused by the carrier",
            shows=("report: failed", "bad number"),
            request=report(type="16", reply="NACK/0x0000000b/Invalid Destination Address"),
            reads=reported("failed", "type=16 fid= NACK/0x0000000b/Invalid Destination Address", "invalid_number"),
        ),
        CallbackRow(
            label="a kind of report that there is not",
            shows="report: unknown word",
            request=report(type="64", reply="what"),
            reads=reported(None, "type=64 fid= what"),
        ),
        CallbackRow(
            label="a text without an id",
            request=inbound("hello", id=""),
            reads=None,
            answer=HttpResponse(status=202),
        ),
    )
    signatures = (basic(encode=True), basic(encode=False))

    def make_inbound(self, text: str) -> HttpRequest:
        return inbound(text)


class TestDistribution(PluginContract):
    distribution = "convokit-sms-kannel"
    settings = BY_NAME


class TestOnTheWire(SmsJourneyContract):
    def make_carrier(self) -> CarrierApi:
        return KannelApi()


LOGIN = {"X-Kannel-Username": "clinic", "X-Kannel-Password": "send-secret-4711"}


@pytest.mark.parametrize(
    ("path", "changed", "status", "words"),
    [
        ("/cgi-bin/sendsms", {}, 202, "0: Accepted"),
        ("/other", {}, 404, "Unknown request."),
        ("/cgi-bin/sendsms", {"X-Kannel-Password": "wrong"}, 403, "Authorization failed"),
        ("/cgi-bin/sendsms", {"X-Kannel-To": ""}, 400, "Empty receiver number"),
        ("/cgi-bin/sendsms", {"X-Kannel-To": "555-000"}, 400, "black-lists"),
        ("/cgi-bin/sendsms", {"X-Kannel-From": ""}, 400, "Sender missing"),
    ],
)
def test_the_pretended_smsbox_refuses_what_the_real_one_refuses(
    path: str, changed: dict[str, str], status: int, words: str
) -> None:
    headers = {**LOGIN, "X-Kannel-From": "+13035550100", "X-Kannel-To": "+13035550123", **changed}
    url = f"http://127.0.0.1:13013{path}"
    answer = KannelApi().answer(HttpRequest(method="POST", url=url, headers=tuple(headers.items()), body=b"hi"))
    assert answer.status == status
    assert words in answer.body.decode()


def test_in_gsm_7_it_replaces_what_does_not_fit() -> None:
    api = KannelApi()
    headers = {**LOGIN, "X-Kannel-From": "+1", "X-Kannel-To": "+2", "X-Kannel-Coding": "0"}
    given = (*headers.items(), ("Content-Type", "text/plain; charset=UTF-8"))
    api.answer(HttpRequest(method="POST", url="http://h/cgi-bin/sendsms", headers=given, body="5 € 🐶".encode()))
    assert [left.text for left in api.ledger] == ["5 € ?"]
