"""Points in time.

Inside convokit a point in time is an ``int``: microseconds since 1970-01-01T00:00:00 UTC. It compares and stores
cheaply and cannot be naive. At the door it is an aware :class:`datetime.datetime`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from convokit.errors import InvalidInput

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR


def to_micros(moment: datetime, field: str = "at") -> int:
    """Microseconds since the epoch of an aware ``datetime``.

    Raises:
        InvalidInput: ``time.naive`` when ``moment`` has no zone: guessing one would shift it by hours.
    """
    if moment.utcoffset() is None:
        raise InvalidInput("time.naive", "a date and time needs a time zone; give an aware datetime", field=field)
    return (moment - _EPOCH) // _MICROSECOND


def to_datetime(micros: int) -> datetime:
    """The aware UTC ``datetime`` of microseconds since the epoch."""
    return _EPOCH + timedelta(microseconds=micros)
