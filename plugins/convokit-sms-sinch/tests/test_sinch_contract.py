"""Sinch keeps the contract of carriers: signed callbacks or a password, and our own id as the client reference."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any

from attrs import evolve
from convokit_sms_sinch import convokit_sms_gateways, mms
from convokit_sms_sinch.testing import SinchApi, SinchMmsApi

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

PLAN = "jd63jf88477ll123ab4567cd89012ef3"
API = f"https://us.sms.api.sinch.com/xms/v1/{PLAN}"
SETTINGS: dict[str, object] = {
    "service_plan_id": PLAN,
    "api_token": "an-api-token-4711",
    "webhook_secret": "a-webhook-secret-4711",
    "previous_webhook_secret": "a-webhook-secret-of-last-year",
}
BY_PASSWORD: dict[str, object] = {
    "webhook_secret": None,
    "previous_webhook_secret": None,
    "webhook_password": "p:ss/wörd 0123456789",
}
BEARER = {"Authorization": f"Bearer {SETTINGS['api_token']}"}
OURS, THEIRS = "01FC66621XXXXX119Z8PMV1QPQ", "01XXXXX21XXXXX119Z8P1XXXXX"
NONCE = "01FJA8B4A7BM43YGWSG9GBV067"
HEADER = "X-Sinch-Webhook-Signature"
SENT = {
    "type": "mt_text",
    "body": MESSAGE.text,
    "from": MESSAGE.sender,
    "to": [MESSAGE.to],
    "client_reference": MESSAGE.id,
    "delivery_report": "per_recipient",
    "callback_url": CALLBACK_URL,
}


# --- signatures: as the page on callbacks says ------------------------------------------------------------------------
def by(name: str) -> Callable[[HttpRequest], HttpRequest]:
    def sign(request: HttpRequest) -> HttpRequest:
        stamp = str((request.received_us or RECEIVED_US) // 1_000_000)
        whole = request.body + f".{NONCE}.{stamp}".encode()
        proof = base64.b64encode(hmac.new(str(SETTINGS[name]).encode(), whole, hashlib.sha256).digest()).decode()
        more = ((HEADER, proof), (f"{HEADER}-Nonce", NONCE), (f"{HEADER}-Timestamp", stamp))
        return evolve(request, headers=(*request.headers, *more, (f"{HEADER}-Algorithm", "HmacSHA256")))

    return sign


def signed_by(label: str, name: str) -> Signature:
    names = (HEADER, f"{HEADER}-Nonce", f"{HEADER}-Timestamp")
    return Signature(label=label, sign=by(name), headers=names, covers=("body",), seconds=86_400)  # type: ignore[arg-type]


def basic(request: HttpRequest) -> HttpRequest:
    value = base64.b64encode(f"sinch:{BY_PASSWORD['webhook_password']}".encode()).decode()
    return evolve(request, headers=(*request.headers, ("Authorization", f"Basic {value}")))


# --- rows -------------------------------------------------------------------------------------------------------------
def refused(status: int, code: object, words: object = "") -> HttpResponse:
    return answered_json(status, {"code": code, "text": words})


def taken() -> HttpResponse:
    return answered_json(201, {"id": OURS, "to": [MESSAGE.to], "canceled": False})


def text(words: object, **more: object) -> HttpRequest:
    told = {
        "type": "mo_text",
        "id": THEIRS,
        "from": "13035550123",
        "to": "13035550100",
        "body": words,
        "operator_id": "310260",
        "received_at": "2027-01-15T08:00:02.250Z",
    }
    return posted_json(CALLBACK_URL, {**told, **more})


def file(url: object) -> dict[str, object]:
    return {"url": url, "content_type": "image/jpeg", "status": "Uploaded", "code": 0}


def picture(*media: object, **body: object) -> HttpRequest:
    return text({**body, "media": list(media)}, type="mo_media")


def came(words: str, *urls: str, **more: Any) -> tuple[InboundText]:
    known = {"provider_id": THEIRS, "sender": "+13035550123", "to": "+13035550100"}
    files = tuple(InboundFile(url=url) for url in urls)
    return (InboundText(text=words, media=files, **{"sent_at": 1_800_000_002_250_000, **known, **more}),)


def report(word: object, code: object = 0, **more: object) -> dict[str, object]:
    told = {
        "type": "recipient_delivery_report_sms",
        "batch_id": OURS,
        "recipient": "13035550123",
        "status": word,
        "code": code,
        "at": "2027-01-15T08:00:03.000Z",
        "client_reference": MESSAGE.id,
    }
    return {**told, **more}


def status(word: object, code: object = 0, **more: object) -> HttpRequest:
    return posted_json(CALLBACK_URL, report(word, code, **more))


def reported(state: str | None, raw: str, reason: str | None = None, **more: object) -> tuple[DeliveryReport]:
    told = {"attempt_id": MESSAGE.id, "provider_id": OURS, **more}
    return (DeliveryReport(state=state, reason=reason, raw=raw, **told),)  # type: ignore[arg-type]


def batches(*found: object) -> HttpResponse:
    return answered_json(200, {"count": len(found), "page": 0, "page_size": len(found), "batches": list(found)})


def batch(**more: object) -> dict[str, object]:
    about = {"id": OURS, "type": "mt_text", "from": MESSAGE.sender, "to": [MESSAGE.to], "body": MESSAGE.text}
    return {**about, "client_reference": MESSAGE.id, "canceled": False, **more}


MEDIA = "https://mms-bucket.s3.amazonaws.com/x"
LOOKED = (
    f"{API}/batches?client_reference={MESSAGE.id}"
    "&start_date=2027-01-15T07%3A55%3A00Z&end_date=2027-01-15T08%3A05%3A00Z&page_size=100"
)


class TestSinch(SmsGatewayContract):
    (offer,) = convokit_sms_gateways()
    settings = SETTINGS
    secrets = ("api_token", "webhook_secret", "previous_webhook_secret")
    waived = {  # noqa: RUF012 - of a test
        "one byte changed": "Sinch signs the body, a nonce and the time, not the URL; so nothing is read from the URL",
        "opted out": "Sinch says 'Deleted' of a text to who opted out, and of one to a wrong number too",
    }
    sends = (
        SendRow(
            label="taken",
            shows="accepted",
            answers=(taken(),),
            outcome=Accepted(provider_id=OURS),
            asks=(Asked(url=f"{API}/batches", headers=BEARER, json=SENT),),
        ),
        SendRow(
            label="nowhere to report to",
            shows="accepted",
            message=evolve(MESSAGE, callback_url=None),
            answers=(taken(),),
            outcome=Accepted(provider_id=OURS),
            asks=(
                Asked(
                    url=f"{API}/batches",
                    json={
                        name: value for name, value in SENT.items() if name not in ("delivery_report", "callback_url")
                    },
                ),
            ),
        ),
        said(
            "no number",
            "bad number",
            refused(400, "syntax_invalid_parameter_format", "to[0]: +1 is no valid MSISDN"),
            Refused(reason="invalid_number", raw="400 syntax_invalid_parameter_format to[0]: +1 is no valid MSISDN"),
        ),
        said(
            "not our number",
            "",
            refused(400, "syntax_invalid_parameter_format", "parsing field 'from' failed"),
            Refused(reason="sender_invalid", raw="400 syntax_invalid_parameter_format parsing field 'from' failed"),
        ),
        said(
            "a sentence that names no field",
            "",
            refused(400, "syntax_constraint_violation", "go from here to there"),
            Refused(reason="unknown", raw="400 syntax_constraint_violation go from here to there"),
        ),
        said(
            "a kind of number",
            "bad number",
            refused(403, "illegal_number_type"),
            Refused(reason="invalid_number", raw="403 illegal_number_type"),
        ),
        said(
            "blocked",
            "wrong credentials",
            refused(403, "blocked_account", "blocked"),
            Refused(reason="account_problem", raw="403 blocked_account blocked"),
        ),
        said("a code that is none", "", refused(400, 5), Refused(reason="unknown", raw='400 {"code": 5, "text": ""}')),
        said(
            "no id",
            "unreadable answer",
            answered_json(201, {"id": ""}),
            Unsure(why='unexpected answer: 201 {"id": ""}'),
        ),
        *USUAL_SENDS,
    )
    callbacks = (
        CallbackRow(label="a text", request=text("¿Está bien? 🐶 "), reads=came("¿Está bien? 🐶 ")),
        CallbackRow(label="a stop", request=text("STOP"), reads=came("STOP")),
        CallbackRow(
            label="with the time of the phone",
            request=text("Hi", sent_at="2027-01-15T08:00:00Z"),
            reads=came("Hi", sent_at=1_800_000_000_000_000),
        ),
        CallbackRow(
            label="from a short code", request=text("Hi", **{"from": "24444"}), reads=came("Hi", sender="24444")
        ),
        CallbackRow(
            label="photos",
            request=picture(file(f"{MEDIA}/1.jpg"), file(f"{MEDIA}/2.png"), message="Look!"),
            reads=came("Look!", f"{MEDIA}/1.jpg", f"{MEDIA}/2.png"),
        ),
        CallbackRow(
            label="a photo that Sinch could not keep, with a subject",
            request=picture(file(None), 5, file(""), subject="Bella", message="Look!"),
            reads=came("Bella\nLook!"),
        ),
        CallbackRow(
            label="more files than a message can have",
            request=picture(*(file(f"{MEDIA}/{number}") for number in range(99)), subject="Look!", message="Look!"),
            reads=came("Look!", *(f"{MEDIA}/{number}" for number in range(10))),
        ),
        CallbackRow(
            label="queued", shows="report: sent", request=status("Queued", 400), reads=reported("sent", "Queued 400")
        ),
        CallbackRow(
            label="delivered",
            shows="report: delivered",
            request=status("Delivered"),
            reads=reported("delivered", "Delivered"),
        ),
        CallbackRow(
            label="a picture was delivered",
            request=status("DELIVERED", type="recipient_delivery_report_mms"),
            reads=reported("delivered", "DELIVERED"),
        ),
        CallbackRow(
            label="a landline",
            shows=("report: failed", "landline"),
            request=status("Failed", 152),
            reads=reported("failed", "Failed 152", "landline"),
        ),
        CallbackRow(
            label="filtered",
            shows=("report: failed", "filtered"),
            request=status("Rejected", "15"),
            reads=reported("failed", "Rejected 15", "carrier_filtered"),
        ),
        CallbackRow(
            label="not registered",
            shows=("report: failed", "unregistered sender"),
            request=status("Failed", 60),
            reads=reported("failed", "Failed 60", "sender_unregistered"),
        ),
        CallbackRow(
            label="too late",
            shows="report: failed",
            request=status("Expired"),
            reads=reported("failed", "Expired", "expired"),
        ),
        CallbackRow(
            label="deleted, nobody knows why",
            shows="report: failed",
            request=status("Deleted"),
            reads=reported("failed", "Deleted", "unknown"),
        ),
        CallbackRow(
            label="a new word",
            shows="report: unknown word",
            request=status("Resting", 152),
            reads=reported(None, "Resting 152"),
        ),
        CallbackRow(
            label="without our own id",
            request=status("Delivered", client_reference=None),
            reads=reported("delivered", "Delivered", attempt_id=None),
        ),
        *(
            CallbackRow(label=label, request=request, reads=None, answer=HttpResponse(status=200))
            for label, request in (
                ("bytes", text("SGk=", type="mo_binary")),
                ("a summary", status("Delivered", type="delivery_report_sms")),
                ("a report without an id", status("Delivered", batch_id="")),
                ("a report without a word", status(None)),
                ("a text without an id", text("Hi", id="")),
                ("a text from nobody", text("Hi", **{"from": ""})),
                ("a text to nobody", text("Hi", to="y" * 201)),
                ("a text that is none", text({})),
                ("a picture that is none", text("Hi", type="mo_media")),
                ("a text without an end", text("y" * 100_001)),
            )
        ),
    )
    look_ups = (
        LookUpRow(
            label="it has it, and it was delivered",
            answers=(
                batches(batch(id="b9", client_reference="m_somebody.1"), batch(id=5), batch()),
                answered_json(200, report("Delivered")),
            ),
            outcome=Found(reports=reported("delivered", "Delivered")),
            asks=(
                Asked(method="GET", url=LOOKED, headers=BEARER),
                Asked(method="GET", url=f"{API}/batches/{OURS}/delivery_report/%2B13035550123", headers=BEARER),
            ),
        ),
        LookUpRow(
            label="it has it, and no report",
            answers=(batches(batch()), answered(404)),
            outcome=Found(reports=reported("sent", "no report yet")),
        ),
        LookUpRow(label="it has nothing", answers=(batches(),), outcome=Found()),
        LookUpRow(
            label="it failed",
            answers=(batches(batch()), answered_json(200, report("Failed", 300, client_reference="other"))),
            outcome=Found(reports=reported("failed", "Failed 300", "invalid_number")),
        ),
        LookUpRow(label="no such plan", answers=(answered(404),), outcome=TryLater(raw="no batches")),
        LookUpRow(label="no list", answers=(answered_json(200, {"batches": [5]}),), outcome=TryLater(raw="no batches")),
        LookUpRow(
            label="throttled", answers=(answered(429, "", {"Retry-After": "9"}),), outcome=TryLater(raw="429", after=9)
        ),
        LookUpRow(
            label="a report that cannot be had now",
            answers=(batches(batch()), answered(500, "oops")),
            outcome=TryLater(raw="500 oops"),
        ),
        LookUpRow(
            label="a report that is none",
            answers=(batches(batch()), answered_json(200, {"status": 5})),
            outcome=TryLater(raw="batch_id or status is missing or too long"),
        ),
    )
    signatures = (
        signed_by("HMAC", "webhook_secret"),
        signed_by("the previous secret", "previous_webhook_secret"),
        Signature(
            label="Basic",
            sign=basic,
            headers=("Authorization",),
            covers=(),  # type: ignore[arg-type]  # any iterable
            settings=BY_PASSWORD,
        ),
    )

    def make_inbound(self, words: str) -> HttpRequest:
        return text(words)


class TestSinchWithPictures(TestSinch):
    """Callbacks are read by the same code, so one way of signing is enough."""

    (offer,) = mms.convokit_sms_gateways()
    signatures = TestSinch.signatures[:1]
    sends = (
        *TestSinch.sends,
        SendRow(
            label="a photo with words",
            shows="accepted",
            message=evolve(MESSAGE, media=(PHOTO,)),
            answers=(taken(),),
            outcome=Accepted(provider_id=OURS),
            asks=(
                Asked(
                    url=f"{API}/batches",
                    json={**SENT, "type": "mt_media", "body": {"url": PHOTO.url, "message": MESSAGE.text}},
                ),
            ),
        ),
        SendRow(
            label="a photo without words",
            shows="accepted",
            message=evolve(MESSAGE, text="", media=(PHOTO,)),
            answers=(taken(),),
            outcome=Accepted(provider_id=OURS),
            asks=(Asked(url=f"{API}/batches", json={**SENT, "type": "mt_media", "body": {"url": PHOTO.url}}),),
        ),
    )


class TestDistribution(PluginContract):
    distribution = "convokit-sms-sinch"
    settings = {"sinch": SETTINGS, "sinch-mms": SETTINGS}  # noqa: RUF012 - of a test


class TestOnTheWire(SmsJourneyContract):
    def make_carrier(self) -> CarrierApi:
        return SinchApi()


class TestOnTheWireWithPictures(SmsJourneyContract):
    def make_carrier(self) -> CarrierApi:
        return SinchMmsApi(webhook_password="a-callback-password-4711")
