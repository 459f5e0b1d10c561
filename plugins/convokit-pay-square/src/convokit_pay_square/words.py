"""Square's words, as tables: the events, the states of payments and refunds, and the codes of refusals.

Left out on purpose: ``order.*``, for an order is open until it is fulfilled, paid or not; and ``refunded_money`` of a
payment, for each refund reports itself.
"""

from __future__ import annotations

from typing import Final

from convokit.domain.payment import PaymentStatus

PAYMENT: Final = frozenset({"payment.created", "payment.updated"})
REFUND: Final = frozenset({"refund.created", "refund.updated"})
DISPUTE: Final = frozenset({"dispute.created", "dispute.state.updated"})
EVENTS: Final = tuple(sorted({*PAYMENT, *REFUND, *DISPUTE}))
"""What the webhook subscription must ask for."""

PAYMENTS: Final[dict[str, PaymentStatus]] = {
    "APPROVED": "processing",
    "PENDING": "processing",
    "COMPLETED": "paid",
    "CANCELED": "declined",
    "FAILED": "declined",
}
"""A payment is one attempt of the client. One that was canceled leaves the link open, as one that failed does."""
REFUNDS: Final[dict[str, PaymentStatus]] = {
    "COMPLETED": "refunded",
    "REJECTED": "refund_failed",
    "FAILED": "refund_failed",
}
"""A refund that is ``PENDING`` has moved nothing yet."""
SETTLED_DISPUTES: Final = frozenset({"INQUIRY_CLOSED", "WON"})
"""States of a dispute in which the practice keeps the money."""

KEY_REUSED: Final = "IDEMPOTENCY_KEY_REUSED"
REASONS: Final[dict[str, str]] = {
    "ACCESS_TOKEN_EXPIRED": "account_problem",
    "ACCESS_TOKEN_REVOKED": "account_problem",
    "APPLICATION_DISABLED": "account_problem",
    "CARD_PROCESSING_NOT_ENABLED": "account_problem",
    "CLIENT_DISABLED": "account_problem",
    "FORBIDDEN": "account_problem",
    "INSUFFICIENT_PERMISSIONS": "account_problem",
    "INSUFFICIENT_SCOPES": "account_problem",
    "INVALID_LOCATION": "account_problem",
    "MERCHANT_SUBSCRIPTION_NOT_FOUND": "account_problem",
    "UNAUTHORIZED": "account_problem",
    "AMOUNT_TOO_HIGH": "content_rejected",
    "AMOUNT_TOO_LOW": "content_rejected",
    "PAYMENT_LIMIT_EXCEEDED": "content_rejected",
    "TRANSACTION_LIMIT": "content_rejected",
    "VALUE_TOO_HIGH": "content_rejected",
    "VALUE_TOO_LOW": "content_rejected",
    "UNSUPPORTED_COUNTRY": "country_not_allowed",
}
"""Categories of error codes (``errors[].code``); the others are unknown."""


def reason_of(status: int, code: str) -> str:
    """The category of a refusal."""
    return REASONS.get(code, "account_problem" if status in (401, 403) else "unknown")
