"""A request for money as a card, and whether the client can be asked."""

from __future__ import annotations

from attrs import frozen

from convokit.domain.payment import Payment
from convokit_dashboard.views.rows import Around
from convokit_dashboard.views.times import Moment
from convokit_dashboard.words import Words


@frozen(kw_only=True)
class PaymentCard:
    """A request for money.

    Attributes:
        state: its word. tone: ``"open"``, ``"good"``, ``"bad"`` or ``"over"``, for the colour.
        refunded: what went back, or empty.
        warnings: what a person must look at.
        can_cancel: whether staff can take it back.
    """

    id: str
    title: str
    invoice: str
    amount: str
    state: str
    tone: str
    asked: Moment
    by: str
    expires: Moment
    paid: Moment | None
    refunded: str
    warnings: tuple[str, ...]
    can_cancel: bool


_TONES = {"paid": "good", "declined": "bad", "disputed": "bad", "expired": "over", "cancelled": "over"}


def state_words(state: str, words: Words) -> str:
    """The state of a payment, in words."""
    named = {
        "requested": words("Requested"),
        "opened": words("Opened by the client"),
        "processing": words("Being processed"),
        "declined": words("Declined"),
        "expired": words("Expired"),
        "cancelled": words("Cancelled"),
        "paid": words("Paid"),
        "partly_refunded": words("Partly refunded"),
        "refunded": words("Refunded"),
        "disputed": words("Disputed"),
    }
    return named[state]


def card(payment: Payment, around: Around) -> PaymentCard:
    """A payment as a card."""
    words = around.words
    state = payment.state
    return PaymentCard(
        id=payment.id,
        title=payment.title,
        invoice=payment.invoice or "",
        amount=payment.money.text,
        state=state_words(state, words),
        tone=_TONES.get(state, "good" if payment.settled else "open"),
        asked=around.moment(payment.requested_at),
        by=payment.by_name,
        expires=around.moment(payment.expires_at),
        paid=None if payment.paid_at is None else around.moment(payment.paid_at),
        refunded=payment.refunded.text if payment.refunded.minor else "",
        warnings=tuple(words(advice) for advice in payment.advice),
        can_cancel=payment.payable,
    )
