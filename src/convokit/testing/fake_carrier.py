"""A carrier that exists only in tests, with its plugin: for trying hosts, drivers and faults without a real provider.

>>> with FakeCarrier() as carrier:
...     kit = convokit.open("memory:", plugins=[carrier.plugin], settings={"fake": carrier.settings(carrier.url)})

It speaks JSON over HTTP on 127.0.0.1, signs its callbacks, and writes every text that it takes into its ledger.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from itertools import count
from typing import Final, Literal, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

from attrs import field, frozen

from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.plugins import hookimpl
from convokit.ports.sms import (
    Capabilities,
    Conversation,
    DeliveryReport,
    Event,
    InboundFile,
    InboundText,
    OutboundText,
    SmsGatewayOffer,
    Unreadable,
    Unverified,
    Verified,
    WebhookReading,
)
from convokit.ports.sms_asking import Found, Looking, Polled, Polling, UncertainText
from convokit.ports.strict_json import read_json
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit.testing.carrier_api import CarrierApi, Left
from convokit.testing.wire import answered_json, posted_json

NAME: Final = "fake"
KEY: Final = "key-of-the-fake-carrier"
SECRET: Final = "secret-of-the-fake-carrier"  # noqa: S105 - it guards nothing
_SIGNATURE: Final = "X-Fake-Signature"
_STATES: Final[Mapping[str, Literal["sent", "delivered", "failed"]]] = {
    "sent": "sent",
    "delivered": "delivered",
    "failed": "failed",
}


@frozen(kw_only=True)
class FakeSettings:
    """Where the carrier listens, and what is shared with it."""

    url: str
    key: str = field(repr=False)
    secret: str = field(repr=False)


@frozen
class FakeGateway:
    """The gateway of the fake carrier."""

    given: FakeSettings

    def send(self, message: OutboundText) -> Conversation:
        """One POST."""
        told = {"from": message.sender, "to": message.to, "text": message.text, "ref": message.id}
        media = [file.url for file in message.media]
        body = json.dumps({**told, "media": media, "callback": message.callback_url}).encode()
        headers = (("Content-Type", "application/json"), ("Authorization", f"Bearer {self.given.key}"))
        answer = yield HttpRequest(method="POST", url=f"{self.given.url}/texts", headers=headers, body=body)
        return outcome_of(answer)

    def look_up(self, text: UncertainText) -> Looking:
        """One GET, by number; the id that was sent along tells which it is."""
        told = _list_of((yield self._get("texts", to=text.to)))
        if told is None:
            return TryLater(raw="no list")
        reports = (one for one in told if isinstance(one, DeliveryReport))
        return Found(reports=tuple(one for one in reports if one.attempt_id == text.id))

    def poll(self, numbers: tuple[str, ...], since_us: int, until_us: int) -> Polling:
        """One GET for each number."""
        events: list[Event] = []
        for number in numbers:
            told = _list_of((yield self._get("events", number=number)))
            if told is None:
                return TryLater(raw="no list")
            events.extend(told)
        return Polled(events=tuple(events), until_us=until_us)

    def media_request(self, url: str) -> HttpRequest:
        """The file, with the key if it is at the carrier."""
        ours = url.startswith(f"{self.given.url}/")
        headers = (("Authorization", f"Bearer {self.given.key}"),) if ours else ()
        return HttpRequest(method="GET", url=url, headers=headers)

    def _get(self, path: str, **query: str) -> HttpRequest:
        url = f"{self.given.url}/{path}?{urlencode(query)}"
        return HttpRequest(method="GET", url=url, headers=(("Authorization", f"Bearer {self.given.key}"),))

    def read_webhook(self, request: HttpRequest) -> WebhookReading:
        """Verify, then read one event."""
        given = (request.header(_SIGNATURE) or "").encode("utf-8", "surrogatepass")
        if not hmac.compare_digest(given, signature(self.given.secret, request.body)):
            return Unverified(why="signature")
        try:
            return Verified(events=(_event(read_json(request.body)),))
        except (ValueError, KeyError):
            return Unreadable(why="not an event of the fake carrier")


def signature(secret: str, body: bytes) -> bytes:
    """HMAC-SHA256 of the body, hex."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()


def outcome_of(answer: HttpResponse | NoAnswer) -> Outcome:
    """What an answer of the fake carrier means."""
    if isinstance(answer, NoAnswer):
        return Unsure(why=answer.why[:500]) if answer.request_left else TryLater(raw=answer.why[:500])
    if answer.status == 429:
        wait = answer.header("Retry-After") or ""
        return TryLater(raw="429", after=int(wait) if wait.isascii() and wait.isdecimal() and len(wait) < 6 else None)
    try:
        told = read_json(answer.body)
    except ValueError:
        told = None
    match answer.status, told:
        case 201, {"id": str(given)}:
            return Accepted(provider_id=given)
        case 422, {"error": str(reason)}:
            return Refused(reason=reason, raw=f"422 {reason}"[:500])
    return Unsure(why=f"an answer without sense, status {answer.status}")


def _event(told: object) -> Event:
    match told:
        case {"kind": "text", "id": str(given), "from": str(sender), "to": str(to), "text": str(text), **more}:
            return InboundText(provider_id=given, sender=sender, to=to, text=text, media=_files(more.get("media")))
        case {"kind": "report", "id": str(given), "ref": str(ref), "state": str(state)}:
            reason = "unreachable_temporary" if state == "failed" else None
            known = _STATES.get(state)
            return DeliveryReport(attempt_id=ref, provider_id=given, state=known, reason=reason, raw=state[:500])
    raise ValueError("not an event")


def _files(given: object) -> tuple[InboundFile, ...]:
    urls = given if isinstance(given, list) else []
    return tuple(InboundFile(url=url) for url in urls if isinstance(url, str))


def _list_of(answer: HttpResponse | NoAnswer) -> list[Event] | None:
    """The events of an answer; ``None`` where there is no usable one: that is not the same as an empty list."""
    if isinstance(answer, NoAnswer) or answer.status != 200:
        return None
    try:
        told = read_json(answer.body)
        return [_event(one) for one in told] if isinstance(told, list) else None
    except ValueError:
        return None


class FakePlugin:
    """Offers the gateway as ``"fake"``."""

    name = NAME

    def __init__(self, capabilities: Capabilities | None = None) -> None:
        self.capabilities: Capabilities = capabilities or Capabilities()

    @hookimpl
    def convokit_sms_gateways(self) -> list[SmsGatewayOffer]:
        """One gateway."""
        offer = SmsGatewayOffer(name=NAME, settings=FakeSettings, build=FakeGateway, capabilities=self.capabilities)
        return [offer]


class FakeCarrier(CarrierApi):
    """The carrier itself. ``capabilities``: what its plugin declares; being asked it can anyway."""

    name = NAME

    def __init__(self, capabilities: Capabilities | None = None) -> None:
        super().__init__()
        self.plugin: str | object = FakePlugin(capabilities)
        self.sends_once: bool = capabilities is not None and capabilities.idempotent_send
        self.blocked: set[str] = set()
        self._ids = count(1)
        self._states: dict[str, str] = {}
        self._inbound: list[dict[str, object]] = []
        self._files: list[bytes] = []

    def settings(self, url: str) -> Mapping[str, object]:
        return {"url": url, "key": KEY, "secret": SECRET}

    def answer(self, request: HttpRequest) -> HttpResponse:
        if request.header("Authorization") != f"Bearer {KEY}":
            return answered_json(401, {"error": "account_problem"})
        path, query = urlsplit(request.url).path, dict(parse_qsl(urlsplit(request.url).query))
        if path.startswith("/files/"):
            return HttpResponse(status=200, body=self._files[int(path.rpartition("/")[2])])
        if request.method == "GET":
            lines = [left for left in self.ledger if query.get("to") == left.to or query.get("number") == left.sender]
            came = [text for text in self._inbound if query.get("number") == text["to"]]
            return answered_json(200, [*map(self._reported, lines), *(came if path == "/events" else [])])
        return self._taken(cast("dict[str, str]", json.loads(request.body)))

    def _taken(self, told: dict[str, str]) -> HttpResponse:
        if told["to"] in self.blocked:
            return answered_json(422, {"error": "opted_out"})
        known = next((left for left in self.ledger if left.own_id == told["ref"] and self.sends_once), None)
        if known is not None:
            return answered_json(201, {"id": known.id})
        left = Left(
            id=f"f{next(self._ids)}",
            sender=told["from"],
            to=told["to"],
            text=told["text"],
            media=tuple(told["media"]),
            callback=told["callback"],
            own_id=told["ref"],
        )
        return answered_json(201, {"id": self.ledger.write(left).id})

    def _reported(self, left: Left) -> dict[str, str]:
        state = self._states.get(left.id, "sent")
        return {"kind": "report", "id": left.id, "ref": left.own_id or "", "state": state}

    def report(self, left: Left, state: Literal["sent", "delivered", "failed"]) -> HttpResponse:
        assert left.callback is not None, "nobody said where to report"
        self.know(left, state)
        return self._tell(left.callback, self._reported(left))

    def know(self, left: Left, state: Literal["sent", "delivered", "failed"]) -> None:
        self._states[left.id] = state

    def bring(self, sender: str, to: str, text: str, *files: bytes) -> HttpResponse:
        return self._tell(self.hook, self._came(sender, to, text, files))

    def keep(self, sender: str, to: str, text: str, *files: bytes) -> None:
        self._came(sender, to, text, files)

    def _came(self, sender: str, to: str, text: str, files: tuple[bytes, ...]) -> dict[str, object]:
        first = len(self._files)
        self._files.extend(files)
        urls = [f"{self.seen_at}/files/{number}" for number in range(first, len(self._files))]
        told = {"kind": "text", "id": f"in{next(self._ids)}", "from": sender, "to": to, "text": text}
        event: dict[str, object] = {**told, "media": urls}
        self._inbound.append(event)
        return event

    def opt_out(self, number: str) -> None:
        self.blocked.add(number)

    def _tell(self, url: str, event: Mapping[str, object]) -> HttpResponse:
        plain = posted_json(url, event)
        proof = (_SIGNATURE, signature(SECRET, plain.body).decode())
        return self.call(HttpRequest(method="POST", url=url, headers=(*plain.headers, proof), body=plain.body))
