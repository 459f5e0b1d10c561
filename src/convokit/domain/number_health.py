"""Whether a client's number can receive texts, by what carriers have said of texts to it.

A lasting failure (a landline, a number that is not in use) marks the number; a delivery to it clears the mark.
"""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from convokit.domain.instant import to_datetime
from convokit.domain.reasons import reason as entry_of_reason


@frozen(kw_only=True)
class NumberHealth:
    """What is known of a number.

    Attributes:
        address: E.164.
        reason: failure category of :mod:`convokit.domain.reasons`; ``None``: nothing speaks against texting it.
        since_us: when the first such failure since the last delivery was reported; 0 without one.
        entry_id: the text that failed last, or ``None``.
    """

    address: str
    reason: str | None = None
    since_us: int = 0
    entry_id: str | None = None

    @property
    def can_receive(self) -> bool:
        """Whether the number is worth a text."""
        return self.reason is None

    @property
    def since(self) -> datetime | None:
        """Since when it cannot receive texts, UTC, or ``None``."""
        return None if self.reason is None else to_datetime(self.since_us)

    @property
    def advice(self) -> str:
        """What to tell the front desk; ``""`` when nothing is wrong."""
        return "" if self.reason is None else entry_of_reason(self.reason).advice


def is_lasting(category: str | None) -> bool:
    """Whether a failure of this category says that the number itself cannot receive texts."""
    return category is not None and entry_of_reason(category).lasting
