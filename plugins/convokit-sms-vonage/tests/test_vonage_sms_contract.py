"""Vonage's SMS API keeps the contract of carriers; signatures are those of the official SDK."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from attrs import evolve
from convokit_sms_vonage.older import convokit_sms_gateways
from convokit_sms_vonage.testing import VonageSmsApi
from vonage_http_client.auth import Auth

from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.ports.sms import DeliveryReport, InboundText
from convokit.ports.sms_asking import Found
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.testing import (
    CALLBACK_URL,
    MESSAGE,
    USUAL_SENDS,
    Asked,
    CallbackRow,
    CarrierApi,
    LookUpRow,
    SendRow,
    Signature,
    SmsGatewayContract,
    SmsJourneyContract,
    answered,
    answered_json,
    posted_form,
    said,
)

API = "https://rest.nexmo.com/sms/json"
REPORTS = "https://api.nexmo.com/v2/reports/records"
SETTINGS: dict[str, object] = {
    "api_key": "abcd1234",
    "api_secret": "an-api-secret-4711",
    "signature_secret": "a-signature-secret-0815",
    "previous_signature_secret": "an-older-signature-secret-0815",
}
BASIC = {"Authorization": "Basic YWJjZDEyMzQ6YW4tYXBpLXNlY3JldC00NzEx"}
OURS, THEIRS = "0A0000000123ABCD1", "0B0000000123ABCD2"
SENT = {
    "from": "13035550100",
    "to": "13035550123",
    "text": MESSAGE.text,
    "type": "unicode",
    "client-ref": MESSAGE.id,
    "callback": CALLBACK_URL,
}


# --- signatures, by the SDK -------------------------------------------------------------------------------------------
def by(secret: object, method: str) -> Callable[[HttpRequest], HttpRequest]:
    def sign(request: HttpRequest) -> HttpRequest:
        given = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
        pairs = [pair for pair in given if pair != ("timestamp", "")]  # the SDK gives a time to what has none
        sdk = Auth(api_key="abcd1234", signature_secret=str(secret), signature_method=method)
        made = sdk.sign_params({"timestamp": "1800000000", **dict(pairs)})
        stamp = () if any(name == "timestamp" for name, _ in pairs) else (("timestamp", "1800000000"),)
        body = urlencode([*pairs, *stamp, ("sig", made.upper())], errors="surrogatepass").encode()
        return evolve(request, body=body)

    return sign


def signed_by(label: str, name: str = "signature_secret", method: str = "sha256") -> Signature:
    return Signature(
        label=label,
        sign=by(SETTINGS[name], method),
        parameters=("sig",),
        covers=("body",),  # type: ignore[arg-type]  # any iterable
        any_order=True,
        settings={"signature_method": method},
    )


# --- rows -------------------------------------------------------------------------------------------------------------
def parts(*statuses: str, **more: object) -> HttpResponse:
    told = [{"to": "13035550123", "message-id": OURS, "status": one, "error-text": "no", **more} for one in statuses]
    return answered_json(200, {"message-count": str(len(told)), "messages": told})


def event(**told: str) -> HttpRequest:
    about = {"timestamp": "1800000000", "nonce": "ec11dd3e", "api-key": "abcd1234"}
    return posted_form(CALLBACK_URL, {**about, **{name.replace("_", "-"): value for name, value in told.items()}})


def text(words: str, **more: str) -> HttpRequest:
    whose = {"msisdn": "13035550123", "to": "13035550100", "messageId": THEIRS}
    return event(**{**whose, "type": "unicode", "text": words, "keyword": "HI", **more})


def came(words: str, **more: Any) -> tuple[InboundText]:
    known = {"provider_id": THEIRS, "sender": "+13035550123", "to": "+13035550100"}
    return (InboundText(text=words, **{**known, **more}),)


def receipt(word: str, code: str = "0", **more: str) -> HttpRequest:
    about = {"msisdn": "13035550123", "to": "13035550100", "messageId": OURS, "scts": "2701150800"}
    return event(**{**about, "status": word, "err_code": code, "client_ref": MESSAGE.id, **more})


def reported(state: str | None, raw: str, reason: str | None = None, **more: object) -> tuple[DeliveryReport]:
    told = {"attempt_id": MESSAGE.id, "provider_id": OURS, **more}
    return (DeliveryReport(state=state, reason=reason, raw=raw, **told),)  # type: ignore[arg-type]


def records(*found: object) -> HttpResponse:
    return answered_json(200, {"request_status": "SUCCESS", "records": list(found)})


class TestVonageSms(SmsGatewayContract):
    (offer,) = convokit_sms_gateways()
    settings = SETTINGS
    secrets = ("api_secret", "signature_secret", "previous_signature_secret")
    waived = {  # noqa: RUF012 - of a test
        "one byte changed": "the parameters are signed, not the URL; so nothing is read from the URL",
        "landline": "Vonage does not know what kind of line a number is",
        "unregistered sender": "Vonage calls it an invalid sender address, whatever is wrong with it",
    }
    sends = (
        SendRow(
            label="taken, in two parts",
            shows="accepted",
            answers=(parts("0", "0"),),
            outcome=Accepted(provider_id=OURS),
            asks=(Asked(url=API, headers=BASIC, form=SENT),),
        ),
        SendRow(
            label="words of GSM-7, and a long callback URL",
            shows="accepted",
            message=evolve(MESSAGE, text="Bella is well [€]", callback_url=f"{CALLBACK_URL}?x={'y' * 60}"),
            answers=(parts("0"),),
            outcome=Accepted(provider_id=OURS),
            asks=(
                Asked(
                    url=API,
                    form={
                        **{name: value for name, value in SENT.items() if name != "callback"},
                        "text": "Bella is well [€]",
                        "type": "text",
                    },
                ),
            ),
        ),
        said("no number", "bad number", parts("6"), Refused(reason="invalid_number", raw="6 no")),
        said("barred", "", parts("7"), Refused(reason="recipient_blocked", raw="7 no")),
        said("an illegal sender", "", parts("15"), Refused(reason="sender_invalid", raw="15 no")),
        said("wrong secret", "wrong credentials", parts("4"), Refused(reason="account_problem", raw="4 no")),
        said("a number that is new", "", parts("99"), Refused(reason="unknown", raw="99 no")),
        said("a status that is none", "", parts("x"), Unsure(why="a status that is no number: x no")),
        said("not so", "", answered(400, "no"), Refused(reason="unknown", raw="400 no")),
        said("too fast", "throttled, without Retry-After", parts("1"), TryLater(raw="1 no")),
        said("half of it", "", parts("0", "1"), Unsure(why="1 of 2 parts were taken")),
        said(
            "no id",
            "unreadable answer",
            parts("0", **{"message-id": ""}),
            Unsure(why="taken, without an id"),
        ),
        said(
            "no parts",
            "unreadable answer",
            answered_json(200, {"messages": [5]}),
            Unsure(why='unexpected answer: 200 {"messages": [5]}'),
        ),
        *USUAL_SENDS,
    )
    callbacks = (
        CallbackRow(label="a text", request=text("¿Está bien? 🐶 "), reads=came("¿Está bien? 🐶 ")),
        CallbackRow(label="a stop", request=text("STOP", type="text"), reads=came("STOP")),
        CallbackRow(
            label="a part of a long text",
            request=text("of it", concat="true", concat_ref="7", concat_part="2", concat_total="3"),
            reads=came("of it", raw="part 2 of 3"),
        ),
        CallbackRow(
            label="accepted", shows="report: sent", request=receipt("accepted"), reads=reported("sent", "accepted")
        ),
        CallbackRow(
            label="delivered",
            shows="report: delivered",
            request=receipt("delivered"),
            reads=reported("delivered", "delivered"),
        ),
        CallbackRow(
            label="filtered",
            shows=("report: failed", "filtered"),
            request=receipt("failed", "6"),
            reads=reported("failed", "failed 6", "carrier_filtered"),
        ),
        CallbackRow(
            label="opted out",
            shows=("report: failed", "opted out"),
            request=receipt("rejected", "9"),
            reads=reported("failed", "rejected 9", "opted_out"),
        ),
        CallbackRow(
            label="expired",
            shows="report: failed",
            request=receipt("expired", "1"),
            reads=reported("failed", "expired 1", "expired"),
        ),
        CallbackRow(
            label="nobody will ever know",
            shows="report: sent",
            request=receipt("unknown", "1"),
            reads=reported("sent", "unknown 1"),
        ),
        CallbackRow(
            label="a new word",
            shows="report: unknown word",
            request=receipt("resting"),
            reads=reported(None, "resting"),
        ),
        CallbackRow(
            label="without our own id",
            request=receipt("accepted", client_ref=""),
            reads=reported("sent", "accepted", attempt_id=None),
        ),
        *(
            CallbackRow(label=label, request=request, reads=None, answer=HttpResponse(status=200))
            for label, request in (
                ("a binary text", text("", type="binary")),
                ("no kind", text("Hi", type="")),
                ("a text without an id", text("Hi", messageId="")),
                ("a text from nobody", text("Hi", msisdn="")),
                ("a text without an end", text("y" * 100_001)),
            )
        ),
    )
    look_ups = (
        LookUpRow(
            label="it has it, by our own id",
            answers=(
                records(
                    {"message_id": "0A9", "client_ref": "m_somebody.1", "status": "failed"},
                    {"message_id": OURS, "client_ref": MESSAGE.id, "status": "failed", "error_code": "2"},
                ),
            ),
            outcome=Found(reports=reported("failed", "failed 2", "unreachable_temporary")),
            asks=(
                Asked(
                    method="GET",
                    url=f"{REPORTS}?account_id=abcd1234&product=SMS&direction=outbound&from=13035550100&to=13035550123"
                    "&date_start=2027-01-15T07%3A55%3A00Z&date_end=2027-01-15T08%3A05%3A00Z",
                    headers=BASIC,
                ),
            ),
        ),
        LookUpRow(label="it has nothing", answers=(records(),), outcome=Found()),
    )
    signatures = (
        signed_by("HMAC-SHA256"),
        signed_by("HMAC-SHA512, the previous secret", "previous_signature_secret", "sha512"),
        signed_by("HMAC-MD5", method="md5"),
    )

    def make_inbound(self, words: str) -> HttpRequest:
        return text(words)


class TestOnTheWire(SmsJourneyContract):
    def make_carrier(self) -> CarrierApi:
        return VonageSmsApi()


class TestOnTheWireByAPlainHash(SmsJourneyContract):
    def make_carrier(self) -> CarrierApi:
        return VonageSmsApi(signature_method="md5hash")
