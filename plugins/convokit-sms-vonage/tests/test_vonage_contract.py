"""Vonage's Messages API keeps the contract of carriers; tokens are those that the official SDK believes."""

from __future__ import annotations

import hashlib
from typing import Any

import jwt
from attrs import evolve
from convokit_sms_vonage import convokit_sms_gateways
from convokit_sms_vonage.testing import VonageApi

from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.ports.sms import DeliveryReport, InboundFile, InboundText
from convokit.ports.sms_asking import Found
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.testing import (
    CALLBACK_URL,
    MESSAGE,
    PHOTO,
    RECEIVED_US,
    USUAL_SENDS,
    Asked,
    CallbackRow,
    CarrierApi,
    LookUpRow,
    PluginContract,
    SendRow,
    Signature,
    SmsGatewayContract,
    SmsJourneyContract,
    answered,
    answered_json,
    posted_json,
    said,
)

API = "https://api.nexmo.com"
SETTINGS: dict[str, object] = {
    "api_key": "abcd1234",
    "api_secret": "an-api-secret-4711",
    "signature_secret": "a-signature-secret-0815-and-more-of-it",
    "previous_signature_secret": "an-older-signature-secret-0815-and-more",
}
SECRETS = ("api_secret", "signature_secret", "previous_signature_secret")
BASIC = {"Authorization": "Basic YWJjZDEyMzQ6YW4tYXBpLXNlY3JldC00NzEx"}
OURS = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"
THEIRS = "bbbbbbbb-bbbb-4ccc-8ddd-0123456789ab"
TELL = {
    "to": "13035550123",
    "from": "13035550100",
    "client_ref": MESSAGE.id,
    "webhook_url": CALLBACK_URL,
    "webhook_version": "v1",
}
SENT = {**TELL, "channel": "sms", "message_type": "text", "text": MESSAGE.text}
MEDIA = "https://api-us.nexmo.com/v3/media"


def by(name: str) -> Any:
    def sign(request: HttpRequest) -> HttpRequest:
        claims = {
            "iat": (request.received_us or RECEIVED_US) // 1_000_000,
            "jti": "a5d6ba0c",
            "payload_hash": hashlib.sha256(request.body).hexdigest(),
            "api_key": "abcd1234",
        }
        proof = ("Authorization", f"Bearer {jwt.encode(claims, str(SETTINGS[name]), algorithm='HS256')}")
        return evolve(request, headers=(*request.headers, proof))

    return sign


def signed_by(label: str, name: str) -> Signature:
    return Signature(label=label, sign=by(name), headers=("Authorization",), covers=("body",), seconds=86_400)  # type: ignore[arg-type]


# --- rows -------------------------------------------------------------------------------------------------------------


def problem(status: int, kind: object, detail: str = "no", **more: object) -> HttpResponse:
    where = f"https://developer.vonage.com/api-errors/messages#{kind}"
    return answered_json(status, {"type": where, "title": "T", "detail": detail, "instance": "i", **more})


def fault(name: object) -> HttpResponse:
    return problem(422, "1020", invalid_parameters=[5, {"name": name, "reason": "is not valid"}])


def taken() -> HttpResponse:
    return answered_json(202, {"message_uuid": OURS})


def event(**told: object) -> HttpRequest:
    about = {"channel": "sms", "message_uuid": OURS, "to": "13035550123", "from": "13035550100"}
    return posted_json(CALLBACK_URL, {**about, "timestamp": "2027-01-15T08:00:02.250Z", **told})


def text(words: object, **more: object) -> HttpRequest:
    whose = {"message_uuid": THEIRS, "to": "13035550100", "from": "13035550123"}
    told = {"message_type": "text", "text": words, "sms": {"num_messages": "1"}, "origin": {"network_code": "1"}}
    return event(**{**whose, **told, **more})


def picture(**more: object) -> HttpRequest:
    told = {"channel": "mms", "message_type": "image", "image": {"url": f"{MEDIA}/1", "name": "bella.jpg"}}
    return text(None, **{**told, **more})


def came(words: str, *files: InboundFile, **more: Any) -> tuple[InboundText]:
    known = {"provider_id": THEIRS, "sender": "+13035550123", "to": "+13035550100", "sent_at": 1_800_000_002_250_000}
    return (InboundText(text=words, media=files, **{**known, **more}),)


def status(word: object, code: int | None = None, **more: object) -> HttpRequest:
    kind = f"https://developer.vonage.com/api-errors/messages#{code}"
    error = {} if code is None else {"error": {"type": kind, "title": code, "detail": "no", "instance": "i"}}
    return event(status=word, client_ref=MESSAGE.id, usage={"currency": "EUR", "price": "0.0333"}, **error, **more)


def reported(state: str | None, raw: str, reason: str | None = None, **more: object) -> tuple[DeliveryReport]:
    told = {"attempt_id": MESSAGE.id, "provider_id": OURS, **more}
    return (DeliveryReport(state=state, reason=reason, raw=raw, **told),)  # type: ignore[arg-type]


def record(**more: object) -> dict[str, object]:
    return {
        "message_id": OURS,
        "client_ref": MESSAGE.id,
        "direction": "outbound",
        "date_received": "2027-01-15T08:00:02+0000",
        "date_finalized": "2027-01-15T08:00:04+0000",
        "status": "delivered",
        "error_code": "0",
        **more,
    }


def records(*found: object, status: str = "SUCCESS") -> HttpResponse:
    return answered_json(200, {"request_status": status, "records": list(found)})


def asked_for(product: str) -> Asked:
    url = (
        f"{API}/v2/reports/records?account_id=abcd1234&product={product}&direction=outbound&from=13035550100"
        "&to=13035550123&date_start=2027-01-15T07%3A55%3A00Z&date_end=2027-01-15T08%3A05%3A00Z"
    )
    return Asked(method="GET", url=url, headers=BASIC)


class TestVonage(SmsGatewayContract):
    (offer,) = convokit_sms_gateways()
    settings = SETTINGS
    secrets = SECRETS
    waived = {  # noqa: RUF012 - of a test
        "one byte changed": "the token covers the body, not the URL; so nothing is read from the URL",
        "landline": "Vonage does not know what kind of line a number is",
        "unregistered sender": "Vonage calls it an illegal sender address, whatever is wrong with it",
    }
    sends = (
        SendRow(
            label="taken",
            shows="accepted",
            answers=(taken(),),
            outcome=Accepted(provider_id=OURS),
            asks=(Asked(url=f"{API}/v1/messages", headers=BASIC, json=SENT),),
        ),
        SendRow(
            label="a photo, in the USA",
            shows="accepted",
            message=evolve(MESSAGE, media=(PHOTO,)),
            settings={"base_url": "https://api-us.nexmo.com"},
            answers=(taken(),),
            outcome=Accepted(provider_id=OURS),
            asks=(
                Asked(
                    url="https://api-us.nexmo.com/v1/messages",
                    json={
                        **TELL,
                        "channel": "mms",
                        "message_type": "image",
                        "image": {"url": PHOTO.url, "caption": MESSAGE.text},
                    },
                ),
            ),
        ),
        SendRow(
            label="two photos without words",
            shows="accepted",
            message=evolve(MESSAGE, text="", media=(PHOTO, PHOTO)),
            answers=(taken(),),
            outcome=Accepted(provider_id=OURS),
            asks=(
                Asked(
                    url=f"{API}/v1/messages",
                    json={
                        **TELL,
                        "channel": "mms",
                        "message_type": "content",
                        "content": [{"type": "image", "url": PHOTO.url}] * 2,
                    },
                ),
            ),
        ),
        said("no number", "bad number", problem(422, 1170), Refused(reason="invalid_number", raw="422 1170 no")),
        said("the number, unnamed", "bad number", fault("to"), Refused(reason="invalid_number", raw="422 1020 no")),
        said("the second picture", "", fault("content.1.url"), Refused(reason="media_problem", raw="422 1020 no")),
        said("a parameter of nobody", "", fault("ttl"), Refused(reason="unknown", raw="422 1020 no")),
        said("a name that is none", "", fault(5), Refused(reason="unknown", raw="422 1020 no")),
        said("an illegal sender", "", problem(422, 1120), Refused(reason="sender_invalid", raw="422 1120 no")),
        said(
            "wrong secret",
            "wrong credentials",
            problem(401, "unauthorized"),
            Refused(reason="account_problem", raw="401 unauthorized no"),
        ),
        said(
            "no credit",
            "wrong credentials",
            problem(402, "low-balance"),
            Refused(reason="account_problem", raw="402 low-balance no"),
        ),
        said("an error page", "", answered(403, "no"), Refused(reason="account_problem", raw="403 no")),
        said("a number that is new", "", problem(422, 1999), Refused(reason="unknown", raw="422 1999 no")),
        said(
            "too many requests, by their number",
            "throttled, with Retry-After",
            evolve(problem(429, "rate-limit"), headers=(("Retry-After", "30"),)),
            TryLater(raw="429 rate-limit no", after=30),
        ),
        said("the account's limit", "throttled, without Retry-After", problem(422, 1000), TryLater(raw="422 1000 no")),
        said("not available", "server error", problem(503, 1030), Unsure(why="unexpected answer: 503 1030 no")),
        said(
            "no id",
            "unreadable answer",
            answered_json(202, {"message_uuid": ""}),
            Unsure(why='unexpected answer: 202 {"message_uuid": ""}'),
        ),
        *USUAL_SENDS,
    )
    callbacks = (
        CallbackRow(label="a text", request=text("¿Está bien? 🐶 "), reads=came("¿Está bien? 🐶 ")),
        CallbackRow(label="a stop", request=text("STOP"), reads=came("STOP")),
        CallbackRow(
            label="from a short code, at no time",
            request=text("Hi", **{"from": "24444", "timestamp": "yesterday"}),
            reads=came("Hi", sender="24444", sent_at=None),
        ),
        CallbackRow(
            label="a photo without words",
            request=picture(),
            reads=came("", InboundFile(url=f"{MEDIA}/1", name="bella.jpg")),
        ),
        CallbackRow(
            label="photos and a video, with words",
            request=picture(
                text="Look!",
                image={"url": f"{MEDIA}/1", "caption": "Bella"},
                content=[
                    {"type": "image", "url": f"{MEDIA}/1", "caption": "Bella"},
                    {"type": "video", "url": f"{MEDIA}/2", "name": 5},
                    {"type": "text", "text": "Look!"},
                    {"url": 5},
                    7,
                ],
            ),
            reads=came("Look!\nBella", InboundFile(url=f"{MEDIA}/1"), InboundFile(url=f"{MEDIA}/2")),
        ),
        CallbackRow(
            label="more files than a message can have",
            request=picture(content=[{"url": f"{MEDIA}/{number}"} for number in range(2, 99)]),
            reads=came(
                "",
                InboundFile(url=f"{MEDIA}/1", name="bella.jpg"),
                *(InboundFile(url=f"{MEDIA}/{number}") for number in range(2, 11)),
            ),
        ),
        CallbackRow(
            label="submitted", shows="report: sent", request=status("submitted"), reads=reported("sent", "submitted")
        ),
        CallbackRow(
            label="delivered",
            shows="report: delivered",
            request=status("delivered", channel="mms"),
            reads=reported("delivered", "delivered"),
        ),
        CallbackRow(
            label="filtered",
            shows=("report: failed", "filtered"),
            request=status("rejected", 1210),
            reads=reported("failed", "rejected 1210", "carrier_filtered"),
        ),
        CallbackRow(
            label="opted out",
            shows=("report: failed", "opted out"),
            request=status("rejected", error={"title": "1240"}),
            reads=reported("failed", "rejected 1240", "opted_out"),
        ),
        CallbackRow(
            label="not handed over",
            shows="report: failed",
            request=status("undeliverable"),
            reads=reported("failed", "undeliverable", "gateway_error"),
        ),
        CallbackRow(
            label="a new word", shows="report: unknown word", request=status("resting"), reads=reported(None, "resting")
        ),
        CallbackRow(
            label="another id in the URL than in the body",
            request=evolve(status("submitted"), url=f"{CALLBACK_URL}?client_ref=m_somebody.1"),
            reads=reported("sent", "submitted"),
        ),
        CallbackRow(
            label="without our own id",
            request=event(status="submitted"),
            reads=reported("sent", "submitted", attempt_id=None),
        ),
        *(
            CallbackRow(label=label, request=request, reads=None, answer=HttpResponse(status=200))
            for label, request in (
                ("another channel", text("Hi", channel="whatsapp")),
                ("a text without an id", text("Hi", message_uuid=None)),
                ("a text from nobody", text("Hi", **{"from": ""})),
                ("a text to nobody", text("Hi", to=5)),
                ("no words and no file", text(None)),
                ("a text without an end", text("y" * 100_001)),
                ("a status that is none", status(5)),
            )
        ),
    )
    look_ups = (
        LookUpRow(
            label="it has it, by our own id",
            answers=(records(record(message_id="u9", client_ref="m_somebody.1"), record()),),
            outcome=Found(reports=reported("delivered", "delivered")),
            asks=(asked_for("MESSAGES"),),
        ),
        LookUpRow(
            label="one record for each of its statuses, and one that is none",
            answers=(
                records(
                    record(status="rejected", error_code=1190),
                    record(date_finalized="2027-01-15T08:00:03+0000", status="submitted"),
                    record(message_id=None),
                ),
            ),
            outcome=Found(reports=reported("failed", "rejected 1190", "number_inactive")),
        ),
        LookUpRow(label="it has nothing", answers=(records(record(client_ref=None)),), outcome=Found()),
        LookUpRow(
            label="a list that was cut",
            answers=(records(status="TRUNCATED"),),
            outcome=TryLater(raw="records: TRUNCATED"),
        ),
        LookUpRow(
            label="it has it in a list that was cut",
            answers=(records(record(), status="TRUNCATED"),),
            outcome=Found(reports=reported("delivered", "delivered")),
        ),
        LookUpRow(label="records that are none", answers=(records(5),), outcome=TryLater(raw="no records")),
        LookUpRow(
            label="throttled", answers=(answered(429, "", {"Retry-After": "9"}),), outcome=TryLater(raw="429", after=9)
        ),
    )
    signatures = (
        signed_by("a token", "signature_secret"),
        signed_by("by the previous secret", "previous_signature_secret"),
    )

    def make_inbound(self, words: str) -> HttpRequest:
        return text(words)


class TestDistribution(PluginContract):
    distribution = "convokit-sms-vonage"
    settings = {"vonage": SETTINGS, "vonage-sms": SETTINGS}  # noqa: RUF012 - of a test


class TestOnTheWire(SmsJourneyContract):
    def make_carrier(self) -> CarrierApi:
        return VonageApi()
