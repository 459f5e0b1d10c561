"""Sinch's words and numbers, as tables. Everything not listed here stays raw and is ``unknown``."""

from __future__ import annotations

from typing import Final, Literal

State = Literal["sent", "delivered", "failed"]

STATES: Final[dict[str, State]] = {
    "Queued": "sent",
    "Dispatched": "sent",
    "Delivered": "delivered",
    "Aborted": "failed",
    "Cancelled": "failed",
    "Deleted": "failed",
    "Expired": "failed",
    "Failed": "failed",
    "Rejected": "failed",
    "Unknown": "sent",
}
"""A text that Sinch has is "sent": it will not be sent by anybody else. "Unknown" is final: no more will be told."""

WITHOUT_CODE: Final[dict[str, str]] = {"Cancelled": "cancelled", "Expired": "expired"}
"""Reasons of words that come without a number that has one. "Deleted" may mean a wrong number, or an opt-out."""

REASONS: Final[dict[int, str]] = {
    15: "carrier_filtered",
    60: "sender_unregistered",
    62: "carrier_filtered",
    64: "rate_limited",
    152: "landline",
    300: "invalid_number",
    310: "sender_invalid",
    321: "recipient_blocked",
    349: "carrier_filtered",
    399: "unknown",
    402: "invalid_number",
    403: "gateway_error",
    404: "unreachable_temporary",
    405: "content_rejected",
    406: "expired",
    407: "cancelled",
    410: "sender_invalid",
    411: "content_rejected",
    412: "country_not_allowed",
    413: "account_problem",
    414: "media_problem",
    416: "media_problem",
    417: "unreachable_temporary",
    418: "media_problem",
}
"""The ``code`` of a delivery report: below 400 a carrier's, from 400 on the REST API's own."""

REFUSALS: Final[dict[str, str]] = {
    "blocked_account": "account_problem",
    "missing_callback_url": "account_problem",
    "unauthorized": "account_problem",
    "illegal_number_type": "invalid_number",
    "syntax_invalid_json": "content_rejected",
}
"""Reasons by the ``code`` of a text that was not taken."""

PARAMETERS: Final[dict[str, str]] = {
    "to": "invalid_number",
    "from": "sender_invalid",
    "body": "content_rejected",
    "url": "media_problem",
}
"""Reasons by the field that a refusal names."""


def reason_of(code: int | None) -> str:
    """The reason category of an error number; ``None``: there was none."""
    return "unknown" if code is None else REASONS.get(code, "unknown")


def report_of(word: str, code: int | None) -> tuple[State | None, str | None]:
    """State and reason of a delivery report. A word that is not listed has no state."""
    spelled = word.capitalize() if word.isupper() else word
    state = STATES.get(spelled)
    if state != "failed":
        return state, None
    known = reason_of(code)
    return state, WITHOUT_CODE.get(spelled, known) if known == "unknown" else known
