"""Urgency levels and their rank. The rank is stored, never null, and leads the inbox order when urgency is on."""

from __future__ import annotations

from typing import Final

from convokit.errors import InvalidInput

LEVELS: Final = ("low", "normal", "high", "urgent")
"""From least to most urgent; the rank is the position."""
NORMAL: Final = 1


def rank(level: str, field: str = "urgency") -> int:
    """The rank of a level.

    Raises:
        InvalidInput: ``urgency.unknown``; ``limit`` names the levels.
    """
    if level not in LEVELS:
        raise InvalidInput("urgency.unknown", "unknown urgency level", field=field, limit=", ".join(LEVELS))
    return LEVELS.index(level)


def level(rank: int) -> str:
    """The name of a rank."""
    return LEVELS[rank]
