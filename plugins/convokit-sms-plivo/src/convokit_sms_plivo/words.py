"""Plivo's words and numbers, as tables. Everything not listed here stays raw and is ``unknown``."""

from __future__ import annotations

from typing import Final, Literal

State = Literal["sent", "delivered", "failed"]

STATES: Final[dict[str, State]] = {
    "queued": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "failed": "failed",
    "undelivered": "failed",
    "rejected": "failed",
}
"""A text that Plivo has is "sent", whether or not it has left Plivo: it will not be sent by anybody else."""

REASONS: Final[dict[int, str]] = {
    10: "content_rejected",
    20: "gateway_error",
    30: "carrier_filtered",
    40: "sender_invalid",
    50: "invalid_number",
    60: "gateway_error",
    70: "number_inactive",
    80: "unreachable_temporary",
    90: "landline",
    100: "recipient_blocked",
    110: "content_rejected",
    200: "opted_out",
    300: "gateway_error",
    420: "expired",
    450: "country_not_allowed",
    900: "account_problem",
    1000: "unknown",
}
"""The ``ErrorCode`` of a text that did not arrive."""

STATUSES: Final[dict[int, str]] = {
    401: "account_problem",
    402: "account_problem",
    403: "country_not_allowed",
    404: "account_problem",
}
"""Reasons by the status of an answer. Plivo's refusals have no numbers; 403 is that of its geo permissions."""

PARAMETERS: Final[dict[str, str]] = {
    "dst": "invalid_number",
    "src": "sender_invalid",
    "text": "content_rejected",
    "media_urls": "media_problem",
}
"""Reasons by the parameter that an error names."""


def reason_of(code: int | None) -> str:
    """The reason category of an error number; ``None``: there was none."""
    return "unknown" if code is None else REASONS.get(code, "unknown")


def report_of(word: str, code: int | None) -> tuple[State | None, str | None]:
    """State and reason of a message status. A word that is not listed has no state."""
    state = STATES.get(word)
    return state, reason_of(code) if state == "failed" else None
