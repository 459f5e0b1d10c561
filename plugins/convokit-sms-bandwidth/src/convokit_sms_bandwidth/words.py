"""Bandwidth's words and numbers, as tables. Everything not listed here stays raw and is ``unknown``."""

from __future__ import annotations

from typing import Final, Literal

State = Literal["sent", "delivered", "failed"]

STATES: Final[dict[str, State]] = {
    "message-sending": "sent",
    "message-sent": "sent",
    "message-delivered": "delivered",
    "message-read": "delivered",
    "message-failed": "failed",
}
"""The ``type`` of a callback about a text of ours. Where no receipt exists, "delivered" means handed to the carrier."""

UNCONFIRMED: Final = frozenset({9902})
"""Numbers of ``message-failed`` that say no more than that no receipt came: the text may well have arrived."""

REASONS: Final[dict[int, str]] = {
    4301: "content_rejected",
    4302: "sender_invalid",
    4303: "invalid_number",
    4350: "content_rejected",
    4360: "expired",
    4403: "sender_invalid",
    4404: "invalid_number",
    4405: "sender_invalid",
    4406: "number_inactive",
    4407: "sender_invalid",
    4410: "media_problem",
    4411: "media_problem",
    4412: "media_problem",
    4420: "recipient_blocked",
    4421: "recipient_blocked",
    4432: "country_not_allowed",
    4470: "carrier_filtered",
    4481: "sender_invalid",
    4482: "recipient_blocked",
    4700: "landline",
    4701: "unreachable_temporary",
    4702: "unreachable_temporary",
    4711: "media_problem",
    4712: "media_problem",
    4720: "landline",
    4721: "number_inactive",
    4730: "recipient_blocked",
    4740: "sender_invalid",
    4750: "recipient_blocked",
    4751: "content_rejected",
    4752: "content_rejected",
    4770: "carrier_filtered",
    4771: "carrier_filtered",
    4772: "recipient_blocked",
    4773: "sender_unregistered",
    4774: "sender_unregistered",
    4775: "opted_out",
    4780: "rate_limited",
    4781: "rate_limited",
    4785: "rate_limited",
    4790: "recipient_blocked",
    4791: "sender_unregistered",
    4792: "sender_unregistered",
    4793: "sender_unregistered",
    4795: "sender_unregistered",
    9999: "unknown",
}
"""The ``errorCode`` of a text that did not arrive."""

SERVICE_FAULTS: Final = range(5_000, 6_000)
"""Numbers of faults at Bandwidth or at a carrier, without a table."""

PARAMETERS: Final[dict[str, str]] = {
    "to": "invalid_number",
    "from": "sender_invalid",
    "applicationId": "sender_invalid",
    "text": "content_rejected",
    "media": "media_problem",
}
"""Reasons by the field that a refusal names: its refusals have no numbers."""


def reason_of(code: int | None) -> str:
    """The reason category of an error number; ``None``: there was none."""
    if code is None:
        return "unknown"
    return REASONS.get(code, "gateway_error" if code in SERVICE_FAULTS else "unknown")


def report_of(word: str, code: int | None) -> tuple[State | None, str | None]:
    """State and reason of a callback. A word that is not listed has no state."""
    state = STATES.get(word)
    if state != "failed":
        return state, None
    return ("sent", None) if code in UNCONFIRMED else (state, reason_of(code))
