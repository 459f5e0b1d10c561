"""Vonage's words and numbers, as tables. Everything not listed here stays raw and is ``unknown``.

The Messages API and the SMS API have each their own: statuses in callbacks, error numbers, and numbers of refusals.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

State = Literal["sent", "delivered", "failed"]
_Reported = tuple[State | None, str | None]

# --- Messages API -----------------------------------------------------------------------------------------------------
STATES: Final[dict[str, State]] = {
    "submitted": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "rejected": "failed",
    "undeliverable": "failed",
}

WITHOUT_CODE: Final[dict[str, str]] = {"undeliverable": "gateway_error"}
"""Reasons of words that come without a number. "Undeliverable" means that Vonage could not reach the carrier."""

REASONS: Final[dict[int, str]] = {
    1000: "rate_limited",
    1030: "gateway_error",
    1040: "invalid_number",
    1050: "recipient_blocked",
    1060: "account_problem",
    1070: "account_problem",
    1080: "account_problem",
    1090: "content_rejected",
    1100: "gateway_error",
    1120: "sender_invalid",
    1140: "account_problem",
    1160: "account_problem",
    1170: "invalid_number",
    1180: "unreachable_temporary",
    1190: "number_inactive",
    1200: "unknown",
    1210: "carrier_filtered",
    1220: "unreachable_temporary",
    1230: "gateway_error",
    1240: "opted_out",
    1241: "rate_limited",
    1250: "invalid_number",
    1260: "invalid_number",
    1270: "recipient_blocked",
    1280: "recipient_blocked",
    1290: "recipient_blocked",
    1330: "unknown",
    1331: "gateway_error",
    1360: "expired",
    1380: "media_problem",
    1381: "media_problem",
    1382: "media_problem",
}

PROBLEMS: Final[dict[str, str]] = {
    "unauthorized": "account_problem",
    "forbidden": "account_problem",
    "unprovisioned": "account_problem",
    "account-suspended": "account_problem",
    "invalid-api-key": "account_problem",
    "low-balance": "account_problem",
}
"""Reasons of errors that have a name and no number: the end of the error's ``type``."""

PARAMETERS: Final[dict[str, str]] = {
    "to": "invalid_number",
    "from": "sender_invalid",
    "text": "content_rejected",
    "image": "media_problem",
    "content": "media_problem",
}
"""Reasons by the parameter that Vonage finds fault with, where it gives no number."""

NOT_NOW: Final = frozenset({1000, 1241})
"""Refusals by which nothing was taken, and that pass."""

# --- SMS API ----------------------------------------------------------------------------------------------------------
SMS_STATES: Final[dict[str, State]] = {
    "accepted": "sent",
    "buffered": "sent",
    "unknown": "sent",
    "delivered": "delivered",
    "expired": "failed",
    "failed": "failed",
    "rejected": "failed",
    "deleted": "failed",
    "submitted": "sent",
}
""""Deleted" and "submitted" stand in records only. "Unknown" is final: the carrier will tell no more."""

SMS_WITHOUT_CODE: Final[dict[str, str]] = {"expired": "expired", "deleted": "cancelled"}

SMS_REASONS: Final[dict[int, str]] = {
    1: "unknown",
    2: "unreachable_temporary",
    3: "number_inactive",
    4: "recipient_blocked",
    5: "unknown",
    6: "carrier_filtered",
    7: "unreachable_temporary",
    8: "gateway_error",
    9: "opted_out",
    10: "content_rejected",
    11: "invalid_number",
    12: "invalid_number",
    13: "recipient_blocked",
    14: "recipient_blocked",
    15: "recipient_blocked",
}
"""The ``err-code`` of a delivery receipt."""

SMS_REFUSALS: Final[dict[int, str]] = {
    1: "rate_limited",
    2: "account_problem",
    3: "account_problem",
    4: "account_problem",
    5: "gateway_error",
    6: "invalid_number",
    7: "recipient_blocked",
    8: "account_problem",
    9: "account_problem",
    10: "rate_limited",
    11: "account_problem",
    12: "content_rejected",
    14: "account_problem",
    15: "sender_invalid",
    29: "account_problem",
    32: "account_problem",
    33: "number_inactive",
}
"""The ``status`` of a text that was not taken."""

SMS_NOT_NOW: Final = frozenset({1, 10})


def report_of(word: str, code: int | None) -> _Reported:
    """State and reason of a status of the Messages API. A word that is not listed has no state."""
    return _reported(STATES, WITHOUT_CODE, REASONS, word, code)


def sms_report_of(word: str, code: int | None) -> _Reported:
    """The same for the SMS API."""
    return _reported(SMS_STATES, SMS_WITHOUT_CODE, SMS_REASONS, word, code)


def _reported(
    states: Mapping[str, State],
    without_code: Mapping[str, str],
    reasons: Mapping[int, str],
    word: str,
    code: int | None,
) -> _Reported:
    state = states.get(word)
    if state != "failed":
        return state, None
    known = "unknown" if code is None else reasons.get(code, "unknown")
    return state, without_code.get(word, known) if known == "unknown" else known
