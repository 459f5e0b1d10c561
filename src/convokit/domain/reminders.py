"""Past-due reminders: which emojis stand beside a patient.

Everything here is about days in the practice's time zone, not about moments.

An interval is counted in calendar months and years. Where the month has no such day, its last one is taken: a
vaccination of 29 February 2024 that lasts one year is due on 28 February 2025, and 31 January and one month is the last
of February. So a reminder stays in the month that the vet named, and is a day early rather than a day late. Each day of
a series is counted from its start, not from the one before: four years after 29 February it is 29 February again.
(``relativedelta`` counts so. ``rrule`` leaves out days that do not exist, as RFC 5545 says: every year from 29 February
would come every fourth year.)
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, datetime
from itertools import islice
from typing import Final, Literal
from zoneinfo import ZoneInfo

from attrs import field, frozen

from convokit.domain.instant import to_datetime
from convokit.domain.reminder_kinds import BY_KIND, OTHER, kind_key
from convokit.domain.rules import Rules
from convokit.errors import InvalidInput

MOST_REMINDERS: Final = 100
"""Reminders of one patient that are judged."""

LONGEST_KIND: Final = 64
LONGEST_LABEL: Final = 200
_LONGEST_ID: Final = 128
_LONGEST_YEARS: Final = 100
_MOST: Final = {
    "years": _LONGEST_YEARS,
    "months": 12 * _LONGEST_YEARS,
    "weeks": 53 * _LONGEST_YEARS,
    "days": 366 * _LONGEST_YEARS,
}
_STATUSES: Final = ("active", "inactive", "deceased")
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@frozen(kw_only=True)
class Every:
    """An interval: the parts are added together.

    Attributes:
        years, months, weeks, days: whole numbers; at least one of them is more than 0, and together at most some
            hundred years.
        day: with years or months only: the day of the month that it ends on. 1 is the first of the month, 31 the last.

    Raises:
        InvalidInput: ``reminder.interval``.
    """

    years: int = 0
    months: int = 0
    weeks: int = 0
    days: int = 0
    day: int | None = None

    def __attrs_post_init__(self) -> None:
        for name, most in _MOST.items():
            given = getattr(self, name)
            if type(given) is not int or not 0 <= given <= most:
                raise _wrong_interval(f"{name} is a whole number from 0 to {most}", name, f"0..{most}")
        calendar, exact = self.years + self.months, self.weeks + self.days
        if not calendar + exact:
            raise _wrong_interval("an interval is longer than nothing", "every", "1 day")
        if self.day is None:
            return
        if type(self.day) is not int or not 1 <= self.day <= 31 or exact or not calendar:
            raise _wrong_interval("day is a day of the month, with years or months only", "day", "1..31")

    def after(self, day: date, times: int = 1) -> date | None:
        """The day that is this interval, so many times, after ``day``; ``None`` past the year 9999."""
        return _later(
            day,
            months=(12 * self.years + self.months) * times,
            days=(7 * self.weeks + self.days) * times,
            day_of_month=self.day,
        )


@frozen(kw_only=True)
class Reminder:
    """Something that a patient needs by a day.

    Attributes:
        kind: what it is, in the host's word (``"rabies"``, ``"Dental_Cleaning"``), 1 to 64 characters.
        due: the last day that is in time, in the practice's time zone.
        label: what a screen reader says, at most 200 characters; empty for the kind's own label.

    Raises:
        InvalidInput: ``reminder.kind``, ``reminder.label``, ``reminder.date``.
    """

    kind: str
    due: date
    label: str = ""

    def __attrs_post_init__(self) -> None:
        _check_words(self.kind, self.label)
        _check_day(self.due, "due")


@frozen(kw_only=True)
class Recurring:
    """Something that a patient needs again and again: by ``since`` plus the interval, plus twice the interval, ...

    Attributes:
        kind, label: as in :class:`Reminder`.
        since: the day that the series is counted from: for a vaccination, the day on which it was last given.
        every: the interval.
        done: for a series that keeps its own days whenever the patient came ("on the first of each month"): the day
            that it was last done. Only days of the series after this one count. ``None`` if not since the start.

    Raises:
        InvalidInput: ``reminder.kind``, ``reminder.label``, ``reminder.date``, ``reminder.interval``.
    """

    kind: str
    since: date
    every: Every
    done: date | None = None
    label: str = ""

    def __attrs_post_init__(self) -> None:
        _check_words(self.kind, self.label)
        _check_day(self.since, "since")
        if self.done is not None:
            _check_day(self.done, "done")
        if not isinstance(self.every, Every):
            raise _wrong_interval("every is a convokit.ports.reminders.Every", "every", "Every")

    @property
    def due(self) -> date | None:
        """The first day of the series after ``done``, or the first of all; ``None`` past the year 9999."""
        if self.done is None:
            return self.every.after(self.since)
        # The days of a series rise with their number, so the number is found in some twenty steps.
        numbers = range(1, date.max.toordinal())
        passed = bisect_right(numbers, self.done, key=lambda n: self.every.after(self.since, n) or date.max)
        return self.every.after(self.since, passed + 1)


def _at_most(given: Iterable[Reminder | Recurring]) -> tuple[Reminder | Recurring, ...]:
    # One more than is judged, to know that there were more; a host's iterable may have no end.
    try:
        return tuple(islice(given, MOST_REMINDERS + 1))
    except TypeError:
        raise _wrong_list() from None


@frozen(kw_only=True)
class PatientReminders:
    """What the host knows about one patient. Another pet of the same client has a value of its own.

    Attributes:
        patient_id: the host's.
        reminders: those that are open; what has been done is left out. The first 100 are judged.
        status: ``"active"``, ``"inactive"`` or ``"deceased"``; nothing is past due for the last two.

    Raises:
        InvalidInput: ``reminder.patient``, ``reminder.status``, ``reminder.list``.
    """

    patient_id: str
    reminders: tuple[Reminder | Recurring, ...] = field(default=(), converter=_at_most)
    status: Literal["active", "inactive", "deceased"] = "active"

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.patient_id, str) or not 1 <= len(self.patient_id) <= _LONGEST_ID:
            why = "patient_id is a short text"
            raise _refused("reminder.patient", why, "patient_id", f"1..{_LONGEST_ID} characters")
        if self.status not in _STATUSES:
            raise _refused("reminder.status", "unknown status of a patient", "status", ", ".join(_STATUSES))
        if not all(isinstance(one, Reminder | Recurring) for one in self.reminders):
            raise _wrong_list()

    @property
    def too_many(self) -> bool:
        """Whether there are reminders beyond those that are judged."""
        return len(self.reminders) > MOST_REMINDERS


@frozen(kw_only=True)
class PastDue:
    """One emoji beside a patient, and what it means.

    Attributes:
        kind: in the host's word.
        label: for the screen reader; an emoji alone is read as "syringe".
        due: the last day that was in time, in the practice's time zone.
        days_overdue: days since then, at least 1.
    """

    kind: str
    emoji: str
    label: str
    due: date
    days_overdue: int


def past_due(patient: PatientReminders, *, today: date, rules: Rules) -> tuple[PastDue, ...]:
    """What is past due for a patient: the longest overdue first, each kind once.

    On its day a reminder is in time. It is dropped when it is more than ``rules.reminder_months`` calendar months
    overdue, and does not hide another one of its kind then. Nothing is past due for a patient who is inactive or
    deceased, and no kind is shown that the practice has given an empty emoji.

    Args:
        patient: what the host knows.
        today: the day in the practice's time zone, see :func:`local_day`.
        rules: ``reminder_emojis`` and ``reminder_months`` are looked at.
    """
    if patient.status != "active":
        return ()
    found = sorted(
        (due, kind_key(one.kind), one.label, one.kind)
        for one in patient.reminders[:MOST_REMINDERS]
        if (due := one.due) is not None and due < today and not _dropped(due, today, rules.reminder_months)
    )
    longest: dict[str, tuple[date, str, str]] = {}
    for due, key, label, kind in found:
        longest.setdefault(key, (due, label, kind))
    own = {kind_key(kind): emoji for kind, emoji in rules.reminder_emojis}
    return tuple(
        PastDue(kind=kind, emoji=emoji, label=label or _label(key, kind), due=due, days_overdue=(today - due).days)
        for key, (due, label, kind) in longest.items()
        if (emoji := _emoji(key, own))
    )


def local_day(at_us: int, time_zone: str) -> date:
    """The day that it is in a zone.

    Args:
        at_us: microseconds since the epoch, UTC.
        time_zone: IANA name.
    """
    return to_datetime(at_us).astimezone(ZoneInfo(time_zone)).date()


def _dropped(due: date, today: date, months: int) -> bool:
    last = _later(due, months=months)
    return last is not None and last < today


def _emoji(key: str, own: dict[str, str]) -> str:
    known = BY_KIND.get(key)
    return own[key] if key in own else known.emoji if known else own.get(OTHER, BY_KIND[OTHER].emoji)


def _label(key: str, kind: str) -> str:
    if key in BY_KIND:
        return BY_KIND[key].label
    words = " ".join(kind.replace("_", " ").split())
    return words[:1].upper() + words[1:]


def _later(day: date, *, months: int, days: int = 0, day_of_month: int | None = None) -> date | None:
    """So much later by the calendar, or ``None`` past the year 9999."""
    from dateutil.relativedelta import relativedelta  # slow to import: only for those who have reminders

    try:
        return day + relativedelta(months=months, days=days, day=day_of_month)
    except (ValueError, OverflowError):
        return None


def _check_words(kind: object, label: object) -> None:
    if not _is_text(kind, LONGEST_KIND) or not kind_key(str(kind)):
        raise _refused("reminder.kind", "a kind is a word or a few", "kind", f"1..{LONGEST_KIND} characters")
    if not _is_text(label, LONGEST_LABEL):
        raise _refused("reminder.label", "a label is one line of text", "label", f"{LONGEST_LABEL} characters")


def _is_text(value: object, most: int) -> bool:
    return isinstance(value, str) and len(value) <= most and not _CONTROL.search(value)


def _check_day(value: object, name: str) -> None:
    # A datetime is a date to Python, but which day it is depends on the zone.
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _refused("reminder.date", f"{name} is a datetime.date, not {type(value).__name__}", name, "date")


def _wrong_interval(why: str, name: str, limit: str) -> InvalidInput:
    return _refused("reminder.interval", why, name, limit)


def _wrong_list() -> InvalidInput:
    return _refused("reminder.list", "reminders are Reminder and Recurring values", "reminders", "Reminder, Recurring")


def _refused(code: str, why: str, name: str, limit: str) -> InvalidInput:
    return InvalidInput(code, why, field=name, limit=limit)
