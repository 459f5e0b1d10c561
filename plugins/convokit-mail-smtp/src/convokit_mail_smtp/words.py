"""The codes of SMTP servers, as tables. Everything not listed here stays raw and is ``unknown``."""

from __future__ import annotations

import re
from typing import Final, Literal

from convokit.outcomes import Refused, TryLater

Stage = Literal["connect", "login", "sender", "recipient", "content"]
"""What the server answers to: the connection (greeting, EHLO, STARTTLS), AUTH, MAIL, RCPT, DATA and its end."""

RAW_LIMIT: Final = 500
"""Most characters of a server's own words that are kept."""

ENHANCED: Final[dict[str, str]] = {
    "1.6": "number_inactive",
    "1.7": "sender_invalid",
    "1.8": "sender_invalid",
    "2.1": "number_inactive",
    "2.3": "media_problem",
    "3.4": "media_problem",
    "7.8": "account_problem",
    "7.9": "account_problem",
    "7.11": "account_problem",
    "7.13": "account_problem",
    "7.20": "sender_invalid",
    "7.21": "sender_invalid",
    "7.22": "sender_invalid",
    "7.23": "sender_invalid",
    "7.24": "sender_invalid",
    "7.25": "sender_invalid",
    "7.26": "sender_invalid",
    "7.27": "sender_invalid",
    "7.28": "rate_limited",
}
"""Subject and detail of an enhanced status code: RFC 3463, and the IANA registry after it (RFC 7372, 7505, 8601)."""

ENHANCED_SUBJECT: Final[dict[str, str]] = {
    "1": "invalid_number",
    "2": "unreachable_temporary",
    "3": "gateway_error",
    "4": "gateway_error",
    "5": "gateway_error",
    "6": "content_rejected",
}
"""The subject alone (RFC 3463, 3), where the detail says no more. 7, policy, depends on the stage."""

POLICY: Final[dict[Stage, str]] = {
    "sender": "sender_invalid",
    "recipient": "recipient_blocked",
    "content": "carrier_filtered",
}

BASIC: Final[dict[tuple[Stage, int], str]] = {
    ("sender", 550): "sender_invalid",
    ("sender", 551): "sender_invalid",
    ("sender", 552): "media_problem",
    ("sender", 553): "sender_invalid",
    ("sender", 554): "sender_invalid",
    ("recipient", 550): "invalid_number",
    ("recipient", 551): "number_inactive",
    ("recipient", 553): "invalid_number",
    ("recipient", 554): "recipient_blocked",
    ("recipient", 556): "invalid_number",
    ("content", 550): "carrier_filtered",
    ("content", 552): "media_problem",
    ("content", 554): "carrier_filtered",
}
"""Replies without an enhanced code: RFC 5321, 4.2.3, and RFC 7504 for 556."""

ANY_STAGE: Final[dict[int, str]] = {
    **dict.fromkeys((500, 501, 502, 503, 504, 555), "gateway_error"),
    **dict.fromkeys((530, 534, 535, 538), "account_problem"),
}

_TOO_MANY_RECIPIENTS: Final = 552
"""To RCPT without an enhanced code, this is how RFC 821 spelt 452: RFC 5321, 4.5.3.1.10 wants it read as temporary."""

_ENHANCED: Final = re.compile(r"[245]\.(\d{1,3})\.(\d{1,3})(?!\S)")


def bounded(text: str) -> str:
    """``text`` on one line, at most 500 characters."""
    return " ".join(text[: 4 * RAW_LIMIT].split())[:RAW_LIMIT]


def refusal(stage: Stage, code: int, words: bytes) -> Refused | TryLater:
    """What a reply means that is no consent: 5xx is for good, 4xx for now (RFC 5321, 4.2.1).

    A reply without sense is for now as well: the server has not taken anything yet.
    """
    told = words.decode("utf-8", "replace")
    raw = bounded(f"{code} {told}")
    enhanced = _ENHANCED.match(told)
    too_many = stage == "recipient" and code == _TOO_MANY_RECIPIENTS and enhanced is None
    if not 500 <= code <= 599 or too_many:
        return TryLater(raw=raw)
    if stage in ("connect", "login") or (stage == "recipient" and "relay" in told.lower()):
        return Refused(reason="account_problem", raw=raw)
    if enhanced is None:
        return Refused(reason=BASIC.get((stage, code)) or ANY_STAGE.get(code, "unknown"), raw=raw)
    return Refused(reason=_by_enhanced(stage, *enhanced.groups()), raw=raw)


def _by_enhanced(stage: Stage, subject: str, detail: str) -> str:
    return (
        ENHANCED.get(f"{subject}.{detail}")
        or ENHANCED_SUBJECT.get(subject)
        or (POLICY[stage] if subject == "7" else "unknown")
    )
