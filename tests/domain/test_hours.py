"""Conversation hours: weekly times with breaks and nights, holidays, exceptions, and every change of clocks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convokit.domain.holidays import WEEKDAYS, holiday_of, is_holiday
from convokit.domain.hours import (
    ALWAYS_OPEN,
    MOST_LINES,
    NEVER,
    ConversationHours,
    check_hours,
    closed_window,
    is_open,
    next_opening,
)
from convokit.domain.instant import DAY, HOUR, MINUTE, to_micros
from convokit.errors import InvalidInput

DENVER = ZoneInfo("America/Denver")
OFFICE = ConversationHours(
    week={"mon-fri": "8:00-12:00, 13:00-18:00", "sat": "09:00 - 12:00"},
    holidays=["12-25", "2026-03-04", "4th thu nov", "last mon may"],
    exceptions={"2026-12-25": "10:00-11:00", "2026-12-28": ""},
)
NIGHTS = ConversationHours(week={"fri": "18:00-2:00", "sat": "0:00-24:00", "sun": "0:00-6:00"})


def local(text: str, zone: ZoneInfo = DENVER) -> int:
    return to_micros(datetime.fromisoformat(text).replace(tzinfo=zone))


# --- when it is open --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "at", "opened", "opens"),
    [
        (OFFICE, "2026-03-02T08:00", True, "2026-03-02T08:00"),  # a Monday
        (OFFICE, "2026-03-02T07:59:59.999999", False, "2026-03-02T08:00"),
        (OFFICE, "2026-03-02T11:59:59.999999", True, "2026-03-02T11:59:59.999999"),
        (OFFICE, "2026-03-02T12:00", False, "2026-03-02T13:00"),
        (OFFICE, "2026-03-02T18:00", False, "2026-03-03T08:00"),
        (OFFICE, "2026-03-03T20:00", False, "2026-03-05T08:00"),  # Wednesday is a holiday of 2026
        (OFFICE, "2027-03-04T08:30", True, "2027-03-04T08:30"),
        (OFFICE, "2026-03-07T11:00", True, "2026-03-07T11:00"),
        (OFFICE, "2026-03-07T12:00", False, "2026-03-09T08:00"),  # the clocks change in between
        (OFFICE, "2026-05-25T09:00", False, "2026-05-26T08:00"),  # Memorial Day
        (OFFICE, "2026-11-26T09:00", False, "2026-11-27T08:00"),  # Thanksgiving
        (OFFICE, "2026-12-25T10:30", True, "2026-12-25T10:30"),  # an exception goes before a holiday
        (OFFICE, "2026-12-25T11:00", False, "2026-12-26T09:00"),
        (OFFICE, "2026-12-28T10:00", False, "2026-12-29T08:00"),
        (OFFICE, "2027-12-25T10:30", False, "2027-12-27T08:00"),
        (NIGHTS, "2026-03-06T17:59", False, "2026-03-06T18:00"),
        (NIGHTS, "2026-03-07T01:59", True, "2026-03-07T01:59"),
        (NIGHTS, "2026-03-07T23:59", True, "2026-03-07T23:59"),
        (NIGHTS, "2026-03-08T00:00", True, "2026-03-08T00:00"),
        (NIGHTS, "2026-03-08T06:00", False, "2026-03-13T18:00"),
        (ALWAYS_OPEN, "2026-03-08T06:00", True, "2026-03-08T06:00"),
    ],
)
def test_open_or_not(hours: ConversationHours, at: str, opened: bool, opens: str) -> None:
    at_us = local(at)
    assert is_open(hours, at_us, DENVER) is opened
    assert next_opening(hours, at_us, DENVER) == local(opens)
    assert closed_window(hours, at_us, DENVER) == (None if opened else local(opens))


def test_a_night_before_a_holiday_runs_into_it_and_a_night_of_one_does_not_begin() -> None:
    hours = ConversationHours(week={"mon-sun": "20:00-4:00"}, holidays=["2026-07-04"])
    assert is_open(hours, local("2026-07-04T03:59"), DENVER)
    assert not is_open(hours, local("2026-07-04T21:00"), DENVER)
    assert not is_open(hours, local("2026-07-05T03:00"), DENVER)


def test_what_never_opens_has_one_window() -> None:
    holidays = [f"{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)]
    shut = ConversationHours(week={"mon": ""})
    assert next_opening(shut, 0, DENVER) is None
    assert closed_window(shut, local("2026-03-02T08:00"), DENVER) == NEVER
    only_late = ConversationHours(week={"mon-sun": "8:00-9:00"}, holidays=holidays)
    assert next_opening(only_late, local("2026-03-02T08:30"), DENVER) == local("2026-03-29T08:00")
    assert next_opening(OFFICE, local("9999-12-29T08:00"), DENVER) == local("9999-12-29T08:00")
    assert next_opening(ConversationHours(week={"sun": "8:00-9:00"}), local("9999-12-29T08:00"), DENVER) is None


# --- changes of clocks ------------------------------------------------------------------------------------------------


def test_p21_a_night_has_seven_hours_once_a_year_and_nine_once() -> None:
    nights = ConversationHours(week={"sat": "22:00-6:00"})
    for begins, length in (("2026-03-07T22:00", 7), ("2026-10-31T22:00", 9), ("2026-06-06T22:00", 8)):
        at_us = local(begins)
        assert not is_open(nights, at_us - 1, DENVER)
        assert all(is_open(nights, at_us + minutes * MINUTE, DENVER) for minutes in range(length * 60))
        assert not is_open(nights, at_us + length * HOUR, DENVER)


@pytest.mark.parametrize(
    ("times", "begins", "ends"),
    [
        ("2:15-2:45", "2026-03-08T03:15", "2026-03-08T03:45"),  # both skipped: both moved
        ("1:00-2:30", "2026-03-08T01:00", "2026-03-08T03:30"),
        ("2:30-8:00", "2026-03-08T03:30", "2026-03-08T08:00"),
    ],
)
def test_p21_skipped_times_are_moved_forward(times: str, begins: str, ends: str) -> None:
    hours = ConversationHours(week={"sun": times})
    assert next_opening(hours, local("2026-03-08T00:00"), DENVER) == local(begins)
    assert is_open(hours, local(ends) - 1, DENVER)
    assert not is_open(hours, local(ends), DENVER)


def test_p21_times_of_which_nothing_is_left_do_not_open() -> None:
    hours = ConversationHours(week={"sun": "2:45-3:15"})  # 03:45 to 03:15
    assert next_opening(hours, local("2026-03-08T00:00"), DENVER) == local("2026-03-15T02:45")


def test_p21_of_times_that_come_twice_the_first_is_meant() -> None:
    hours = ConversationHours(week={"sun": "1:15-1:45"})
    first = to_micros(datetime(2026, 11, 1, 7, 15, tzinfo=UTC))
    assert next_opening(hours, local("2026-11-01T00:00"), DENVER) == first
    assert not is_open(hours, first + HOUR, DENVER)


def transitions(zone: ZoneInfo) -> list[int]:
    """The hours of 2024 to 2032 in which the offset of a zone changes."""
    found, at, end = [], datetime(2024, 1, 1, tzinfo=UTC), datetime(2033, 1, 1, tzinfo=UTC)
    offset = at.astimezone(zone).utcoffset()
    while at < end:
        at += timedelta(hours=24)
        after = at.astimezone(zone).utcoffset()
        if after != offset:
            found.append(to_micros(at - timedelta(hours=24)))
        offset = after
    return found


AWKWARD = (
    ConversationHours(week={"mon-sun": "0:30-2:30, 2:45-3:15, 23:30-0:10"}),
    ConversationHours(week={"mon-sun": "0:00-24:00"}),
    ConversationHours(week={"mon-sun": "22:00-6:00"}),
    ConversationHours(week={"mon-sun": "8:00-18:00"}),
)


def check_around_each_change(name: str) -> int:
    """Opening is told alike by both functions, for every quarter of an hour around each change of a zone's clocks."""
    zone, count = ZoneInfo(name), 0
    for change in transitions(zone):
        for hours in AWKWARD:
            quarters = range(change - 6 * HOUR, change + DAY + 6 * HOUR, 15 * MINUTE)
            opened = {at_us: is_open(hours, at_us, zone) for at_us in quarters}
            for at_us in quarters:
                opens = next_opening(hours, at_us, zone)
                assert opens is not None
                assert opened[at_us] == (opens == at_us), (name, at_us)
                assert is_open(hours, opens, zone), (name, at_us)
                assert opens == at_us or not is_open(hours, opens - 1, zone), (name, at_us)
                assert not any(map(opened.get, range(at_us, min(opens, quarters.stop), 15 * MINUTE))), (name, at_us)
            count += 1
        assert all(is_open(AWKWARD[1], at_us, zone) for at_us in quarters)
    return count


@pytest.mark.parametrize(
    "name", ["America/Denver", "America/Santiago", "Asia/Beirut", "Australia/Lord_Howe", "Antarctica/Troll"]
)
def test_p21_every_change_of_a_telling_zone(name: str) -> None:
    assert check_around_each_change(name) >= 9 * len(AWKWARD)


@pytest.mark.soak
def test_p21_every_change_of_every_zone() -> None:
    assert sum(map(check_around_each_change, sorted(available_timezones()))) > 3_000 * len(AWKWARD)


@given(
    zone=st.timezone_keys(allow_prefix=False).map(ZoneInfo),
    days=st.dictionaries(
        st.sampled_from(WEEKDAYS),
        st.tuples(st.integers(0, 23), st.integers(0, 59), st.integers(0, 23), st.integers(0, 59)),
    ),
    at=st.datetimes(datetime(2024, 1, 1), datetime(2032, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds,
)
def test_p21_the_next_opening_is_the_first_one(
    zone: ZoneInfo, days: dict[str, tuple[int, int, int, int]], at: datetime
) -> None:
    week = {day: "{}:{:02}-{}:{:02}".format(*times) for day, times in days.items() if times[:2] != times[2:]}
    hours, at_us = ConversationHours(week={"mon": "", **week}), to_micros(at)
    opens = next_opening(hours, at_us, zone)
    if opens is None:
        assert not week
        return
    assert is_open(hours, opens, zone)
    assert opens == at_us or not any(is_open(hours, at_us + n * (opens - at_us) // 20, zone) for n in range(20))


# --- holidays ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "days", "others"),
    [
        ("2026-12-24", ["2026-12-24"], ["2027-12-24", "2026-12-25"]),
        ("12-25", ["2026-12-25", "2031-12-25"], ["2026-11-25"]),
        ("02-29", ["2028-02-29"], ["2027-02-28", "2027-03-01"]),
        ("4th thu nov", ["2026-11-26", "2029-11-22"], ["2026-11-19", "2026-11-27", "2026-12-24"]),
        ("1st mon sep", ["2026-09-07"], ["2026-09-14"]),
        ("last mon may", ["2026-05-25", "2027-05-31"], ["2027-05-24"]),
        ("last fri dec", ["9999-12-31"], ["9999-12-24"]),
    ],
)
def test_holidays(text: str, days: list[str], others: list[str]) -> None:
    assert all(is_holiday(date.fromisoformat(day), (text,)) for day in days)
    assert not any(is_holiday(date.fromisoformat(day), (text,)) for day in others)


@pytest.mark.parametrize(
    "text",
    ["", "2026-02-30", "13-01", "02-30", "0000-01-01", "5th mon may", "4th Thu nov", "christmas", "12-25 ", "1-1"],
)
def test_p18_what_is_no_holiday(text: str) -> None:
    assert holiday_of(text) is None
    with pytest.raises(InvalidInput) as caught:
        check_hours(ConversationHours(week={"mon": "8:00-9:00"}, holidays=[text]))
    assert caught.value.code == "hours.holidays"


# --- what is refused --------------------------------------------------------------------------------------------------

MONDAY: Mapping[str, Any] = {"week": {"mon": "8:00-9:00"}}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"week": {"monday": "8:00-9:00"}}, "hours.week"),
        ({"week": {"mon-": "8:00-9:00"}}, "hours.week"),
        ({"week": {"mon-fri": "8:00-9:00", "wed": "10:00-11:00"}}, "hours.week"),
        ({"week": 5}, "hours.week"),
        ({"week": "mon"}, "hours.week"),
        ({"week": {"mon": 5}}, "hours.week"),
        ({"week": {1: "8:00-9:00"}}, "hours.week"),
        ({"week": (("mon", "8:00-9:00", "x"),)}, "hours.week"),
        ({"away": "We are closed."}, "hours.week"),
        ({"holidays": ["12-25"]}, "hours.week"),
        ({"exceptions": {"2026-12-25": ""}}, "hours.week"),
        ({"week": {"mon": "8-9"}}, "hours.times"),
        ({"week": {"mon": "8:00"}}, "hours.times"),
        ({"week": {"mon": "8:00-9:00,"}}, "hours.times"),
        ({"week": {"mon": "8:00 am-5:00 pm"}}, "hours.times"),
        ({"week": {"mon": "٨:00-9:00"}}, "hours.times"),
        ({"week": {"mon": "8:60-9:00"}}, "hours.times"),
        ({"week": {"mon": "24:00-8:00"}}, "hours.times"),
        ({"week": {"mon": "8:00-24:01"}}, "hours.times"),
        ({"week": {"mon": "8:00-25:00"}}, "hours.times"),
        ({"week": {"mon": "8:00-8:00"}}, "hours.times"),
        ({"week": {"mon": "8:00-12:00, 11:59-18:00"}}, "hours.overlap"),
        ({"week": {"mon": "22:00-6:00, 23:00-24:00"}}, "hours.overlap"),
        ({**MONDAY, "exceptions": {"12-25": ""}}, "hours.exceptions"),
        ({**MONDAY, "exceptions": {"20261225": ""}}, "hours.exceptions"),
        ({**MONDAY, "exceptions": {"2026-W52-4": ""}}, "hours.exceptions"),
        ({**MONDAY, "exceptions": {"2026-02-30": ""}}, "hours.exceptions"),
        ({**MONDAY, "exceptions": [("2026-02-03", ""), ("2026-02-03", "8:00-9:00")]}, "hours.exceptions"),
        ({**MONDAY, "exceptions": {"2026-02-03": "8"}}, "hours.times"),
        ({**MONDAY, "exceptions": ["2026-02-03"]}, "hours.exceptions"),
        ({**MONDAY, "holidays": 5}, "hours.holidays"),
        ({**MONDAY, "holidays": [5]}, "hours.holidays"),
        ({**MONDAY, "holidays": ["12-25"] * (MOST_LINES + 1)}, "hours.holidays"),
        ({**MONDAY, "exceptions": {f"{y}-01-01": "" for y in range(2000, 2401)}}, "hours.exceptions"),
    ],
)
def test_p18_hours_that_cannot_be_kept_are_refused(given: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_hours(ConversationHours(**given))
    assert (caught.value.code, caught.value.field) == (code, code)
    assert caught.value.limit


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"greeting": "Hello"},
        {"week": {"fri-mon": "8:00-12:00,12:00-13:00", "tue": ""}},
        {"week": [("mon", "8:00–9:00")], "holidays": "12-25"},
        {"week": {"mon": "18:00-2:00, 0:00-1:00"}},
    ],
)
def test_hours_that_can_be_kept(given: dict[str, Any]) -> None:
    check_hours(ConversationHours(**given))


def test_equal_hours_are_equal_however_they_were_given() -> None:
    assert ConversationHours(week={"tue": "8:00-9:00", "mon": ""}) == ConversationHours(
        week=[("mon", ""), ("tue", "8:00-9:00")]
    )
