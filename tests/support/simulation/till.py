"""A payment provider that misbehaves, clients who pay as clients do, and the ledger of what they paid."""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import asdict, frozen

from convokit.domain.money import Money
from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.plugins import hookimpl
from convokit.ports.payments import (
    Asking,
    PaymentCapabilities,
    PaymentPrompt,
    PaymentProviderOffer,
    PaymentReading,
    PaymentReport,
    VerifiedReports,
)
from convokit.ports.sms import Unverified
from convokit.ports.wire import HttpRequest
from simulation.carrier import SIGNATURE, NoSettings, sign
from simulation.outside import Paid, Side, hold

if TYPE_CHECKING:
    from simulation.world import World

CURRENCY: Final = "USD"


class Till:
    """The plugin and the provider."""

    name = "till"

    def __init__(self, world: World) -> None:
        self.world = world

    @hookimpl
    def convokit_payment_providers(self) -> list[PaymentProviderOffer]:
        return [
            PaymentProviderOffer(
                name="till",
                settings=NoSettings,
                build=lambda settings: self,
                capabilities=PaymentCapabilities(closes=True),  # a link works until somebody closes it
            )
        ]

    def ask(self, prompt: PaymentPrompt) -> Asking:
        return self._link(prompt)
        yield  # a generator that asks for nothing

    def close(self, prompt_id: str, provider_id: str) -> Asking:
        self.world.outside.closed.add(prompt_id)
        return self._answer(Accepted(provider_id=provider_id))
        yield

    def _link(self, prompt: PaymentPrompt) -> Outcome:
        world = self.world
        if world.happens("throttle"):
            return TryLater(raw="429")
        if world.happens("refuse"):
            return Refused(reason="unknown", raw="no")
        world.seam()
        side = next(side for side in world.sides if side.mark in prompt.practice)
        wanted = world.outside.prompts.get((side.id, prompt.id))
        hold("P8", wanted in (None, prompt.money.minor), f"{prompt.id} is asked for again with another amount")
        hold("P10", side.mark in prompt.title, f"a prompt of {side.id} is about {prompt.title!r}")
        if wanted is None:
            world.outside.prompts[side.id, prompt.id] = prompt.money.minor
            self._client(side, prompt)
        return self._answer(Accepted(provider_id=f"L{prompt.id}", url=f"https://pay.example/{prompt.id}"))

    def _answer(self, outcome: Outcome) -> Outcome:
        """What comes back of what was done; an answer may be lost."""
        self.world.seam()
        if self.world.happens("reset"):
            return Unsure(why="connection reset")
        if self.world.happens("raises"):
            raise RuntimeError("the provider's own mistake")
        return outcome

    def _client(self, side: Side, prompt: PaymentPrompt) -> None:
        """What the client does with the link, once it is there."""
        chance, wanted = self.world.chance, prompt.money.minor
        does = chance.choice(("nothing", "opened", "paid", "paid", "paid", "twice", "wrong", "refunded", "disputed"))
        told: list[tuple[str, str, int | None]] = []
        if does != "nothing":
            told.append(("opened", "", None))
        if chance.random() < 0.3:
            told.append(("declined", "", None))
        if does in ("paid", "twice", "refunded", "disputed"):
            told.append(("paid", "ch1", wanted))
        if does == "twice":
            told.append(("paid", "ch2", wanted))
        if does == "wrong":
            told.append(("paid", "ch1", wanted - 1))
        if does == "refunded":
            told.append(("refunded", "re1", chance.choice((wanted, wanted // 2))))
        if does == "disputed":
            told.append(("disputed", "", None))
        for status, movement, minor in told:
            paid = Paid(practice=side.id, payment_id=prompt.id, status=status, movement_id=movement, minor=minor)
            self.world.outside.payments.append(paid)
            self.world.network.add(paid, wait_seconds=chance.choice((5, 300)))

    # --- calling back ------------------------------------------------------------------------------------------------
    def request(self, token: str, reports: Sequence[Paid]) -> HttpRequest:
        body = json.dumps([asdict(report) for report in reports]).encode()
        return HttpRequest(
            method="POST", url=f"http://127.0.0.1/{token}", headers=((SIGNATURE, sign(body)),), body=body
        )

    def read_webhook(self, request: HttpRequest) -> PaymentReading:
        if not hmac.compare_digest((request.header(SIGNATURE) or "").encode(), sign(request.body).encode()):
            return Unverified(why="signature")
        return VerifiedReports(reports=tuple(map(_read, json.loads(request.body))))


def _read(told: dict[str, Any]) -> PaymentReport:
    return PaymentReport(
        payment_id=told["payment_id"],
        status=told["status"],
        movement_id=told["movement_id"],
        money=None if told["minor"] is None else Money(minor=told["minor"], currency=CURRENCY),
    )


@frozen(kw_only=True)
class Booked:
    """What the ledger says of one payment."""

    wanted: int
    charges: frozenset[tuple[str, int]]
    refunded: int

    @property
    def paid(self) -> bool:
        """Whether exactly what was asked for came in."""
        return any(minor == self.wanted for _, minor in self.charges)


def booked(world: World, practice: str, payment_id: str, wanted: int) -> Booked:
    """What truly moved."""
    moved = [p for p in world.outside.payments if (p.practice, p.payment_id) == (practice, payment_id)]
    return Booked(
        wanted=wanted,
        charges=frozenset((p.movement_id, p.minor or 0) for p in moved if p.status == "paid"),
        refunded=sum(p.minor or 0 for p in moved if p.status == "refunded"),
    )
