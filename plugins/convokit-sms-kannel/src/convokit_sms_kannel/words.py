"""Kannel's words and SMPP's numbers, as tables. Everything not listed here stays raw and is ``unknown``."""

from __future__ import annotations

import re
from typing import Final, Literal

State = Literal["sent", "delivered", "failed"]

TAKEN: Final = ("0: accepted", "3: queued", "sent.")
"""How the body of a 202 starts when Kannel has the text (``sent.`` with ``immediate-sendsms-reply``)."""

NOT_TAKEN: Final = ((503, "temporal failure"), (500, "sending failed"), (408, ""), (429, ""))
"""(status, words): nothing was taken and later may do. Another 5xx may come from a proxy that lost Kannel's answer."""

REFUSALS: Final = (
    (400, "receiver number", "invalid_number"),
    (400, "receiver(s) number", "invalid_number"),
    (400, "sender missing", "sender_invalid"),
    # Said for a number on the black-list, but also when sendsms-chars lacks the "+": both are the administrator's.
    (400, "black-lists", "account_problem"),
    (400, "charset or body", "content_rejected"),
    (400, "", "unknown"),
    (403, "not routable", "sender_invalid"),
    (413, "", "content_rejected"),
    (None, "", "account_problem"),
)
"""(status, words in the answer, reason): the first row that fits a 4xx. The last: wrong login, wrong ``send_url``."""

BITS: Final[tuple[tuple[int, State], ...]] = ((1, "delivered"), (2 | 16, "failed"), (4 | 8, "sent"))
"""Bits of ``%d``, the strongest first. EXPIRED comes as 34 (32 + 2), so bits are tested, never the number."""

RECEIPT: Final[dict[str, tuple[State, str | None]]] = {
    "ENROUTE": ("sent", None),
    "ACCEPTD": ("sent", None),
    "DELIVRD": ("delivered", None),
    "EXPIRED": ("failed", "expired"),
    "DELETED": ("failed", "unknown"),
    "UNDELIV": ("failed", "unknown"),
    "REJECTD": ("failed", "unknown"),
    "UNKNOWN": ("failed", "unknown"),
}
"""``stat:`` of an SMPP 3.4 receipt (appendix B). ``err:`` has no table: its numbers differ from carrier to carrier."""

COMMAND_STATUS: Final[dict[int, str]] = {
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
"""SMPP 3.4 ``command_status`` (section 5.1.3) of a refused ``submit_sm``, as in ``NACK/0x0000000b/...``."""

_NACK: Final = re.compile(r"NACK/0x([0-9a-f]{8})(?:/|$)", re.IGNORECASE)
_STAT: Final = re.compile(r"\bstat:(\w+)", re.IGNORECASE)
_TEXT: Final = re.compile(r"\s*\btext:", re.IGNORECASE)


def refusal(status: int, words: str) -> str:
    """The reason category of a 4xx answer."""
    low = words.lower()
    return next(reason for code, part, reason in REFUSALS if code in (None, status) and part in low)


def without_text(reply: str) -> str:
    """``reply`` without the start of the message that an SMPP receipt repeats after ``text:``."""
    return _TEXT.split(reply, maxsplit=1)[0]


def report(kind: str, reply: str) -> tuple[State | None, str | None]:
    """State and reason of a delivery report.

    Args:
        kind: ``%d``, a sum of bits, as text; where it says nothing, the receipt's ``stat:`` decides.
        reply: ``%A`` :func:`without_text`: ``ACK/...``, ``NACK/...`` or a receipt.
    """
    bits = int(kind) if kind.isascii() and kind.isdecimal() and len(kind) <= 4 else 0
    stat = _STAT.search(reply)
    told, reason = RECEIPT.get(stat[1].upper() if stat else "", (None, None))
    state = next((state for mask, state in BITS if bits & mask), told)
    return state, (_refused(reply) or reason or "unknown") if state == "failed" else None


def _refused(reply: str) -> str | None:
    if nack := _NACK.match(reply):
        return COMMAND_STATUS.get(int(nack[1], 16))
    return "rate_limited" if reply.lower().startswith("nack/retries exceeded") else None
