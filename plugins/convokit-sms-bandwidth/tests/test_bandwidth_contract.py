"""Bandwidth keeps the contract of carriers: lists, HTTP Basic, and our own id as the tag."""

from __future__ import annotations

import base64
from typing import Any

from attrs import evolve
from convokit_sms_bandwidth import convokit_sms_gateways
from convokit_sms_bandwidth.testing import BandwidthApi

from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.ports.sms import DeliveryReport, InboundFile, InboundText
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.testing import (
    CALLBACK_URL,
    MESSAGE,
    PHOTO,
    USUAL_SENDS,
    Asked,
    CallbackRow,
    CarrierApi,
    PluginContract,
    SendRow,
    Signature,
    SmsGatewayContract,
    SmsJourneyContract,
    answered_json,
    posted_json,
    said,
)

APPLICATION = "93de2206-9669-4e07-948d-329f4b722ee2"
API = "https://messaging.bandwidth.com/api/v2/users/9900000"
SETTINGS: dict[str, object] = {
    "account_id": "9900000",
    "api_user": "clinic",
    "api_password": "an-api-password-4711",
    "application_id": APPLICATION,
    "webhook_user": "bandwidth",
    "webhook_password": "p:ss/wörd 0123456789",
    "previous_webhook_password": "last-years-password",
}
SECRETS = ("api_password", "webhook_password", "previous_webhook_password")
BASIC = {"Authorization": "Basic Y2xpbmljOmFuLWFwaS1wYXNzd29yZC00NzEx"}
OURS, THEIRS = "1589228074636lm4k2je7j7jklbn2", "14762070468292kw2fuqty55yp2b2"
SENT = {
    "applicationId": APPLICATION,
    "to": [MESSAGE.to],
    "from": MESSAGE.sender,
    "text": MESSAGE.text,
    "tag": MESSAGE.id,
}


def basic(label: str, name: str) -> Signature:
    pair = f"bandwidth:{SETTINGS[name]}"
    value = f"Basic {base64.b64encode(pair.encode()).decode()}"

    def sign(request: HttpRequest) -> HttpRequest:
        return evolve(request, headers=(*request.headers, ("Authorization", value)))

    return Signature(label=label, sign=sign, headers=("Authorization",), covers=())  # type: ignore[arg-type]


# --- rows -------------------------------------------------------------------------------------------------------------
def refused(status: int, **told: object) -> HttpResponse:
    return answered_json(status, {"type": "request-validation", "description": "no", **told})


def faulty(name: object, words: object = "is wrong") -> HttpResponse:
    return refused(400, fieldErrors=[{"fieldName": name, "description": words}])


def taken() -> HttpResponse:
    return answered_json(202, {"id": OURS, "direction": "out", "to": [MESSAGE.to], "segmentCount": 2})


def called(*events: object) -> HttpRequest:
    return posted_json(CALLBACK_URL, list(events))


def text(words: object, **more: object) -> dict[str, object]:
    message = {
        "id": THEIRS,
        "owner": "+13035550100",
        "applicationId": APPLICATION,
        "time": "2027-01-15T08:00:02.250Z",
        "segmentCount": 1,
        "direction": "in",
        "to": ["+13035550100"],
        "from": "+13035550123",
        "text": words,
        **more,
    }
    told = {"type": "message-received", "time": "2027-01-15T08:00:03Z", "to": "+13035550100"}
    return {**told, "description": "Incoming message received", "message": message}


def came(words: str, *urls: str, **more: Any) -> InboundText:
    known = {"provider_id": THEIRS, "sender": "+13035550123", "to": "+13035550100"}
    files = tuple(InboundFile(url=url) for url in urls)
    return InboundText(text=words, media=files, sent_at=1_800_000_002_250_000, **{**known, **more})


def status(word: object, code: object = None, **more: object) -> dict[str, object]:
    message = {
        "id": OURS,
        "owner": MESSAGE.sender,
        "applicationId": APPLICATION,
        "time": "2027-01-15T08:00:02.250Z",
        "direction": "out",
        "to": [MESSAGE.to],
        "from": MESSAGE.sender,
        "text": "",
        "tag": MESSAGE.id,
        **more,
    }
    failed = {} if code is None else {"errorCode": code}
    return {"type": word, "time": "2027-01-15T08:00:03Z", "to": MESSAGE.to, **failed, "message": message}


def reported(state: str | None, raw: str, reason: str | None = None, **more: object) -> DeliveryReport:
    told = {"attempt_id": MESSAGE.id, "provider_id": OURS, **more}
    return DeliveryReport(state=state, reason=reason, raw=raw, **told)  # type: ignore[arg-type]


MEDIA = f"{API}/media"


class TestBandwidth(SmsGatewayContract):
    (offer,) = convokit_sms_gateways()
    settings = SETTINGS
    secrets = SECRETS
    waived = {  # noqa: RUF012 - of a test
        "one byte changed": "Bandwidth signs nothing: its callbacks have HTTP Basic only, so they need TLS"
    }
    sends = (
        SendRow(
            label="taken",
            shows="accepted",
            answers=(taken(),),
            outcome=Accepted(provider_id=OURS),
            asks=(Asked(url=f"{API}/messages", headers=BASIC, json=SENT),),
        ),
        SendRow(
            label="a photo without words",
            shows="accepted",
            message=evolve(MESSAGE, text="", media=(PHOTO, PHOTO)),
            answers=(taken(),),
            outcome=Accepted(provider_id=OURS),
            asks=(
                Asked(
                    url=f"{API}/messages",
                    json={
                        **{name: value for name, value in SENT.items() if name != "text"},
                        "media": [PHOTO.url, PHOTO.url],
                    },
                ),
            ),
        ),
        said(
            "no number",
            "bad number",
            faulty("to[0]"),
            Refused(reason="invalid_number", raw="400 request-validation to[0] is wrong"),
        ),
        said(
            "not our number",
            "",
            faulty("from"),
            Refused(reason="sender_invalid", raw="400 request-validation from is wrong"),
        ),
        said(
            "too long a text",
            "",
            faulty("text", 5),
            Refused(reason="content_rejected", raw="400 request-validation text"),
        ),
        said("no field", "", refused(400), Refused(reason="unknown", raw="400 request-validation no")),
        said("a field that is none", "", faulty(5), Refused(reason="unknown", raw="400 request-validation is wrong")),
        said(
            "wrong password",
            "wrong credentials",
            answered_json(401, {"type": "unauthorized", "description": "Authentication Failed"}),
            Refused(reason="account_problem", raw="401 unauthorized Authentication Failed"),
        ),
        said(
            "another account",
            "wrong credentials",
            answered_json(403, {"type": "forbidden", "description": "Access Denied"}),
            Refused(reason="account_problem", raw="403 forbidden Access Denied"),
        ),
        said(
            "the queue is full",
            "throttled, with Retry-After",
            answered_json(429, {"type": "too-many-requests", "description": "slow"}, {"Retry-After": "9"}),
            TryLater(raw="429 too-many-requests slow", after=9),
        ),
        said(
            "no id",
            "unreadable answer",
            answered_json(202, {"id": ""}),
            Unsure(why='unexpected answer: 202 {"id": ""}'),
        ),
        *USUAL_SENDS,
    )
    callbacks = (
        CallbackRow(label="a text", request=called(text("¿Está bien? 🐶 ")), reads=(came("¿Está bien? 🐶 "),)),
        CallbackRow(label="a stop", request=called(text("STOP")), reads=(came("STOP"),)),
        CallbackRow(
            label="photos, and how they are laid out",
            request=called(
                text("", media=[f"{MEDIA}/0/0.SMIL", f"{MEDIA}/0/bella.jpg", 5, "", f"{MEDIA}/0/rex.png?x=.smil"])
            ),
            reads=(came("", f"{MEDIA}/0/bella.jpg", f"{MEDIA}/0/rex.png?x=.smil"),),
        ),
        CallbackRow(
            label="more files than a message can have, and no words",
            request=called(text(None, media=[f"{MEDIA}/{number}.png" for number in range(99)])),
            reads=(came("", *(f"{MEDIA}/{number}.png" for number in range(10))),),
        ),
        CallbackRow(
            label="to a group, of which one number is ours",
            request=called(text("Hi", to=["+13035550199", "+13035550100"])),
            reads=(came("Hi"),),
        ),
        CallbackRow(
            label="several events",
            request=called(text("Hi"), status("message-delivered")),
            reads=(came("Hi"), reported("delivered", "message-delivered")),
        ),
        CallbackRow(
            label="several events, one of which says nothing",
            request=called({"type": "message-received"}, {}, status("message-delivered")),
            reads=(reported("delivered", "message-delivered"),),
        ),
        CallbackRow(
            label="on its way",
            shows="report: sent",
            request=called(status("message-sending")),
            reads=(reported("sent", "message-sending"),),
        ),
        CallbackRow(
            label="delivered",
            shows="report: delivered",
            request=called(status("message-delivered")),
            reads=(reported("delivered", "message-delivered"),),
        ),
        CallbackRow(
            label="opted out",
            shows=("report: failed", "opted out"),
            request=called(status("message-failed", 4775)),
            reads=(reported("failed", "message-failed 4775", "opted_out"),),
        ),
        CallbackRow(
            label="a landline",
            shows=("report: failed", "landline"),
            request=called(status("message-failed", 4720)),
            reads=(reported("failed", "message-failed 4720", "landline"),),
        ),
        CallbackRow(
            label="filtered",
            shows=("report: failed", "filtered"),
            request=called(status("message-failed", "4770")),
            reads=(reported("failed", "message-failed 4770", "carrier_filtered"),),
        ),
        CallbackRow(
            label="not registered",
            shows=("report: failed", "unregistered sender"),
            request=called(status("message-failed", 4773)),
            reads=(reported("failed", "message-failed 4773", "sender_unregistered"),),
        ),
        CallbackRow(
            label="a number without a table, of the kind of faults",
            request=called(status("message-failed", 5678)),
            reads=(reported("failed", "message-failed 5678", "gateway_error"),),
        ),
        CallbackRow(
            label="no receipt came",
            request=called(status("message-failed", 9902)),
            reads=(reported("sent", "message-failed 9902"),),
        ),
        CallbackRow(
            label="a new word",
            shows="report: unknown word",
            request=called(status("message-resting", 4720)),
            reads=(reported(None, "message-resting 4720"),),
        ),
        CallbackRow(
            label="without our own id",
            request=called(status("message-delivered", tag=None)),
            reads=(reported("delivered", "message-delivered", attempt_id=None),),
        ),
        *(
            CallbackRow(label=label, request=request, reads=None, answer=HttpResponse(status=200))
            for label, request in (
                ("another channel", called({**text("Hi"), "type": "suggestion-response"})),
                ("an object", posted_json(CALLBACK_URL, text("Hi"))),
                ("no word", called(status(5))),
                ("a status without an id", called(status("message-delivered", id=""))),
                ("a text from nobody", called(text("Hi", **{"from": ""}))),
                ("a text to nobody", called({**text("Hi"), "to": "y" * 201})),
                ("a text that is none", called(text(5))),
                ("a text without an end", called(text("y" * 100_001))),
            )
        ),
    )
    signatures = (basic("Basic", "webhook_password"), basic("the previous password", "previous_webhook_password"))

    def make_inbound(self, words: str) -> HttpRequest:
        return called(text(words))


class TestDistribution(PluginContract):
    distribution = "convokit-sms-bandwidth"
    settings = {"bandwidth": SETTINGS}  # noqa: RUF012 - of a test


class TestOnTheWire(SmsJourneyContract):
    def make_carrier(self) -> CarrierApi:
        return BandwidthApi()
