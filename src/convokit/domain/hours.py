"""Conversation hours: when somebody answers. They are apart from office hours; a practice may answer on Sundays.

Times are the practice's own, as its clocks show them. Where the clocks skip a time, it is moved forward by as much as
they were; of a time that comes twice the first is meant (:mod:`convokit.domain.local_time`). So a night from 22:00 to
06:00 has seven real hours once a year and nine once a year, and no change of clocks opens or closes a day twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from functools import lru_cache
from typing import Final, cast
from zoneinfo import ZoneInfo

from attrs import field, frozen

from convokit.domain.holidays import WEEKDAYS, holiday_of, is_holiday
from convokit.domain.local_time import instant_of, local_of
from convokit.errors import InvalidInput

MOST_LINES: Final = 400
"""Holidays, and exceptions, that hours may have each."""

NEVER: Final = 0
"""The window of a practice that does not open within :data:`HORIZON_DAYS`: no real opening lies at the epoch."""

HORIZON_DAYS: Final = 400

Span = tuple[int, int]
"""From and to, in minutes since the midnight that begins the day; more than a day's worth reaches into the next."""

_DAY: Final = 24 * 60
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SPAN: Final = re.compile(r"([0-9]{1,2}):([0-9]{2}) ?[-–] ?([0-9]{1,2}):([0-9]{2})")


# What cannot be converted stays as it is: add_practice refuses it by name, a constructor would raise a TypeError.
def _pairs(given: Mapping[str, str] | Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    try:
        return tuple(sorted((key, value) for key, value in (given.items() if isinstance(given, Mapping) else given)))
    except (TypeError, ValueError):
        return cast("tuple[tuple[str, str], ...]", given)


def _texts(given: Iterable[str]) -> tuple[str, ...]:
    try:
        return (given,) if isinstance(given, str) else tuple(given)
    except TypeError:
        return cast("tuple[str, ...]", given)


@frozen(kw_only=True, cache_hash=True)
class ConversationHours:
    """When somebody answers, and what is sent by itself. The default: no hours are kept, and nothing is sent.

    Attributes:
        week: from days to times, as a mapping or pairs: ``{"mon-fri": "8:00-12:00, 13:00-18:00", "sat": "9:00-12:00"}``
            A day that is not named is closed. ``"18:00-2:00"`` ends on the next day; ``"0:00-24:00"`` is the whole day.
            Without any day no hours are kept: it is always open.
        holidays: days that are closed; see :mod:`convokit.domain.holidays`.
        exceptions: single dates with other times, holidays too: ``{"2026-12-24": "8:00-12:00"}``; ``""`` is closed.
        away: the answer to a client who writes while it is closed, once in a closed time and conversation; ``""`` for
            none. ``{practice}`` and ``{phone}`` are filled in, as in the confirmation of an opt-out.
        greeting: the answer to a client who begins a conversation; ``""`` for none. While it is closed, ``away`` is
            sent instead.
    """

    week: tuple[tuple[str, str], ...] = field(default=(), converter=_pairs)
    holidays: tuple[str, ...] = field(default=(), converter=_texts)
    exceptions: tuple[tuple[str, str], ...] = field(default=(), converter=_pairs)
    away: str = ""
    greeting: str = ""


ALWAYS_OPEN: Final = ConversationHours()
"""No hours are kept, and nothing is sent by itself."""


@frozen
class _Plan:
    """Hours as they are computed with: the times of each day of the week, Monday first, and of single dates."""

    week: tuple[tuple[Span, ...], ...]
    exceptions: Mapping[date, tuple[Span, ...]]
    holidays: tuple[str, ...]

    def spans_on(self, day: date) -> tuple[Span, ...]:
        if day in self.exceptions:
            return self.exceptions[day]
        return () if is_holiday(day, self.holidays) else self.week[day.weekday()]


def check_hours(hours: ConversationHours) -> None:
    """That hours can be kept.

    Raises:
        InvalidInput: ``hours.week``, ``hours.times``, ``hours.overlap``, ``hours.holidays``, ``hours.exceptions``.
    """
    for name, given in (("hours.week", hours.week), ("hours.exceptions", hours.exceptions)):
        if not _are_pairs(given):
            what = name.removeprefix("hours.")
            raise _wrong(name, f'{what}= maps days to times, {{"mon": "8:00-18:00"}}', "mapping of str")
    if not isinstance(hours.holidays, tuple) or not all(isinstance(text, str) for text in hours.holidays):
        raise _wrong("hours.holidays", 'holidays= is a list of days, ["12-25", "4th thu nov"]', "list of str")
    if not hours.week and (hours.holidays or hours.exceptions or hours.away):
        raise _wrong("hours.week", "without week= it is always open: nothing would come of the rest", "1 day or more")
    for name, count in (("hours.holidays", len(hours.holidays)), ("hours.exceptions", len(hours.exceptions))):
        if count > MOST_LINES:
            raise _wrong(name, f"too many {name.removeprefix('hours.')}", f"{MOST_LINES} days")
    for name, words in (("hours.away", hours.away), ("hours.greeting", hours.greeting)):
        if not isinstance(words, str):
            raise _wrong(name, f"{name.removeprefix('hours.')}= is text", "str")
    for text in hours.holidays:
        if holiday_of(text) is None:
            raise _wrong("hours.holidays", f"no day: {_shown(text)}", '2026-12-24, 12-25, "4th thu nov"')
    _plan(hours)


def _are_pairs(given: object) -> bool:
    return isinstance(given, tuple) and all(
        isinstance(pair, tuple) and len(pair) == len(("day", "times")) and all(isinstance(text, str) for text in pair)
        for pair in given
    )


def is_open(hours: ConversationHours, at_us: int, zone: ZoneInfo) -> bool:
    """Whether somebody answers at an instant. The first instant of a time is in it, its last is not."""
    if not hours.week:
        return True
    around = _around(hours, local_of(at_us, zone).date(), zone)
    return any(begins <= at_us < ends for begins, ends in around)


def next_opening(hours: ConversationHours, at_us: int, zone: ZoneInfo) -> int | None:
    """The instant at which it opens next; ``at_us`` itself while it is open, ``None`` if not within the horizon."""
    if is_open(hours, at_us, zone):
        return at_us
    today = local_of(at_us, zone).date()
    return min((begins for begins in _beginnings(hours, today, zone) if begins > at_us), default=None)


def closed_window(hours: ConversationHours, at_us: int, zone: ZoneInfo) -> int | None:
    """The closed time that an instant lies in, named by the instant of its end (:data:`NEVER` if there is none).

    ``None`` while it is open.
    """
    opens = next_opening(hours, at_us, zone)
    return None if opens == at_us else NEVER if opens is None else opens


@lru_cache(maxsize=1024)
def _around(hours: ConversationHours, today: date, zone: ZoneInfo) -> tuple[tuple[int, int], ...]:
    """The times in which an instant of a day can lie: a night, or a skipped day, begins before."""
    return tuple(times for away in range(-2, 2) for times in _times(hours, today, away, zone))


@lru_cache(maxsize=1024)
def _beginnings(hours: ConversationHours, today: date, zone: ZoneInfo) -> tuple[int, ...]:
    """When it opens around a day, and the first time after that."""
    near = [begins for begins, _ in _around(hours, today, zone)]
    for away in range(2, HORIZON_DAYS):
        found = _times(hours, today, away, zone)
        if found:
            return (*near, *(begins for begins, _ in found))
    return tuple(near)


def _times(hours: ConversationHours, today: date, away: int, zone: ZoneInfo) -> list[tuple[int, int]]:
    """The times that begin on a day, as instants; none of no length, where the clocks skipped all of it."""
    try:
        day = today + timedelta(days=away)
        spans = _plan(hours).spans_on(day)
        found = [(_instant(day, begins, zone), _instant(day, ends, zone)) for begins, ends in spans]
    except OverflowError:  # the calendar ends
        return []
    return [(begins, ends) for begins, ends in found if begins < ends]


def _instant(day: date, minutes: int, zone: ZoneInfo) -> int:
    at = time(minutes % _DAY // 60, minutes % 60)
    return instant_of(day + timedelta(days=minutes // _DAY), at, zone).at_us


@lru_cache(maxsize=256)
def _plan(hours: ConversationHours) -> _Plan:
    week: dict[int, tuple[Span, ...]] = {}
    for days, times in hours.week:
        for number in _days(days):
            if number in week:
                raise _wrong("hours.week", f"{WEEKDAYS[number]} is named twice", "1 line per day")
            week[number] = _spans(times, days)
    return _Plan(
        week=tuple(week.get(number, ()) for number in range(len(WEEKDAYS))),
        exceptions=_exceptions(hours.exceptions),
        holidays=hours.holidays,
    )


def _exceptions(given: tuple[tuple[str, str], ...]) -> Mapping[date, tuple[Span, ...]]:
    found: dict[date, tuple[Span, ...]] = {}
    for text, times in given:
        day = _date(text)
        if day in found:
            raise _wrong("hours.exceptions", f"{text} is named twice", "1 line per date")
        found[day] = _spans(times, text)
    return found


def _days(text: str) -> tuple[int, ...]:
    """``"mon"`` or ``"mon-fri"``; ``"sat-sun"`` too, and ``"fri-mon"`` around the end of the week."""
    first, dash, last = text.partition("-")
    if first not in WEEKDAYS or (dash and last not in WEEKDAYS):
        raise _wrong("hours.week", f"no day of the week: {_shown(text)}", f"{', '.join(WEEKDAYS)}, mon-fri")
    begin = WEEKDAYS.index(first)
    count = (WEEKDAYS.index(last) - begin) % len(WEEKDAYS) if dash else 0
    return tuple((begin + number) % len(WEEKDAYS) for number in range(count + 1))


def _date(text: str) -> date:
    try:
        if _DATE.fullmatch(text) is None:  # Python would also take 20261224 and 2026-W52-4
            raise ValueError("not a date")
        return date.fromisoformat(text)
    except ValueError:
        raise _wrong("hours.exceptions", f"no date: {_shown(text)}", "2026-12-24") from None


def _spans(text: str, of: str) -> tuple[Span, ...]:
    """The times of a day in order; none for an empty text."""
    parts = [part.strip() for part in text.split(",")] if text.strip() else []
    spans = sorted(_span(part, of) for part in parts)
    if any(spans[number][1] > spans[number + 1][0] for number in range(len(spans) - 1)):
        raise _wrong("hours.overlap", f"times of {_shown(of)} overlap: {_shown(text)}", "one after the other")
    return tuple(spans)


def _span(text: str, of: str) -> Span:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise _wrong("hours.times", f"no times for {_shown(of)}: {_shown(text)}", "8:00-12:00, 13:00-18:00")
    begin_hour, begin_minute, end_hour, end_minute = map(int, found.groups())
    begins, ends = begin_hour * 60 + begin_minute, end_hour * 60 + end_minute
    if max(begin_minute, end_minute) > 59 or begins >= _DAY or ends > _DAY:
        raise _wrong("hours.times", f"no such time for {_shown(of)}: {_shown(text)}", "0:00 to 24:00")
    if begins == ends:
        raise _wrong("hours.times", f"times without length for {_shown(of)}; the whole day is 0:00-24:00", "0:00-24:00")
    return (begins, ends) if begins < ends else (begins, ends + _DAY)


_LONGEST_SHOWN: Final = 40


def _shown(text: str) -> str:
    return f"{text[:_LONGEST_SHOWN]!a}"


def _wrong(code: str, why: str, limit: str) -> InvalidInput:
    return InvalidInput(code, why, field=code, limit=limit)
