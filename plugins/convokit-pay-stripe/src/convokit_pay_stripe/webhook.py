"""What Stripe calls us with: events about sessions, payment intents, refunds and disputes.

Our own id of the payment stands in the metadata of the first two: of the session by itself, of the intent because the
session says so. Refunds and disputes bring nothing of ours back; they name the intent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from convokit.domain.money import Money
from convokit.domain.payment import PaymentStatus
from convokit.ports.carrier_tools import LONGEST_ID, bounded
from convokit.ports.payments import PaymentReading, PaymentReport, VerifiedReports
from convokit.ports.sms import Unreadable, Unverified
from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit_pay_stripe.amounts import money_of
from convokit_pay_stripe.session import OWN_ID, is_id
from convokit_pay_stripe.settings import StripeSettings
from convokit_pay_stripe.signature import is_genuine
from convokit_pay_stripe.words import EVENTS, INTENT_PAID, OF_INTENT, PAYMENT_STATUSES, PLAIN, REFUND, REFUNDS, SESSION

_ENOUGH: Final = HttpResponse(status=200)
"""What cannot be read now cannot be read the next time: Stripe is not to repeat it for three days."""

Said = tuple[PaymentStatus, str, Money | None]
"""What happened, the id of what moved, and how much."""


def read_event(settings: StripeSettings, request: HttpRequest) -> PaymentReading:
    """Verify, then read what an event says of a payment of ours; of other sales, and in other events, nothing."""
    if not is_genuine(settings, request):
        return Unverified(why="the signature does not fit, or is old")
    try:
        return VerifiedReports(reports=tuple(_reports(read_object(request.body))))
    except ValueError as error:
        return Unreadable(why=str(error)[:LONGEST_ID], answer=_ENOUGH)


def _reports(event: Mapping[str, object]) -> Iterator[PaymentReport]:
    kind, event_id = event.get("type"), event.get("id")
    if not (isinstance(kind, str) and is_id(event_id)):
        raise ValueError("id or type is missing or too long")
    if kind not in EVENTS:
        return
    found, live = _object(event), event.get("livemode")
    own_id, charge_id = ("", _intent_of(found)) if kind in OF_INTENT else (_own_id(found), "")
    if not (own_id or charge_id):
        return
    if not isinstance(live, bool):
        raise ValueError("livemode is missing")
    for status, movement_id, money in _said(kind, found):
        yield PaymentReport(
            payment_id=own_id,
            charge_id=charge_id,
            status=status,
            movement_id=movement_id,
            money=money,
            test=not live,
            event_id=event_id,
            raw=bounded(kind),
        )


def _object(event: Mapping[str, object]) -> Mapping[str, object]:
    data = event.get("data")
    found = data.get("object") if isinstance(data, Mapping) else None
    if not isinstance(found, Mapping):
        raise ValueError("data.object is missing")
    return found


def _own_id(found: Mapping[str, object]) -> str:
    metadata = found.get("metadata")
    own_id = metadata.get(OWN_ID) if isinstance(metadata, Mapping) else None
    return own_id if is_id(own_id) else ""


def _intent_of(found: Mapping[str, object]) -> str:
    """The intent that a refund or a dispute is about; empty: it was paid without one, so not by a session of ours."""
    intent = found.get("payment_intent")
    return "" if intent is None else _id(intent)


def _said(kind: str, found: Mapping[str, object]) -> Iterator[Said]:
    """What an event of :data:`~convokit_pay_stripe.words.EVENTS` says."""
    if kind in PLAIN:
        yield PLAIN[kind], "", None
    elif kind in SESSION:
        yield from _of_session(found)
    elif kind == INTENT_PAID:
        # An intent that is captured at once, as ours are, has received its amount; not every server says so apart.
        received = found.get("amount_received", found.get("amount"))
        yield "paid", _id(found.get("id")), money_of(received, found.get("currency"))
    elif kind in REFUND:
        yield from _of_refund(found)
    else:
        yield "disputed", "", None


def _of_session(found: Mapping[str, object]) -> Iterator[Said]:
    status = PAYMENT_STATUSES.get(str(found.get("payment_status")))
    if status == "paid":
        # Under the id of the intent, as its own event has it: two events of one payment are one payment.
        yield status, _id(found.get("payment_intent")), money_of(found.get("amount_total"), found.get("currency"))
    elif status is not None:
        yield status, "", None


def _of_refund(found: Mapping[str, object]) -> Iterator[Said]:
    status = REFUNDS.get(str(found.get("status")))
    if status is not None:
        yield status, _id(found.get("id")), money_of(found.get("amount"), found.get("currency"))


def _id(given: object) -> str:
    if not is_id(given):
        raise ValueError("the id of what moved is missing or too long")
    return given
