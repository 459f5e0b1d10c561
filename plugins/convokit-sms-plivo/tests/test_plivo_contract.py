"""Plivo keeps the contract of carriers; the signatures are those of the official SDK."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from attrs import evolve
from convokit_sms_plivo import convokit_sms_gateways
from convokit_sms_plivo.testing import PlivoApi
from plivo.utils.signature_v3 import construct_post_url, get_signature_v3

from convokit.outcomes import Accepted, Refused, Unsure
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
    answered,
    answered_json,
    posted_form,
    said,
)

ACCOUNT = "SA0123456789ABCDEFGH"
API = f"https://api.plivo.com/v1/Account/{ACCOUNT}/Message/"
SETTINGS: dict[str, object] = {
    "auth_id": ACCOUNT,
    "auth_token": "an-auth-token-4711-of-the-subaccount",
    "main_auth_token": "an-auth-token-0815-of-the-account",
    "previous_auth_token": "an-auth-token-0000-of-last-year",
}
SECRETS = ("auth_token", "main_auth_token", "previous_auth_token")
BASIC = {
    "Authorization": "Basic U0EwMTIzNDU2Nzg5QUJDREVGR0g6YW4tYXV0aC10b2tlbi00NzExLW9mLXRoZS1zdWJhY2NvdW50",
}
OURS, THEIRS = "db3ce55a-7f1d-11e1-8ea7-1231380bc196", "99c7beee-7f1d-11e1-8ea7-1231380bc196"
CALLED = f"{CALLBACK_URL}?id={MESSAGE.id}"
SENT = {
    "src": "13035550100",
    "dst": "13035550123",
    "text": MESSAGE.text,
    "type": "sms",
    "url": CALLED,
    "method": "POST",
}
MEDIA = f"https://media.plivo.com/Account/{ACCOUNT}/Media"
NONCE = "05429567804466091622"


# --- signatures, by the SDK -------------------------------------------------------------------------------------------
def proof(request: HttpRequest, token: object, version: int) -> str:
    if version == 3:
        posted = parse_qs(request.body.decode("utf-8", "replace"), keep_blank_values=True)
        base = construct_post_url(request.url, posted).decode()
        return str(get_signature_v3(str(token), base, NONCE).decode())
    # The SDK checks V2, and does not make it: test_plivo_signature.py has it check what is made so.
    parts = urlsplit(request.url)
    plain = f"{parts.scheme}://{parts.netloc}{parts.path}{NONCE}"
    return base64.b64encode(hmac.new(str(token).encode(), plain.encode(), hashlib.sha256).digest()).decode()


def by(name: str, header: str, version: int = 3) -> Callable[[HttpRequest], HttpRequest]:
    def sign(request: HttpRequest) -> HttpRequest:
        more = ((header, proof(request, SETTINGS[name], version)), (f"X-Plivo-Signature-V{version}-Nonce", NONCE))
        return evolve(request, headers=(*request.headers, *more))

    return sign


def signed_by(label: str, name: str, header: str) -> Signature:
    names = (header, "X-Plivo-Signature-V3-Nonce")
    return Signature(label=label, sign=by(name, header), headers=names, any_order=True)


# --- rows -------------------------------------------------------------------------------------------------------------
def refused(status: int, words: object) -> HttpResponse:
    return answered_json(status, {"api_id": "a", "error": words})


def taken() -> HttpResponse:
    return answered_json(202, {"api_id": "a", "message": "message(s) queued", "message_uuid": [OURS]})


def text(words: str, **more: str) -> HttpRequest:
    told = {"MessageUUID": THEIRS, "From": "13035550123", "To": "13035550100", "Type": "sms", "Units": "1"}
    return posted_form(CALLBACK_URL, {**told, "Text": words, "MessageIntent": "", **more})


def mms(words: str, **more: str) -> HttpRequest:
    told = {"MessageUUID": THEIRS, "From": "13035550123", "To": "13035550100", "Type": "mms", "Body": words}
    return posted_form(CALLBACK_URL, {**told, "MediaCount": str(len(more)), **more})


def came(words: str, *urls: str, **more: Any) -> tuple[InboundText]:
    known = {"provider_id": THEIRS, "sender": "+13035550123", "to": "+13035550100"}
    return (InboundText(text=words, media=tuple(InboundFile(url=url) for url in urls), **{**known, **more}),)


def status(word: str, code: str = "000", url: str = CALLED) -> HttpRequest:
    about = {"MessageUUID": OURS, "ParentMessageUUID": OURS, "From": "13035550100", "To": "13035550123"}
    return posted_form(url, {**about, "Status": word, "ErrorCode": code, "Units": "1", "Sequence": "1"})


def reported(state: str | None, raw: str, reason: str | None = None, **more: object) -> tuple[DeliveryReport]:
    told = {"attempt_id": MESSAGE.id, "provider_id": OURS, **more}
    return (DeliveryReport(state=state, reason=reason, raw=raw, **told),)  # type: ignore[arg-type]


class TestPlivo(SmsGatewayContract):
    (offer,) = convokit_sms_gateways()
    settings = SETTINGS
    secrets = SECRETS
    waived = {  # noqa: RUF012 - of a test
        "one byte changed": "the older V2, which must be switched on, covers neither the query nor the body",
        "unregistered sender": "Plivo reports it as spam, or as an invalid source number",
    }
    sends = (
        SendRow(
            label="taken",
            shows="accepted",
            answers=(taken(),),
            outcome=Accepted(provider_id=OURS),
            asks=(Asked(url=API, headers=BASIC, json=SENT),),
        ),
        SendRow(
            label="a photo without words",
            shows="accepted",
            message=evolve(MESSAGE, text="", media=(PHOTO, PHOTO)),
            answers=(taken(),),
            outcome=Accepted(provider_id=OURS),
            asks=(
                Asked(
                    url=API,
                    json={
                        **{name: value for name, value in SENT.items() if name != "text"},
                        "type": "mms",
                        "media_urls": [PHOTO.url, PHOTO.url],
                    },
                ),
            ),
        ),
        said(
            "no number",
            "bad number",
            refused(400, "dst parameter is not valid"),
            Refused(reason="invalid_number", raw="400 dst parameter is not valid"),
        ),
        said(
            "no number after all",
            "bad number",
            answered_json(202, {"invalid_number": ["1303555012"], "message_uuid": []}),
            Refused(reason="invalid_number", raw='202 {"invalid_number": ["1303555012"], "message_uuid": []}'),
        ),
        said(
            "not our number",
            "",
            refused(400, {"error": "src is not yours"}),
            Refused(reason="sender_invalid", raw="400 src is not yours"),
        ),
        said("words of nobody", "", refused(400, "no"), Refused(reason="unknown", raw="400 no")),
        said(
            "an error that is none",
            "",
            refused(400, ["x"]),
            Refused(reason="unknown", raw='400 {"api_id": "a", "error": ["x"]}'),
        ),
        said(
            "another country",
            "",
            refused(403, "Messages to this destination country are barred"),
            Refused(reason="country_not_allowed", raw="403 Messages to this destination country are barred"),
        ),
        said(
            "wrong token",
            "wrong credentials",
            answered(401, "Could not verify"),
            Refused(reason="account_problem", raw="401 Could not verify"),
        ),
        said(
            "another account",
            "wrong credentials",
            refused(404, "not found"),
            Refused(reason="account_problem", raw="404 not found"),
        ),
        said(
            "no id",
            "unreadable answer",
            answered_json(202, {"message_uuid": [""]}),
            Unsure(why='unexpected answer: 202 {"message_uuid": [""]}'),
        ),
        *USUAL_SENDS,
    )
    callbacks = (
        CallbackRow(label="a text", request=text("¿Está bien? 🐶 "), reads=came("¿Está bien? 🐶 ")),
        CallbackRow(
            label="a stop",
            request=text("STOP", MessageIntent="optout"),
            reads=came("STOP", raw="MessageIntent=optout"),
        ),
        CallbackRow(label="a call for help", request=text("Help"), reads=came("Help")),
        CallbackRow(label="from a short code", request=text("Hi", From="24444"), reads=came("Hi", sender="24444")),
        CallbackRow(
            label="photos",
            request=mms("Look!", Media1=f"{MEDIA}/2", Media0=f"{MEDIA}/1", Media10=f"{MEDIA}/3", Media2=""),
            reads=came("Look!", f"{MEDIA}/1", f"{MEDIA}/2", f"{MEDIA}/3"),
        ),
        CallbackRow(
            label="more files than a message can have",
            request=mms("", **{f"Media{number}": f"{MEDIA}/{number}" for number in range(1, 99)}),
            reads=came("", *(f"{MEDIA}/{number}" for number in range(1, 11))),
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
            request=status("undelivered", "30"),
            reads=reported("failed", "undelivered 30", "carrier_filtered"),
        ),
        CallbackRow(
            label="opted out",
            shows=("report: failed", "opted out"),
            request=status("failed", "200"),
            reads=reported("failed", "failed 200", "opted_out"),
        ),
        CallbackRow(
            label="a landline",
            shows=("report: failed", "landline"),
            request=status("undelivered", "90"),
            reads=reported("failed", "undelivered 90", "landline"),
        ),
        CallbackRow(
            label="a new word", shows="report: unknown word", request=status("resting"), reads=reported(None, "resting")
        ),
        CallbackRow(
            label="without our own id",
            request=status("sent", url=CALLBACK_URL),
            reads=reported("sent", "sent", attempt_id=None),
        ),
        *(
            CallbackRow(label=label, request=request, reads=None, answer=HttpResponse(status=200))
            for label, request in (
                ("a call", posted_form(CALLBACK_URL, {"CallUUID": "c1", "From": "13035550123"})),
                ("another channel", text("Hi", Type="whatsapp")),
                ("a text without an id", text("Hi", MessageUUID="")),
                ("a text from nobody", text("Hi", From="")),
                ("a text to nobody", text("Hi", To="y" * 201)),
                ("a text without an end", text("y" * 100_001)),
            )
        ),
    )
    signatures = (
        signed_by("V3", "auth_token", "X-Plivo-Signature-V3"),
        signed_by("V3 of the main account", "main_auth_token", "X-Plivo-Signature-Ma-V3"),
        signed_by("V3 by the previous token", "previous_auth_token", "X-Plivo-Signature-V3"),
        Signature(
            label="V2",
            sign=by("auth_token", "X-Plivo-Signature-V2", 2),
            headers=("X-Plivo-Signature-V2", "X-Plivo-Signature-V2-Nonce"),
            covers=(),  # type: ignore[arg-type]  # any iterable
            settings={"accept_v2": True},
        ),
    )

    def make_inbound(self, words: str) -> HttpRequest:
        return text(words)


class TestDistribution(PluginContract):
    distribution = "convokit-sms-plivo"
    settings = {"plivo": SETTINGS}  # noqa: RUF012 - of a test


class TestOnTheWire(SmsJourneyContract):
    def make_carrier(self) -> CarrierApi:
        return PlivoApi()


class TestOnTheWireInTheOlderWay(SmsJourneyContract):
    def make_carrier(self) -> CarrierApi:
        return PlivoApi("V2", accept_v2=True)
