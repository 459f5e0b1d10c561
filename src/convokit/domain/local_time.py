"""From what a clock on the wall shows to the instant it means, and back.

Twice a year most zones skip an hour of the wall clock or repeat one. A time that is skipped is moved forward by as
much as the clocks were (02:30 becomes 03:30), and the answer says so; of a time that comes twice the first is meant.
The rule of PEP 495 for ``fold=0``, taken because it never loses and never doubles what happens once a day.
"""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from attrs import frozen

from convokit.domain.instant import to_datetime, to_micros


@frozen(kw_only=True)
class LocalInstant:
    """The instant of a local date and time.

    Attributes:
        at_us: microseconds since the epoch, UTC.
        moved: the clocks skipped this time, so the instant is as much later as they were put forward.
        twice: the clocks showed this time twice; the instant is the first.
    """

    at_us: int
    moved: bool = False
    twice: bool = False


def instant_of(day: date, at: time, zone: ZoneInfo) -> LocalInstant:
    """When the clocks of ``zone`` show ``at`` (naive) on ``day``."""
    first = datetime.combine(day, at.replace(fold=0, tzinfo=None), tzinfo=zone)
    before, after = first.utcoffset(), first.replace(fold=1).utcoffset()
    if before is None or after is None or before == after:
        return LocalInstant(at_us=to_micros(first))
    return LocalInstant(at_us=to_micros(first), moved=before < after, twice=before > after)


def local_of(at_us: int, zone: ZoneInfo) -> datetime:
    """What the clocks of ``zone`` show at an instant, aware."""
    return to_datetime(at_us).astimezone(zone)
