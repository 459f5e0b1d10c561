"""Moments as the front desk reads them, in the practice's time zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from attrs import frozen

from convokit_dashboard.words import N_, Words

_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)
_WEEK_DAYS: Final = 7


_WEEKDAYS: Final = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
_MONTHS: Final = (
    N_("Jan"),
    N_("Feb"),
    N_("Mar"),
    N_("Apr"),
    N_("May"),
    N_("Jun"),
    N_("Jul"),
    N_("Aug"),
    N_("Sep"),
    N_("Oct"),
    N_("Nov"),
    N_("Dec"),
)


@frozen(kw_only=True, slots=False)
class Moment:
    """A moment: ``iso`` for machines, ``clock`` (``"14:05"``), ``age`` (``"5 min"``), ``full`` for a tooltip."""

    iso: str
    clock: str
    age: str
    full: str


def moment(at: datetime, now: datetime, zone: ZoneInfo, words: Words) -> Moment:
    """A moment as it is shown at ``now``; both aware."""
    local = at.astimezone(zone)
    clock = f"{local.hour:02}:{local.minute:02}"
    return Moment(
        iso=local.isoformat(),
        clock=clock,
        age=_age(local, now.astimezone(zone), words),
        full=f"{day_words(local.date(), words)}, {clock}",
    )


def _age(at: datetime, now: datetime, words: Words) -> str:
    passed = now - at
    if passed < _MINUTE:
        return words("now")
    if passed < _HOUR:
        return words("%(minutes)s min", minutes=passed // _MINUTE)
    if at.date() == now.date():
        return f"{at.hour:02}:{at.minute:02}"
    days = (now.date() - at.date()).days
    if days == 1:
        return words("yesterday")
    if days < _WEEK_DAYS:
        return words(_WEEKDAYS[at.weekday()])[:3]
    return short_day(at.date(), now.date(), words)


def short_day(day: date, today: date, words: Words) -> str:
    """``"12 May"``; with the year where it is not this one's."""
    named = words("%(day)s %(month)s", day=day.day, month=words(_MONTHS[day.month - 1]))
    return named if day.year == today.year else f"{named} {day.year}"


def day_words(day: date, words: Words) -> str:
    """``"Tuesday, 12 May 2026"``."""
    named = words("%(day)s %(month)s", day=day.day, month=words(_MONTHS[day.month - 1]))
    return f"{words(_WEEKDAYS[day.weekday()])}, {named} {day.year}"


def day_heading(day: date, today: date, words: Words) -> str:
    """What stands above a day's messages: ``"Today"``, ``"Yesterday"``, else the day."""
    if day == today:
        return words("Today")
    if (today - day).days == 1:
        return words("Yesterday")
    return day_words(day, words)
