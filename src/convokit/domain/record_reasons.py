"""Why a transcript could not be filed, in words for the front desk.

The categories are those of :mod:`convokit.domain.reasons`; the advice there is about texts, this here about records.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

RECORD_ADVICE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "content_rejected": "The medical record did not take this document. Please tell your administrator.",
        "media_problem": "The document is too large for the medical record. Please tell your administrator.",
        "account_problem": "The medical record turned down your practice's login. Please tell your administrator.",
        "gateway_error": "The medical record had a technical fault. Try again later.",
        "expired": "The medical record confirmed nothing for seven days. Please tell your administrator.",
        "cancelled": "It was cancelled before it was filed.",
        "unknown": "The medical record did not say why. Look whether client and patient are the right ones, and try "
        "again.",
    }
)
"""By category. What is not here has the advice of ``unknown``."""

NO_CLEAR_ANSWER: Final = "Nobody can know whether the medical record has it: for seven days it gave no clear answer."
"""Of a document whose end nobody knows."""


def record_advice(category: str | None) -> str:
    """What happened and what to do, for a category of a refused document."""
    return RECORD_ADVICE.get(category or "unknown", RECORD_ADVICE["unknown"])
