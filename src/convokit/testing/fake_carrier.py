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

from attrs import field, frozen

from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.plugins import hookimpl
from convokit.ports.sms import (
    Capabilities,
    Conversation,
    DeliveryReport,
    Event,
    InboundText,
    OutboundText,
    SmsGatewayOffer,
    Unreadable,
    Unverified,
    Verified,
    WebhookReading,
)
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
        case {"kind": "text", "id": str(given), "from": str(sender), "to": str(to), "text": str(text)}:
            return InboundText(provider_id=given, sender=sender, to=to, text=text)
        case {"kind": "report", "id": str(given), "ref": str(ref), "state": str(state)}:
            reason = "unreachable_temporary" if state == "failed" else None
            known = _STATES.get(state)
            return DeliveryReport(attempt_id=ref, provider_id=given, state=known, reason=reason, raw=state[:500])
    raise ValueError("not an event")


class FakePlugin:
    """Offers the gateway as ``"fake"``."""

    name = NAME

    def __init__(self, capabilities: Capabilities | None = None) -> None:
        self.capabilities = capabilities or Capabilities()

    @hookimpl
    def convokit_sms_gateways(self) -> list[SmsGatewayOffer]:
        """One gateway."""
        offer = SmsGatewayOffer(name=NAME, settings=FakeSettings, build=FakeGateway, capabilities=self.capabilities)
        return [offer]


class FakeCarrier(CarrierApi):
    """The carrier itself."""

    name = NAME

    def __init__(self) -> None:
        super().__init__()
        self.plugin = FakePlugin()
        self.blocked: set[str] = set()
        self._ids = count(1)

    def settings(self, url: str) -> Mapping[str, object]:
        return {"url": url, "key": KEY, "secret": SECRET}

    def answer(self, request: HttpRequest) -> HttpResponse:
        if request.header("Authorization") != f"Bearer {KEY}":
            return answered_json(401, {"error": "account_problem"})
        told = cast("dict[str, str]", json.loads(request.body))
        if told["to"] in self.blocked:
            return answered_json(422, {"error": "opted_out"})
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

    def report(self, left: Left, state: Literal["sent", "delivered", "failed"]) -> HttpResponse:
        assert left.callback is not None, "nobody said where to report"
        return self._tell(left.callback, {"kind": "report", "id": left.id, "ref": left.own_id, "state": state})

    def bring(self, sender: str, to: str, text: str) -> HttpResponse:
        given = f"in{next(self._ids)}"
        return self._tell(self.hook, {"kind": "text", "id": given, "from": sender, "to": to, "text": text})

    def opt_out(self, number: str) -> None:
        self.blocked.add(number)

    def _tell(self, url: str, event: Mapping[str, object]) -> HttpResponse:
        plain = posted_json(url, event)
        proof = (_SIGNATURE, signature(SECRET, plain.body).decode())
        return self.call(HttpRequest(method="POST", url=url, headers=(*plain.headers, proof), body=plain.body))
