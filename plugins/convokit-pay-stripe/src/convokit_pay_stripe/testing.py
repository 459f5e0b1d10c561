"""Stripe's Checkout, pretended on this machine, with clients who pay: for tests of hosts and of this plugin.

It is as strict as the real one is documented to be: who may ask, which parameters there are, how long a session may be
open, and which request it knows again. Its events are signed as Stripe signs them. It needs ``convokit-vet[testing]``.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import count
from typing import Final
from urllib.parse import parse_qs, parse_qsl, urlsplit

from attrs import asdict, define, evolve, field

from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.runtime.world import system_clock
from convokit.testing import Ledger, LoopbackServer, answered_json, posted_json
from convokit_pay_stripe.settings import StripeSettings

API_KEY: Final = "sk_test_0123456789pretended"
SIGNING_SECRET: Final = "whsec_0123456789pretended"  # noqa: S105 - it guards nothing
SUCCESS_URL: Final = "https://clinic.example/thank-you"
SHORTEST, LONGEST = 30 * 60, 24 * 3600
_ITEM: Final = "line_items[0]"
_SENT: Final = {
    "mode",
    "client_reference_id",
    f"{_ITEM}[quantity]",
    f"{_ITEM}[price_data][currency]",
    f"{_ITEM}[price_data][unit_amount]",
    f"{_ITEM}[price_data][product_data][name]",
    "payment_intent_data[description]",
    "adaptive_pricing[enabled]",
    "expires_at",
    "success_url",
    "cancel_url",
}
_METADATA: Final = ("metadata[", "payment_intent_data[metadata][")
_NEEDED: Final = ("mode", "success_url", f"{_ITEM}[price_data][currency]", f"{_ITEM}[price_data][product_data][name]")
_LISTED: Final = {"status", "limit"}

Form = Mapping[str, str]


@define(kw_only=True, eq=False)
class Session:
    """A Checkout Session. Amounts are Stripe's units.

    ``refunded``: what went back of it so far; ``intent``: the id of its payment intent, once there is one; ``refund``:
    the id of the last refund.
    """

    id: str
    form: Form = field(repr=False)
    url: str
    expires_at: int
    status: str = "open"
    payment_status: str = "unpaid"
    intent: str | None = None
    refunded: int = 0
    refund: str = ""

    @property
    def own_id(self) -> str:
        """The payment that it is for."""
        return self.form.get("client_reference_id", "")

    @property
    def amount(self) -> int:
        """What the client is asked for."""
        return int(self.form[f"{_ITEM}[price_data][unit_amount]"])

    @property
    def currency(self) -> str:
        """In small letters, as Stripe writes it."""
        return self.form[f"{_ITEM}[price_data][currency]"]

    def metadata(self, where: str) -> dict[str, str]:
        """What was given under ``where``: ``"metadata"`` or ``"payment_intent_data[metadata]"``."""
        begin = f"{where}["
        return {name[len(begin) : -1]: value for name, value in self.form.items() if name.startswith(begin)}

    @property
    def shown(self) -> dict[str, object]:
        """The object as the API shows it."""
        return {
            "id": self.id,
            "object": "checkout.session",
            "mode": "payment",
            "client_reference_id": self.own_id or None,
            "amount_total": self.amount,
            "currency": self.currency,
            "metadata": self.metadata("metadata"),
            "payment_intent": self.intent,
            "payment_status": self.payment_status,
            "status": self.status,
            "expires_at": self.expires_at,
            "livemode": False,
            "url": self.url if self.status == "open" else None,
        }


class StripeApi(LoopbackServer):
    """One account in test mode.

    Attributes:
        plugin, name: what a host enables, and what it is called there.
        ledger: the sessions that were made, in order.
        host: who answers its events: ``kit.front``; nobody at first.
        hook: the webhook that the practice enters at Stripe: ``kit.payment_webhook_url(...)``.
        now: what its clock says, UTC.
        failing: statuses with which the next sessions are not made; Stripe repeats them, and so does it.
    """

    plugin = "stripe"
    name = "stripe"

    def __init__(self, **given: str) -> None:
        self.given = given
        self.ledger: Ledger[Session] = Ledger()
        self.host: Callable[[HttpRequest], HttpResponse] | None = None
        self.hook = ""
        self.now: Callable[[], datetime] = system_clock
        self.failing: list[int] = []
        self._replayed: dict[str, tuple[bytes, HttpResponse]] = {}
        self._ids = count(1)

    def settings(self, url: str) -> Mapping[str, object]:
        """The settings with which the plugin speaks to it at ``url``: its own, or a proxy's before it."""
        own = {"api_key": API_KEY, "signing_secret": SIGNING_SECRET, "success_url": SUCCESS_URL, **self.given}
        return asdict(StripeSettings(base_url=url, **own))

    # --- the API ------------------------------------------------------------------------------------------------------
    def answer(self, request: HttpRequest) -> HttpResponse:
        parts = urlsplit(request.url)
        if request.header("Authorization") != f"Bearer {API_KEY}":
            return _error(401, "invalid_request_error", message="Invalid API Key provided")
        match request.method, parts.path.split("/"):
            case "POST", ["", "v1", "checkout", "sessions"]:
                return self._once(request)
            case "GET", ["", "v1", "checkout", "sessions"]:
                return self._list(parts.query)
            case "GET", ["", "v1", "checkout", "sessions", known]:
                found = self._found(known)
                return _missing("id") if found is None else answered_json(200, found.shown)
            case "POST", ["", "v1", "checkout", "sessions", known, "expire"]:
                return self._expire(known)
        return _error(404, "invalid_request_error", message=f"Unrecognized request URL ({request.method})")

    def _once(self, request: HttpRequest) -> HttpResponse:
        """A key is for one request: what was answered to it, failures included, is answered again."""
        key = request.header("Idempotency-Key") or f"own-{next(self._ids)}"
        if key in self._replayed:
            body, answer = self._replayed[key]
            if body != request.body:
                return _error(400, "idempotency_error", message="Keys can only be used with the same parameters")
            return evolve(answer, headers=(*answer.headers, ("Idempotent-Replayed", "true")))
        form = _form(request)
        refused = self._refused(form)
        if refused is not None:
            return refused  # what is not valid is not kept under the key
        answer = _error(self.failing.pop(0), "api_error") if self.failing else answered_json(200, self._make(form))
        self._replayed[key] = (request.body, answer)
        return answer

    def _refused(self, form: Form) -> HttpResponse | None:
        """What the API refuses, by the first rule that is broken."""
        given = {name for name in form if not name.startswith(_METADATA)}
        unit, amount = f"{_ITEM}[price_data][unit_amount]", form.get(f"{_ITEM}[price_data][unit_amount]", "")
        open_for = int(form.get("expires_at", 0)) - int(self.now().timestamp())
        rules = (
            (bool(given - _SENT), "parameter_unknown", ", ".join(sorted(given - _SENT))),
            (not all(form.get(name) for name in _NEEDED), "parameter_missing", ""),
            (form.get("mode") != "payment", "parameter_invalid", "mode"),
            (not form.get(f"{_ITEM}[price_data][currency]", "").islower(), "parameter_invalid", "currency"),
            (not amount.isdecimal(), "parameter_invalid_integer", unit),
            (len(amount) > 8, "amount_too_large", unit),
            (amount == "0", "amount_too_small", unit),
            ("expires_at" in form and not SHORTEST <= open_for <= LONGEST, "", "expires_at"),
            (urlsplit(form.get("success_url", "")).scheme not in ("http", "https"), "url_invalid", "success_url"),
        )
        broken = next(((code, param) for wrong, code, param in rules if wrong), None)
        return None if broken is None else _error(400, "invalid_request_error", *broken)

    def _make(self, form: Form) -> dict[str, object]:
        known = f"cs_test_{next(self._ids):032x}"
        expires_at = int(form.get("expires_at", int(self.now().timestamp()) + LONGEST))
        url = f"https://checkout.stripe.com/c/pay/{known}#fid{'x' * 300}"
        return self.ledger.write(Session(id=known, form=form, url=url, expires_at=expires_at)).shown

    def _list(self, query: str) -> HttpResponse:
        asked = dict(parse_qsl(query, strict_parsing=True))
        if asked.keys() - _LISTED or not 1 <= int(asked.get("limit", 10)) <= 100:
            return _error(400, "invalid_request_error", "parameter_unknown")
        status = asked.get("status")
        chosen = [one.shown for one in reversed(self.ledger.lines()) if status in (None, one.status)]
        limit = int(asked.get("limit", 10))
        listed = {"object": "list", "data": chosen[:limit], "has_more": len(chosen) > limit, "url": "/v1/x"}
        return answered_json(200, listed)

    def _expire(self, known: str) -> HttpResponse:
        found = self._found(known)
        if found is None:
            return _missing("session")
        if found.status != "open":
            return _error(400, "invalid_request_error", message="Only sessions that are open can be expired")
        self.expire(found)
        return answered_json(200, found.shown)

    def _found(self, known: str) -> Session | None:
        return next((one for one in self.ledger if one.id == known), None)

    # --- what clients and the practice do; each returns the host's answers to the events ------------------------------
    def session(self, payment_id: str) -> Session:
        """The newest session of a payment.

        Raises:
            LookupError: there is none.
        """
        for found in reversed(self.ledger.lines()):
            if found.own_id == payment_id:
                return found
        raise LookupError(f"no session was made for {payment_id}")

    def pay(self, session: Session) -> list[HttpResponse]:
        """The client pays by card: at once."""
        self._complete(session, "paid")
        return [self.report("payment_intent.succeeded", self._intent(session)), self._told(session, "completed")]

    def process(self, session: Session) -> list[HttpResponse]:
        """The client chooses a bank transfer, which takes days."""
        self._complete(session, "unpaid")
        return [self._told(session, "completed"), self.report("payment_intent.processing", self._intent(session))]

    def arrive(self, session: Session) -> list[HttpResponse]:
        """The bank transfer has come."""
        session.payment_status = "paid"
        told = self._told(session, "async_payment_succeeded")
        return [told, self.report("payment_intent.succeeded", self._intent(session))]

    def fail(self, session: Session) -> list[HttpResponse]:
        """The bank transfer has failed."""
        told = self._told(session, "async_payment_failed")
        return [told, self.report("payment_intent.payment_failed", self._intent(session))]

    def decline(self, session: Session) -> list[HttpResponse]:
        """The client's card is declined; the page stays open."""
        session.intent = session.intent or f"pi_{next(self._ids):024x}"
        return [self.report("payment_intent.payment_failed", self._intent(session))]

    def expire(self, session: Session) -> list[HttpResponse]:
        """The session's time is over, or the practice has expired it."""
        session.status = "expired"
        told = [self._told(session, "expired")]
        return [*told, self.report("payment_intent.canceled", self._intent(session))] if session.intent else told

    def refund(self, session: Session, units: int, status: str = "succeeded") -> list[HttpResponse]:
        """The practice refunds so much, in Stripe's units."""
        session.refunded += units
        session.refund = f"re_{next(self._ids):024x}"
        told = self.report("refund.created", self._refund(session, status, units))
        return [told, self.report("charge.refunded", self._charge(session))]

    def fail_refund(self, session: Session, units: int) -> list[HttpResponse]:
        """The last refund, of so much, does not reach the client: Stripe takes it off the sum."""
        session.refunded -= units
        told = self._refund(session, "failed", units)
        return [self.report(kind, told) for kind in ("refund.updated", "refund.failed")]

    def dispute(self, session: Session) -> list[HttpResponse]:
        """The client's bank takes the money back: one event names only charge and intent, another is the charge."""
        charge = f"ch_{session.id}"
        dispute: dict[str, object] = {"object": "dispute", "charge": charge, "payment_intent": session.intent}
        told = self.report("charge.dispute.created", {**dispute, "metadata": {}})
        return [told, self.report("charge.updated", {**self._charge(session), "disputed": True})]

    def _refund(self, session: Session, status: str, units: int) -> dict[str, object]:
        return {
            "id": session.refund,
            "object": "refund",
            "amount": units,
            "currency": session.currency,
            "charge": f"ch_{session.id}",
            "payment_intent": session.intent,
            "metadata": {},
            "status": status,
        }

    def _complete(self, session: Session, payment_status: str) -> None:
        session.status, session.payment_status = "complete", payment_status
        session.intent = session.intent or f"pi_{next(self._ids):024x}"

    def _told(self, session: Session, what: str) -> HttpResponse:
        return self.report(f"checkout.session.{what}", session.shown)

    def _intent(self, session: Session) -> dict[str, object]:
        return {
            "id": session.intent,
            "object": "payment_intent",
            "amount": session.amount,
            "amount_received": session.amount if session.payment_status == "paid" else 0,
            "currency": session.currency,
            "metadata": session.metadata("payment_intent_data[metadata]"),
        }

    def _charge(self, session: Session) -> dict[str, object]:
        return {
            "id": f"ch_{session.id}",
            "object": "charge",
            "amount": session.amount,
            "amount_refunded": session.refunded,
            "currency": session.currency,
            "disputed": False,
            "metadata": session.metadata("payment_intent_data[metadata]"),
            "payment_intent": session.intent,
        }

    def report(self, kind: str, told: Mapping[str, object]) -> HttpResponse:
        """Tell the host of something, signed: also of what was made elsewhere, such as an intent of the host's own."""
        if self.host is None:
            return HttpResponse(status=200)  # nobody has entered a webhook
        event = {"id": f"evt_{next(self._ids)}", "object": "event", "type": kind, "livemode": False}
        return self.host(self.sign(posted_json(self.hook, {**event, "data": {"object": told}})))

    def sign(self, request: HttpRequest) -> HttpRequest:
        """An event with Stripe's proof, made now. Written from Stripe's page, and apart from the plugin's own code."""
        stamp = str(int(self.now().timestamp()))
        proof = hmac.new(SIGNING_SECRET.encode(), b".".join((stamp.encode(), request.body)), hashlib.sha256).hexdigest()
        return evolve(request, headers=(*request.headers, ("Stripe-Signature", f"t={stamp},v1={proof}")))


def _form(request: HttpRequest) -> Form:
    given = parse_qs(request.body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(request.body))
    assert all(len(values) == 1 for values in given.values()), "given twice"
    return {name: values[0] for name, values in given.items()}


def _missing(param: str) -> HttpResponse:
    return _error(404, "invalid_request_error", "resource_missing", param)


def _error(status: int, kind: str, code: str = "", param: str = "", message: str = "no") -> HttpResponse:
    words = {"type": kind, "code": code, "param": param, "message": message}
    error = {name: value for name, value in words.items() if value}
    return answered_json(status, {"error": error}, {"Request-Id": "req_1"})
