"""Sinch's SMS API, pretended on this machine, for tests of hosts and of this plugin.

It is as strict as the real one is documented to be: who may ask, which fields there are, and how they look. Its
callbacks are signed, or have a password, as its settings say. It needs ``convokit-vet[testing]``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from itertools import count
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from attrs import asdict, define, evolve

from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.testing import CarrierApi, Left, answered_json, posted_json
from convokit_sms_sinch.settings import SinchSettings

PLAN: Final = "jd63jf88477ll123ab4567cd89012ef3"
TOKEN: Final = "an-api-token-4711"  # noqa: S105 - it guards nothing
SECRET: Final = "a-webhook-secret-4711"  # noqa: S105 - nor does this
NONCE: Final = "01FJA8B4A7BM43YGWSG9GBV067"
LARGEST_PAGE: Final = 100
LONGEST_TEXT: Final = 2_000
LONGEST_REFERENCE: Final = 2_048
_E164: Final = re.compile(r"\+?[1-9][0-9]{6,14}")
_SENT: Final = {"type", "from", "to", "body", "delivery_report", "callback_url", "client_reference"}
_ASKED: Final = {"page", "page_size", "from", "start_date", "end_date", "client_reference"}
_REPORTS: Final = ("none", "summary", "full", "per_recipient", "per_recipient_final")
_WORDS: Final[Mapping[str, tuple[str, int]]] = {
    "sent": ("Dispatched", 401),
    "delivered": ("Delivered", 0),
    "failed": ("Failed", 152),
}


@define(kw_only=True)
class Batch:
    """A batch as the API has it: the text that was taken, its own id, and the last report on it."""

    left: Left
    at: datetime
    word: str = ""
    code: int = 0


class SinchApi(CarrierApi):
    """One service plan. ``given``: settings that differ; callbacks are signed where no password is among them.

    Attributes:
        refuses: the status, the code and the words by which texts to some numbers are refused.
        mms: whether the plan may send pictures.
    """

    plugin = "sinch"
    name = "sinch"
    mms = False

    def __init__(self, **given: str) -> None:
        super().__init__()
        self.given = given
        self.refuses: dict[str, tuple[int, str, str]] = {}
        self.batches: list[Batch] = []
        self.files: dict[str, bytes] = {}
        self._ids = count(1)

    def settings(self, url: str) -> Mapping[str, object]:
        proof = {} if "webhook_password" in self.given else {"webhook_secret": SECRET}
        known = {"service_plan_id": PLAN, "api_token": TOKEN, "base_url": url}
        given: dict[str, Any] = {**known, **proof, **self.given}
        return asdict(SinchSettings(**given))

    # --- the API ------------------------------------------------------------------------------------------------------
    def answer(self, request: HttpRequest) -> HttpResponse:
        parts = urlsplit(request.url)
        if parts.path.startswith("/media/"):
            return HttpResponse(status=200, body=self.files[parts.path.removeprefix("/media/")])
        if request.header("Authorization") != f"Bearer {TOKEN}":
            return answered_json(401, {"code": "unauthorized", "text": "Unauthorized"})
        match request.method, parts.path.removeprefix(f"/xms/v1/{PLAN}").split("/"):
            case "POST", ["", "batches"] if request.header("Content-Type") == "application/json":
                return self._create(read_object(request.body))
            case "GET", ["", "batches"]:
                return self._list(dict(parse_qsl(parts.query, strict_parsing=True)))
            case "GET", ["", "batches", known, "delivery_report", number]:
                return self._last_report(known, unquote(number))
        return answered_json(404, {"code": "not_found", "text": "Resource not found"})

    def _create(self, told: Mapping[str, Any]) -> HttpResponse:
        refused = self._refused(told)
        if refused is not None:
            return refused
        body = told["body"]
        media = isinstance(body, Mapping)
        left = Left(
            id=self._id(),
            sender=told["from"],
            to=told["to"][0],
            text=body.get("message", "") if media else body,
            media=(body["url"],) if media else (),
            callback=told.get("callback_url"),
            own_id=told.get("client_reference"),
        )
        self.ledger.write(left)
        self.batches.append(Batch(left=left, at=self.now()))
        return answered_json(201, {**told, "id": left.id, "canceled": False, "created_at": _stamp(self.now())})

    def _refused(self, told: Mapping[str, Any]) -> HttpResponse | None:
        """What the API refuses, by the first rule that is broken."""
        unknown = sorted(told.keys() - _SENT)
        assert not unknown, f"the API has no {unknown}"
        to, kind, body, reference = (told.get(name) for name in ("to", "type", "body", "client_reference"))
        one = isinstance(to, list) and len(to) > 0 and all(map(_is_number, to))
        right = _is_text(body) if kind == "mt_text" else _is_media(body)
        rules = (
            (not one, "to[0]: is not a valid MSISDN"),
            (not _is_number(told.get("from")), "from: is not a valid MSISDN"),
            (kind not in ("mt_text", "mt_media"), "type: is not a valid value"),
            (not right, "body: is empty or too long, or has no url"),
            (told.get("delivery_report", "none") not in _REPORTS, "delivery_report: is not a valid value"),
            (not _is_web(told.get("callback_url", "https://x.example")), "callback_url: is not a valid URL"),
            (reference is not None and not 0 < len(reference) <= LONGEST_REFERENCE, "client_reference: is too long"),
        )
        words = next((words for wrong, words in rules if wrong), None)
        if words is not None:
            return answered_json(400, {"code": "syntax_invalid_parameter_format", "text": words})
        if kind == "mt_media" and not self.mms:
            return answered_json(403, {"code": "forbidden", "text": "MMS is not switched on for this service plan"})
        status, code, why = self.refuses.get(to[0] if isinstance(to, list) else "", (0, "", ""))
        return answered_json(status, {"code": code, "text": why}) if status else None

    def _list(self, asked: Mapping[str, str]) -> HttpResponse:
        size = int(asked.get("page_size", 30))
        if not asked.keys() <= _ASKED or size > LARGEST_PAGE:
            return answered_json(400, {"code": "syntax_constraint_violation", "text": "page_size"})
        since, until = (datetime.fromisoformat(asked[name]) for name in ("start_date", "end_date"))
        found = [one for one in self.batches if since <= one.at < until]
        mine = [_shown(one) for one in found if one.left.own_id == asked.get("client_reference", one.left.own_id)]
        page = int(asked.get("page", 0))
        shown = list(reversed(mine))[page * size : (page + 1) * size]
        return answered_json(200, {"count": len(mine), "page": page, "page_size": len(shown), "batches": shown})

    def _last_report(self, known: str, number: str) -> HttpResponse:
        one = next((batch for batch in self.batches if (batch.left.id, batch.left.to) == (known, number)), None)
        if one is None or not one.word:
            return answered_json(404, {"code": "not_found", "text": "Resource not found"})
        return answered_json(200, self._reported(one))

    # --- what happens -------------------------------------------------------------------------------------------------
    def know(self, left: Left, state: Literal["sent", "delivered", "failed"]) -> None:
        one = next(batch for batch in self.batches if batch.left.id == left.id)
        one.word, one.code = _WORDS[state]

    def report(self, left: Left, state: Literal["sent", "delivered", "failed"]) -> HttpResponse:
        self.know(left, state)
        assert left.callback is not None, "no callback_url was sent"
        one = next(batch for batch in self.batches if batch.left.id == left.id)
        return self._call(left.callback, self._reported(one))

    def _reported(self, one: Batch) -> Mapping[str, object]:
        kind = "recipient_delivery_report_mms" if one.left.media else "recipient_delivery_report_sms"
        about = {"type": kind, "batch_id": one.left.id, "recipient": one.left.to.removeprefix("+")}
        own = {} if one.left.own_id is None else {"client_reference": one.left.own_id}
        return {**about, **own, "status": one.word, "code": one.code, "at": _stamp(self.now())}

    def bring(self, sender: str, to: str, text: str, *files: bytes) -> HttpResponse:
        """See :class:`convokit.testing.CarrierApi`. ``files``: what comes with it."""
        about = {"id": self._id(), "from": sender.removeprefix("+"), "to": to.removeprefix("+")}
        told = {**about, "received_at": _stamp(self.now()), "operator_id": "310260"}
        if not files:
            return self._call(self.hook, {"type": "mo_text", "body": text, **told})
        media = []
        for content in files:
            name = self._id()
            self.files[name] = content
            url = f"{self.seen_at}/media/{name}"
            media.append({"url": url, "content_type": "image/png", "status": "Uploaded", "code": 0})
        return self._call(self.hook, {"type": "mo_media", "body": {"message": text, "media": media}, **told})

    def _call(self, url: str, told: Mapping[str, object]) -> HttpResponse:
        return self.call(self.sign(posted_json(url, told)))

    def sign(self, request: HttpRequest) -> HttpRequest:
        """A callback with Sinch's proof, made now."""
        password = self.given.get("webhook_password")
        if password is not None:
            pair = base64.b64encode(f"{self.given.get('webhook_user', 'sinch')}:{password}".encode()).decode()
            return evolve(request, headers=(*request.headers, ("Authorization", f"Basic {pair}")))
        stamp = str(int(self.now().timestamp()))
        whole = b".".join((request.body, NONCE.encode(), stamp.encode()))
        proof = base64.b64encode(hmac.new(SECRET.encode(), whole, hashlib.sha256).digest()).decode()
        headers = {"": proof, "-nonce": NONCE, "-timestamp": stamp, "-algorithm": "HmacSHA256"}
        more = ((f"x-sinch-webhook-signature{name}", value) for name, value in headers.items())
        return evolve(request, headers=(*request.headers, *more))

    def _id(self) -> str:
        return f"01FC66621XXXXX119Z8PMV1{next(self._ids):03}"


class SinchMmsApi(SinchApi):
    """A service plan for which MMS is switched on."""

    plugin = "sinch-mms"
    name = "sinch-mms"
    mms = True


def _shown(one: Batch) -> dict[str, object]:
    own = {} if one.left.own_id is None else {"client_reference": one.left.own_id}
    about = {"id": one.left.id, "type": "mt_text", "from": one.left.sender, "to": [one.left.to], "body": one.left.text}
    return {**about, **own, "canceled": False, "created_at": _stamp(one.at)}


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _is_number(value: object) -> bool:
    return isinstance(value, str) and _E164.fullmatch(value) is not None


def _is_text(body: object) -> bool:
    return isinstance(body, str) and 0 < len(body) <= LONGEST_TEXT


def _is_media(body: object) -> bool:
    return isinstance(body, Mapping) and body.keys() <= {"url", "message", "subject"} and _is_web(body.get("url"))


def _is_web(url: object) -> bool:
    parts = urlsplit(url) if isinstance(url, str) else urlsplit("")
    return parts.scheme in ("http", "https") and bool(parts.hostname)
