"""A carrier that misbehaves as the day's faults say, and knows what truly left."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import asdict, frozen

from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.plugins import hookimpl
from convokit.ports.sms import (
    Capabilities,
    Conversation,
    DeliveryReport,
    InboundText,
    OutboundText,
    SmsGatewayOffer,
    Unreadable,
    Unverified,
    Verified,
    WebhookReading,
)
from convokit.ports.wire import HttpRequest
from simulation import people
from simulation.outside import Inbound, Report, Side

if TYPE_CHECKING:
    from simulation.world import World

SECRET: Final = b"only the carrier and the practice know it"
SIGNATURE: Final = "X-Signature"
REFUSALS: Final = ("landline", "number_inactive", "invalid_number")
MACHINE: Final = people.phone(0)
Callback = Inbound | Report


@frozen(kw_only=True)
class NoSettings:
    """The carrier needs none."""


class Carrier:
    """The plugin, the gateway, and the world behind it."""

    name = "carrier"

    def __init__(self, world: World, *, says_idempotent: bool = False) -> None:
        self.world = world
        self.capabilities = Capabilities(idempotent_send=says_idempotent)
        self.blocked: set[tuple[str, str]] = set()
        self._ids: dict[str, int] = {}

    @hookimpl
    def convokit_sms_gateways(self) -> list[SmsGatewayOffer]:
        return [
            SmsGatewayOffer(
                name="carrier", settings=NoSettings, build=lambda settings: self, capabilities=self.capabilities
            )
        ]

    def fresh_id(self, practice: str) -> str:
        """Counted by practice, so that two practices have texts under the same ids."""
        self._ids[practice] = number = self._ids.get(practice, 0) + 1
        return f"P{number}"

    # --- handing over ------------------------------------------------------------------------------------------------
    def send(self, message: OutboundText) -> Conversation:
        return self._take(message)
        yield  # a generator that asks for nothing

    def _take(self, message: OutboundText) -> Outcome:
        world, side = self.world, self.world.side_of(message.sender)
        practice = side.id
        refusal = self._refusal(practice, message)
        if refusal is not None:
            world.say(f"   the carrier takes nothing of {message.id}: {refusal}")
            return refusal
        world.seam()  # it may die before the bytes leave
        world.outside.leave(side, message.id, message.to, message.text)
        world.say(f"   {message.id} leaves for {message.to}: {message.text!r}")
        self._answer(side, message)
        provider_id = self.fresh_id(practice)
        self._report(practice, message, provider_id)
        world.seam()  # or after
        if world.happens("reset"):
            return Unsure(why="connection reset")
        if world.happens("raises"):
            raise RuntimeError("the gateway's own mistake")
        known = not world.happens("nameless")
        return Accepted(
            provider_id=provider_id if known else None, delivery="delivered" if world.chance.random() < 0.05 else None
        )

    def _refusal(self, practice: str, message: OutboundText) -> Outcome | None:
        world = self.world
        if world.happens("throttle"):
            return TryLater(raw="429", after=world.chance.choice((None, 30, 3600)))
        if (practice, message.to) in self.blocked:
            world.outside.refused[practice, message.id] = message.to
            return Refused(reason="opted_out", raw="21610")
        if world.happens("refuse"):
            return Refused(reason=world.chance.choice(REFUSALS), raw="no")
        return None

    def _report(self, practice: str, message: OutboundText, provider_id: str) -> None:
        world = self.world
        names = world.chance.choice(("ours", "theirs")) if world.happens("nameless") else "both"
        states: list[str | None] = ["sent", "failed" if world.happens("fails") else "delivered"]
        if world.happens("words"):
            states.insert(1, None)
        if world.happens("fails"):
            states.append("failed")  # carriers do say both
        for state in states:
            report = Report(practice=practice, key=message.id, provider_id=provider_id, state=state, names=names)
            if state == "failed":
                report.reason, report.raw = "carrier_filtered", "30007"
            report.raw = report.raw or str(state)
            world.outside.reports.append(report)
            if world.happens("early"):
                world.call(practice, [report])
            elif not world.happens("drop"):
                world.network.add(report)

    def _answer(self, side: Side, message: OutboundText) -> None:
        """One of the phones is a machine, which asks for help whenever something comes."""
        if "loops" in self.world.faults and message.to == MACHINE:
            answer = Inbound(
                practice=side.id,
                provider_id=self.fresh_id(side.id),
                sender=message.to,
                to=message.sender,
                text="HELP",
                word="help",
            )
            self.world.outside.inbound.append(answer)
            self.world.network.add(answer)

    # --- calling back ------------------------------------------------------------------------------------------------
    def request(self, token: str, callbacks: Sequence[Callback]) -> HttpRequest:
        body = json.dumps([{"kind": type(c).__name__, **asdict(c)} for c in callbacks]).encode()
        return HttpRequest(
            method="POST", url=f"http://127.0.0.1/{token}", headers=((SIGNATURE, sign(body)),), body=body
        )

    def read_webhook(self, request: HttpRequest) -> WebhookReading:
        if not hmac.compare_digest((request.header(SIGNATURE) or "").encode(), sign(request.body).encode()):
            return Unverified(why="signature")
        try:
            return Verified(events=tuple(map(_read, json.loads(request.body))))
        except ValueError:
            return Unreadable(why="rubbish")


def sign(body: bytes) -> str:
    """The carrier's signature."""
    return hmac.new(SECRET, body, hashlib.sha256).hexdigest()


def _read(told: dict[str, Any]) -> InboundText | DeliveryReport:
    if told["kind"] == "Inbound":
        return InboundText(provider_id=told["provider_id"], sender=told["sender"], to=told["to"], text=told["text"])
    return DeliveryReport(
        attempt_id=None if told["names"] == "theirs" else told["key"],
        provider_id=None if told["names"] == "ours" else told["provider_id"],
        state=told["state"],
        reason=told["reason"],
        raw=told["raw"],
    )
