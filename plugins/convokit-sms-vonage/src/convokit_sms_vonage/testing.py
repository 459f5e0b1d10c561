"""Vonage's Messages API and SMS API, pretended on this machine, for tests of hosts and of this plugin.

They are as strict as the real ones are documented to be: who may ask, which fields there are, how they look, and by
which numbers they refuse. Their callbacks are signed as Vonage signs them. It needs ``convokit-vet[testing]``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime
from itertools import count
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, urlsplit

from attrs import asdict, define, evolve

from convokit.domain.sms_segments import count_segments
from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.testing import CarrierApi, Left, answered_json, posted_form, posted_json
from convokit_sms_vonage.settings import VonageSettings, VonageSmsSettings

KEY: Final = "abcd1234"
PASSWORD: Final = "an-api-secret-4711"  # noqa: S105 - it guards nothing
SIGNATURE_SECRET: Final = "a-signature-secret-0815-pretended"  # noqa: S105
BASIC: Final = f"Basic {base64.b64encode(f'{KEY}:{PASSWORD}'.encode()).decode()}"
LONGEST: Final = 3_200
LONGEST_SMS: Final = 9 * 153
LONGEST_CALLBACK: Final = 100
_NUMBER: Final = re.compile(r"[1-9][0-9]{6,14}")
_TELL: Final = {"channel", "message_type", "to", "from", "client_ref", "webhook_url", "webhook_version"}
_CONTENTS: Final[Mapping[tuple[object, object], str]] = {
    ("sms", "text"): "text",
    ("mms", "image"): "image",
    ("mms", "content"): "content",
}
_FORM: Final = {"from", "to", "text", "type", "client-ref", "callback"}
_ASKED: Final = {"account_id", "product", "direction", "from", "to", "date_start", "date_end"}


@define(kw_only=True)
class Kept:
    """A message of ours as the API has it."""

    id: str
    sender: str
    to: str
    client_ref: str | None
    callback: str | None
    channel: str
    status: str
    error: int | None = None
    at: datetime


class _Account(CarrierApi):
    """What both APIs have: who may ask, records, and numbers that opted out.

    Attributes:
        refuses: by which number texts to some numbers are refused.
        opted_out: numbers whose texts are taken, and then reported as undeliverable.
    """

    product: str
    words: Mapping[str, str]
    blocked: tuple[str, int]
    lost: int

    def __init__(self, **given: str) -> None:
        super().__init__()
        self.given = given
        self.refuses: dict[str, int] = {}
        self.opted_out: set[str] = set()
        self.kept: list[Kept] = []
        self.files: dict[str, bytes] = {}
        self._ids = count(1)

    def answer(self, request: HttpRequest) -> HttpResponse:
        parts = urlsplit(request.url)
        if parts.path.startswith("/v3/media/"):
            return HttpResponse(status=200, body=self.files[parts.path.removeprefix("/v3/media/")])
        if request.header("Authorization") != BASIC:
            return _problem(401, "unauthorized", "You did not provide correct credentials.")
        if (request.method, parts.path) == ("GET", "/v2/reports/records"):
            return self._records(dict(parse_qsl(parts.query, strict_parsing=True)))
        return self.taken(request, parts.path)

    def taken(self, request: HttpRequest, path: str) -> HttpResponse:
        """Answer to a text that is handed over."""
        raise NotImplementedError

    def tell(self, one: Kept) -> HttpResponse:
        """Report what became of a text."""
        raise NotImplementedError

    def keep_sent(self, one: Kept, text: str, media: tuple[str, ...] = ()) -> None:
        """It is taken: it will reach the client, or who has opted out will be reported."""
        self.kept.append(one)
        if f"+{one.to}" in self.opted_out:
            one.status, one.error = self.blocked
            self.tell(one)
            return
        left = Left(
            id=one.id,
            sender=f"+{one.sender}",
            to=f"+{one.to}",
            text=text,
            media=media,
            callback=one.callback,
            own_id=one.client_ref,
        )
        self.ledger.write(left)

    def _records(self, asked: Mapping[str, str]) -> HttpResponse:
        fits = asked.keys() == _ASKED and (asked["account_id"], asked["direction"]) == (KEY, "outbound")
        if not fits or asked["product"] != self.product:
            return _problem(422, "invalid-filter", "Invalid filter")
        since, until = (datetime.fromisoformat(asked[name]) for name in ("date_start", "date_end"))
        found = [one for one in self.kept if (one.sender, one.to) == (asked["from"], asked["to"])]
        records = [_record(one) for one in found if since <= one.at < until]
        about = {"request_status": "SUCCESS", "product": self.product, "direction": "outbound"}
        return answered_json(200, {**about, "items_count": len(records), "records": records})

    # --- what happens -------------------------------------------------------------------------------------------------
    def know(self, left: Left, state: Literal["sent", "delivered", "failed"]) -> None:
        one = next(kept for kept in self.kept if kept.id == left.id)
        one.status, one.error = self.words[state], self.lost if state == "failed" else None

    def report(self, left: Left, state: Literal["sent", "delivered", "failed"]) -> HttpResponse:
        self.know(left, state)
        return self.tell(next(kept for kept in self.kept if kept.id == left.id))

    def opt_out(self, number: str) -> None:
        self.opted_out.add(number)


class VonageApi(_Account):
    """One account, by the Messages API. ``given``: settings that differ."""

    plugin = "vonage"
    name = "vonage"
    product = "MESSAGES"
    words: Mapping[str, str] = {"sent": "submitted", "delivered": "delivered", "failed": "rejected"}
    blocked = ("rejected", 1240)
    lost = 1180

    def settings(self, url: str) -> Mapping[str, object]:
        account = {"api_key": KEY, "api_secret": PASSWORD, "signature_secret": SIGNATURE_SECRET}
        return asdict(VonageSettings(**{**account, "base_url": url, **self.given}))

    # --- the API ------------------------------------------------------------------------------------------------------
    def taken(self, request: HttpRequest, path: str) -> HttpResponse:
        if (request.method, path) != ("POST", "/v1/messages"):
            return _problem(404, "not-found", "The requested resource does not exist")
        if request.header("Content-Type") != "application/json":
            return _problem(422, "1010", "Missing params")
        told: dict[str, Any] = read_object(request.body)
        refused = self._refused(told)
        if refused is not None:
            return refused
        pictures = [told["image"]] if "image" in told else told.get("content", [])
        text = told.get("text", pictures[0].get("caption", "") if pictures else "")
        one = Kept(
            id=_uuid(next(self._ids)),
            sender=told["from"],
            to=told["to"],
            client_ref=told.get("client_ref"),
            callback=told.get("webhook_url"),
            channel=told["channel"],
            status="submitted",
            at=self.now(),
        )
        self.keep_sent(one, text, tuple(picture["url"] for picture in pictures))
        return answered_json(202, {"message_uuid": one.id})

    def _refused(self, told: Mapping[str, Any]) -> HttpResponse | None:
        """What the API refuses, by the first rule that is broken."""
        content = _CONTENTS.get((told.get("channel"), told.get("message_type")), "")
        unknown = sorted(told.keys() - _TELL - set(_CONTENTS.values()))
        assert not unknown, f"the API has no {unknown}"
        pictures = [told["image"]] if content == "image" else told.get("content", [])
        text = told.get("text", "x" if pictures else "")
        rules = (
            (not content, "message_type"),
            (not _is_number(told.get("to")), "to"),
            (not _is_number(told.get("from")), "from"),
            (not text or len(text) > LONGEST, "text"),
            (not all(_is_picture(one, content == "content") for one in pictures), content),
            (len(told.get("client_ref", "")) > 100, "client_ref"),
            (not _is_web(told.get("webhook_url", "https://x.example")), "webhook_url"),
            (told.get("webhook_version", "v1") != "v1", "webhook_version"),
        )
        broken = next((name for wrong, name in rules if wrong), None)
        if broken is not None:
            wrong = [{"name": broken, "reason": "is not valid"}]
            return _problem(422, "1020", "Invalid params", invalid_parameters=wrong)
        code = self.refuses.get(f"+{told['to']}")
        return None if code is None else _problem(429 if code == 1000 else 422, str(code), "Refused")

    # --- what happens -------------------------------------------------------------------------------------------------
    def tell(self, one: Kept) -> HttpResponse:
        assert one.callback is not None, "no webhook_url was sent"
        kind = f"https://developer.vonage.com/api-errors/messages#{one.error}"
        error = {"error": {"type": kind, "title": one.error, "detail": "It did not arrive"}} if one.error else {}
        told = {**self._about(one.id, one.sender, one.to, one.channel), "status": one.status, **error}
        reference = {} if one.client_ref is None else {"client_ref": one.client_ref}
        return self.call(self.sign(posted_json(one.callback, {**told, **reference})))

    def bring(self, sender: str, to: str, text: str, *files: bytes) -> HttpResponse:
        """See :class:`convokit.testing.CarrierApi`. ``files``: what comes with it."""
        known = _uuid(next(self._ids))
        pictures: list[dict[str, str]] = []
        for content in files:
            name = _uuid(next(self._ids))
            self.files[name] = content
            pictures.append({"url": f"{self.seen_at}/v3/media/{name}", "name": f"{name}.png"})
        about = self._about(known, sender.removeprefix("+"), to.removeprefix("+"), "mms" if files else "sms")
        if not files:
            told: dict[str, object] = {**about, "message_type": "text", "text": text, "sms": {"num_messages": "1"}}
        else:
            first, *others = ({**picture, "caption": text} for picture in pictures)
            further = {"content": [{"type": "image", **one} for one in others]} if others else {}
            told = {**about, "message_type": "image", "image": first, **further}
        return self.call(self.sign(posted_json(self.hook, told)))

    def _about(self, known: str, sender: str, to: str, channel: str) -> dict[str, object]:
        stamp = self.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"channel": channel, "message_uuid": known, "to": to, "from": sender, "timestamp": stamp}

    def sign(self, request: HttpRequest) -> HttpRequest:
        """A callback with Vonage's token, made now."""
        claims = {
            "iat": int(self.now().timestamp()),
            "jti": _uuid(next(self._ids)),
            "iss": "Vonage",
            "payload_hash": hashlib.sha256(request.body).hexdigest(),
            "api_key": KEY,
        }
        signed = ".".join(_base64(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
        proof = _base64(hmac.new(SIGNATURE_SECRET.encode(), signed.encode(), hashlib.sha256).digest())
        return evolve(request, headers=(*request.headers, ("Authorization", f"Bearer {signed}.{proof}")))


class VonageSmsApi(_Account):
    """One account, by the SMS API. ``given``: settings that differ."""

    plugin = "vonage-sms"
    name = "vonage-sms"
    product = "SMS"
    words: Mapping[str, str] = {"sent": "accepted", "delivered": "delivered", "failed": "failed"}
    blocked = ("rejected", 9)
    lost = 2

    def settings(self, url: str) -> Mapping[str, object]:
        account = {"api_key": KEY, "api_secret": PASSWORD, "signature_secret": SIGNATURE_SECRET}
        return asdict(VonageSmsSettings(**{**account, "base_url": url, "reports_url": url, **self.given}))

    # --- the API ------------------------------------------------------------------------------------------------------
    def taken(self, request: HttpRequest, path: str) -> HttpResponse:
        if (request.method, path) != ("POST", "/sms/json"):
            return _problem(404, "not-found", "The requested resource does not exist")
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=True))
        refused = self._refused(form)
        if refused is not None:
            about = {"status": str(refused[0]), "error-text": refused[1]}
            return answered_json(200, {"message-count": "1", "messages": [about]})
        one = Kept(
            id=f"0A{next(self._ids):014X}",
            sender=form["from"],
            to=form["to"],
            client_ref=form.get("client-ref"),
            callback=form.get("callback"),
            channel="sms",
            status="accepted",
            at=self.now(),
        )
        self.keep_sent(one, form["text"])
        several = count_segments(form["text"]).segments
        ids = (one.id, *(f"0A{next(self._ids):014X}" for _ in range(several - 1)))
        parts = [{"to": one.to, "message-id": known, "status": "0", "client-ref": one.client_ref} for known in ids]
        return answered_json(200, {"message-count": str(several), "messages": parts})

    def _refused(self, form: Mapping[str, str]) -> tuple[int, str] | None:
        """What the API refuses, by the first rule that is broken."""
        unknown = sorted(form.keys() - _FORM)
        assert not unknown, f"the API has no {unknown}"
        text, callback = form.get("text", ""), form.get("callback", "https://x.example")
        plain = form.get("type") == "text"
        assert not plain or count_segments(text).encoding == "GSM-7", "it would become question marks"
        rules = (
            (not all(form.get(name) for name in ("from", "to", "text")), 2, "Missing Parameters"),
            (form.get("type") not in ("text", "unicode"), 3, "Invalid Parameters"),
            (len(form.get("client-ref", "")) > 100, 3, "Invalid Parameters"),
            (not _is_number(form.get("to")), 6, "Invalid Message"),
            (not _is_number(form.get("from")), 15, "Invalid Sender Address"),
            (len(text) > LONGEST_SMS, 12, "Message Too Long"),
            (not _is_web(callback) or len(callback) > LONGEST_CALLBACK, 23, "Invalid Callback Url"),
        )
        broken = next(((code, words) for wrong, code, words in rules if wrong), None)
        by_number = self.refuses.get(f"+{form.get('to')}")
        return (by_number, "Refused") if broken is None and by_number is not None else broken

    # --- what happens -------------------------------------------------------------------------------------------------
    def tell(self, one: Kept) -> HttpResponse:
        told = {
            "msisdn": one.to,
            "to": one.sender,
            "messageId": one.id,
            "status": one.status,
            "err-code": str(one.error or 0),
            "scts": self.now().strftime("%y%m%d%H%M"),
            "api-key": KEY,
            **({} if one.client_ref is None else {"client-ref": one.client_ref}),
        }
        return self._call(one.callback or self.hook, told)

    def bring(self, sender: str, to: str, text: str, *files: bytes) -> HttpResponse:
        kind = "text" if count_segments(text).encoding == "GSM-7" else "unicode"
        told = {"msisdn": sender.removeprefix("+"), "to": to.removeprefix("+"), "type": kind, "text": text}
        keyword = text.partition(" ")[0].upper()
        return self._call(self.hook, {**told, "messageId": f"0B{next(self._ids):014X}", "keyword": keyword})

    def _call(self, url: str, told: Mapping[str, str]) -> HttpResponse:
        stamp = {"timestamp": str(int(self.now().timestamp())), "nonce": _uuid(next(self._ids))}
        return self.call(posted_form(url, self.sign({**told, **stamp})))

    def sign(self, told: Mapping[str, str]) -> dict[str, str]:
        """Written from Vonage's page on signing messages, and apart from the plugin's own code."""
        method = self.given.get("signature_method", "sha256")
        whole = "".join(f"&{name}={re.sub('[&=]', '_', told[name])}" for name in sorted(told)).encode()
        if method == "md5hash":
            made = hashlib.md5(whole + SIGNATURE_SECRET.encode(), usedforsecurity=False).hexdigest()
        else:
            made = hmac.new(SIGNATURE_SECRET.encode(), whole, method).hexdigest()
        return {**told, "sig": made.upper()}


def _record(one: Kept) -> dict[str, object]:
    stamp = one.at.strftime("%Y-%m-%dT%H:%M:%S+0000")
    return {
        "account_id": KEY,
        "message_id": one.id,
        "client_ref": one.client_ref,
        "direction": "outbound",
        "from": one.sender,
        "to": one.to,
        "date_received": stamp,
        "date_finalized": stamp,
        "status": one.status,
        "error_code": str(one.error or 0),
    }


def _is_number(value: object) -> bool:
    return isinstance(value, str) and _NUMBER.fullmatch(value) is not None


def _is_picture(given: Mapping[str, object], typed: bool) -> bool:
    known = {"url", "caption", *(("type",) if typed else ())}
    right = given.keys() <= known and (not typed or given.get("type") == "image") and given.get("caption") != ""
    return right and _is_web(given.get("url"))


def _is_web(url: object) -> bool:
    parts = urlsplit(url) if isinstance(url, str) else urlsplit("")
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012x}"


def _problem(status: int, kind: str, title: str, **more: object) -> HttpResponse:
    where = f"https://developer.vonage.com/api-errors/messages#{kind}"
    return answered_json(status, {"type": where, "title": title, "detail": f"{title}.", "instance": "i", **more})
