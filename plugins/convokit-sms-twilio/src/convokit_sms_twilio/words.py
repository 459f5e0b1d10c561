"""Twilio's words and numbers, as tables. Everything not listed here stays raw and is ``unknown``.

Words: Twilio's "Message status" values. Numbers: its "Error and Warning Dictionary". Twilio says that their meaning may
change, so a number that is not here falls back on what its range means, and is always kept raw.
"""

from __future__ import annotations

from typing import Final, Literal

State = Literal["sent", "delivered", "failed"]

STATES: Final[dict[str, State]] = {
    "accepted": "sent",
    "scheduled": "sent",
    "queued": "sent",
    "sending": "sent",
    "sent": "sent",
    "partially_delivered": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}
"""A text that Twilio has is "sent", whether or not it has left Twilio: it will not be sent by anybody else."""

WITHOUT_CODE: Final[dict[str, str]] = {"canceled": "cancelled"}
"""Reasons of words that come without a number."""

REASONS: Final[dict[int, str]] = {
    12300: "media_problem",
    14107: "rate_limited",
    20003: "account_problem",
    20429: "rate_limited",
    21211: "invalid_number",
    21217: "invalid_number",
    21408: "country_not_allowed",
    21603: "sender_invalid",
    21606: "sender_invalid",
    21608: "account_problem",
    21610: "opted_out",
    21611: "rate_limited",
    21612: "recipient_blocked",
    21614: "landline",
    21617: "content_rejected",
    21620: "media_problem",
    21623: "media_problem",
    21635: "landline",
    21659: "sender_invalid",
    30001: "rate_limited",
    30002: "account_problem",
    30003: "unreachable_temporary",
    30004: "recipient_blocked",
    30005: "number_inactive",
    30006: "landline",
    30007: "carrier_filtered",
    30008: "unknown",
    30011: "media_problem",
    30017: "gateway_error",
    30019: "media_problem",
    30022: "rate_limited",
    30023: "rate_limited",
    30027: "rate_limited",
    30032: "sender_unregistered",
    30033: "sender_unregistered",
    30034: "sender_unregistered",
    30035: "sender_unregistered",
    30036: "expired",
    30410: "gateway_error",
}

NOT_NOW: Final = frozenset({14107, 20429, 21611})
"""Refusals at the API by which nothing was taken, and that pass: too many requests, a full queue of the sender."""


def reason_of(code: int | None) -> str:
    """The reason category of an error number; ``None``: there was none."""
    return "unknown" if code is None else REASONS.get(code, "unknown")


def report_of(word: str, code: int | None) -> tuple[State | None, str | None]:
    """State and reason of a message status. A word that is not listed has no state."""
    state = STATES.get(word)
    if state != "failed":
        return state, None
    return state, WITHOUT_CODE.get(word, "unknown") if code is None else reason_of(code)
