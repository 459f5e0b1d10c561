"""Failures and flags as a medical record tells them: what happened, without the desk's advice. Tables are law."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

REASON_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "opted_out": "the client had opted out of texts",
        "landline": "the number is a landline or another line that cannot receive texts",
        "invalid_number": "the number is not a complete phone number",
        "number_inactive": "the number is no longer in use",
        "unreachable_temporary": "the phone was switched off or had no reception",
        "recipient_blocked": "the client's carrier or phone plan does not accept texts like this one",
        "carrier_filtered": "the carrier took the text for spam",
        "content_rejected": "the contents were not accepted",
        "media_problem": "the picture or file was too large or of a kind that cannot be texted",
        "sender_unregistered": "the practice's texting number was not fully registered with the carriers",
        "sender_invalid": "the practice's texting number could not send",
        "rate_limited": "too many texts had been sent in a short time",
        "expired": "the text waited too long and was dropped",
        "country_not_allowed": "the practice was not set up to text this country",
        "account_problem": "the texting service turned down the practice's account",
        "gateway_error": "the texting service or the carrier had a technical fault",
        "cancelled": "the text was cancelled before it was sent",
        "unknown": "the carrier did not say why",
    }
)
"""Every category of :mod:`convokit.domain.reasons`, as the end of "Could not be delivered: ..."."""

FLAG_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "crossed": "This text was already on its way when the client opted out.",
        "reports_disagree": "The carrier reported both a failure and the delivery.",
        "left": "Staff decided not to send this text again.",
        "maybe_opt_out": "This text may have meant an opt-out.",
        "may_be_appointment": "This text may have meant an appointment.",
        "repaired": "Some characters arrived damaged; each was replaced by U+FFFD.",
        "same_id_other_content": "The carrier used the number of another text for this one; both were kept.",
        "automatic_held": "No automatic reply was sent: a text of this client may have meant an opt-out.",
        "automatic_capped": "No automatic reply was sent: this number had as many in an hour as it may get.",
        "wrong_number": "This text may have meant that the number belongs to somebody else.",
    }
)
"""The flags of an entry that the reader must know. All others are in the canonical form only."""
