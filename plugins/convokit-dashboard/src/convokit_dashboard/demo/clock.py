"""The demo's clock: it is late morning at the practice whenever the demo is started, and then time goes on."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta
from datetime import time as day_time
from zoneinfo import ZoneInfo

from convokit.domain.instant import to_datetime
from convokit.domain.local_time import instant_of

_SATURDAY = 5


class DemoClock:
    """Moved by hand while the week is played; from :meth:`release` on, it runs."""

    def __init__(self, start: datetime) -> None:
        self._base = start
        self._released: float | None = None

    def __call__(self) -> datetime:
        """The present moment. UTC."""
        passed = 0.0 if self._released is None else time.monotonic() - self._released
        return self._base + timedelta(seconds=passed)

    def move(self, to: datetime) -> None:
        """Move on; never back."""
        self._base = max(self._base, to)

    def release(self) -> None:
        """Let time go on by itself."""
        self._released = time.monotonic()


def late_morning(today: date, zone: ZoneInfo, *, days_ago: int = 0, hour: int = 10, minute: int = 42) -> datetime:
    """A time of the last working day, or of a day before it; UTC."""
    working = today - timedelta(days=max(0, today.weekday() - _SATURDAY + 1))
    return to_datetime(instant_of(working - timedelta(days=days_ago), day_time(hour, minute), zone).at_us)
