"""Local times and the instants they mean, around every change of clocks from 2024 to 2032."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convokit.domain.instant import HOUR, MINUTE, to_datetime, to_micros
from convokit.domain.local_time import LocalInstant, instant_of, local_of

DENVER = ZoneInfo("America/Denver")
ZONES = sorted(available_timezones())
TELLING = (
    "America/Denver",
    "America/Nuuk",  # changes in the evening
    "America/Santiago",  # changes at midnight: the gap begins the day
    "Asia/Beirut",
    "Africa/Cairo",
    "Africa/Casablanca",  # winter time during Ramadan
    "Australia/Lord_Howe",  # half an hour
    "Antarctica/Troll",  # two hours
    "Europe/Dublin",  # winter time is the exception
    "Pacific/Chatham",
    "Asia/Kathmandu",
    "UTC",
)


def utc(year: int, month: int, day: int, hour: int, minute: int = 0) -> int:
    return to_micros(datetime(year, month, day, hour, minute, tzinfo=UTC))


def changes_of(zone: ZoneInfo) -> Iterator[tuple[datetime, timedelta]]:
    """Each change of offset from 2024 to 2032: the first second after it (UTC), and by how much the clocks moved."""
    at, end = datetime(2024, 1, 1, tzinfo=UTC), datetime(2033, 1, 1, tzinfo=UTC)
    while at < end:
        low, high = at, at + timedelta(hours=24)
        moved = offset(high, zone) - offset(low, zone)
        at = high
        if not moved:
            continue
        while high - low > timedelta(seconds=1):
            middle = low + (high - low) // 2
            middle -= timedelta(microseconds=middle.microsecond)
            low, high = (middle, high) if offset(middle, zone) == offset(low, zone) else (low, middle)
        yield high, moved


def offset(at: datetime, zone: ZoneInfo) -> timedelta:
    found = at.astimezone(zone).utcoffset()
    assert found is not None
    return found


def check_around_each_change(name: str) -> int:
    zone, count = ZoneInfo(name), 0
    for change, moved in changes_of(zone):
        count += 1
        before = (change - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None) + timedelta(seconds=1)
        size = abs(moved)
        # The wall clock stood at ``before`` when it was changed: what lies behind it was skipped, or comes again.
        for part in (timedelta(0), size / 2, size - timedelta(seconds=1)):
            if moved > timedelta(0):
                wall = before + part
                found = instant_of(wall.date(), wall.time(), zone)
                assert found == LocalInstant(at_us=to_micros(change + part), moved=True), (name, wall)
                assert local_of(found.at_us, zone).replace(tzinfo=None) == wall + size, (name, wall)
            else:
                wall = before - size + part
                found = instant_of(wall.date(), wall.time(), zone)
                assert found == LocalInstant(at_us=to_micros(change - size + part), twice=True), (name, wall)
                assert local_of(found.at_us, zone).replace(tzinfo=None) == wall, (name, wall)
                assert local_of(found.at_us + to_micros(change) - to_micros(change - size), zone).fold == 1
        for wall in (before - size - timedelta(seconds=1), before + size):
            found = instant_of(wall.date(), wall.time(), zone)
            assert (found.moved, found.twice) == (False, False), (name, wall)
            assert local_of(found.at_us, zone).replace(tzinfo=None) == wall, (name, wall)
    return count


@pytest.mark.parametrize("name", TELLING)
def test_p21_every_change_of_a_telling_zone(name: str) -> None:
    count = check_around_each_change(name)
    assert count >= (0 if name in {"UTC", "Asia/Kathmandu"} else 9 if name != "Antarctica/Troll" else 18)


def test_p21_every_change_of_a_tenth_of_the_zones() -> None:
    assert sum(map(check_around_each_change, ZONES[::10])) > 300


@pytest.mark.soak
def test_p21_every_change_of_every_zone() -> None:
    counted = {name: check_around_each_change(name) for name in ZONES}
    assert sum(counted.values()) > 3_000, f"{len(counted)} zones"


@pytest.mark.parametrize(
    ("day", "at", "expected"),
    [
        (date(2026, 3, 2), time(17, 30), LocalInstant(at_us=utc(2026, 3, 3, 0, 30))),
        # PROMISES C 29: 02:30 on a spring-forward night is 03:30, and it is said.
        (date(2026, 3, 8), time(2, 30), LocalInstant(at_us=utc(2026, 3, 8, 9, 30), moved=True)),
        (date(2026, 3, 8), time(2, 0), LocalInstant(at_us=utc(2026, 3, 8, 9), moved=True)),
        (date(2026, 3, 8), time(1, 59), LocalInstant(at_us=utc(2026, 3, 8, 8, 59))),
        (date(2026, 3, 8), time(3, 0), LocalInstant(at_us=utc(2026, 3, 8, 9))),
        # PROMISES C 30: 01:30 on a fall-back night is the first of the two.
        (date(2026, 11, 1), time(1, 30), LocalInstant(at_us=utc(2026, 11, 1, 7, 30), twice=True)),
        (date(2026, 11, 1), time(2, 0), LocalInstant(at_us=utc(2026, 11, 1, 9))),
    ],
)
def test_a_time_in_denver(day: date, at: time, expected: LocalInstant) -> None:
    assert instant_of(day, at, DENVER) == expected
    assert instant_of(day, at.replace(fold=1), DENVER) == expected


def test_p21_a_day_that_a_zone_skips_falls_on_the_next() -> None:
    apia = ZoneInfo("Pacific/Apia")  # had no 30 December 2011
    found = instant_of(date(2011, 12, 30), time(17, 30), apia)
    assert found.moved
    assert local_of(found.at_us, apia).date() == date(2011, 12, 31)


@given(
    zone=st.timezone_keys(allow_prefix=False).map(ZoneInfo),
    day=st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)),
    at=st.times(),
)
def test_p21_local_time_and_instant_agree(zone: ZoneInfo, day: date, at: time) -> None:
    found = instant_of(day, at, zone)
    shown = local_of(found.at_us, zone)
    assert ((shown.date(), shown.time()) == (day, at)) != found.moved
    assert shown.fold == 0
    assert to_datetime(found.at_us) == shown


def test_the_distance_of_the_two_is_what_the_clocks_were_put_back() -> None:
    first = instant_of(date(2026, 11, 1), time(1, 30), DENVER).at_us
    assert local_of(first + HOUR, DENVER).time() == time(1, 30)
    assert local_of(first + 30 * MINUTE, DENVER).time() == time(1, 0)
