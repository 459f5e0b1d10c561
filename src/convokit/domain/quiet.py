"""Quiet hours: when nothing that a program writes by itself leaves by text.

They are hours of a clock on the wall, across midnight most often. Where the clocks skip or repeat one of their ends,
the longer reading counts, so that the quiet time is never shorter than the client's clock says: of a beginning that
comes twice the first is meant and of an end that comes twice the second; an end that is skipped is moved forward, and
a beginning that is skipped is moved back. The hours are those in which telephone solicitations are barred in the
United States (47 CFR 64.1200(c)(1)), in the called party's zone; what answers a client is never one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from attrs import frozen

from convokit.domain.instant import to_micros
from convokit.domain.local_time import local_of

_ONE_DAY: Final = timedelta(days=1)


@frozen(kw_only=True)
class QuietHours:
    """When what a program writes by itself waits: ``desk.send(..., automatic=True)``.

    Attributes:
        on: whether there are any.
        begin, end: ``"HH:MM"``, 24 hours, in the client's zone where it is known, else in the practice's. The end
            is not quiet any more. An end before the beginning is on the next day.
    """

    on: bool = True
    begin: str = "21:00"
    end: str = "08:00"


USUAL_QUIET: Final = QuietHours()


def quiet_until(at_us: int, quiet: QuietHours, zone: ZoneInfo) -> int | None:
    """When the quiet time that holds at an instant ends; ``None`` if none does.

    Args:
        at_us: microseconds since the epoch, UTC; so is the answer.
        quiet: checked, as :class:`convokit.Rules` are when a practice is added.
        zone: whose clocks they are.
    """
    if not quiet.on:
        return None
    until_us = None
    for begins_us, ends_us in _nights(local_of(at_us, zone).date(), quiet, zone):
        # Nights that touch, where the clocks were put back, are one.
        if begins_us <= (at_us if until_us is None else until_us) < ends_us:
            until_us = ends_us
    return until_us


def _nights(today: date, quiet: QuietHours, zone: ZoneInfo) -> Iterator[tuple[int, int]]:
    """The quiet times around a day, in order; the zones that skipped a whole day are why there are so many."""
    begin, end = time.fromisoformat(quiet.begin), time.fromisoformat(quiet.end)
    for away in range(-3, 5):
        day = today + away * _ONE_DAY
        last = day if begin < end else day + _ONE_DAY
        yield min(_readings(day, begin, zone)), max(_readings(last, end, zone))


def _readings(day: date, at: time, zone: ZoneInfo) -> tuple[int, int]:
    """Both instants that a time on the wall may mean; most often they are one."""
    first = datetime.combine(day, at, tzinfo=zone)
    return to_micros(first), to_micros(first.replace(fold=1))
