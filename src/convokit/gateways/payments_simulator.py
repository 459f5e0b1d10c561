"""A payment provider and its clients inside the process: for demos, tests and trying things out. No money moves.

It behaves like a provider does: it makes links, reports later, repeats its reports and mixes up their order, and now
and then its answer is lost. Clients open links, pay, are declined, pay twice or too little; the practice refunds; the
bank disputes. Everything random comes from one seed. Its reports are real signed webhooks that go through the kit's
webhook front.
"""

from __future__ import annotations

import hashlib
import heapq
import hmac
import json
import random
import threading
from datetime import datetime
from decimal import Decimal
from typing import Final, Protocol

from attrs import define, field, frozen

from convokit.domain.instant import SECOND, to_micros
from convokit.domain.money import Money, parse_money
from convokit.domain.payment import PaymentStatus
from convokit.domain.rules import Practice
from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.plugins import hookimpl
from convokit.ports.payments import (
    Asking,
    PaymentCapabilities,
    PaymentPrompt,
    PaymentProvider,
    PaymentProviderOffer,
    PaymentReading,
    PaymentReport,
    VerifiedReports,
)
from convokit.ports.sms import Unreadable, Unverified
from convokit.ports.store import Endpoint
from convokit.ports.wire import HttpRequest, HttpResponse

_SIGNATURE: Final = "X-Simulator-Signature"
NAME: Final = "payments-simulator"

Amount = Decimal | str | int | None


@frozen(kw_only=True)
class PaymentWeather:
    """How the provider misbehaves; each value but the delays is a probability from 0 to 1.

    Attributes:
        delay_seconds: a report comes after a time in this range; a wide one mixes up their order.
        repeat: a report comes twice.
        no_answer: a link is made, but the answer with it never comes.
        throttle: the provider asks to try later and makes no link.
    """

    delay_seconds: tuple[float, float] = (1.0, 4.0)
    repeat: float = 0.0
    no_answer: float = 0.0
    throttle: float = 0.0


@frozen(kw_only=True)
class PaymentsSimulatorSettings:
    """The simulator needs no settings."""


class Built(Protocol):
    """A practice's provider, as a kit has it."""

    @property
    def provider(self) -> PaymentProvider:
        """What :meth:`PaymentsSimulator.convokit_payment_providers` built."""
        ...

    @property
    def endpoint(self) -> Endpoint:
        """Where it calls back."""
        ...


class Providers(Protocol):
    """The payment providers of a kit."""

    def of(self, practice_id: str) -> Built | None:
        """The provider of a practice."""
        ...


class Host(Protocol):
    """What the simulator needs of a kit."""

    @property
    def payment_providers(self) -> Providers:
        """The providers in use."""
        ...

    def webhook(self, request: HttpRequest) -> HttpResponse:
        """Answer a report."""
        ...

    def practices(self) -> tuple[Practice, ...]:
        """The practices."""
        ...

    def now(self) -> datetime:
        """The kit's present moment."""
        ...


@define(eq=False)
class SimulatedLink:
    """A payment link, and what is done with it. Every act reports a little later, see :meth:`PaymentsSimulator.step`.

    ``prompt.page`` says which link of the payment it is; ``paid`` are the provider's ids of the payments made by it, in
    order.
    """

    prompt: PaymentPrompt
    url: str
    _account: _Account = field(repr=False)
    closed: bool = False
    paid: list[str] = field(factory=list)

    def open(self) -> None:
        """The client opens the page."""
        self._account.report(self.prompt.id, "opened")

    def process(self) -> None:
        """The payment is under way (a bank transfer)."""
        self._account.report(self.prompt.id, "processing")

    def pay(self, amount: Amount = None, *, currency: str | None = None, test: bool = False) -> str:
        """The client pays, what was asked for unless said otherwise; also on a link that is closed. The payment's id.

        Called twice it is a second payment.
        """
        money = self._money(amount, currency)
        self.paid.append(self._account.report(self.prompt.id, "paid", money, test=test))
        return self.paid[-1]

    def decline(self) -> None:
        """The client's card is declined."""
        self._account.report(self.prompt.id, "declined")

    def refund(self, amount: Amount = None, *, currency: str | None = None) -> str:
        """The practice refunds, all that was asked for unless said otherwise. The refund's id."""
        return self._account.report(self.prompt.id, "refunded", self._money(amount, currency))

    def fail_refund(self, refund_id: str) -> None:
        """A refund, by the id of it, comes back to the practice."""
        self._account.report(self.prompt.id, "refund_failed", movement_id=refund_id)

    def dispute(self) -> None:
        """The client's bank disputes the payment."""
        self._account.report(self.prompt.id, "disputed")

    def expire(self) -> None:
        """The link's time is over."""
        self._account.report(self.prompt.id, "expired")

    def _money(self, amount: Amount, currency: str | None) -> Money:
        asked = self.prompt.money
        return parse_money(asked.amount if amount is None else amount, currency or asked.currency)


class PaymentsSimulator:
    """The plugin and the provider. Enable it with ``plugins=["payments-simulator"]`` or
    ``plugins=[PaymentsSimulator(seed=7)]``.
    """

    name = NAME

    def __init__(
        self, seed: int = 0, weather: PaymentWeather | None = None, *, longest_hours: int | None = None
    ) -> None:
        """A provider whose every accident follows from ``seed``.

        ``longest_hours``: how long a link of it lives at most, as with a real provider; ``None``: as long as one likes.
        """
        self.longest_hours = longest_hours
        self.weather = weather or PaymentWeather()
        self.links: list[SimulatedLink] = []
        """Every link that was made, in order; one that was asked for twice is there twice."""
        self._random = random.Random(seed)  # noqa: S311 - accidents, not secrets
        self._secret = self._random.randbytes(32)
        self._host: Host | None = None
        self._waiting: list[tuple[int, int, str, dict[str, object]]] = []
        self._count = 0
        self._lock = threading.RLock()

    @hookimpl
    def convokit_payment_providers(self) -> list[PaymentProviderOffer]:
        """One provider, called ``"payments-simulator"``."""
        return [
            PaymentProviderOffer(
                name=NAME,
                settings=PaymentsSimulatorSettings,
                build=lambda settings: _Account(self),
                capabilities=PaymentCapabilities(longest_hours=self.longest_hours, closes=True, expires=True),
            )
        ]

    def connect(self, host: Host) -> None:
        """Learn where reports go: needed once, and again when a practice is added. Until then nothing is reported."""
        self._host = host
        for practice in host.practices():
            built = host.payment_providers.of(practice.id)
            if built is not None and isinstance(built.provider, _Account):
                built.provider.token = built.endpoint.token

    def link(self, payment_id: str) -> SimulatedLink:
        """The newest link that was made for a payment.

        Raises:
            LookupError: none was.
        """
        for found in reversed(self.links):
            if found.prompt.id == payment_id:
                return found
        raise LookupError(f"no link was made for {payment_id}")

    # --- the provider's side ---------------------------------------------------------------------------------------
    def make(self, prompt: PaymentPrompt, account: _Account) -> Outcome:
        """Make a link, or not."""
        with self._lock:
            chance = self._random.random
            if chance() < self.weather.throttle:
                return TryLater(raw="SIM-429 slow down", after=30)
            number = self._fresh("link")
            url = f"https://pay.example/{number}"
            self.links.append(SimulatedLink(prompt=prompt, url=url, account=account))
            if chance() < self.weather.no_answer:
                return Unsure(why="no answer from the payment provider")
            return Accepted(provider_id=number, url=url)

    def later(self, token: str, event: dict[str, object]) -> None:
        """Report after a while, perhaps twice."""
        with self._lock:
            times = 2 if self._random.random() < self.weather.repeat else 1
            for _ in range(times):
                delay = int(self._random.uniform(*self.weather.delay_seconds) * SECOND)
                self._push(self._now_us() + delay, token, event)

    def fresh(self, kind: str) -> str:
        """A new id of the provider's."""
        with self._lock:
            return self._fresh(kind)

    def _fresh(self, kind: str) -> str:
        # With the moment in it: a second run on the same database must not look like repetitions of the first.
        self._count += 1
        return f"{kind}_{self._now_us():x}_{self._count}"

    def _push(self, at_us: int, token: str, event: dict[str, object]) -> None:
        self._count += 1
        heapq.heappush(self._waiting, (at_us, self._count, token, event))

    def step(self) -> int:
        """Make every report that is due by now. What the host does not take (not 2xx) is tried again later."""
        made = 0
        while (due := self._pop(self._now_us())) is not None:
            token, event = due
            if not 200 <= self._call(token, event).status < 300:
                with self._lock:
                    self._push(self._now_us() + 5 * SECOND, token, event)
            made += 1
        return made

    def next_due(self) -> int | None:
        """When the next report is due, in microseconds since the epoch, or ``None``."""
        with self._lock:
            return self._waiting[0][0] if self._waiting else None

    def _pop(self, now: int) -> tuple[str, dict[str, object]] | None:
        with self._lock:
            if not self._waiting or self._waiting[0][0] > now:
                return None
            _, _, token, event = heapq.heappop(self._waiting)
            return token, event

    def _call(self, token: str, event: dict[str, object]) -> HttpResponse:
        if self._host is None or not token:
            return HttpResponse(status=200)  # nobody listens: like a provider without a configured webhook
        body = json.dumps(event).encode()
        headers = ((_SIGNATURE, self.sign(body)), ("Content-Type", "application/json"))
        url = f"http://127.0.0.1/{token}"
        return self._host.webhook(HttpRequest(method="POST", url=url, headers=headers, body=body))

    def sign(self, body: bytes) -> str:
        """The signature of a report: HMAC-SHA256 of the body, hex."""
        return hmac.new(self._secret, body, hashlib.sha256).hexdigest()

    def _now_us(self) -> int:
        return 0 if self._host is None else to_micros(self._host.now())


class _Account:
    """The simulator as one practice's provider. It exchanges no requests, for the provider is in the same process."""

    def __init__(self, simulator: PaymentsSimulator) -> None:
        self._simulator = simulator
        self.token = ""

    def ask(self, prompt: PaymentPrompt) -> Asking:
        return self._simulator.make(prompt, self)
        yield  # a generator that asks for nothing

    def close(self, prompt_id: str, provider_id: str) -> Asking:
        closed = [link for link in self._simulator.links if link.url.endswith(f"/{provider_id}")]
        for link in closed:
            link.closed = True
        return Accepted() if closed else Refused(reason="unknown", raw="SIM-404 no such link")
        yield  # a generator that asks for nothing

    def read_webhook(self, request: HttpRequest) -> PaymentReading:
        given = (request.header(_SIGNATURE) or "").encode()
        if not hmac.compare_digest(given, self._simulator.sign(request.body).encode()):
            return Unverified(why="signature")
        try:
            return VerifiedReports(reports=(_read(json.loads(request.body)),))
        except (ValueError, KeyError, TypeError, RecursionError):
            return Unreadable(why="not a report of the simulator")

    def report(
        self,
        payment_id: str,
        status: PaymentStatus,
        money: Money | None = None,
        *,
        test: bool = False,
        movement_id: str = "",
    ) -> str:
        """Report something; the id of the payment or refund: a fresh one, where money moved."""
        if money is not None:
            movement_id = self._simulator.fresh("re" if status == "refunded" else "ch")
        event: dict[str, object] = {
            "event": self._simulator.fresh("evt"),
            "payment": payment_id,
            "status": status,
            "id": movement_id,
            "minor": None if money is None else money.minor,
            "currency": None if money is None else money.currency,
            "test": test,
        }
        self._simulator.later(self.token, event)
        return movement_id


def _read(event: dict[str, object]) -> PaymentReport:
    minor, currency = event["minor"], event["currency"]
    moved = isinstance(minor, int) and isinstance(currency, str)
    return PaymentReport(
        payment_id=str(event["payment"]),
        status=event["status"],  # type: ignore[arg-type]  # the front checks it
        movement_id=str(event["id"]),
        money=Money(minor=minor, currency=currency) if moved else None,  # type: ignore[arg-type]  # checked above
        test=bool(event["test"]),
        event_id=str(event["event"]),
        raw=str(event["status"]),
    )
