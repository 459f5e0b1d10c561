"""Telnyx's messaging API, pretended on this machine, for tests of hosts and of this plugin.

It is as strict as the real one is documented to be: who may ask, which fields there are, how they look, by which
numbers it refuses, and which request it knows again. Its callbacks are signed as Telnyx signs them. It needs
``convokit-vet[testing]``.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from itertools import count
from typing import Final, Literal
from urllib.parse import parse_qsl, urlsplit

from attrs import asdict, define, evolve, field
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.testing import CarrierApi, Left, answered_json, posted_json
from convokit_sms_telnyx.settings import TelnyxSettings

API_KEY: Final = "KEY0123456789ABCDEF-pretended"
PRIVATE_KEY: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC_KEY: Final = base64.b64encode(PRIVATE_KEY.public_key().public_bytes_raw()).decode()
PROFILE: Final = "16fd2706-8baf-433b-82eb-8c7fada847da"
LARGEST_PAGE: Final = 50
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_KEY: Final = re.compile(r"[A-Za-z0-9_:-]{1,255}")
_SENT: Final = {"from", "to", "text", "media_urls", "messaging_profile_id", "webhook_url"}
_ASKED: Final = {
    "filter[record_type]",
    "filter[created_at][gte]",
    "filter[created_at][lt]",
    "filter[cld]",
    "filter[cli]",
    "filter[direction]",
    "sort",
    "page[number]",
    "page[size]",
}
_WORDS: Final[Mapping[str, str]] = {"sent": "sent", "delivered": "delivered", "failed": "delivery_failed"}
_RECORDED: Final[Mapping[str, str | None]] = {"sent": None, "delivered": "delivered", "delivery_failed": "failed"}


@define(kw_only=True)
class Kept:
    """A message as the API has it."""

    id: str
    direction: Literal["inbound", "outbound"]
    sender: str
    to: str
    text: str = field(repr=False)
    media: list[dict[str, object]] = field(factory=list)
    webhook_url: str | None = None
    status: str
    errors: tuple[str, ...] = ()
    at: datetime


class TelnyxApi(CarrierApi):
    """One account. ``given``: settings that differ.

    Attributes:
        refuses: the status and the error number by which texts to some numbers are refused.
        page: how many records it puts on a page at most.
    """

    plugin = "telnyx"
    name = "telnyx"

    def __init__(self, **given: str) -> None:
        super().__init__()
        self.given = given
        self.refuses: dict[str, tuple[int, int]] = {}
        self.page = LARGEST_PAGE
        self.kept: list[Kept] = []
        self.files: dict[str, bytes] = {}
        self._replayed: dict[str, tuple[bytes, HttpResponse]] = {}
        self._ids = count(1)

    def settings(self, url: str) -> Mapping[str, object]:
        return asdict(TelnyxSettings(api_key=API_KEY, public_key=PUBLIC_KEY, base_url=url, **self.given))

    # --- the API ------------------------------------------------------------------------------------------------------
    def answer(self, request: HttpRequest) -> HttpResponse:
        parts = urlsplit(request.url)
        if parts.path.startswith("/media/"):
            return HttpResponse(status=200, body=self.files[parts.path.removeprefix("/media/")])
        if request.header("Authorization") != f"Bearer {API_KEY}":
            return _error(401, 10009, "Authentication failed")
        match request.method, parts.path.split("/"):
            case "POST", ["", "v2", "messages"]:
                return self._once(request)
            case "GET", ["", "v2", "messages", known]:
                found = next((one for one in self.kept if one.id == known), None)
                return (
                    answered_json(200, {"data": _shown(found)}) if found else _error(404, 10005, "Resource not found")
                )
            case "GET", ["", "v2", "detail_records"]:
                return self._records(dict(parse_qsl(parts.query, strict_parsing=True)))
        return _error(404, 10005, "Resource not found")

    def _once(self, request: HttpRequest) -> HttpResponse:
        """Only what succeeded is said again, and only to the very same request."""
        key = request.header("Idempotency-Key")
        if key is None or not _KEY.fullmatch(key):
            return _error(400, 10015, "Bad request", "Idempotency-Key")
        known = self._replayed.get(key)
        if known is not None:
            return known[1] if known[0] == request.body else _error(422, 10015, "Idempotency-Key was used otherwise")
        answer = self._create(request)
        if answer.status == 200:
            self._replayed[key] = (request.body, answer)
        return answer

    def _create(self, request: HttpRequest) -> HttpResponse:
        if request.header("Content-Type") != "application/json":
            return _error(400, 10015, "Bad request", "Content-Type")
        told = read_object(request.body)
        refused = self._refused(told)
        if refused is not None:
            return refused
        urls = [str(url) for url in told.get("media_urls", ())]  # type: ignore[attr-defined]  # checked before
        callback = told.get("webhook_url")
        one = Kept(
            id=self._id(),
            direction="outbound",
            sender=str(told["from"]),
            to=str(told["to"]),
            text=str(told.get("text", "")),
            media=[{"url": url, "content_type": None, "sha256": None, "size": None} for url in urls],
            webhook_url=str(callback) if callback is not None else None,
            status="queued",
            at=self.now(),
        )
        self.kept.append(one)
        key = request.header("Idempotency-Key")
        self.ledger.write(
            Left(
                id=one.id,
                sender=one.sender,
                to=one.to,
                text=one.text,
                media=tuple(urls),
                callback=one.webhook_url,
                own_id=key,
            )
        )
        return answered_json(200, {"data": _shown(one)})

    def _refused(self, told: Mapping[str, object]) -> HttpResponse | None:
        """What the API refuses, by the first rule that is broken."""
        unknown = sorted(told.keys() - _SENT)
        assert not unknown, f"the API has no {unknown}"
        to, sender, text = (told.get(name) for name in ("to", "from", "text"))
        media, callback = told.get("media_urls", []), told.get("webhook_url", "https://x.example")
        rules = (
            (not isinstance(to, str) or not _E164.fullmatch(to), 10002, "Invalid phone number", "to"),
            (not isinstance(sender, str) or not _E164.fullmatch(sender), 40305, "Invalid 'from' address", "from"),
            (not text and not media, 10004, "Missing required parameter", "text"),
            (not isinstance(media, list) or not all(map(_is_web, media)), 10003, "Invalid URL", "media_urls"),
            (not _is_web(callback), 10003, "Invalid URL", "webhook_url"),
            (told.get("messaging_profile_id", PROFILE) != PROFILE, 10006, "Invalid ID", "messaging_profile_id"),
        )
        broken = next((_error(400, code, title, where) for wrong, code, title, where in rules if wrong), None)
        by_number = self.refuses.get(str(to))
        return _error(*by_number, "Refused") if broken is None and by_number is not None else broken

    def _records(self, asked: Mapping[str, str]) -> HttpResponse:
        if not asked.keys() <= _ASKED or asked.get("filter[record_type]") != "messaging":
            return _error(400, 10015, "Bad request", "filter")
        number, size = int(asked.get("page[number]", 1)), int(asked.get("page[size]", 20))
        if size > LARGEST_PAGE or asked.get("sort") not in (None, "created_at"):
            return _error(400, 10015, "Bad request", "page")
        size = min(size, self.page)
        chosen = [one for one in self.kept if _is_asked_for(one, asked)]
        chosen.sort(key=lambda one: one.at)
        pages = -(-len(chosen) // size)
        records = [_recorded(one) for one in chosen[(number - 1) * size : number * size]]
        meta = {"total_pages": pages, "total_results": len(chosen), "page_number": number, "page_size": size}
        return answered_json(200, {"data": records, "meta": meta})

    # --- what happens -------------------------------------------------------------------------------------------------
    def know(self, left: Left, state: Literal["sent", "delivered", "failed"]) -> None:
        one = next(kept for kept in self.kept if kept.id == left.id)
        one.status, one.errors = _WORDS[state], ("40008",) if state == "failed" else ()

    def report(self, left: Left, state: Literal["sent", "delivered", "failed"]) -> HttpResponse:
        self.know(left, state)
        assert left.callback is not None, "no webhook_url was sent"
        one = next(kept for kept in self.kept if kept.id == left.id)
        return self._tell(left.callback, "message.sent" if state == "sent" else "message.finalized", one)

    def bring(self, sender: str, to: str, text: str, *files: bytes) -> HttpResponse:
        return self._tell(self.hook, "message.received", self._came(sender, to, text, files))

    def keep(self, sender: str, to: str, text: str, *files: bytes) -> None:
        self._came(sender, to, text, files)

    def opt_out(self, number: str) -> None:
        self.refuses[number] = (403, 40300)

    def _came(self, sender: str, to: str, text: str, files: tuple[bytes, ...]) -> Kept:
        media: list[dict[str, object]] = []
        for content in files:
            name = self._id()
            self.files[name] = content
            digest = hashlib.sha256(content).hexdigest()
            url = f"{self.seen_at}/media/{name}"
            media.append({"url": url, "content_type": "image/png", "sha256": digest, "size": len(content)})
        one = Kept(
            id=self._id(),
            direction="inbound",
            sender=sender,
            to=to,
            text=text,
            media=media,
            status="webhook_delivered",
            at=self.now(),
        )
        self.kept.append(one)
        return one

    def _tell(self, url: str, kind: str, one: Kept) -> HttpResponse:
        event = {"record_type": "event", "id": self._id(), "event_type": kind, "occurred_at": one.at.isoformat()}
        told = {"data": {**event, "payload": _shown(one)}, "meta": {"attempt": 1, "delivered_to": url}}
        return self.call(self.sign(posted_json(url, told)))

    def sign(self, request: HttpRequest) -> HttpRequest:
        """A callback with Telnyx's proof, made now."""
        stamp = str(int(self.now().timestamp()))
        proof = base64.b64encode(PRIVATE_KEY.sign(f"{stamp}|".encode() + request.body)).decode()
        more = (("telnyx-signature-ed25519", proof), ("telnyx-timestamp", stamp))
        return evolve(request, headers=(*request.headers, *more))

    def _id(self) -> str:
        return f"00000000-0000-4000-8000-{next(self._ids):012x}"


def _shown(one: Kept) -> dict[str, object]:
    return {
        "record_type": "message",
        "direction": one.direction,
        "id": one.id,
        "type": "MMS" if one.media else "SMS",
        "messaging_profile_id": PROFILE,
        "from": {"phone_number": one.sender, "carrier": "", "line_type": "Wireless"},
        "to": [{"phone_number": one.to, "status": one.status, "carrier": "", "line_type": "Wireless"}],
        "cc": [],
        "text": one.text,
        "media": one.media,
        "webhook_url": one.webhook_url,
        "errors": [{"code": code, "title": "Undeliverable"} for code in one.errors],
        "received_at": one.at.isoformat(),
        "tags": [],
    }


def _recorded(one: Kept) -> dict[str, object]:
    status = "received" if one.direction == "inbound" else _RECORDED.get(one.status)
    return {
        "record_type": "message_detail_record",
        "uuid": one.id,
        "direction": one.direction,
        "cli": one.sender,
        "cld": one.to,
        "message_type": "MMS" if one.media else "SMS",
        "status": status,
        "errors": list(one.errors),
        "delivery_status_webhook_url": one.webhook_url,
        "created_at": one.at.isoformat(),
    }


def _is_asked_for(one: Kept, asked: Mapping[str, str]) -> bool:
    fields = {"filter[cld]": one.to, "filter[cli]": one.sender, "filter[direction]": one.direction}
    if any(asked.get(name, value) != value for name, value in fields.items()):
        return False
    since, until = asked.get("filter[created_at][gte]"), asked.get("filter[created_at][lt]")
    return (since is None or one.at >= _instant(since)) and (until is None or one.at < _instant(until))


def _instant(stamp: str) -> datetime:
    return datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%S%z")


def _is_web(url: object) -> bool:
    parts = urlsplit(url) if isinstance(url, str) else urlsplit("")
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _error(status: int, code: int, title: str, where: str = "") -> HttpResponse:
    source = {"pointer": f"/{where}"} if where else {}
    return answered_json(status, {"errors": [{"code": str(code), "title": title, "detail": title, "source": source}]})
