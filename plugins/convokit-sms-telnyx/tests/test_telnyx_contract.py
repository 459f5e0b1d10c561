"""Telnyx keeps the contract of carriers."""

from __future__ import annotations

import base64
from typing import Any

from attrs import evolve
from convokit_sms_telnyx import convokit_sms_gateways
from convokit_sms_telnyx.testing import TelnyxApi
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.ports.sms import DeliveryReport, InboundFile, InboundText
from convokit.ports.sms_asking import Found, ListedText, Polled
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
    FetchRow,
    LookUpRow,
    PluginContract,
    PollRow,
    SendRow,
    Signature,
    SmsGatewayContract,
    SmsJourneyContract,
    answered,
    answered_json,
    posted_json,
    said,
)

API = "https://api.telnyx.com/v2"
KEY, OLD_KEY = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2))
PROFILE = "16fd2706-8baf-433b-82eb-8c7fada847da"


def public(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


SETTINGS: dict[str, object] = {
    "api_key": "KEY0123456789ABCDEF-live-4711",
    "public_key": public(KEY),
    "previous_public_key": public(OLD_KEY),
}
BEARER = {"Authorization": f"Bearer {SETTINGS['api_key']}"}
OURS = "40385f64-5717-4562-b3fc-2c963f66afa6"
THEIRS = "7ee4241c-f127-47e5-9c34-3aac291f8058"
CALLED = f"{CALLBACK_URL}?id={MESSAGE.id}"
SENT = {"from": MESSAGE.sender, "to": MESSAGE.to, "text": MESSAGE.text, "webhook_url": CALLED}
DIGEST = "d2a84f4b8b650937ec8f73cd8be2c74add5a911ba64df27458ed8229da804a26"
PICTURE = {"url": "https://media.telnyx.com/x/bella.jpg", "content_type": "image/jpeg", "size": 9, "sha256": DIGEST}


# --- signatures: as the page on webhooks says -------------------------------------------------------------------------


def by(key: Ed25519PrivateKey) -> Any:
    def sign(request: HttpRequest) -> HttpRequest:
        stamp = str((request.received_us or RECEIVED_US) // 1_000_000)
        proof = base64.b64encode(key.sign(f"{stamp}|".encode() + request.body)).decode()
        more = (("Telnyx-Signature-Ed25519", proof), ("Telnyx-Timestamp", stamp))
        return evolve(request, headers=(*request.headers, *more))

    return sign


def signed_by(label: str, key: Ed25519PrivateKey) -> Signature:
    names = ("Telnyx-Signature-Ed25519", "Telnyx-Timestamp")
    return Signature(label=label, sign=by(key), headers=names, covers=("body",), seconds=300)  # type: ignore[arg-type]


# --- rows -------------------------------------------------------------------------------------------------------------


def error(status: int, code: int | str, title: str = "no", **headers: str) -> HttpResponse:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return answered_json(status, {"errors": [{"code": str(code), "title": title, "detail": ""}]}, given)


def taken(**more: object) -> HttpResponse:
    return answered_json(200, {"data": {"id": OURS, "to": [{"status": "queued"}], **more}})


def event(kind: str, payload: object, **more: object) -> HttpRequest:
    data = {"record_type": "event", "id": "ev-1", "event_type": kind, "payload": payload, **more}
    return posted_json(CALLBACK_URL, {"data": data, "meta": {"attempt": 1}})


def text(words: object, **more: object) -> dict[str, object]:
    return {
        "record_type": "message",
        "direction": "inbound",
        "id": THEIRS,
        "type": "SMS",
        "from": {"phone_number": "+13035550123", "carrier": "T-MOBILE USA, INC.", "line_type": "Wireless"},
        "to": [{"phone_number": "+13035550100", "status": "delivered"}],
        "text": words,
        "media": [],
        "received_at": "2027-01-15T08:00:02.250+00:00",
        **more,
    }


def came(words: str, *files: InboundFile, known: str = THEIRS) -> tuple[InboundText]:
    who = {"sender": "+13035550123", "to": "+13035550100"}
    return (InboundText(provider_id=known, text=words, sent_at=1_800_000_002_250_000, media=files, **who),)


def status(word: str, *codes: str, **more: object) -> dict[str, object]:
    return {
        "direction": "outbound",
        "id": OURS,
        "to": [{"phone_number": MESSAGE.to, "status": word}],
        "errors": [{"code": code, "title": "x"} for code in codes],
        "webhook_url": CALLED,
        **more,
    }


def reported(state: str | None, raw: str, reason: str | None = None, **more: object) -> tuple[DeliveryReport]:
    told = {"attempt_id": MESSAGE.id, "provider_id": OURS, "event_id": "ev-1", **more}
    return (DeliveryReport(state=state, reason=reason, raw=raw, **told),)  # type: ignore[arg-type]


def record(**more: object) -> dict[str, object]:
    return {
        "record_type": "message_detail_record",
        "uuid": OURS,
        "direction": "outbound",
        "cli": MESSAGE.sender,
        "cld": MESSAGE.to,
        "status": "delivered",
        "errors": [],
        "created_at": "2027-01-15T08:00:02Z",
        "delivery_status_webhook_url": CALLED,
        **more,
    }


def theirs(**more: object) -> dict[str, object]:
    whose = {"direction": "inbound", "cli": MESSAGE.to, "cld": MESSAGE.sender, "uuid": THEIRS, "status": "received"}
    return record(**{**whose, "delivery_status_webhook_url": None, **more})


def records(*found: object, pages: int = 1) -> HttpResponse:
    return answered_json(200, {"data": list(found), "meta": {"total_pages": pages, "page_number": 1}})


def asked_for(since: str, until: str, page: int = 1, **chosen: str) -> Asked:
    filters = "".join(f"&filter%5B{name}%5D={value}" for name, value in chosen.items())
    url = (
        f"{API}/detail_records?filter%5Brecord_type%5D=messaging&filter%5Bcreated_at%5D%5Bgte%5D={since}"
        f"&filter%5Bcreated_at%5D%5Blt%5D={until}{filters}&sort=created_at"
        f"&page%5Bnumber%5D={page}&page%5Bsize%5D=50"
    )
    return Asked(method="GET", url=url, headers=BEARER)


NO_CODE = error(400, "x")
HOUR = ("2027-01-15T07%3A00%3A00Z", "2027-01-15T08%3A00%3A01Z")
NUMBER, CLIENT = "%2B13035550100", "%2B13035550123"
LISTED = ListedText(provider_id=THEIRS, to="+13035550100", sent_at=1_800_000_002_000_000)
UNTIL = 1_800_000_000_000_000


class TestTelnyx(SmsGatewayContract):
    (offer,) = convokit_sms_gateways()
    settings = SETTINGS
    secrets = ("api_key",)
    waived = {  # noqa: RUF012 - of a test
        "one byte changed": "Telnyx signs the time and the body, not the URL; so nothing is read from the URL"
    }
    sends = (
        SendRow(
            label="taken",
            shows="accepted",
            answers=(taken(),),
            outcome=Accepted(provider_id=OURS),
            asks=(Asked(url=f"{API}/messages", headers={**BEARER, "Idempotency-Key": "m_0f1e2d3c:1"}, json=SENT),),
        ),
        SendRow(
            label="through a profile",
            shows="accepted",
            settings={"messaging_profile_id": PROFILE, "previous_public_key": None},
            answers=(taken(),),
            outcome=Accepted(provider_id=OURS),
            asks=(Asked(url=f"{API}/messages", json={**SENT, "messaging_profile_id": PROFILE}),),
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
                        "from": MESSAGE.sender,
                        "to": MESSAGE.to,
                        "media_urls": [PHOTO.url, PHOTO.url],
                        "webhook_url": CALLED,
                    },
                ),
            ),
        ),
        said("stopped", "opted out", error(403, 40300), Refused(reason="opted_out", raw="403 40300 no")),
        said("no number", "bad number", error(400, 10002), Refused(reason="invalid_number", raw="400 10002 no")),
        said("a landline", "landline", error(422, 40001), Refused(reason="landline", raw="422 40001 no")),
        said(
            "wrong key", "wrong credentials", error(401, 10009), Refused(reason="account_problem", raw="401 10009 no")
        ),
        said("an error page", "", answered(403, "no"), Refused(reason="account_problem", raw="403 no")),
        said("a number that is new", "", error(400, 49999), Refused(reason="unknown", raw="400 49999 no")),
        said("a code that is none", "", NO_CODE, Refused(reason="unknown", raw=f"400 {NO_CODE.body.decode()}")),
        said(
            "too many requests, by their number",
            "throttled, with Retry-After",
            error(429, 10011, Retry_After="30"),
            TryLater(raw="429 10011 no", after=30),
        ),
        said("the queue is full", "throttled, without Retry-After", error(403, 40318), TryLater(raw="403 40318 no")),
        said("the first request is being worked on", "", error(409, 10015), TryLater(raw="409 10015 no")),
        said("taken before, worded otherwise", "", error(422, 10015, "Idempotency-Key was used"), Accepted()),
        said("not available", "server error", error(503, 10016), Unsure(why="unexpected answer: 503 10016 no")),
        said(
            "no id",
            "unreadable answer",
            answered_json(200, {"data": {}}),
            Unsure(why='unexpected answer: 200 {"data": {}}'),
        ),
        *USUAL_SENDS,
    )
    callbacks = (
        CallbackRow(
            label="a text", request=event("message.received", text("¿Está bien? 🐶 ")), reads=came("¿Está bien? 🐶 ")
        ),
        CallbackRow(label="a stop", request=event("message.received", text("STOP")), reads=came("STOP")),
        CallbackRow(label="a call for help", request=event("message.received", text("Help")), reads=came("Help")),
        CallbackRow(
            label="photos",
            request=event(
                "message.received",
                text(None, type="MMS", media=[PICTURE, {"url": "https://media.telnyx.com/y"}, {"url": 5}, 7]),
            ),
            reads=came(
                "",
                InboundFile(url=str(PICTURE["url"]), sha256=DIGEST),
                InboundFile(url="https://media.telnyx.com/y"),
            ),
        ),
        CallbackRow(
            label="a time that is none",
            request=event("message.received", text("Hi", received_at="yesterday")),
            reads=(evolve(came("Hi")[0], sent_at=None),),
        ),
        CallbackRow(
            label="sent",
            shows="report: sent",
            request=event("message.sent", status("sent")),
            reads=reported("sent", "sent"),
        ),
        CallbackRow(
            label="delivered",
            shows="report: delivered",
            request=event("message.finalized", status("delivered")),
            reads=reported("delivered", "delivered"),
        ),
        CallbackRow(
            label="filtered",
            shows=("report: failed", "filtered"),
            request=event("message.finalized", status("delivery_failed", "40002")),
            reads=reported("failed", "delivery_failed 40002", "carrier_filtered"),
        ),
        CallbackRow(
            label="not registered",
            shows=("report: failed", "unregistered sender"),
            request=event("message.finalized", status("sending_failed", "49999", "40010")),
            reads=reported("failed", "sending_failed 49999 40010", "sender_unregistered"),
        ),
        CallbackRow(
            label="expired, no number",
            shows="report: failed",
            request=event("message.finalized", status("expired")),
            reads=reported("failed", "expired", "expired"),
        ),
        CallbackRow(
            label="a new word",
            shows="report: unknown word",
            request=event("message.finalized", status("resting")),
            reads=reported(None, "resting"),
        ),
        CallbackRow(
            label="another id in the URL than in the body",
            request=evolve(event("message.sent", status("sent")), url=f"{CALLBACK_URL}?id=m_somebody.1"),
            reads=reported("sent", "sent"),
        ),
        CallbackRow(
            label="without our own id",
            request=event("message.sent", status("sent", webhook_url=None)),
            reads=reported("sent", "sent", attempt_id=None),
        ),
        *(
            CallbackRow(label=label, request=request, reads=None, answer=HttpResponse(status=200))
            for label, request in (
                ("another event", event("10dlc.campaign.update", {})),
                ("no payload", event("message.received", None)),
                ("no data", posted_json(CALLBACK_URL, {"data": []})),
                ("a text without an id", event("message.received", text("Hi", id=None))),
                ("a text from nobody", event("message.received", text("Hi", **{"from": {}}))),
                ("a text to nobody", event("message.received", text("Hi", to=[]))),
                ("a message of another channel", event("message.received", text(None, type="RCS"))),
                ("a text without an end", event("message.received", text("y" * 100_001))),
                ("a status without a word", event("message.sent", status("sent", to=[]))),
            )
        ),
    )
    look_ups = (
        LookUpRow(
            label="it has it, by our own id",
            answers=(
                records(
                    record(uuid="u9", delivery_status_webhook_url=f"{CALLBACK_URL}?id=m_somebody.1"),
                    record(uuid="u8", cld="+13035550199"),
                    theirs(),
                    record(),
                ),
            ),
            outcome=Found(reports=reported("delivered", "delivered", event_id="")),
            asks=(
                asked_for(
                    "2027-01-15T07%3A55%3A00Z",
                    "2027-01-15T08%3A05%3A01Z",
                    cli=NUMBER,
                    cld=CLIENT,
                    direction="outbound",
                ),
            ),
        ),
        LookUpRow(
            label="by its words, where the record names no URL",
            answers=(
                records(
                    record(uuid="u9", delivery_status_webhook_url=None),
                    record(uuid="u8", delivery_status_webhook_url=None),
                    record(delivery_status_webhook_url=None, status=None),
                ),
                answered_json(200, {"data": {"text": "something else"}}),
                answered(404),
                answered_json(200, {"data": {"text": MESSAGE.text}}),
            ),
            outcome=Found(reports=reported("sent", "no status yet", attempt_id=None, event_id="")),
        ),
        LookUpRow(label="it has nothing", answers=(records(),), outcome=Found()),
        LookUpRow(
            label="on the second page",
            answers=(records(theirs(), pages=2), records(record(status="failed", errors=["40001"]), pages=2)),
            outcome=Found(reports=reported("failed", "failed 40001", "landline", event_id="")),
        ),
        LookUpRow(
            label="a record without a time",
            answers=(records(record(created_at=None)),),
            outcome=TryLater(raw="no detail records"),
        ),
        LookUpRow(
            label="no count of pages",
            answers=(answered_json(200, {"data": []}),),
            outcome=TryLater(raw="no detail records"),
        ),
        LookUpRow(
            label="throttled", answers=(answered(429, "", {"Retry-After": "9"}),), outcome=TryLater(raw="429", after=9)
        ),
        LookUpRow(
            label="a message that is none",
            answers=(records(record(delivery_status_webhook_url=None)), answered_json(200, {"data": 5})),
            outcome=TryLater(raw="no message"),
        ),
    )
    polls = (
        PollRow(
            label="a text and a status",
            answers=(
                records(theirs(), theirs(uuid="u9", cld="+13035550199")),
                records(
                    record(status="gw_reject", errors=["40003"]),
                    record(uuid="u7", status=""),
                    record(uuid="u6", cli="+13035550199"),
                ),
            ),
            outcome=Polled(
                events=(LISTED, *reported("failed", "gw_reject 40003", "carrier_filtered", event_id="")),
                until_us=UNTIL,
            ),
            asks=(
                asked_for(*HOUR, cld=NUMBER, direction="inbound"),
                asked_for(*HOUR, cli=NUMBER, direction="outbound"),
            ),
        ),
        PollRow(
            label="more pages than one question may ask for",
            answers=(
                *(
                    records(theirs(uuid=f"u{number}", created_at=f"2027-01-15T07:{number:02}:00Z"), pages=11)
                    for number in range(10)
                ),
                records(),
            ),
            outcome=Polled(
                events=tuple(
                    evolve(LISTED, provider_id=f"u{number}", sent_at=UNTIL - (60 - number) * 60_000_000)
                    for number in range(10)
                ),
                until_us=UNTIL - 51 * 60_000_000,
            ),
        ),
        PollRow(
            label="a practice with many numbers",
            numbers=tuple(f"+1303555010{number}" for number in range(6)),
            answers=(records(theirs(), theirs(uuid="u9", cld="+13035550199")),),
            outcome=Polled(events=(LISTED,), until_us=UNTIL),
            asks=(asked_for(*HOUR),),
        ),
    )
    fetches = (
        FetchRow(
            label="the text",
            listed=LISTED,
            answers=(answered_json(200, {"data": text("¿Está bien? 🐶 ")}),),
            outcome=came("¿Está bien? 🐶 ")[0],
            asks=(Asked(method="GET", url=f"{API}/messages/{THEIRS}", headers=BEARER),),
        ),
        FetchRow(label="it is gone", listed=LISTED, answers=(answered(404),), outcome=None),
        FetchRow(
            label="it is no text of a client",
            listed=LISTED,
            answers=(answered_json(200, {"data": status("sent")}),),
            outcome=TryLater(raw="no text of a client"),
        ),
    )
    signatures = (signed_by("Ed25519", KEY), signed_by("the previous key", OLD_KEY))

    def make_inbound(self, words: str) -> HttpRequest:
        return event("message.received", text(words))


class TestDistribution(PluginContract):
    distribution = "convokit-sms-telnyx"
    settings = {"telnyx": SETTINGS}  # noqa: RUF012 - of a test


class TestOnTheWire(SmsJourneyContract):
    def make_carrier(self) -> CarrierApi:
        return TelnyxApi()


class TestOnTheWireThroughAProfile(SmsJourneyContract):
    def make_carrier(self) -> CarrierApi:
        return TelnyxApi(messaging_profile_id=PROFILE)
