"""When the reminder at the end of the day is due, and what became of each day's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from attrs import field, frozen

from convokit.domain.holidays import WEEKDAYS, is_holiday
from convokit.domain.instant import to_datetime
from convokit.domain.local_time import instant_of, local_of
from convokit.domain.mail_reasons import mail_advice
from convokit.domain.mail_rules import EndOfDay

END_OF_DAY: Final = "end_of_day"
"""The name of this kind of work among what is planned."""

_LOOK_AHEAD: Final = 800
"""Days. Who closes for longer than two years is reminded of nothing; each look costs a millisecond at most."""
_ONE: Final = timedelta(days=1)

DayState = Literal["owed", "sent", "not_sent", "unsure", "nothing_open", "missed"]


@frozen(kw_only=True)
class DueDay:
    """One day's reminder: when it is due, and whether the clocks skip its time (it was moved forward with them)."""

    day: date
    at_us: int
    moved: bool = False


@frozen(kw_only=True)
class DayReport:
    """What became of the reminder of one day, or of all days from ``day`` to ``until`` that were missed together.

    Attributes:
        state: ``"owed"``; ``"sent"``; ``"not_sent"``, with the ``reason``; ``"unsure"``: nobody can know whether it was
            taken; ``"nothing_open"``: there was nothing to say; ``"missed"``: no worker ran in time.
        due_us, at_us: when it was due, and since when it is as it is; microseconds since the epoch.
        open_count: how many conversations were open then, at most one more than the counts beside the tabs.
        refused: recipients who did not get it although it was sent.
        reason: category of :mod:`convokit.domain.reasons`; ``raw``: the mail server's own words.
    """

    day: date
    until: date
    state: DayState
    due_us: int
    at_us: int
    open_count: int = 0
    refused: tuple[str, ...] = field(default=(), repr=False)
    reason: str | None = None
    raw: str = field(default="", repr=False)

    @property
    def due_at(self) -> datetime:
        """When it was due. UTC."""
        return to_datetime(self.due_us)

    @property
    def at(self) -> datetime:
        """Since when it is as it is. UTC."""
        return to_datetime(self.at_us)

    @property
    def advice(self) -> str | None:
        """What happened and what to do, for a reminder that could not be sent to everybody."""
        return None if self.reason is None else mail_advice(self.reason)


@frozen(kw_only=True)
class EndOfDayState:
    """``next_at``: when the next reminder is due, local to the practice; ``None`` when there is none.

    ``days``: what became of the last ones, newest day first.
    """

    next_at: datetime | None
    days: tuple[DayReport, ...]


def next_due(rules: EndOfDay, zone: ZoneInfo, after_us: int) -> DueDay | None:
    """The first reminder after an instant; ``None`` without recipients, or when no day is left for it."""
    # The day before too: near midnight, clocks put forward move its time onto this one.
    days = _days(rules, local_of(after_us, zone).date() - _ONE)
    return next((due for day in days if (due := _due(rules, zone, day)).at_us > after_us), None)


def last_due(rules: EndOfDay, zone: ZoneInfo, from_us: int, before_us: int) -> DueDay | None:
    """The last reminder from one instant to before another, both included in nothing but their order."""
    day, first = local_of(before_us, zone).date(), local_of(from_us, zone).date() - _ONE
    while day >= first:
        if _is_working(rules, day) and from_us <= (due := _due(rules, zone, day)).at_us < before_us:
            return due
        day -= _ONE
    return None


def is_due_at(rules: EndOfDay, zone: ZoneInfo, at_us: int) -> DueDay | None:
    """The reminder that is due at exactly this instant."""
    found = next_due(rules, zone, at_us - 1)
    return found if found is not None and found.at_us == at_us else None


def _days(rules: EndOfDay, first: date) -> Iterator[date]:
    if not rules.on:
        return
    days = (first + n * _ONE for n in range(_LOOK_AHEAD))
    yield from (day for day in days if _is_working(rules, day))


def _is_working(rules: EndOfDay, day: date) -> bool:
    return WEEKDAYS[day.weekday()] in rules.weekdays and not is_holiday(day, rules.holidays)


def _due(rules: EndOfDay, zone: ZoneInfo, day: date) -> DueDay:
    found = instant_of(day, time.fromisoformat(rules.time), zone)
    return DueDay(day=day, at_us=found.at_us, moved=found.moved)
