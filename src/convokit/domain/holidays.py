"""Days on which a practice is closed, written as text: one date, a day of every year, or a weekday of a month.

``"2026-12-24"`` is one day. ``"12-25"`` comes every year (``"02-29"`` in leap years only). ``"4th thu nov"`` and
``"last mon may"`` are the weekday of their month, as Thanksgiving and Memorial Day are.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from attrs import frozen

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ORDINALS: Final = ("1st", "2nd", "3rd", "4th", "last")
_DATE: Final = re.compile(r"(?:([0-9]{4})-)?([0-9]{2})-([0-9]{2})")
_WEEKDAY: Final = re.compile(f"({'|'.join(_ORDINALS)}) ({'|'.join(WEEKDAYS)}) ({'|'.join(MONTHS)})")
_LEAP_YEAR: Final = 2024
_WEEK: Final = timedelta(days=7)


@frozen
class Holiday:
    """What the text of a holiday says. ``year`` is ``None`` for every year.

    Either ``day`` is given, or ``weekday`` (Monday is 0) with ``ordinal`` (0 to 3, and 4 for the last of the month).
    """

    month: int
    year: int | None = None
    day: int | None = None
    weekday: int = 0
    ordinal: int = 0

    def falls_on(self, day: date) -> bool:
        """Whether ``day`` is this holiday."""
        if day.month != self.month:
            return False
        if self.day is not None:
            return day.day == self.day and self.year in (None, day.year)
        if day.weekday() != self.weekday:
            return False
        is_last = day.toordinal() + _WEEK.days > date.max.toordinal() or (day + _WEEK).month != day.month
        return is_last if _ORDINALS[self.ordinal] == "last" else (day.day - 1) // _WEEK.days == self.ordinal


@lru_cache(maxsize=1024)
def holiday_of(text: str) -> Holiday | None:
    """The holiday that a text names; ``None`` for what is none, ``"02-30"`` included."""
    if found := _DATE.fullmatch(text):
        year, month, day = found[1], int(found[2]), int(found[3])
        try:
            date(_LEAP_YEAR if year is None else int(year), month, day)
        except ValueError:
            return None
        return Holiday(month=month, day=day, year=None if year is None else int(year))
    if found := _WEEKDAY.fullmatch(text):
        ordinal, weekday, month = _ORDINALS.index(found[1]), WEEKDAYS.index(found[2]), MONTHS.index(found[3]) + 1
        return Holiday(month=month, weekday=weekday, ordinal=ordinal)
    return None


def is_holiday(day: date, holidays: tuple[str, ...]) -> bool:
    """Whether ``day`` is one of the holidays. Texts that are none were refused when the practice was added."""
    return any(holiday is not None and holiday.falls_on(day) for holiday in map(holiday_of, holidays))
