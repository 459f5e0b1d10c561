"""The states of a sender number, as the settings of a practice have them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal, cast

SenderState = Literal["requested", "verifying", "ready", "suspended"]
SENDER_STATES: Final[tuple[SenderState, ...]] = ("requested", "verifying", "ready", "suspended")


def states(given: Mapping[str, str] | Iterable[tuple[str, str]]) -> tuple[tuple[str, SenderState], ...]:
    """Numbers and their states as sorted pairs; what is none stays as it is, for the door to refuse."""
    try:
        items = given.items() if isinstance(given, Mapping) else given
        pairs = tuple(sorted((number, state) for number, state in items))
    except (TypeError, ValueError):
        return cast("tuple[tuple[str, SenderState], ...]", given)
    return cast("tuple[tuple[str, SenderState], ...]", pairs)
