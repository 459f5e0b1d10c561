"""The words in which what was done is measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from convokit.domain.instant import SECOND
from convokit.outcomes import Accepted, Refused, TryLater, Unsure

OUTCOME_WORDS: Final[Mapping[type[object], str]] = {
    Accepted: "accepted",
    Refused: "refused",
    TryLater: "try_later",
    Unsure: "unsure",
}


def seconds_between(begun_us: int | None, ended_us: int) -> float:
    """How long it took; 0 where the clock went back, or nobody knows when it began."""
    return 0.0 if begun_us is None else max(0, ended_us - begun_us) / SECOND
