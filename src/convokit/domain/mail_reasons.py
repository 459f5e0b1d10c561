"""Why a mail could not be sent, in words for the front desk.

The categories are those of :mod:`convokit.domain.reasons`; the advice there is about texts, this here about mail.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

MAIL_ADVICE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "invalid_number": "The mail server does not know this address. Look for a typing mistake.",
        "number_inactive": "This mailbox is no longer in use. Ask for another address.",
        "unreachable_temporary": "The mailbox is full or switched off. Try again later.",
        "recipient_blocked": "The receiving mail server does not take mails from your practice. "
        "Please tell your administrator.",
        "carrier_filtered": "The mail server took this mail for spam. Please tell your administrator.",
        "content_rejected": "The mail server did not accept the contents of this mail.",
        "media_problem": "The mail is too large for the mail server.",
        "sender_invalid": "The mail server does not let your practice's address send. Please tell your administrator.",
        "rate_limited": "Too many mails left in a short time. Try again later.",
        "expired": "No mail server took the mail in time. Please tell your administrator if this happens again.",
        "account_problem": "The mail server turned down your practice's login. Please tell your administrator.",
        "gateway_error": "The mail server had a technical fault. Try again in a few minutes.",
        "cancelled": "This mail was cancelled before it was sent.",
        "unknown": "The mail server did not say why. Try once more.",
    }
)
"""By category. What is not here has the advice of ``unknown``."""


def mail_advice(category: str | None) -> str:
    """What happened and what to do, for a category of a refused mail."""
    return MAIL_ADVICE.get(category or "unknown", MAIL_ADVICE["unknown"])
