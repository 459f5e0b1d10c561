"""Square's payment links, pretended on this machine, with clients who pay: for tests of hosts and of this plugin.

It is as strict as the real one is documented to be: who may ask, which fields there are and of which kind, and which
request it knows again. Its events are signed as Square signs them. It needs ``convokit-vet[testing]``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from attrs import asdict, define, evolve, field

from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.testing import Ledger, LoopbackServer, answered_json, posted_json
from convokit_pay_square.settings import SquareSettings

ACCESS_TOKEN: Final = "EAAApretended0123456789"  # noqa: S105 - it guards nothing
LOCATION: Final = "LPRETENDED1"
SIGNATURE_KEY: Final = "pretended-key-0123456789"
LONGEST: Final = {"idempotency_key": 192, "payment_note": 500, "reference_id": 40, "name": 512}
"""Most characters of some fields."""
_MONEY: Final = {"amount": int, "currency": str}
_FIELDS: Final[Mapping[str, object]] = {
    "idempotency_key": str,
    "description": str,
    "payment_note": str,
    "checkout_options": {
        "allow_tipping": bool,
        "ask_for_shipping_address": bool,
        "enable_coupon": bool,
        "enable_loyalty": bool,
        "merchant_support_email": str,
        "redirect_url": str,
    },
    "order": {
        "location_id": str,
        "reference_id": str,
        "line_items": [{"name": str, "quantity": str, "note": str, "base_price_money": _MONEY}],
        "pricing_options": {"auto_apply_discounts": bool, "auto_apply_taxes": bool},
    },
}
"""The fields of a request that this account knows, and what they are."""

_PATH: Final = ["", "v2", "online-checkout", "payment-links"]

Told = Mapping[str, object]


@define(kw_only=True, eq=False)
class Link:
    """A payment link. Amounts are minor units.

    ``own_id``: the payment that it is for; ``deleted``: it works no longer; ``paid``: somebody has paid, or will;
    ``charge``: Square's id of what was paid by it last; ``refunds``: theirs, in order.
    """

    id: str
    order_id: str
    url: str
    own_id: str
    amount: int
    currency: str
    kept: Told = field(repr=False)
    deleted: bool = False
    paid: bool = False
    charge: str = ""
    refunds: list[str] = field(factory=list)

    @property
    def shown(self) -> dict[str, object]:
        """The object as the API shows it."""
        return {"id": self.id, "version": 1, "order_id": self.order_id, "url": self.url, **self.kept}


class SquareApi(LoopbackServer):
    """One location of an account in the sandbox.

    Attributes:
        plugin, name: what a host enables, and what it is called there.
        currency: of its country.
        ledger: the links that were made, in order.
        host: who answers its events: ``kit.front``; nobody at first.
        hook: the URL that the practice enters at Square: ``kit.payment_webhook_url(...)``.
    """

    plugin = "square"
    name = "square"

    def __init__(self, *, currency: str = "USD", **given: str) -> None:
        self.currency = currency
        self.given = given
        self.ledger: Ledger[Link] = Ledger()
        self.host: Callable[[HttpRequest], HttpResponse] | None = None
        self.hook = ""
        self._known: dict[str, tuple[bytes, HttpResponse]] = {}
        self._ids = count(1)

    def settings(self, url: str) -> Mapping[str, object]:
        """The settings with which the plugin speaks to it at ``url``: its own, or a proxy's before it."""
        own = {"access_token": ACCESS_TOKEN, "location_id": LOCATION, "signature_key": SIGNATURE_KEY, **self.given}
        return asdict(SquareSettings(base_url=url, **own))

    # --- the API ------------------------------------------------------------------------------------------------------
    def answer(self, request: HttpRequest) -> HttpResponse:
        parts = urlsplit(request.url)
        if request.header("Authorization") != f"Bearer {ACCESS_TOKEN}":
            return refused(401, "UNAUTHORIZED", category="AUTHENTICATION_ERROR")
        path = parts.path.split("/")
        if path == _PATH:
            return self._once(request) if request.method == "POST" else self._list(parts.query)
        link = self._found(path[-1]) if path[:-1] == _PATH else None
        if link is None:
            return refused(404, "NOT_FOUND")
        return self._delete(link) if request.method == "DELETE" else answered_json(200, {"payment_link": link.shown})

    def _once(self, request: HttpRequest) -> HttpResponse:
        """A key is for one request: what was made by it is answered again."""
        try:
            told: Told = read_object(request.body)
        except ValueError:
            return refused(400, "EXPECTED_JSON_BODY")
        wrong = self._wrong(told)
        if wrong is not None:
            return wrong
        key = str(told.get("idempotency_key") or f"own-{next(self._ids)}")
        if key not in self._known:
            self._known[key] = (request.body, answered_json(200, self._make(told)))
        body, answer = self._known[key]
        return answer if body == request.body else refused(400, "IDEMPOTENCY_KEY_REUSED", "idempotency_key")

    def _wrong(self, told: Told) -> HttpResponse | None:
        """What the API refuses, by the first rule that is broken."""
        broken = next(misfits(told, _FIELDS), None)
        if broken is not None:
            return refused(400, *broken)
        prices = list(prices_of(told))
        rules = (
            (not prices or not all(times for times, _, _ in prices), "MISSING_REQUIRED_PARAMETER"),
            (part(told, "order").get("location_id") != LOCATION, "INVALID_LOCATION"),
            (any(amount < 1 for _, amount, _ in prices), "VALUE_TOO_LOW"),
            (any(currency != self.currency for _, _, currency in prices), "CURRENCY_MISMATCH"),
        )
        code = next((code for is_broken, code in rules if is_broken), None)
        return None if code is None else refused(400, code, "order")

    def _make(self, told: Told) -> dict[str, object]:
        number, order = next(self._ids), part(told, "order")
        named = ("description", "payment_note", "checkout_options")
        link = Link(
            id=f"LINK{number:012X}",
            order_id=f"ORDER{number:023X}",
            url=f"https://sandbox.square.link/u/{number:08x}",
            own_id=str(order.get("reference_id", "")),
            amount=sum(times * amount for times, amount, _ in prices_of(told)),
            currency=self.currency,
            kept={name: told[name] for name in named if name in told},
        )
        self.ledger.write(link)
        orders = [{"id": link.order_id, "state": "DRAFT", **order}]
        return {"payment_link": link.shown, "related_resources": {"orders": orders}}

    def _list(self, query: str) -> HttpResponse:
        limit = int(dict(parse_qsl(query)).get("limit", 100))
        return answered_json(200, {"payment_links": [one.shown for one in self.ledger if not one.deleted][:limit]})

    def _delete(self, link: Link) -> HttpResponse:
        if link.paid:
            return refused(400, "BAD_REQUEST")
        link.deleted = True
        return answered_json(200, {"id": link.id, "cancelled_order_id": link.order_id})

    def _found(self, known: str) -> Link | None:
        return next((one for one in self.ledger if one.id == known and not one.deleted), None)

    # --- what clients and the practice do; each returns the host's answers to the events ------------------------------
    def link(self, payment_id: str) -> Link:
        """The newest link of a payment.

        Raises:
            LookupError: there is none.
        """
        for found in reversed(self.ledger.lines()):
            if found.own_id == payment_id:
                return found
        raise LookupError(f"no link was made for {payment_id}")

    def pay(self, link: Link, *, amount: int | None = None, currency: str = "") -> list[HttpResponse]:
        """The client pays by card: at once. ``amount``: another one than was asked for; a link is paid by once only."""
        link.charge, link.paid = self._fresh("payment"), True
        told = [self._payment(link, status, amount, currency) for status in ("APPROVED", "COMPLETED")]
        return [self._tell("payment.created", "payment", told[0]), self._tell("payment.updated", "payment", told[1])]

    def process(self, link: Link) -> list[HttpResponse]:
        """The client pays from a bank account, which takes days."""
        link.charge, link.paid = self._fresh("payment"), True
        return [self._tell("payment.created", "payment", self._payment(link, "PENDING"))]

    def arrive(self, link: Link) -> list[HttpResponse]:
        """The money has come from the bank."""
        return [self._tell("payment.updated", "payment", self._payment(link, "COMPLETED"))]

    def fail(self, link: Link) -> list[HttpResponse]:
        """The bank has refused."""
        return [self._tell("payment.updated", "payment", self._payment(link, "FAILED"))]

    def decline(self, link: Link) -> list[HttpResponse]:
        """The client's card is declined; the page stays open."""
        link.charge = self._fresh("payment")
        return [self._tell("payment.updated", "payment", self._payment(link, "FAILED"))]

    def refund(self, link: Link, amount: int) -> list[HttpResponse]:
        """The practice refunds so much, and it arrives."""
        link.refunds.append(self._fresh("refund"))
        told = [self._refund(link, status, amount) for status in ("PENDING", "COMPLETED")]
        paid = self._payment(link, "COMPLETED")
        return [
            self._tell("refund.created", "refund", told[0]),
            self._tell("refund.updated", "refund", told[1]),
            self._tell("payment.updated", "payment", {**paid, "refunded_money": told[1]["amount_money"]}),
        ]

    def fail_refund(self, link: Link, amount: int) -> list[HttpResponse]:
        """The last refund, of so much, does not arrive."""
        return [self._tell("refund.updated", "refund", self._refund(link, "FAILED", amount))]

    def dispute(self, link: Link) -> list[HttpResponse]:
        """The client's bank takes the money back."""
        told = {
            "id": self._fresh("dispute"),
            "amount_money": {"amount": link.amount, "currency": link.currency},
            "disputed_payment": {"payment_id": link.charge},
            "state": "EVIDENCE_REQUIRED",
            "location_id": LOCATION,
        }
        return [self._tell("dispute.created", "dispute", told)]

    def sell(self, amount: int) -> list[HttpResponse]:
        """Something is sold at the counter, through the same account, and brought back."""
        price = {"amount": amount, "currency": self.currency}
        sold = {"id": self._fresh("payment"), "status": "COMPLETED", "amount_money": price, "total_money": price}
        back = {"id": self._fresh("refund"), "payment_id": sold["id"], "status": "COMPLETED", "amount_money": price}
        return [self._tell("payment.updated", "payment", sold), self._tell("refund.updated", "refund", back)]

    def _payment(self, link: Link, status: str, amount: int | None = None, currency: str = "") -> dict[str, object]:
        price = {"amount": link.amount if amount is None else amount, "currency": currency or link.currency}
        return {
            "id": link.charge,
            "status": status,
            "amount_money": price,
            "total_money": price,
            "order_id": link.order_id,
            "location_id": LOCATION,
            "source_type": "CARD",
            "note": link.kept.get("payment_note", ""),
        }

    def _refund(self, link: Link, status: str, amount: int) -> dict[str, object]:
        return {
            "id": link.refunds[-1],
            "status": status,
            "amount_money": {"amount": amount, "currency": link.currency},
            "payment_id": link.charge,
            "location_id": LOCATION,
        }

    def _tell(self, kind: str, name: str, told: Told) -> HttpResponse:
        if self.host is None:
            return HttpResponse(status=200)  # nobody has subscribed
        data = {"type": name, "id": told["id"], "object": {name: told}}
        event = {"merchant_id": "MPRETENDED", "type": kind, "event_id": self._fresh("event"), "data": data}
        return self.host(self.sign(posted_json(self.hook, event)))

    def sign(self, request: HttpRequest) -> HttpRequest:
        """An event with Square's proof. Written from Square's page, and apart from the plugin's own code."""
        proof = hmac.digest(SIGNATURE_KEY.encode(), request.url.encode() + request.body, hashlib.sha256)
        header = ("x-square-hmacsha256-signature", base64.b64encode(proof).decode())
        return evolve(request, headers=(*request.headers, header))

    def _fresh(self, kind: str) -> str:
        return f"{kind}-{next(self._ids):08x}"


def part(told: Told, name: str) -> Told:
    """An object inside of a request; nothing, where there is none."""
    found = told.get(name)
    return found if isinstance(found, Mapping) else {}


def prices_of(told: Told) -> Iterator[tuple[int, int, str]]:
    """Of each item of a request that :func:`misfits` has found nothing in: how many, the price, and its currency."""
    items = part(told, "order").get("line_items")
    for item in items if isinstance(items, list) else ():
        price = part(item, "base_price_money")
        yield int(str(item.get("quantity", 0))), int(str(price.get("amount", 0))), str(price.get("currency"))


def misfits(told: object, wanted: object, where: str = "") -> Iterator[tuple[str, str]]:
    """What does not fit the description of a request: the code of the error, and the field."""
    if isinstance(wanted, Mapping):
        if isinstance(told, Mapping):
            for name, value in told.items():
                yield from _misfit(name, value, wanted, f"{where}.{name}".lstrip("."))
        else:
            yield "EXPECTED_OBJECT", where
    elif isinstance(wanted, list):
        if isinstance(told, list):
            for number, value in enumerate(told):
                yield from misfits(value, wanted[0], f"{where}[{number}]")
        else:
            yield "EXPECTED_ARRAY", where
    elif type(told) is not wanted:
        words = ((str, "EXPECTED_STRING"), (int, "EXPECTED_INTEGER"), (bool, "EXPECTED_BOOLEAN"))
        yield next(code for kind, code in words if kind is wanted), where


def _misfit(name: str, value: object, wanted: Told, where: str) -> Iterator[tuple[str, str]]:
    if name not in wanted:
        yield "UNKNOWN_BODY_PARAMETER", where
    elif isinstance(value, str) and len(value) > LONGEST.get(name, len(value)):
        yield "VALUE_TOO_LONG", where
    else:
        yield from misfits(value, wanted[name], where)


def refused(status: int, code: str, field: str = "", *, category: str = "INVALID_REQUEST_ERROR") -> HttpResponse:
    """An error as Square words it."""
    error = {"category": category, "code": code, "detail": "no", **({"field": field} if field else {})}
    return answered_json(status, {"errors": [error]})
