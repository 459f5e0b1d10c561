"""Stripe's words, as tables: the events that say something of a payment, and the codes of refusals.

Events that are not listed here say nothing of a payment. Left out on purpose:

- ``payment_intent.canceled``: Stripe cancels the intent of every session that expires; and where a host cancels one of
  its own, the request can still be paid by its link.
- ``payment_intent.requires_action``: the client may still turn away.
- ``charge.refunded``: it tells only the sum of all refunds, which shrinks where one fails; each refund reports itself.
"""

from __future__ import annotations

from typing import Final

from convokit.domain.payment import PaymentStatus

PLAIN: Final[dict[str, PaymentStatus]] = {
    "checkout.session.async_payment_failed": "declined",
    "checkout.session.expired": "expired",
    "payment_intent.amount_capturable_updated": "processing",
    "payment_intent.payment_failed": "declined",
    "payment_intent.processing": "processing",
}
"""Events that say all by their name."""

SESSION: Final = frozenset({"checkout.session.completed", "checkout.session.async_payment_succeeded"})
"""Events of a session that is complete; whether it is paid too, says its ``payment_status``."""
PAYMENT_STATUSES: Final[dict[str, PaymentStatus]] = {"paid": "paid", "unpaid": "processing"}

INTENT_PAID: Final = "payment_intent.succeeded"
REFUND: Final = frozenset({"refund.created", "refund.updated", "refund.failed"})
REFUNDS: Final[dict[str, PaymentStatus]] = {"pending": "refunded", "succeeded": "refunded", "failed": "refund_failed"}
"""States of a refund. One that is pending has left the practice's balance; if it fails, it is taken off again. One that
waits for the client (``requires_action``) has not."""
DISPUTE: Final = "charge.dispute.created"

OF_INTENT: Final = frozenset({*REFUND, DISPUTE})
"""Events of objects that bring nothing of ours back, but name the intent that was paid."""
EVENTS: Final = tuple(sorted({*PLAIN, *SESSION, INTENT_PAID, *OF_INTENT}))
"""What the webhook at Stripe must be subscribed to."""

REASONS: Final[dict[str, str]] = {
    "account_closed": "account_problem",
    "account_country_invalid_address": "account_problem",
    "account_invalid": "account_problem",
    "api_key_expired": "account_problem",
    "amount_too_large": "content_rejected",
    "amount_too_small": "content_rejected",
    "country_unsupported": "country_not_allowed",
    "livemode_mismatch": "account_problem",
    "platform_api_key_expired": "account_problem",
    "secret_key_required": "account_problem",
    "testmode_charges_only": "account_problem",
}
"""Categories of error codes (``error.code``); the others are unknown."""


def reason_of(status: int, code: str) -> str:
    """The category of a refusal."""
    return REASONS.get(code, "account_problem" if status in (401, 403) else "unknown")
