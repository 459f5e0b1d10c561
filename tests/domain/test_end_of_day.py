"""When the reminder at the end of the day is due."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from convokit.domain.end_of_day import DayReport, is_due_at, last_due, next_due
from convokit.domain.holidays import WEEKDAYS, is_holiday
from convokit.domain.instant import DAY, HOUR, to_micros
from convokit.domain.local_time import instant_of, local_of
from convokit.domain.mail_rules import EndOfDay
from convokit.domain.reasons import REASONS

DENVER = ZoneInfo("America/Denver")
RULES = EndOfDay(recipients=["front@example.com"])
DAILY = evolve(RULES, weekdays=WEEKDAYS)
MONDAY = to_micros(datetime(2026, 3, 2, 15, 0, tzinfo=UTC))  # 08:00 in Denver


def days(rules: EndOfDay, zone: ZoneInfo, from_us: int, count: int) -> list[date]:
    found = []
    for _ in range(count):
        due = next_due(rules, zone, from_us)
        assert due is not None
        found.append(due.day)
        from_us = due.at_us
    return found


def test_the_next_working_day_at_its_time() -> None:
    due = next_due(RULES, DENVER, MONDAY)
    assert due is not None
    assert (due.day, due.moved) == (date(2026, 3, 2), False)
    assert local_of(due.at_us, DENVER).strftime("%H:%M") == "17:30"
    assert days(RULES, DENVER, MONDAY, 6) == [date(2026, 3, day) for day in (2, 3, 4, 5, 6, 9)]


def test_holidays_and_other_weekdays_are_skipped() -> None:
    rules = evolve(RULES, weekdays=["mon", "sat"], holidays=["2026-03-07", "03-09"])
    assert days(rules, DENVER, MONDAY, 3) == [date(2026, 3, 2), date(2026, 3, 14), date(2026, 3, 16)]


@pytest.mark.parametrize(
    "rules",
    [
        EndOfDay(),
        evolve(
            RULES,
            weekdays=["mon"],
            holidays=[f"{m:02}-{d:02}" for m in range(1, 13) for d in range(1, 32) if d < 29 or m != 2],
        ),
    ],
)
def test_there_may_be_none(rules: EndOfDay) -> None:
    if rules.on:  # closed every day: a year of holidays, and 29 February is no Monday soon
        assert next_due(rules, DENVER, MONDAY) is None
    else:
        assert next_due(rules, DENVER, MONDAY) is None
        assert is_due_at(rules, DENVER, MONDAY) is None


def test_p21_c29_a_time_that_the_clocks_skip_is_moved_forward_and_said_so() -> None:
    rules = evolve(DAILY, time="02:30")
    due = next_due(rules, DENVER, to_micros(datetime(2026, 3, 8, 7, tzinfo=UTC)))
    assert due is not None
    assert (due.day, due.moved) == (date(2026, 3, 8), True)
    assert local_of(due.at_us, DENVER).strftime("%H:%M") == "03:30"
    assert is_due_at(rules, DENVER, due.at_us) == due


def test_p21_c30_a_time_that_comes_twice_is_due_once_at_the_first() -> None:
    rules = evolve(DAILY, time="01:30")
    first = next_due(rules, DENVER, to_micros(datetime(2026, 11, 1, 6, tzinfo=UTC)))
    assert first is not None
    assert first.at_us == to_micros(datetime(2026, 11, 1, 7, 30, tzinfo=UTC))
    second = next_due(rules, DENVER, first.at_us)
    assert second is not None
    assert second.day == date(2026, 11, 2)


def test_only_the_very_instant_is_due() -> None:
    due = next_due(RULES, DENVER, MONDAY)
    assert due is not None
    assert is_due_at(RULES, DENVER, due.at_us) == due
    assert is_due_at(RULES, DENVER, due.at_us + 1) is None
    assert is_due_at(evolve(RULES, time="17:31"), DENVER, due.at_us) is None


def test_the_last_before_an_instant() -> None:
    first = next_due(RULES, DENVER, MONDAY)
    assert first is not None
    last = last_due(RULES, DENVER, first.at_us, first.at_us + 6 * DAY)  # until Sunday
    assert last is not None
    assert last.day == date(2026, 3, 6)
    assert last_due(RULES, DENVER, first.at_us, first.at_us) is None
    assert last_due(RULES, DENVER, first.at_us, first.at_us + 1) == first
    assert last_due(RULES, DENVER, first.at_us - HOUR, first.at_us) is None


ZONES = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
TIMES = st.times().map(lambda at: f"{at.hour:02}:{at.minute:02}")
WORKING = st.sets(st.sampled_from(WEEKDAYS), min_size=1).map(lambda found: tuple(d for d in WEEKDAYS if d in found))
HOLIDAYS = st.lists(st.dates(date(2024, 1, 1), date(2032, 12, 31)).map(date.isoformat), max_size=5).map(tuple)


def check_exactly_one_per_working_day(rules: EndOfDay, zone: ZoneInfo, first: date, count: int) -> None:
    """From the first midnight on, the reminders are those of the working days, each once, at its local time."""
    start_us = instant_of(first, datetime.min.time(), zone).at_us
    wanted = [first + timedelta(days=n) for n in range(count)]
    wanted = [day for day in wanted if WEEKDAYS[day.weekday()] in rules.weekdays]
    wanted = [day for day in wanted if not is_holiday(day, rules.holidays)]
    found, after_us = [], start_us - 1
    while (due := next_due(rules, zone, after_us)) is not None and due.day < first + timedelta(days=count):
        assert due.at_us > after_us
        shown = local_of(due.at_us, zone)
        assert due.moved or (shown.date(), shown.strftime("%H:%M"), shown.fold) == (due.day, rules.time, 0)
        assert is_due_at(rules, zone, due.at_us) == due
        found.append(due)
        after_us = due.at_us
    assert [due.day for due in found if due.day >= first] == wanted
    for one, other in pairwise(found):
        assert other.at_us - one.at_us > 20 * HOUR or other.day - one.day == timedelta(days=1)
        assert last_due(rules, zone, one.at_us, other.at_us) == one


@given(zone=ZONES, at=TIMES, weekdays=WORKING, holidays=HOLIDAYS, first=st.dates(date(2024, 1, 1), date(2032, 10, 1)))
def test_p21_exactly_one_per_working_day_in_any_zone(
    zone: ZoneInfo, at: str, weekdays: tuple[str, ...], holidays: tuple[str, ...], first: date
) -> None:
    rules = EndOfDay(recipients=["front@example.com"], time=at, weekdays=weekdays, holidays=holidays)
    check_exactly_one_per_working_day(rules, zone, first, 60)


@pytest.mark.soak
@pytest.mark.parametrize("at", ["00:30", "02:30", "23:30"])
def test_p21_exactly_one_per_day_through_all_years_in_every_zone(at: str) -> None:
    for name in sorted(available_timezones()):
        check_exactly_one_per_working_day(evolve(DAILY, time=at), ZoneInfo(name), date(2024, 1, 1), 9 * 365)


def test_a_report_says_when_and_why() -> None:
    that = date(2026, 3, 2)
    report = DayReport(day=that, until=that, state="not_sent", due_us=MONDAY, at_us=MONDAY + HOUR)
    assert (report.due_at, report.at) == (datetime(2026, 3, 2, 15, tzinfo=UTC), datetime(2026, 3, 2, 16, tzinfo=UTC))
    assert report.advice is None
    for category in REASONS:
        assert evolve(report, reason=category).advice
    assert "login" in (evolve(report, reason="account_problem").advice or "")
