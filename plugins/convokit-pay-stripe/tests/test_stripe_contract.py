"""Stripe keeps the contract of payment providers."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

from attrs import evolve
from convokit_pay_stripe import convokit_payment_providers

from convokit.domain.money import Money
from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.ports.payments import PaymentReport
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit.testing import (
    CALLBACK_URL,
    PROMPT,
    RECEIVED_US,
    Asked,
    AskRow,
    CallbackRow,
    PaymentProviderContract,
    PluginContract,
    Signature,
    answered,
    answered_json,
    posted_json,
)

SESSIONS = "https://api.stripe.com/v1/checkout/sessions"
SETTINGS: dict[str, object] = {
    "api_key": "sk_live_0123456789abcdef",
    "signing_secret": "whsec_0123456789abcdef",
    "previous_signing_secret": "whsec_fedcba9876543210",
    "success_url": "https://clinic.example/thank-you",
}
BEARER = {"Authorization": f"Bearer {SETTINGS['api_key']}", "Stripe-Version": "2026-10-28.endive"}
SESSION = "cs_live_a1B2c3"
LINK = f"https://checkout.stripe.com/c/pay/{SESSION}#fidkdWxOYHwnPyd1blpxYHZxWjA0"
INTENT = "pi_3MtwBwLkdIwHu7ix28a3tqPa"
REFUND = "re_1Nispe2eZvKYlo2Cd31jOCgZ"
WANTED = {
    "mode": "payment",
    "client_reference_id": PROMPT.id,
    "line_items[0][quantity]": "1",
    "line_items[0][price_data][currency]": "usd",
    "line_items[0][price_data][unit_amount]": "8450",
    "line_items[0][price_data][product_data][name]": PROMPT.title,
    "payment_intent_data[description]": PROMPT.title,
    "payment_intent_data[metadata][convokit_payment]": PROMPT.id,
    "payment_intent_data[metadata][invoice]": "1042",
    "metadata[convokit_payment]": PROMPT.id,
    "metadata[invoice]": "1042",
    "adaptive_pricing[enabled]": "false",
    "expires_at": "1800086400",
    "success_url": "https://clinic.example/thank-you",
}
MADE = {"id": SESSION, "object": "checkout.session", "status": "open", "url": LINK}
LISTED = {
    **MADE,
    "client_reference_id": PROMPT.id,
    "amount_total": 8450,
    "currency": "usd",
    "expires_at": 1_800_086_400,
}
EARLIER = {**LISTED, "expires_at": 1_800_000_300, "id": "cs_live_earlier"}
TAKEN = Accepted(provider_id=SESSION, url=LINK)
SECOND_PAGE = evolve(PROMPT, page=2, expires_at=1_800_172_800_000_000)
LOOKING = Asked(method="GET", url=f"{SESSIONS}?status=open&limit=100", headers=BEARER)


# --- signatures: as the page on webhooks says -------------------------------------------------------------------------


def by(secret: object) -> Callable[[HttpRequest], HttpRequest]:
    def sign(request: HttpRequest) -> HttpRequest:
        stamp = str((request.received_us or RECEIVED_US) // 1_000_000).encode()
        proof = hmac.new(str(secret).encode(), stamp + b"." + request.body, hashlib.sha256).hexdigest()
        return evolve(request, headers=(*request.headers, ("Stripe-Signature", f"t={stamp.decode()},v1={proof}")))

    return sign


def signed_by(label: str, name: str) -> Signature:
    covers: Any = ("body",)
    return Signature(label=label, sign=by(SETTINGS[name]), headers=("Stripe-Signature",), covers=covers, seconds=300)


# --- rows -------------------------------------------------------------------------------------------------------------


def error(status: int, kind: str = "invalid_request_error", code: str = "", **headers: str) -> HttpResponse:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    words = {"type": kind, "message": "Invoice 1042: Bella’s operation", **({"code": code} if code else {})}
    return answered_json(status, {"error": words}, {"Request-Id": "req_7", **given})


def said(label: str, shows: str, outcome: Outcome, *answers: HttpResponse | NoAnswer) -> AskRow:
    return AskRow(label=label, shows=shows or (), answers=answers, outcome=outcome)


def listed(*found: object) -> HttpResponse:
    return answered_json(200, {"object": "list", "data": list(found), "has_more": False})


def event(kind: str, told: object, **more: object) -> HttpRequest:
    whole = {"id": f"evt-{kind}", "object": "event", "type": kind, "livemode": True, "data": {"object": told}, **more}
    return posted_json(CALLBACK_URL, whole)


def session(**more: object) -> dict[str, object]:
    return {
        **LISTED,
        "metadata": {"convokit_payment": PROMPT.id, "invoice": "1042"},
        "payment_intent": INTENT,
        "payment_status": "paid",
        "status": "complete",
        **more,
    }


def intent(**more: object) -> dict[str, object]:
    ours = {"convokit_payment": PROMPT.id}
    return {"id": INTENT, "amount_received": 8450, "currency": "usd", "metadata": ours, **more}


def charge(**more: object) -> dict[str, object]:
    known = {"id": "ch_1", "payment_intent": INTENT, "metadata": {"convokit_payment": PROMPT.id}}
    return {**known, "amount_refunded": 0, "currency": "usd", "disputed": False, **more}


def refund(status: object = "succeeded", **more: object) -> dict[str, object]:
    known = {"id": REFUND, "charge": "ch_1", "payment_intent": INTENT, "metadata": {}}
    return {**known, "amount": 1000, "currency": "usd", "status": status, **more}


def back(kind: str, status: Any = "refunded") -> PaymentReport:
    money = Money(minor=1000, currency="USD")
    known = PaymentReport(charge_id=INTENT, status=status, movement_id=REFUND, money=money)
    return evolve(known, event_id=f"evt-{kind}", raw=kind)


def report(kind: str, status: Any, minor: int | None = None, **more: Any) -> PaymentReport:
    money = None if minor is None else Money(minor=minor, currency="USD")
    known = {"movement_id": "" if money is None else INTENT, "money": money, "event_id": f"evt-{kind}", "raw": kind}
    return PaymentReport(payment_id=PROMPT.id, status=status, **{**known, **more})


def heard(label: str, shows: str, kind: str, told: object, *reads: PaymentReport, **more: object) -> CallbackRow:
    return CallbackRow(label=label, shows=shows or (), request=event(kind, told, **more), reads=reads)


def unreadable(label: str, request: HttpRequest) -> CallbackRow:
    return CallbackRow(label=label, request=request, reads=None, answer=HttpResponse(status=200))


COMPLETED, SUCCEEDED, FAILED = "checkout.session.completed", "payment_intent.succeeded", "payment_intent.payment_failed"
LATE, EXPIRED, REFUNDED = "checkout.session.async_payment_succeeded", "checkout.session.expired", "refund.created"
LOST, DISPUTED = "refund.failed", "charge.dispute.created"
PROCESSING, LATE_FAILED = "payment_intent.processing", "checkout.session.async_payment_failed"
SOMEBODY = {"order": "7"}


class TestStripe(PaymentProviderContract):
    (offer,) = convokit_payment_providers()
    settings = SETTINGS
    secrets = ("api_key", "signing_secret", "previous_signing_secret")
    waived = {  # noqa: RUF012 - of a test
        "one byte changed": "Stripe signs the time and the body, not the URL; so nothing is read from the URL"
    }
    asks = (
        AskRow(
            label="a session",
            shows="accepted",
            answers=(answered_json(200, MADE),),
            outcome=TAKEN,
            asks=(Asked(url=SESSIONS, headers={**BEARER, "Idempotency-Key": PROMPT.id}, form=WANTED),),
        ),
        AskRow(
            label="the second page, a day later",
            prompt=SECOND_PAGE,
            answers=(answered_json(200, {**MADE, "id": "cs_live_second", "url": f"{LINK}2"}),),
            outcome=Accepted(provider_id="cs_live_second", url=f"{LINK}2"),
            asks=(
                Asked(
                    url=SESSIONS,
                    headers={"Idempotency-Key": f"{PROMPT.id}.page2"},
                    form={**WANTED, "expires_at": "1800172800"},
                ),
            ),
        ),
        AskRow(
            label="the second page was made before, worded otherwise",
            prompt=SECOND_PAGE,
            answers=(error(400, "idempotency_error"), listed(LISTED), answered_json(200, MADE)),
            outcome=TAKEN,
            asks=(
                Asked(url=SESSIONS, headers={"Idempotency-Key": f"{PROMPT.id}.page2"}),
                LOOKING,
                Asked(url=SESSIONS, headers={"Idempotency-Key": f"{PROMPT.id}.page2.2"}),
            ),
        ),
        AskRow(
            label="without an invoice, with a way back",
            settings={"cancel_url": "https://clinic.example/back", "previous_signing_secret": None},
            prompt=evolve(PROMPT, invoice=None),
            answers=(answered_json(200, MADE),),
            outcome=TAKEN,
            asks=(
                Asked(
                    url=SESSIONS,
                    form={
                        **{name: value for name, value in WANTED.items() if "invoice" not in name},
                        "cancel_url": "https://clinic.example/back",
                    },
                ),
            ),
        ),
        AskRow(
            label="whole krónur",
            prompt=evolve(PROMPT, money=Money(minor=500, currency="ISK")),
            answers=(answered_json(200, MADE),),
            outcome=TAKEN,
            asks=(
                Asked(
                    url=SESSIONS,
                    form={
                        **WANTED,
                        "line_items[0][price_data][currency]": "isk",
                        "line_items[0][price_data][unit_amount]": "50000",
                    },
                ),
            ),
        ),
        AskRow(
            label="a thousandth of a dinar",
            prompt=evolve(PROMPT, money=Money(minor=12_501, currency="KWD")),
            outcome=Refused(reason="unknown", raw="Stripe cannot be asked for exactly 12.501 KWD"),
            asks=(),
        ),
        AskRow(
            label="it was made before, worded otherwise",
            answers=(
                error(400, "idempotency_error"),
                listed(
                    5, {}, {**LISTED, "amount_total": 8451}, {**LISTED, "client_reference_id": "pay_x"}, EARLIER, LISTED
                ),
            ),
            outcome=TAKEN,
            asks=(Asked(url=SESSIONS, form=WANTED), LOOKING),
        ),
        AskRow(
            label="its key is used up, and it is open no more",
            answers=(error(400, "idempotency_error"), listed(), answered_json(200, MADE)),
            outcome=TAKEN,
            asks=(
                Asked(url=SESSIONS, form=WANTED),
                LOOKING,
                Asked(url=SESSIONS, headers={"Idempotency-Key": f"{PROMPT.id}.2"}, form=WANTED),
            ),
        ),
        AskRow(
            label="an old failure is repeated",
            answers=(error(500, "api_error", Idempotent_Replayed="true"), answered_json(200, MADE)),
            outcome=TAKEN,
            asks=(
                Asked(url=SESSIONS, headers={"Idempotency-Key": PROMPT.id}, form=WANTED),
                Asked(url=SESSIONS, headers={"Idempotency-Key": f"{PROMPT.id}.2"}, form=WANTED),
            ),
        ),
        said(
            "both keys are used up",
            "",
            Unsure(why="unexpected answer: 400 idempotency_error req_7"),
            error(400, "idempotency_error"),
            listed(),
            error(400, "idempotency_error"),
        ),
        said(
            "the look-up is refused",
            "",
            TryLater(raw="429 rate_limit_error req_7", after=9),
            error(400, "idempotency_error"),
            error(429, "rate_limit_error", Retry_After="9"),
        ),
        said(
            "the look-up has no answer",
            "",
            TryLater(raw="read timeout"),
            error(400, "idempotency_error"),
            NoAnswer(why="read timeout", request_left=True),
        ),
        AskRow(
            label="a session is expired",
            closes=SESSION,
            answers=(answered_json(200, {**MADE, "status": "expired", "url": None}),),
            outcome=Accepted(provider_id=SESSION),
            asks=(Asked(url=f"{SESSIONS}/{SESSION}/expire", headers=BEARER, form={}),),
        ),
        AskRow(
            label="it had expired",
            closes=SESSION,
            answers=(error(400), answered_json(200, {**MADE, "status": "expired"})),
            outcome=Accepted(provider_id=SESSION),
            asks=(
                Asked(url=f"{SESSIONS}/{SESSION}/expire", form={}),
                Asked(method="GET", url=f"{SESSIONS}/{SESSION}", headers=BEARER),
            ),
        ),
        AskRow(
            label="the client was faster",
            closes=SESSION,
            answers=(error(400), answered_json(200, {**MADE, "status": "complete"})),
            outcome=Refused(reason="unknown", raw="the client has completed the session"),
        ),
        AskRow(
            label="nobody says why",
            closes=SESSION,
            answers=(error(400), NoAnswer(why="read timeout", request_left=True)),
            outcome=TryLater(raw="read timeout"),
        ),
        AskRow(
            label="it is still open",
            closes=SESSION,
            answers=(answered_json(200, MADE),),
            outcome=Unsure(why="unexpected answer: 200"),
        ),
        AskRow(
            label="another account's",
            closes=SESSION,
            answers=(error(404, code="resource_missing"),),
            outcome=Refused(reason="unknown", raw="404 invalid_request_error resource_missing req_7"),
        ),
        said(
            "wrong key",
            "wrong credentials",
            Refused(reason="account_problem", raw="401 invalid_request_error req_7"),
            error(401),
        ),
        said(
            "an expired key",
            "wrong credentials",
            Refused(reason="account_problem", raw="400 invalid_request_error api_key_expired req_7"),
            error(400, code="api_key_expired"),
        ),
        said(
            "too small",
            "",
            Refused(reason="content_rejected", raw="400 invalid_request_error amount_too_small req_7"),
            error(400, code="amount_too_small"),
        ),
        said("an error page", "", Refused(reason="account_problem", raw="403"), answered(403, "no")),
        said("a card error", "", Refused(reason="unknown", raw="402 card_error req_7"), error(402, "card_error")),
        said(
            "slow down",
            "throttled, with Retry-After",
            TryLater(raw="429 rate_limit_error req_7", after=30),
            error(429, "rate_limit_error", Retry_After="30"),
        ),
        said(
            "slow down, no more said",
            "throttled, without Retry-After",
            TryLater(raw="429 invalid_request_error lock_timeout req_7"),
            error(429, code="lock_timeout"),
        ),
        said(
            "the first request is being worked on",
            "",
            TryLater(raw="409 idempotency_error idempotency_key_in_use req_7"),
            error(409, "idempotency_error", "idempotency_key_in_use"),
        ),
        said(
            "broken",
            "server error",
            Unsure(why="unexpected answer: 500 api_error req_7"),
            error(500, "api_error"),
        ),
        said("something behind it", "", Unsure(why="unexpected answer: 424 api_error req_7"), error(424, "api_error")),
        said("down", "server error", Unsure(why="unexpected answer: 503"), answered(503, "down")),
        said("no link", "unreadable answer", Unsure(why="unexpected answer: 200"), answered_json(200, {"id": SESSION})),
        said("a login page", "HTML with 200", Unsure(why="unexpected answer: 200"), answered(200, "<html>")),
    )
    callbacks = (
        heard("a session is paid", "report: paid", COMPLETED, session(), report(COMPLETED, "paid", 8450)),
        heard("a transfer has come", "report: paid", LATE, session(), report(LATE, "paid", 8450)),
        heard("an intent has succeeded", "report: paid", SUCCEEDED, intent(), report(SUCCEEDED, "paid", 8450)),
        heard(
            "a transfer is on its way", "", COMPLETED, session(payment_status="unpaid"), report(COMPLETED, "processing")
        ),
        heard(
            "an intent that tells its amount only",
            "report: paid",
            SUCCEEDED,
            {name: value for name, value in intent(amount=8450).items() if name != "amount_received"},
            report(SUCCEEDED, "paid", 8450),
        ),
        heard(
            "a host's own intent waits to be captured",
            "",
            "payment_intent.amount_capturable_updated",
            intent(amount_received=0, amount_capturable=8450),
            report("payment_intent.amount_capturable_updated", "processing"),
        ),
        heard("an intent is cancelled", "", "payment_intent.canceled", intent(cancellation_reason="abandoned")),
        heard("an intent is processing", "", PROCESSING, intent(amount_received=0), report(PROCESSING, "processing")),
        heard("a free session", "", COMPLETED, session(payment_status="no_payment_required", payment_intent=None)),
        heard("refunded in part", "report: refunded", REFUNDED, refund(), back(REFUNDED)),
        heard("a refund is on its way", "report: refunded", REFUNDED, refund("pending"), back(REFUNDED)),
        heard("a refund arrived", "report: refunded", "refund.updated", refund(), back("refund.updated")),
        heard("a refund waits for the client", "", REFUNDED, refund("requires_action")),
        heard("a refund failed", "report: refund failed", LOST, refund("failed"), back(LOST, "refund_failed")),
        heard("a refund of what was paid without an intent", "", REFUNDED, refund(payment_intent=None)),
        heard("the sum of all refunds", "", "charge.refunded", charge(amount_refunded=1000)),
        heard("a charge is described", "", "charge.updated", charge(disputed=True)),
        heard("a card is declined", "report: declined", FAILED, intent(amount_received=0), report(FAILED, "declined")),
        heard("a transfer has failed", "report: declined", LATE_FAILED, session(), report(LATE_FAILED, "declined")),
        heard("expired", "report: expired", EXPIRED, session(status="expired"), report(EXPIRED, "expired")),
        heard(
            "disputed",
            "report: disputed",
            DISPUTED,
            {"id": "du_1", "charge": "ch_1", "payment_intent": INTENT, "metadata": {}},
            PaymentReport(charge_id=INTENT, status="disputed", event_id=f"evt-{DISPUTED}", raw=DISPUTED),
        ),
        heard(
            "in test mode",
            "report: of a test",
            COMPLETED,
            session(),
            report(COMPLETED, "paid", 8450, test=True),
            livemode=False,
        ),
        heard("another sale", "report: somebody else's sale", COMPLETED, session(metadata=SOMEBODY)),
        heard("a sale without metadata", "report: somebody else's sale", SUCCEEDED, intent(metadata=None)),
        heard(
            "a sale with another id", "report: somebody else's sale", EXPIRED, session(metadata={"convokit_payment": 5})
        ),
        heard(
            "an event about money", "report: unknown event", "payout.created", {"metadata": {"convokit_payment": "x"}}
        ),
        heard("a dispute of what was paid without an intent", "", DISPUTED, {"charge": "ch_1", "payment_intent": None}),
        heard("an intent is canceled", "", "payment_intent.canceled", intent()),
        unreadable("no object", event(COMPLETED, None)),
        unreadable("no data", event(COMPLETED, None, data=[])),
        unreadable("no type", event("x", {}, type=None)),
        unreadable("no event id", event(COMPLETED, session(), id=None)),
        unreadable("nobody says whether it is real", event(COMPLETED, session(), livemode="yes")),
        unreadable("paid without an intent", event(COMPLETED, session(payment_intent=None))),
        unreadable("paid without an amount", event(COMPLETED, session(amount_total=None))),
        unreadable("paid in floats", event(SUCCEEDED, intent(amount_received=84.5))),
        unreadable("paid in truth", event(SUCCEEDED, intent(amount_received=True))),
        unreadable("paid less than nothing", event(SUCCEEDED, intent(amount_received=-1))),
        unreadable("paid in shells", event(SUCCEEDED, intent(currency="xsh"))),
        unreadable("refunded without a sum", event(REFUNDED, refund(amount=None))),
        unreadable("refunded without an id", event(REFUNDED, refund(id=None))),
        unreadable("refunded of an object", event(REFUNDED, refund(payment_intent={"id": INTENT}))),
    )
    signatures = (signed_by("v1", "signing_secret"), signed_by("by the previous secret", "previous_signing_secret"))

    def make_paid(self, payment_id: str, money: Money) -> HttpRequest:
        known = {"convokit_payment": payment_id}
        units = {"currency": money.currency.lower(), "amount_total": money.minor}
        return event(COMPLETED, session(metadata=known, **units))


class TestDistribution(PluginContract):
    distribution = "convokit-pay-stripe"
    settings = {"stripe": SETTINGS}  # noqa: RUF012 - of a test
