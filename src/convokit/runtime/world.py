"""The two things the core may not touch, in one place: the clock and randomness. Both can be replaced."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from attrs import frozen

from convokit.domain.instant import to_micros

_TOKEN_BYTES: Final = 16


def system_clock() -> datetime:
    """The computer's clock, UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one door to the clock


def random_id(prefix: str) -> str:
    """An unguessable id: the prefix and 128 random bits."""
    return f"{prefix}_{secrets.token_hex(_TOKEN_BYTES)}"


@frozen(kw_only=True)
class World:
    """Where time and fresh ids come from.

    Attributes:
        clock: returns an aware datetime.
        fresh_id: makes an id from a short prefix; never the same twice.
    """

    clock: Callable[[], datetime] = system_clock
    fresh_id: Callable[[str], str] = random_id

    def fresh_key(self) -> bytes:
        """A key for signing: 256 random bits."""
        return secrets.token_bytes(2 * _TOKEN_BYTES)

    def now_us(self) -> int:
        """Now, in microseconds since the epoch."""
        return to_micros(self.clock(), "clock")
