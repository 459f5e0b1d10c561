"""What Square calls us with: events about payments, refunds and disputes.

Only a payment brings our own id back, in its note. Refunds and disputes name the payment, by Square's id of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from attrs import evolve

from convokit.ports.carrier_tools import LONGEST_ID, bounded
from convokit.ports.payments import PaymentReading, PaymentReport, VerifiedReports
from convokit.ports.sms import Unreadable, Unverified
from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit_pay_square.amounts import money_of
from convokit_pay_square.links import is_id, own_id_of
from convokit_pay_square.settings import SquareSettings
from convokit_pay_square.signature import is_genuine
from convokit_pay_square.words import DISPUTE, PAYMENT, PAYMENTS, REFUND, REFUNDS, SETTLED_DISPUTES

_ENOUGH: Final = HttpResponse(status=200)
"""What cannot be read now cannot be read the next time: Square is not to repeat it for a day."""

Said = Callable[[Mapping[str, object]], PaymentReport | None]


def read_event(settings: SquareSettings, request: HttpRequest) -> PaymentReading:
    """Verify, then read what an event says of a payment; of other sales, and in other events, nothing."""
    if not is_genuine(settings, request):
        return Unverified(why="the signature does not fit")
    try:
        found = _report(read_object(request.body))
    except ValueError as error:
        return Unreadable(why=str(error)[:LONGEST_ID], answer=_ENOUGH)
    return VerifiedReports(reports=() if found is None else (evolve(found, test=settings.is_test),))


def _report(event: Mapping[str, object]) -> PaymentReport | None:
    kind, event_id = event.get("type"), event.get("event_id")
    if not (isinstance(kind, str) and is_id(event_id)):
        raise ValueError("event_id or type is missing or too long")
    reader = next(((name, said) for kinds, name, said in _READERS if kind in kinds), None)
    if reader is None:
        return None
    name, said = reader
    found = said(_object(event, name))
    if found is None:
        return None
    return evolve(found, event_id=event_id, raw=bounded(" ".join(filter(None, (kind, found.raw)))))


def _object(event: Mapping[str, object], name: str) -> Mapping[str, object]:
    data = event.get("data")
    whole = data.get("object") if isinstance(data, Mapping) else None
    found = whole.get(name) if isinstance(whole, Mapping) else None
    if not isinstance(found, Mapping):
        raise ValueError(f"data.object.{name} is missing")
    return found


def _of_payment(found: Mapping[str, object]) -> PaymentReport | None:
    own_id, word = own_id_of(found.get("note")), str(found.get("status"))
    status = PAYMENTS.get(word)
    if own_id is None or status is None:
        return None
    if status != "paid":
        return PaymentReport(payment_id=own_id, status=status, raw=word)
    # A tip would be part of the total. None is asked for, so whatever is more than was asked for is looked at.
    money = money_of(found.get("total_money", found.get("amount_money")))
    return PaymentReport(payment_id=own_id, status=status, movement_id=_id(found.get("id")), money=money, raw=word)


def _of_refund(found: Mapping[str, object]) -> PaymentReport | None:
    """Of what was sold elsewhere as well; convokit knows which payments are its own."""
    charge_id, word = found.get("payment_id"), str(found.get("status"))
    status = REFUNDS.get(word)
    if status is None or charge_id is None:  # pending, or not of a payment through Square
        return None
    return PaymentReport(
        charge_id=_id(charge_id),
        status=status,
        movement_id=_id(found.get("id")),
        money=money_of(found.get("amount_money")),
        raw=word,
    )


def _of_dispute(found: Mapping[str, object]) -> PaymentReport | None:
    disputed, word = found.get("disputed_payment"), str(found.get("state"))
    if word in SETTLED_DISPUTES:
        return None
    charge_id = disputed.get("payment_id") if isinstance(disputed, Mapping) else None
    return PaymentReport(charge_id=_id(charge_id), status="disputed", raw=word)


_READERS: Final[tuple[tuple[frozenset[str], str, Said], ...]] = (
    (PAYMENT, "payment", _of_payment),
    (REFUND, "refund", _of_refund),
    (DISPUTE, "dispute", _of_dispute),
)
"""Kinds of events, what their object is called, and who reads it."""


def _id(given: object) -> str:
    if not is_id(given):
        raise ValueError("the id of what moved is missing or too long")
    return given
