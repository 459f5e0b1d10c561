"""Why a text could not be delivered, in words for the front desk.

Every carrier's codes map to one of these categories (the raw code is kept beside it); the wording is shown on hover and
read by screen readers, so it says what happened and what to do next.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from attrs import frozen

Retry = Literal["no", "later", "reword", "edit", "yes", "once"]
Who = Literal["client", "staff", "admin", "system", "nobody"]


@frozen(kw_only=True)
class Reason:
    """One category.

    ``retry``: whether sending again can help, and after what (``"reword"``, ``"edit"``, ``"later"``, ``"once"``).
    ``who``: who must act. ``lasting``: the number itself cannot receive texts until a delivery shows otherwise.
    """

    category: str
    advice: str
    retry: Retry
    who: Who
    lasting: bool = False


_ALL: Final = (
    Reason(
        category="opted_out",
        advice="This client has opted out of texts, so nothing is sent to this number. They can allow texts again "
        "by texting START to your number. Please call, e-mail or use the app.",
        retry="no",
        who="client",
    ),
    Reason(
        category="landline",
        advice="This number belongs to a landline or another line that cannot receive texts. "
        "Ask the client for a mobile number.",
        retry="no",
        who="staff",
        lasting=True,
    ),
    Reason(
        category="invalid_number",
        advice="This is not a complete phone number. Look for a typing mistake.",
        retry="no",
        who="staff",
        lasting=True,
    ),
    Reason(
        category="number_inactive",
        advice="The carrier reports that this number is no longer in use. Check the number with the client.",
        retry="no",
        who="staff",
        lasting=True,
    ),
    Reason(
        category="unreachable_temporary",
        advice="The phone was switched off or had no reception. Try again later, or call.",
        retry="later",
        who="staff",
    ),
    Reason(
        category="recipient_blocked",
        advice="The client's carrier or phone plan does not accept texts like this one. Please call or use the app.",
        retry="no",
        who="client",
    ),
    Reason(
        category="carrier_filtered",
        advice="The carrier took this text for spam and stopped it. Other words, or leaving out links, often help.",
        retry="reword",
        who="staff",
    ),
    Reason(
        category="content_rejected",
        advice="The contents were not accepted: too long, or with characters that cannot be texted. Change the text.",
        retry="edit",
        who="staff",
    ),
    Reason(
        category="media_problem",
        advice="The picture or file is too large, or of a kind that cannot be texted. Change or remove it.",
        retry="edit",
        who="staff",
    ),
    Reason(
        category="sender_unregistered",
        advice="Your practice's texting number is not fully registered with the carriers yet, so texts from it fail. "
        "Please tell your administrator.",
        retry="no",
        who="admin",
    ),
    Reason(
        category="sender_invalid",
        advice="Your practice's texting number cannot send at the moment. Please tell your administrator.",
        retry="no",
        who="admin",
    ),
    Reason(
        category="rate_limited",
        advice="Too many texts left in a short time, or today's allowance is used up. Try again later.",
        retry="later",
        who="system",
    ),
    Reason(
        category="expired",
        advice="The text waited too long and was dropped before it arrived. Send it again if it is still needed.",
        retry="yes",
        who="staff",
    ),
    Reason(
        category="country_not_allowed",
        advice="Your practice is not set up to text this country. Please tell your administrator.",
        retry="no",
        who="admin",
    ),
    Reason(
        category="account_problem",
        advice="The texting service turned down your practice's account (out of credit, suspended or wrong login). "
        "Please tell your administrator.",
        retry="no",
        who="admin",
    ),
    Reason(
        category="gateway_error",
        advice="The texting service or the carrier had a technical fault. Try again in a few minutes.",
        retry="yes",
        who="system",
    ),
    Reason(
        category="cancelled",
        advice="This text was cancelled before it was sent.",
        retry="no",
        who="nobody",
    ),
    Reason(
        category="unknown",
        advice="The text could not be delivered and the carrier did not say why. Try once more, or call the client.",
        retry="once",
        who="staff",
    ),
)

REASONS: Final[Mapping[str, Reason]] = MappingProxyType({entry.category: entry for entry in _ALL})
"""Every category by its name."""


def reason(category: str) -> Reason:
    """The entry of ``category``; of ``unknown`` for a category that is not in the table."""
    return REASONS.get(category, REASONS["unknown"])
