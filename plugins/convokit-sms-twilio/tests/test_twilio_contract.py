"""Twilio keeps the contract of carriers; the signatures are those of the official SDK."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import parse_qsl

from attrs import evolve
from convokit_sms_twilio import convokit_sms_gateways
from convokit_sms_twilio.testing import TwilioApi
from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, RequestValidator

from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.ports.sms import DeliveryReport, InboundFile, InboundText
from convokit.ports.sms_asking import Found, ListedText, Polled
from convokit.ports.wire import HttpRequest
from convokit.testing import (
    CALLBACK_URL,
    MESSAGE,
    PHOTO,
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
    posted_form,
    posted_json,
    said,
)

ACCOUNT = f"AC{'0123456789abcdef' * 2}"
MESSAGES = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages"
SETTINGS: dict[str, object] = {
    "account_sid": ACCOUNT,
    "auth_token": "fedcba9876543210fedcba9876543210",
    "api_key_sid": f"SK{'00112233445566778899aabbccddeeff'}",
    "api_key_secret": "an-api-key-secret-4711",
    "previous_auth_token": "0000cba9876543210fedcba987654321",
    "shared_key_id": "webhooks_sharedkey_0815",
    "shared_key_secret": "a-shared-key-secret-0815",
}
SECRETS = ("auth_token", "api_key_secret", "previous_auth_token", "shared_key_secret")
BASIC = "Basic U0swMDExMjIzMzQ0NTU2Njc3ODg5OWFhYmJjY2RkZWVmZjphbi1hcGkta2V5LXNlY3JldC00NzEx"
SID = f"SM{'c0ffee00' * 4}"
MMS = f"MM{'c0ffee00' * 4}"
FILE = f"ME{'c0ffee00' * 4}"
SENT = {
    "To": MESSAGE.to,
    "From": MESSAGE.sender,
    "Body": MESSAGE.text,
    "StatusCallback": f"{CALLBACK_URL}?id={MESSAGE.id}",
}


# --- signatures, by the SDK -------------------------------------------------------------------------------------------


class Posted(dict[str, str]):
    """Parameters as a web framework has them: a name may have several values."""

    def __init__(self, body: bytes) -> None:
        self.pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        super().__init__(self.pairs)

    def getlist(self, name: str) -> list[str]:
        return [value for key, value in self.pairs if key == name]


def signed(request: HttpRequest, key: object, algorithm: str) -> HttpRequest:
    params: Posted | dict[str, str] = Posted(request.body)
    if (request.header("Content-Type") or "").startswith("application/json"):
        digest = hashlib.sha256(request.body).hexdigest()
        mark = "&" if "?" in request.url else "?"
        request, params = evolve(request, url=f"{request.url}{mark}bodySHA256={digest}"), {}
    proof = RequestValidator(str(key)).compute_signature(request.url, params, algorithm)
    return evolve(request, headers=(*request.headers, ("X-Twilio-Signature", proof)))


def by_token(request: HttpRequest) -> HttpRequest:
    return signed(request, SETTINGS["auth_token"], HMAC_SHA1)


def by_previous_token(request: HttpRequest) -> HttpRequest:
    return signed(request, SETTINGS["previous_auth_token"], HMAC_SHA1)


def by_shared_key(request: HttpRequest) -> HttpRequest:
    told = f"key={SETTINGS['shared_key_id']},algorithm={HMAC_SHA256}"
    made = signed(request, SETTINGS["shared_key_secret"], HMAC_SHA256)
    return evolve(made, headers=(*made.headers, ("X-Twilio-Webhooks-Signature-Settings", told)))


# --- rows -------------------------------------------------------------------------------------------------------------


def refused(code: int, status: int = 400, words: str = "no") -> Any:
    return answered_json(status, {"code": code, "message": words, "more_info": "https://t/", "status": status})


def text(body: str, **more: str) -> HttpRequest:
    told = {"MessageSid": SID, "SmsSid": SID, "AccountSid": ACCOUNT, "SmsStatus": "received", "NumMedia": "0"}
    return posted_form(
        CALLBACK_URL, {**told, "From": "+13035550123", "To": "+13035550100", "Body": body, "FromCity": "", **more}
    )


def came(body: str, sid: str = SID, *urls: str, raw: str = "") -> tuple[InboundText]:
    files = tuple(InboundFile(url=url) for url in urls)
    known = {"provider_id": sid, "sender": "+13035550123", "to": "+13035550100", "raw": raw}
    return (InboundText(text=body, media=files, **known),)


def status(word: str, code: str = "") -> HttpRequest:
    told = {"MessageSid": SID, "MessageStatus": word, "SmsSid": SID, "SmsStatus": word, "AccountSid": ACCOUNT}
    return posted_form(SENT["StatusCallback"], {**told, **({"ErrorCode": code} if code else {})})


def reported(state: str | None, raw: str, reason: str | None = None, *, ours: bool = True) -> tuple[DeliveryReport]:
    own = MESSAGE.id if ours else None
    return (DeliveryReport(attempt_id=own, provider_id=SID, state=state, reason=reason, raw=raw),)  # type: ignore[arg-type]


def listed(**more: object) -> dict[str, object]:
    created = "Fri, 15 Jan 2027 08:00:02 +0000"
    return {
        "sid": SID,
        "direction": "outbound-api",
        "from": MESSAGE.sender,
        "to": MESSAGE.to,
        "body": MESSAGE.text,
        "status": "delivered",
        "error_code": None,
        "num_media": "0",
        "date_created": created,
        "date_sent": created,
        **more,
    }


def theirs(**more: object) -> dict[str, object]:
    whose = {"direction": "inbound", "from": MESSAGE.to, "to": MESSAGE.sender}
    return listed(**{**whose, "body": "How is Bella?", "status": "received", **more})


def page(*messages: object, more: str | None = None) -> Any:
    return answered_json(200, {"messages": messages, "next_page_uri": more})


OF_THE_HOUR = "DateSent%3E=2027-01-15T07%3A00%3A00Z&DateSent%3C=2027-01-15T08%3A00%3A01Z&PageSize=1000"
PHOTO_URL = f"{MESSAGES}/{MMS}/Media/{FILE}"
PHOTO_PATH = f"{PHOTO_URL.removeprefix('https://api.twilio.com')}.json"
LISTED = ListedText(provider_id=MMS, to="+13035550100", sent_at=1_800_000_002_000_000)
WITH_PHOTO = theirs(sid=MMS, body="", num_media="1")


class TestTwilio(SmsGatewayContract):
    (offer,) = convokit_sms_gateways()
    settings = SETTINGS
    secrets = SECRETS
    sends = (
        SendRow(
            label="taken",
            shows="accepted",
            answers=(answered_json(201, {"sid": SID, "status": "queued"}),),
            outcome=Accepted(provider_id=SID),
            asks=(Asked(url=f"{MESSAGES}.json", headers={"Authorization": BASIC}, form=SENT),),
        ),
        SendRow(
            label="through a Messaging Service",
            shows="accepted",
            settings={"messaging_service_sid": f"MG{'0f1e2d3c' * 4}"},
            answers=(answered_json(201, {"sid": SID, "status": "accepted"}),),
            outcome=Accepted(provider_id=SID),
            asks=(Asked(url=f"{MESSAGES}.json", form={**SENT, "MessagingServiceSid": f"MG{'0f1e2d3c' * 4}"}),),
        ),
        SendRow(
            label="a photo without words, from Dublin",
            shows="accepted",
            message=evolve(MESSAGE, text="", media=(PHOTO, PHOTO)),
            settings={"base_url": "https://api.dublin.ie1.twilio.com", "api_key_sid": None, "api_key_secret": None},
            answers=(answered_json(201, {"sid": MMS, "status": "queued"}),),
            outcome=Accepted(provider_id=MMS),
            asks=(
                Asked(
                    url=f"{MESSAGES}.json".replace("api.", "api.dublin.ie1.", 1),
                    headers={
                        "Authorization": "Basic QUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjpmZWRjYmE5ODc2NTQzMjEw"
                        "ZmVkY2JhOTg3NjU0MzIxMA=="
                    },
                    form={
                        **{name: value for name, value in SENT.items() if name != "Body"},
                        "MediaUrl": [PHOTO.url, PHOTO.url],
                    },
                ),
            ),
        ),
        said("stopped", "opted out", refused(21610), Refused(reason="opted_out", raw="400 21610 no")),
        said("no number", "bad number", refused(21211), Refused(reason="invalid_number", raw="400 21211 no")),
        said("a landline", "landline", refused(21614), Refused(reason="landline", raw="400 21614 no")),
        said(
            "wrong token",
            "wrong credentials",
            refused(20003, 401, "Authenticate"),
            Refused(reason="account_problem", raw="401 20003 Authenticate"),
        ),
        said(
            "another account",
            "wrong credentials",
            refused(20404, 404, "not found"),
            Refused(reason="account_problem", raw="404 20404 not found"),
        ),
        said("a number that is new", "", refused(29999), Refused(reason="unknown", raw="400 29999 no")),
        said("an error page", "", answered(403, "<html>"), Refused(reason="account_problem", raw="403 <html>")),
        SendRow(
            label="too many requests, by their number",
            shows="throttled, with Retry-After",
            answers=(evolve(refused(20429, 429), headers=(("Retry-After", "30"),)),),
            outcome=TryLater(raw="429 20429 no", after=30),
        ),
        said(
            "the queue of the number is full",
            "throttled, without Retry-After",
            refused(21611),
            TryLater(raw="400 21611 no"),
        ),
        said(
            "not available",
            "server error",
            refused(20503, 503, "Service unavailable"),
            Unsure(why="unexpected answer: 503 20503 Service unavailable"),
        ),
        said(
            "no id",
            "unreadable answer",
            answered_json(201, {"sid": ""}),
            Unsure(why='unexpected answer: 201 {"sid": ""}'),
        ),
        *USUAL_SENDS,
    )
    callbacks = (
        CallbackRow(label="a text", request=text("¿Está bien? 🐶 "), reads=came("¿Está bien? 🐶 ")),
        CallbackRow(label="a stop", request=text("STOP", OptOutType="STOP"), reads=came("STOP", raw="OptOutType=STOP")),
        CallbackRow(label="a call for help", request=text("Help"), reads=came("Help")),
        CallbackRow(label="a text that was asked for, too", request=text("How is Bella?"), reads=came("How is Bella?")),
        CallbackRow(
            label="a photo",
            request=text("", MessageSid=MMS, NumMedia="1", MediaUrl0=PHOTO_URL, MediaContentType0="image/jpeg"),
            reads=came("", MMS, PHOTO_URL),
        ),
        CallbackRow(
            label="more files than a message can have",
            request=text("", NumMedia="99", **{f"MediaUrl{number}": PHOTO_URL for number in range(99)}),
            reads=came("", SID, *(PHOTO_URL,) * 10),
        ),
        CallbackRow(
            label="a text by GET",
            request=HttpRequest(method="GET", url=f"{CALLBACK_URL}?{text('Hi').body.decode()}"),
            reads=came("Hi"),
        ),
        CallbackRow(label="queued", shows="report: sent", request=status("queued"), reads=reported("sent", "queued")),
        CallbackRow(label="sent", shows="report: sent", request=status("sent"), reads=reported("sent", "sent")),
        CallbackRow(
            label="delivered",
            shows="report: delivered",
            request=status("delivered"),
            reads=reported("delivered", "delivered"),
        ),
        CallbackRow(
            label="filtered",
            shows=("report: failed", "filtered"),
            request=status("undelivered", "30007"),
            reads=reported("failed", "undelivered 30007", "carrier_filtered"),
        ),
        CallbackRow(
            label="not registered",
            shows=("report: failed", "unregistered sender"),
            request=status("failed", "30034"),
            reads=reported("failed", "failed 30034", "sender_unregistered"),
        ),
        CallbackRow(
            label="canceled",
            shows="report: failed",
            request=status("canceled"),
            reads=reported("failed", "canceled", "cancelled"),
        ),
        CallbackRow(
            label="a new word", shows="report: unknown word", request=status("resting"), reads=reported(None, "resting")
        ),
        CallbackRow(
            label="a status as JSON",
            shows="report: failed",
            request=posted_json(
                SENT["StatusCallback"], {"MessageSid": SID, "MessageStatus": "failed", "ErrorCode": 30003}
            ),
            reads=reported("failed", "failed 30003", "unreachable_temporary"),
        ),
        CallbackRow(label="no event", request=posted_form(CALLBACK_URL, {"CallSid": "CA1"}), reads=None),
        CallbackRow(label="neither", request=posted_form(CALLBACK_URL, {"MessageSid": SID}), reads=None),
        CallbackRow(label="from nobody", request=text("Hi", From=""), reads=None),
        CallbackRow(label="a text of a megabyte", request=text("y" * 100_001), reads=None),
    )
    look_ups = (
        LookUpRow(
            label="it has it",
            answers=(
                page(
                    listed(sid="SM9", date_created="Fri, 15 Jan 2027 07:54:00 +0000"),
                    listed(sid="SM8", date_created="Fri, 15 Jan 2027 08:06:00 +0000"),
                    listed(sid="SM7", to="+13035550199"),
                    listed(sid="SM6", body="something else"),
                    theirs(sid="SM5", body=MESSAGE.text, to=MESSAGE.to),
                    listed(),
                ),
            ),
            outcome=Found(reports=reported("delivered", "delivered", ours=False)),
            asks=(
                Asked(
                    method="GET",
                    url=f"{MESSAGES}.json?To=%2B13035550123&From=%2B13035550100&PageSize=1000",
                    headers={"Authorization": BASIC},
                ),
            ),
        ),
        LookUpRow(
            label="what smart encoding made of it, on the second page, with the words of a trial account",
            answers=(
                page(more=f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json?Page=1"),
                page(
                    listed(
                        status="failed",
                        error_code=30003,
                        body="Sent from your Twilio trial account - Bella's results are in: all good! "
                        '"Vets" say so - €0. 🐶',
                    )
                ),
            ),
            outcome=Found(reports=reported("failed", "failed 30003", "unreachable_temporary", ours=False)),
        ),
        LookUpRow(label="it has nothing", answers=(page(),), outcome=Found()),
        LookUpRow(
            label="two alike, the older first",
            answers=(page(listed(sid="SM2"), listed(date_created="Fri, 15 Jan 2027 08:00:01 +0000")),),
            outcome=Found(
                reports=(
                    *reported("delivered", "delivered", ours=False),
                    evolve(reported("delivered", "delivered", ours=False)[0], provider_id="SM2"),
                )
            ),
        ),
        LookUpRow(
            label="the next page is somewhere else",
            answers=(page(more="https://evil.example/2010-04-01/"),),
            outcome=Found(),
        ),
        LookUpRow(
            label="a message without a time",
            answers=(page(listed(), listed(date_created=None)),),
            outcome=TryLater(raw="no list of messages"),
        ),
        LookUpRow(
            label="throttled",
            answers=(answered(429, "", {"Retry-After": "9"}),),
            outcome=TryLater(raw="429", after=9),
        ),
    )
    polls = (
        PollRow(
            label="texts, one with a photo, and a status",
            answers=(
                page(theirs(), WITH_PHOTO, theirs(sid="SM9", to="+13035550199")),
                page(listed(status="undelivered", error_code=30007), listed(sid="SM9", **{"from": "+13035550199"})),
            ),
            outcome=Polled(
                events=(
                    evolve(came("How is Bella?")[0], sent_at=1_800_000_002_000_000),
                    LISTED,
                    *reported("failed", "undelivered 30007", "carrier_filtered", ours=False),
                ),
                until_us=1_800_000_000_000_000,
            ),
            asks=tuple(
                Asked(
                    method="GET",
                    url=f"{MESSAGES}.json?{way}=%2B13035550100&{OF_THE_HOUR}",
                    headers={"Authorization": BASIC},
                )
                for way in ("To", "From")
            ),
        ),
        PollRow(
            label="two pages of one list",
            answers=(
                page(theirs(), more=f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json?Page=1"),
                page(theirs(sid="SM2", body="And Max?")),
                page(),
            ),
            outcome=Polled(
                events=tuple(
                    evolve(came(body, sid)[0], sent_at=1_800_000_002_000_000)
                    for body, sid in (("How is Bella?", SID), ("And Max?", "SM2"))
                ),
                until_us=1_800_000_000_000_000,
            ),
        ),
        PollRow(
            label="a practice with many numbers",
            numbers=tuple(f"+1303555010{number}" for number in range(5)),
            answers=(page(theirs(), theirs(sid="SM9", to="+13035550199")),),
            outcome=Polled(
                events=(evolve(came("How is Bella?")[0], sent_at=1_800_000_002_000_000),),
                until_us=1_800_000_000_000_000,
            ),
            asks=(Asked(method="GET", url=f"{MESSAGES}.json?{OF_THE_HOUR}"),),
        ),
        PollRow(
            label="a day at a time",
            since_us=1_800_000_000_000_000 - 3 * 86_400_000_000,
            answers=(page(), page()),
            outcome=Polled(events=(), until_us=1_800_000_000_000_000 - 2 * 86_400_000_000),
        ),
    )
    fetches = (
        FetchRow(
            label="the one with a photo",
            listed=LISTED,
            answers=(
                answered_json(200, WITH_PHOTO),
                answered_json(
                    200,
                    {
                        "media_list": [
                            {"uri": f"{PHOTO_URL.removeprefix('https://api.twilio.com')}.json"},
                            {"uri": 5},
                            7,
                        ]
                    },
                ),
            ),
            outcome=evolve(came("", MMS, PHOTO_URL)[0], sent_at=1_800_000_002_000_000),
            asks=(
                Asked(method="GET", url=f"{MESSAGES}/{MMS}.json", headers={"Authorization": BASIC}),
                Asked(method="GET", url=f"{MESSAGES}/{MMS}/Media.json", headers={"Authorization": BASIC}),
            ),
        ),
        FetchRow(label="it was deleted", listed=LISTED, answers=(answered(404),), outcome=None),
        FetchRow(
            label="its files were deleted",
            listed=evolve(LISTED, provider_id="MM9"),
            answers=(answered_json(200, {**WITH_PHOTO, "sid": "MM9"}), answered(404)),
            outcome=evolve(came("", "MM9")[0], sent_at=1_800_000_002_000_000),
        ),
        FetchRow(
            label="a list that is none",
            listed=LISTED,
            answers=(answered_json(200, WITH_PHOTO), answered_json(200, {"media_list": 5})),
            outcome=TryLater(raw="no list of files"),
        ),
        FetchRow(
            label="a message that is none",
            listed=LISTED,
            answers=(answered_json(200, {}),),
            outcome=TryLater(raw="no message"),
        ),
    )
    signatures = (
        Signature(label="HMAC-SHA1", sign=by_token, headers=("X-Twilio-Signature",), any_order=True),
        Signature(label="the previous token", sign=by_previous_token, headers=("X-Twilio-Signature",), any_order=True),
        Signature(
            label="HMAC-SHA256 by a shared key",
            sign=by_shared_key,
            headers=("X-Twilio-Signature", "X-Twilio-Webhooks-Signature-Settings"),
            any_order=True,
        ),
    )

    def make_inbound(self, text_: str) -> HttpRequest:
        return text(text_)


class TestDistribution(PluginContract):
    distribution = "convokit-sms-twilio"
    settings = {"twilio": SETTINGS}  # noqa: RUF012 - of a test


class TestOnTheWire(SmsJourneyContract):
    def make_carrier(self) -> CarrierApi:
        return TwilioApi()


class TestOnTheWireWithAllKeys(SmsJourneyContract):
    def make_carrier(self) -> CarrierApi:
        return TwilioApi(
            api_key_sid=f"SK{'00112233445566778899aabbccddeeff'}",
            api_key_secret="an-api-key-secret-4711",
            shared_key_id="webhooks_sharedkey_0815",
            shared_key_secret="a-shared-key-secret-0815",
            messaging_service_sid=f"MG{'0f1e2d3c4b5a6978' * 2}",
        )
