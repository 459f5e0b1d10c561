"""Coin: a payment provider that does everything right, and the rows that show it."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any, Final

from attrs import evolve, field, frozen

from convokit.domain.money import EXPONENTS, Money
from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.ports.carrier_tools import is_id
from convokit.ports.payments import (
    Asking,
    PaymentCapabilities,
    PaymentPrompt,
    PaymentProviderOffer,
    PaymentReading,
    PaymentReport,
    VerifiedReports,
)
from convokit.ports.sms import Unreadable, Unverified
from convokit.ports.strict_json import read_json
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit.testing import (
    CALLBACK_URL,
    PROMPT,
    Asked,
    AskRow,
    CallbackRow,
    PaymentProviderContract,
    Signature,
    answered,
    answered_json,
    posted_json,
)

API: Final = "https://api.coin.example/links"
EVENTS: Final = {
    "link.paid": "paid",
    "link.refunded": "refunded",
    "link.refund_failed": "refund_failed",
    "link.declined": "declined",
    "link.expired": "expired",
    "link.disputed": "disputed",
}
CURRENCIES: Final = frozenset({"USD", "JPY", "KWD"})
SETTINGS: Final = {"key": "sk_live_0123456789", "signing_secret": "whsec_0123456789"}
LINK: Final = "https://pay.coin.example/l/abc"


@frozen(kw_only=True)
class CoinSettings:
    key: str = field(repr=False)
    signing_secret: str = field(repr=False)


@frozen
class Coin:
    settings: CoinSettings

    def ask(self, prompt: PaymentPrompt) -> Asking:
        if prompt.money.currency not in CURRENCIES:
            return Refused(reason="unknown", raw="currency")
        answer = yield self.asked(API, self.link(prompt), prompt.key)
        return made_of(answer)

    def link(self, prompt: PaymentPrompt) -> dict[str, object]:
        money = {"minor": prompt.money.minor, "currency": prompt.money.currency}
        return {"ref": prompt.id, "title": prompt.title, "expires": prompt.expires_at // 1_000_000, **money}

    def close(self, prompt_id: str, provider_id: str) -> Asking:
        answer = yield self.asked(f"{API}/{provider_id}/close", {}, f"{prompt_id}.close")
        return made_of(answer)

    def asked(self, url: str, told: dict[str, object], key: str) -> HttpRequest:
        headers = (("Authorization", f"Bearer {self.settings.key}"), ("Content-Type", "application/json"))
        return HttpRequest(
            method="POST", url=url, headers=(*headers, ("Idempotency-Key", key)), body=json.dumps(told).encode()
        )

    def read_webhook(self, request: HttpRequest) -> PaymentReading:
        given = (request.header("X-Coin-Signature") or "").encode("utf-8", "surrogatepass")
        if not hmac.compare_digest(given, proof_of(request).encode()):
            return Unverified(why="signature")
        try:
            return VerifiedReports(reports=self.reports_of(read_json(request.body)))
        except (ValueError, KeyError, TypeError, AttributeError):
            return Unreadable(why="not an event of Coin")

    def reports_of(self, event: Any) -> tuple[PaymentReport, ...]:
        status, ref = EVENTS.get(event["type"]), event["ref"]
        if status is None or not isinstance(ref, str) or not ref.startswith("pay_"):
            return ()
        money = money_of(event)
        ids = [event["id"], ref, *([] if money is None else [event["charge"]])]
        if not all(map(is_id, ids)) or (money is None and status in ("paid", "refunded", "refund_failed")):
            raise ValueError("not an event")
        return (
            PaymentReport(
                payment_id=ref,
                status=status,  # type: ignore[arg-type]
                movement_id=event["charge"] if money is not None else "",
                money=money,
                test=event["test"] is True,
                event_id=event["id"],
                raw=event["type"],
            ),
        )


def money_of(event: Any) -> Money | None:
    minor, currency = event.get("minor"), event.get("currency")
    if minor is None and currency is None:
        return None
    if type(minor) is not int or not 0 <= minor < 2**62 or currency not in EXPONENTS:
        raise ValueError("not an amount")
    return Money(minor=minor, currency=currency)


def proof_of(request: HttpRequest) -> str:
    whole = f"{request.url}\n".encode("utf-8", "surrogatepass") + request.body
    return hmac.new(SETTINGS["signing_secret"].encode(), whole, hashlib.sha256).hexdigest()


def made_of(answer: HttpResponse | NoAnswer) -> Outcome:
    if isinstance(answer, NoAnswer):
        return Unsure(why=answer.why[:500]) if answer.request_left else TryLater(raw=answer.why[:500])
    if answer.status == 429:
        wait = answer.header("Retry-After") or ""
        plain = wait.isascii() and wait.isdecimal() and len(wait) < 6
        return TryLater(raw="429", after=min(int(wait), 86_400) if plain else None)
    try:
        told = read_json(answer.body)
    except ValueError:
        return Unsure(why=f"status {answer.status}")
    if answer.status == 200 and isinstance(told, dict) and is_id(told.get("id")):
        url = told.get("url")
        return Accepted(provider_id=told["id"], url=url if isinstance(url, str) else None)
    if answer.status == 401:
        return Refused(reason="account_problem", raw="401")
    return Unsure(why=f"status {answer.status}")


OFFER: Final = PaymentProviderOffer(
    name="coin",
    settings=CoinSettings,
    build=Coin,
    capabilities=PaymentCapabilities(closes=True, expires=True, currencies=CURRENCIES),
)


def signed(request: HttpRequest) -> HttpRequest:
    return evolve(request, headers=(*request.headers, ("X-Coin-Signature", proof_of(request))))


def event(kind: str, ref: str = PROMPT.id, money: Money | None = None, *, test: bool = False) -> HttpRequest:
    told: dict[str, object] = {"id": f"evt-{kind}", "type": kind, "ref": ref, "test": test}
    if money is not None:
        told |= {"charge": f"ch-{kind}", "minor": money.minor, "currency": money.currency}
    return posted_json(CALLBACK_URL, told)


def report(kind: str, money: Money | None = None, *, test: bool = False) -> tuple[PaymentReport]:
    charge = f"ch-{kind}" if money is not None else ""
    known: dict[str, object] = {"status": EVENTS[kind], "movement_id": charge, "money": money, "test": test}
    return (PaymentReport(payment_id=PROMPT.id, event_id=f"evt-{kind}", raw=kind, **known),)  # type: ignore[arg-type]


def unsure(status: int) -> Unsure:
    return Unsure(why=f"status {status}")


ASKS: Final = (
    AskRow(
        label="a link",
        shows="accepted",
        answers=(answered_json(200, {"id": "abc", "url": LINK}),),
        outcome=Accepted(provider_id="abc", url=LINK),
        asks=(
            Asked(
                url=API,
                headers={"Authorization": f"Bearer {SETTINGS['key']}", "Idempotency-Key": PROMPT.id},
                json={
                    "ref": PROMPT.id,
                    "title": PROMPT.title,
                    "minor": 8450,
                    "currency": "USD",
                    "expires": PROMPT.expires_at // 1_000_000,
                },
            ),
        ),
    ),
    AskRow(
        label="a link is closed",
        closes="abc",
        answers=(answered_json(200, {"id": "abc"}),),
        outcome=Accepted(provider_id="abc"),
        asks=(Asked(url=f"{API}/abc/close", json={}),),
    ),
    AskRow(
        label="wrong key",
        shows="wrong credentials",
        answers=(answered_json(401, {}),),
        outcome=Refused(reason="account_problem", raw="401"),
    ),
    AskRow(
        label="slow down",
        shows="throttled, with Retry-After",
        answers=(answered(429, "", {"Retry-After": "30"}),),
        outcome=TryLater(raw="429", after=30),
    ),
    AskRow(
        label="slow down, no more said",
        shows="throttled, without Retry-After",
        answers=(answered(429),),
        outcome=TryLater(raw="429"),
    ),
    AskRow(label="down", shows="server error", answers=(answered(503),), outcome=unsure(503)),
    AskRow(label="half an answer", shows="unreadable answer", answers=(answered(200, "{"),), outcome=unsure(200)),
    AskRow(label="a login page", shows="HTML with 200", answers=(answered(200, "<html>"),), outcome=unsure(200)),
)
PAID: Final = PROMPT.money
CALLBACKS: Final = (
    CallbackRow(
        label="paid", shows="report: paid", request=event("link.paid", money=PAID), reads=report("link.paid", PAID)
    ),
    CallbackRow(
        label="refunded",
        shows="report: refunded",
        request=event("link.refunded", money=PAID),
        reads=report("link.refunded", PAID),
    ),
    CallbackRow(
        label="a refund failed",
        shows="report: refund failed",
        request=event("link.refund_failed", money=PAID),
        reads=report("link.refund_failed", PAID),
    ),
    CallbackRow(
        label="declined", shows="report: declined", request=event("link.declined"), reads=report("link.declined")
    ),
    CallbackRow(label="expired", shows="report: expired", request=event("link.expired"), reads=report("link.expired")),
    CallbackRow(
        label="disputed", shows="report: disputed", request=event("link.disputed"), reads=report("link.disputed")
    ),
    CallbackRow(
        label="a test",
        shows="report: of a test",
        request=event("link.paid", money=PAID, test=True),
        reads=report("link.paid", PAID, test=True),
    ),
    CallbackRow(
        label="another sale",
        shows="report: somebody else's sale",
        request=event("link.paid", "order-7", PAID),
        reads=(),
    ),
    CallbackRow(label="a new event", shows="report: unknown event", request=event("payout.created"), reads=()),
)


class CoinContract(PaymentProviderContract):
    offer = OFFER
    settings = SETTINGS
    secrets = ("key", "signing_secret")
    asks = ASKS
    callbacks = CALLBACKS
    signatures = (Signature(label="HMAC-SHA256", sign=signed, headers=("X-Coin-Signature",)),)

    def make_paid(self, payment_id: str, money: Money) -> HttpRequest:
        return event("link.paid", payment_id, money)
