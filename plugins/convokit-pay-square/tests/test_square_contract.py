"""Square keeps the contract of payment providers."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any

from attrs import evolve
from convokit_pay_square import convokit_payment_providers

from convokit.domain.money import Money
from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.ports.payments import PaymentReport
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit.testing import (
    CALLBACK_URL,
    PROMPT,
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

LINKS = "https://connect.squareup.com/v2/online-checkout/payment-links"
SETTINGS: dict[str, object] = {
    "access_token": "EAAAEl0123456789abcdef",
    "location_id": "L88917AVBK2S5",
    "signature_key": "Kx0123456789abcdefghij",
    "previous_signature_key": "Ky0123456789abcdefghij",
    "redirect_url": "https://clinic.example/thank-you",
}
HEADERS = {"Authorization": f"Bearer {SETTINGS['access_token']}", "Square-Version": "2026-09-16"}
LINK = "LLO5Q3FRCFICDB4B"
URL = "https://square.link/u/EXAMPLE0"
PAYMENT = "bP9mAsEMYPUGjjGNaNO5ZDVyLhSZY"
REFUND = f"{PAYMENT}_KlFr5p"
WANTED: dict[str, object] = {
    "idempotency_key": PROMPT.id,
    "order": {
        "location_id": "L88917AVBK2S5",
        "reference_id": PROMPT.id,
        "line_items": [
            {"name": PROMPT.title, "quantity": "1", "base_price_money": {"amount": 8450, "currency": "USD"}}
        ],
        "pricing_options": {"auto_apply_discounts": False, "auto_apply_taxes": False},
    },
    "checkout_options": {
        "allow_tipping": False,
        "ask_for_shipping_address": False,
        "enable_coupon": False,
        "enable_loyalty": False,
        "redirect_url": "https://clinic.example/thank-you",
    },
    "payment_note": f"convokit:{PROMPT.id} 1042",
}
MADE = {"payment_link": {"id": LINK, "version": 1, "order_id": "CAISEJ", "url": URL, "long_url": f"{URL}?src=x"}}
TAKEN = Accepted(provider_id=LINK, url=URL)
SANDBOX: dict[str, object] = {"base_url": "https://connect.squareupsandbox.com"}


# --- signatures: as the page on webhooks says -------------------------------------------------------------------------


def by(key: object) -> Callable[[HttpRequest], HttpRequest]:
    def sign(request: HttpRequest) -> HttpRequest:
        proof = hmac.digest(str(key).encode(), request.url.encode() + request.body, hashlib.sha256)
        header = ("x-square-hmacsha256-signature", base64.b64encode(proof).decode())
        return evolve(request, headers=(*request.headers, header))

    return sign


def signed_by(label: str, name: str) -> Signature:
    return Signature(label=label, sign=by(SETTINGS[name]), headers=("x-square-hmacsha256-signature",))


# --- rows -------------------------------------------------------------------------------------------------------------


def error(status: int, code: str, field: str = "", **headers: str) -> HttpResponse:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    words = {"category": "INVALID_REQUEST_ERROR", "code": code, "detail": "Invoice 1042: Bella’s operation"}
    return answered_json(status, {"errors": [{**words, **({"field": field} if field else {})}]}, given)


def said(label: str, shows: str, outcome: Outcome, *answers: HttpResponse | NoAnswer) -> AskRow:
    return AskRow(label=label, shows=shows or (), answers=answers, outcome=outcome)


def closed(label: str, outcome: Outcome, answer: HttpResponse) -> AskRow:
    asks = (Asked(method="DELETE", url=f"{LINKS}/{LINK}", headers=HEADERS),)
    return AskRow(label=label, closes=LINK, answers=(answer,), outcome=outcome, asks=asks)


def event(kind: str, told: object, **more: object) -> HttpRequest:
    name = kind.partition(".")[0]
    data = {"type": name, "id": "x", "object": {name: told}}
    whole = {"merchant_id": "6SSW7HV8K2ST5", "type": kind, "event_id": f"evt-{kind}", "data": data, **more}
    return posted_json(CALLBACK_URL, whole)


def usd(amount: object) -> dict[str, object]:
    return {"amount": amount, "currency": "USD"}


def payment(status: object = "COMPLETED", **more: object) -> dict[str, object]:
    price = {"amount_money": usd(8450), "total_money": usd(8450)}
    known = {"id": PAYMENT, "order_id": "CAISEJ", "note": f"convokit:{PROMPT.id} 1042", "source_type": "CARD"}
    return {**known, **price, "status": status, **more}


def refund(status: object = "COMPLETED", **more: object) -> dict[str, object]:
    known = {"id": REFUND, "payment_id": PAYMENT, "order_id": "CAISEJ", "amount_money": usd(1000)}
    return {**known, "status": status, **more}


def dispute(state: object = "EVIDENCE_REQUIRED", **more: object) -> dict[str, object]:
    known = {"id": "XDgyFu7yo1E2S5lQGGpYn", "amount_money": usd(8450), "disputed_payment": {"payment_id": PAYMENT}}
    return {**known, "state": state, **more}


def report(kind: str, word: str, status: Any, minor: int | None = None, **more: Any) -> PaymentReport:
    """What a payment's event says. Those of refunds and disputes give ``charge_id``, and no id of ours."""
    money = None if minor is None else Money(minor=minor, currency="USD")
    own = {} if "charge_id" in more else {"payment_id": PROMPT.id}
    known = {"movement_id": "" if money is None else PAYMENT, "money": money, "event_id": f"evt-{kind}"}
    return PaymentReport(status=status, raw=f"{kind} {word}", **{**own, **known, **more})


def heard(label: str, shows: str, kind: str, told: object, *reads: PaymentReport, **more: Any) -> CallbackRow:
    return CallbackRow(label=label, shows=shows or (), request=event(kind, told), reads=reads, **more)


def unreadable(label: str, request: HttpRequest) -> CallbackRow:
    return CallbackRow(label=label, request=request, reads=None, answer=HttpResponse(status=200))


CREATED, UPDATED, REFUNDED, DISPUTED = "payment.created", "payment.updated", "refund.updated", "dispute.created"
PAID = report(UPDATED, "COMPLETED", "paid", 8450)
BACK = report(REFUNDED, "COMPLETED", "refunded", 1000, movement_id=REFUND, charge_id=PAYMENT)
LOST = report(REFUNDED, "FAILED", "refund_failed", 1000, movement_id=REFUND, charge_id=PAYMENT)


class TestSquare(PaymentProviderContract):
    (offer,) = convokit_payment_providers()
    settings = SETTINGS
    secrets = ("access_token", "signature_key", "previous_signature_key")
    waived = {  # noqa: RUF012 - of a test
        "report: expired": "Square's links never end by themselves; convokit has them deleted when their time is over"
    }
    asks = (
        AskRow(
            label="a link",
            shows="accepted",
            answers=(answered_json(200, MADE),),
            outcome=TAKEN,
            asks=(Asked(url=LINKS, headers=HEADERS, json=WANTED),),
        ),
        AskRow(
            label="without an invoice, in yen, to Square's own page",
            settings={"redirect_url": None, "previous_signature_key": None},
            prompt=evolve(PROMPT, invoice=None, money=Money(minor=500, currency="JPY")),
            answers=(answered_json(200, MADE),),
            outcome=TAKEN,
            asks=(
                Asked(
                    url=LINKS,
                    json={
                        **WANTED,
                        "order": {
                            "location_id": "L88917AVBK2S5",
                            "reference_id": PROMPT.id,
                            "line_items": [
                                {
                                    "name": PROMPT.title,
                                    "quantity": "1",
                                    "base_price_money": {"amount": 500, "currency": "JPY"},
                                }
                            ],
                            "pricing_options": {"auto_apply_discounts": False, "auto_apply_taxes": False},
                        },
                        "checkout_options": {
                            "allow_tipping": False,
                            "ask_for_shipping_address": False,
                            "enable_coupon": False,
                            "enable_loyalty": False,
                        },
                        "payment_note": f"convokit:{PROMPT.id}",
                    },
                ),
            ),
        ),
        AskRow(
            label="a second page",
            prompt=evolve(PROMPT, page=2),
            answers=(answered_json(200, MADE),),
            outcome=TAKEN,
            asks=(Asked(url=LINKS, json={**WANTED, "idempotency_key": f"{PROMPT.id}.page2"}),),
        ),
        AskRow(
            label="its key is used up",
            answers=(error(400, "IDEMPOTENCY_KEY_REUSED", "idempotency_key"), answered_json(200, MADE)),
            outcome=TAKEN,
            asks=(
                Asked(url=LINKS, json=WANTED),
                Asked(url=LINKS, json={**WANTED, "idempotency_key": f"{PROMPT.id}.2"}),
            ),
        ),
        said(
            "both keys are used up",
            "",
            Unsure(why="unexpected answer: 400 IDEMPOTENCY_KEY_REUSED"),
            error(400, "IDEMPOTENCY_KEY_REUSED"),
            error(400, "IDEMPOTENCY_KEY_REUSED"),
        ),
        closed("a link is deleted", Accepted(provider_id=LINK), answered_json(200, {"id": LINK})),
        closed("it was deleted before", Accepted(provider_id=LINK), error(404, "NOT_FOUND")),
        closed("another link is deleted", Unsure(why="unexpected answer: 200"), answered_json(200, {"id": "x"})),
        closed("a page that is not there", Refused(reason="unknown", raw="404"), answered(404, "no")),
        closed("it is paid", Refused(reason="unknown", raw="400 BAD_REQUEST"), error(400, "BAD_REQUEST")),
        AskRow(
            label="nobody says whether it is deleted",
            closes=LINK,
            answers=(NoAnswer(why="read timeout", request_left=True),),
            outcome=Unsure(why="read timeout"),
        ),
        said(
            "wrong token",
            "wrong credentials",
            Refused(reason="account_problem", raw="401 UNAUTHORIZED"),
            error(401, "UNAUTHORIZED"),
        ),
        said(
            "another location",
            "wrong credentials",
            Refused(reason="account_problem", raw="400 INVALID_LOCATION order.location_id"),
            error(400, "INVALID_LOCATION", "order.location_id"),
        ),
        said(
            "too little",
            "",
            Refused(reason="content_rejected", raw="400 VALUE_TOO_LOW"),
            error(400, "VALUE_TOO_LOW"),
        ),
        said("an error page", "", Refused(reason="account_problem", raw="403"), answered(403, "no")),
        said("an error without a code", "", Refused(reason="unknown", raw="400"), answered_json(400, {"errors": [5]})),
        said(
            "slow down",
            "throttled, with Retry-After",
            TryLater(raw="429 RATE_LIMITED", after=30),
            error(429, "RATE_LIMITED", Retry_After="30"),
        ),
        said(
            "slow down, no more said",
            "throttled, without Retry-After",
            TryLater(raw="429 RATE_LIMITED"),
            error(429, "RATE_LIMITED"),
        ),
        said("the first is being worked on", "", TryLater(raw="409 CONFLICT"), error(409, "CONFLICT")),
        said(
            "broken",
            "server error",
            Unsure(why="unexpected answer: 500 INTERNAL_SERVER_ERROR"),
            error(500, "INTERNAL_SERVER_ERROR"),
        ),
        said(
            "it took too long", "", Unsure(why="unexpected answer: 408 REQUEST_TIMEOUT"), error(408, "REQUEST_TIMEOUT")
        ),
        said("down", "server error", Unsure(why="unexpected answer: 503"), answered(503, "down")),
        said("no link", "unreadable answer", Unsure(why="unexpected answer: 200"), answered_json(200, {"id": LINK})),
        said(
            "no url",
            "unreadable answer",
            Unsure(why="unexpected answer: 200"),
            answered_json(200, {"payment_link": {"id": LINK}}),
        ),
        said("a login page", "HTML with 200", Unsure(why="unexpected answer: 200"), answered(200, "<html>")),
    )
    callbacks = (
        heard("paid", "report: paid", UPDATED, payment(), PAID),
        heard("paid at once", "report: paid", CREATED, payment(), report(CREATED, "COMPLETED", "paid", 8450)),
        heard(
            "paid with a tip on top",
            "report: paid",
            UPDATED,
            payment(total_money=usd(9000)),
            report(UPDATED, "COMPLETED", "paid", 9000),
        ),
        heard(
            "paid, and the total is not told",
            "report: paid",
            UPDATED,
            {name: value for name, value in payment().items() if name != "total_money"},
            PAID,
        ),
        heard("approved", "", CREATED, payment("APPROVED"), report(CREATED, "APPROVED", "processing")),
        heard("on its way", "", CREATED, payment("PENDING"), report(CREATED, "PENDING", "processing")),
        heard("declined", "report: declined", UPDATED, payment("FAILED"), report(UPDATED, "FAILED", "declined")),
        heard("canceled", "report: declined", UPDATED, payment("CANCELED"), report(UPDATED, "CANCELED", "declined")),
        heard("refunded in part", "report: refunded", REFUNDED, refund(), BACK),
        heard("a refund is on its way", "", "refund.created", refund("PENDING")),
        heard("a refund failed", "report: refund failed", REFUNDED, refund("FAILED"), LOST),
        heard(
            "a refund is rejected",
            "report: refund failed",
            REFUNDED,
            refund("REJECTED"),
            evolve(LOST, raw=f"{REFUNDED} REJECTED"),
        ),
        heard("a refund of what was paid elsewhere", "", REFUNDED, refund(payment_id=None)),
        heard(
            "disputed",
            "report: disputed",
            DISPUTED,
            dispute(),
            report(DISPUTED, "EVIDENCE_REQUIRED", "disputed", charge_id=PAYMENT),
        ),
        heard(
            "a dispute is lost",
            "report: disputed",
            "dispute.state.updated",
            dispute("LOST"),
            report("dispute.state.updated", "LOST", "disputed", charge_id=PAYMENT),
        ),
        heard("a dispute is won", "", "dispute.state.updated", dispute("WON")),
        heard("in the sandbox", "report: of a test", UPDATED, payment(), evolve(PAID, test=True), settings=SANDBOX),
        heard("another sale", "report: somebody else's sale", UPDATED, payment(note="Dog food")),
        heard("a sale without a note", "report: somebody else's sale", UPDATED, payment(note=None)),
        heard("a note that ends too early", "report: somebody else's sale", UPDATED, payment(note="convokit: 7")),
        heard("a new state", "", UPDATED, payment("RESTING")),
        heard("an event about money", "report: unknown event", "payout.sent", {"id": "po_1"}),
        heard("an order is updated", "report: unknown event", "order.updated", {"order_id": "CAISEJ"}),
        unreadable("no object", event(UPDATED, None)),
        unreadable("no data", event(UPDATED, {}, data=[])),
        unreadable("an object of another name", event(UPDATED, {}, data={"object": {"order": {}}})),
        unreadable("no type", event("x", {}, type=None)),
        unreadable("no event id", event(UPDATED, payment(), event_id=None)),
        unreadable("paid without an id", event(UPDATED, payment(id=None))),
        unreadable("paid without an amount", event(UPDATED, payment(total_money=None))),
        unreadable("paid in floats", event(UPDATED, payment(total_money=usd(84.5)))),
        unreadable("paid in truth", event(UPDATED, payment(total_money=usd(True)))),
        unreadable("paid less than nothing", event(UPDATED, payment(total_money=usd(-1)))),
        unreadable("paid in shells", event(UPDATED, payment(total_money={"amount": 8450, "currency": "XSH"}))),
        unreadable("refunded without a sum", event(REFUNDED, refund(amount_money=None))),
        unreadable("refunded without an id", event(REFUNDED, refund(id=""))),
        unreadable("a dispute about nothing", event(DISPUTED, dispute(disputed_payment=None))),
    )
    signatures = (signed_by("the key", "signature_key"), signed_by("the previous key", "previous_signature_key"))

    def make_paid(self, payment_id: str, money: Money) -> HttpRequest:
        price = {"amount": money.minor, "currency": money.currency}
        return event(UPDATED, payment(note=f"convokit:{payment_id}", amount_money=price, total_money=price))


class TestDistribution(PluginContract):
    distribution = "convokit-pay-square"
    settings = {"square": SETTINGS}  # noqa: RUF012 - of a test
