"""Telnyx's words and numbers, as tables. Everything not listed here stays raw and is ``unknown``.

Words: the status of a recipient in callbacks and messages, and the status of a detail record, which has its own words.
Numbers: Telnyx's messaging error codes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

State = Literal["sent", "delivered", "failed"]

STATES: Final[dict[str, State]] = {
    "queued": "sent",
    "sending": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "delivery_unconfirmed": "sent",
    "sending_failed": "failed",
    "delivery_failed": "failed",
    "expired": "failed",
}
"""A text that Telnyx has is "sent", whether or not it has left Telnyx: it will not be sent by anybody else."""

RECORDED: Final[dict[str, State]] = {
    "delivered": "delivered",
    "dlr_unconfirmed": "sent",
    "dlr_timeout": "sent",
    "gw_reject": "failed",
    "gw_timeout": "failed",
    "failed": "failed",
}
"""The final status in a detail record. Until then there is none."""

WITHOUT_CODE: Final[dict[str, str]] = {"expired": "expired"}
"""Reasons of words that come without a number."""

REASONS: Final[dict[int, str]] = {
    10002: "invalid_number",
    10009: "account_problem",
    10010: "account_problem",
    10011: "rate_limited",
    40001: "landline",
    40002: "carrier_filtered",
    40003: "carrier_filtered",
    40004: "recipient_blocked",
    40005: "expired",
    40006: "gateway_error",
    40008: "unknown",
    40009: "content_rejected",
    40010: "sender_unregistered",
    40011: "rate_limited",
    40012: "invalid_number",
    40013: "sender_invalid",
    40014: "expired",
    40015: "carrier_filtered",
    40300: "opted_out",
    40305: "sender_invalid",
    40318: "rate_limited",
    40329: "sender_unregistered",
}

NOT_NOW: Final = frozenset({10011, 40011, 40318})
"""Refusals at the API by which nothing was taken, and that pass: too many requests, a full queue of the sender."""


def reason_of(codes: Iterable[int]) -> str:
    """The reason category of the first error number that has one."""
    return next((REASONS[code] for code in codes if code in REASONS), "unknown")


def report_of(states: dict[str, State], word: str, codes: tuple[int, ...]) -> tuple[State | None, str | None]:
    """State and reason of a status: a word of :data:`STATES` or :data:`RECORDED`. Any other has no state."""
    state = states.get(word)
    if state != "failed":
        return state, None
    known = reason_of(codes)
    return state, WITHOUT_CODE.get(word, known) if known == "unknown" else known
