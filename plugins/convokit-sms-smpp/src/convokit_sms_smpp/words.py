"""SMPP's numbers and the words of its receipts, as tables. What is not listed stays raw and is ``unknown``."""

from __future__ import annotations

from typing import Final, Literal

State = Literal["sent", "delivered", "failed"]

NOT_NOW: Final = frozenset({0x04, 0x14, 0x58})
"""``command_status`` of a text that was not taken and may be later: wrong bind state, queue full, throttled."""

STATUS: Final[dict[int, str]] = {
    0x01: "content_rejected",
    0x08: "gateway_error",
    0x0A: "sender_invalid",
    0x0B: "invalid_number",
    0x0D: "account_problem",
    0x0E: "account_problem",
    0x0F: "account_problem",
    0x14: "rate_limited",
    0x45: "unknown",
    0x48: "sender_invalid",
    0x49: "sender_invalid",
    0x50: "invalid_number",
    0x51: "invalid_number",
    0x58: "rate_limited",
    0x64: "gateway_error",
}
"""``command_status`` (section 5.1.3) of a refused ``submit_sm``. 0x45, "submit failed", says nothing more."""

NO_ACCOUNT: Final = frozenset({0x0E, 0x0F})
"""``command_status`` of a bind: the password or the system id is wrong. Anything else may pass by itself."""

STATES: Final[dict[int, tuple[State, str | None]]] = {
    1: ("sent", None),
    2: ("delivered", None),
    3: ("failed", "expired"),
    4: ("failed", "unknown"),
    5: ("failed", "unknown"),
    6: ("sent", None),
    7: ("sent", None),
    8: ("failed", "unknown"),
}
"""``message_state`` (section 5.2.28). UNKNOWN (7) is an end without news: the text was sent, and no more is known."""

WORDS: Final[dict[str, int]] = {
    "ENROUTE": 1,
    "DELIVRD": 2,
    "EXPIRED": 3,
    "DELETED": 4,
    "UNDELIV": 5,
    "ACCEPTD": 6,
    "UNKNOWN": 7,
    "REJECTD": 8,
}
"""``stat:`` of a receipt (appendix B) as ``message_state``. ``err:`` has no table: its numbers differ by carrier."""


def refusal(status: int) -> str:
    """The reason category of a status."""
    return STATUS.get(status, "unknown")


def shown(status: int) -> str:
    """A status as it is kept: ``"0x0000000b"``."""
    return f"0x{status:08x}"
