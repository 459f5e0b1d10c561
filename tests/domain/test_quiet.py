"""Quiet hours across midnight, across changes of clocks, and in zones of all kinds."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo, available_timezones

import pytest
from attrs import evolve
from hypothesis import assume, example, given
from hypothesis import strategies as st

from convokit.domain.instant import DAY, HOUR, MINUTE, to_micros
from convokit.domain.local_time import local_of
from convokit.domain.quiet import USUAL_QUIET, QuietHours, quiet_until

ZONES = sorted(available_timezones())
DENVER = ZoneInfo("America/Denver")
FIRST, LAST = (to_micros(datetime(year, 1, 1, tzinfo=UTC)) for year in (1990, 2060))
APIA = to_micros(datetime(2011, 12, 30, 9, 0, tzinfo=UTC))
"""An hour before Samoa skipped a whole day."""

clocks = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
hours = st.tuples(clocks, clocks).filter(lambda pair: pair[0] != pair[1])


def local(text: str, fold: int = 0, zone: ZoneInfo = DENVER) -> int:
    return to_micros(datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold))


def shows_quiet(at_us: int, quiet: QuietHours, zone: ZoneInfo) -> bool:
    """Whether the clock on the wall shows a quiet time."""
    shown = local_of(at_us, zone).time()
    begin, end = time.fromisoformat(quiet.begin), time.fromisoformat(quiet.end)
    return begin <= shown < end if begin < end else shown >= begin or shown < end


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-03-02T20:59:59.999999", None),
        ("2026-03-02T21:00", "2026-03-03T08:00"),
        ("2026-03-02T23:10", "2026-03-03T08:00"),
        ("2026-03-03T00:00", "2026-03-03T08:00"),
        ("2026-03-03T07:59:59.999999", "2026-03-03T08:00"),
        ("2026-03-03T08:00", None),
        ("2026-03-07T23:10", "2026-03-08T08:00"),  # the clocks are put forward: 8 hours later
        ("2026-10-31T23:10", "2026-11-01T08:00"),  # and back: 10
    ],
)
def test_c38_the_usual_hours_cross_midnight(at: str, until: str | None) -> None:
    assert quiet_until(local(at), USUAL_QUIET, DENVER) == (None if until is None else local(until))


@pytest.mark.parametrize(
    ("begin", "end", "at", "until"),
    [
        # 02:30 is skipped on 8 March: the end moves forward to 03:30, the beginning back to 01:30.
        ("22:00", "02:30", local("2026-03-08T01:59"), local("2026-03-08T03:30")),
        ("02:30", "06:00", local("2026-03-08T01:30"), local("2026-03-08T06:00")),
        ("02:30", "06:00", local("2026-03-08T01:29"), None),
        # 01:30 comes twice on 1 November: the quiet time begins at the first, and ends at the second.
        ("22:00", "01:30", local("2026-11-01T01:29"), local("2026-11-01T01:30", fold=1)),
        ("22:00", "01:30", local("2026-11-01T01:45"), local("2026-11-01T01:30", fold=1)),
        ("01:30", "06:00", local("2026-11-01T01:10", fold=1), local("2026-11-01T06:00")),
        # Two nights with five minutes between them, which the second 01:30 swallows: they are one.
        ("01:35", "01:30", local("2026-10-31T23:00"), local("2026-11-02T01:30")),
    ],
)
def test_c38_the_longer_reading_counts_when_the_clocks_change(begin: str, end: str, at: int, until: int | None) -> None:
    assert quiet_until(at, QuietHours(begin=begin, end=end), DENVER) == until


def test_there_need_be_none() -> None:
    assert quiet_until(local("2026-03-02T23:10"), evolve(USUAL_QUIET, on=False), DENVER) is None


@given(st.sampled_from(ZONES).map(ZoneInfo), hours, st.integers(FIRST, LAST), st.floats(0, 1, exclude_max=True))
@example(ZoneInfo("Pacific/Apia"), ("21:00", "08:00"), APIA, 0.5)
@example(ZoneInfo("Australia/Lord_Howe"), ("01:45", "01:40"), to_micros(datetime(2026, 4, 4, 14, tzinfo=UTC)), 0.9)
def test_p21_c38_quiet_time_ends_and_is_never_shorter_than_the_clock_says(
    zone: ZoneInfo, pair: tuple[str, str], at_us: int, part: float
) -> None:
    quiet = QuietHours(begin=pair[0], end=pair[1])
    until_us = quiet_until(at_us, quiet, zone)
    if until_us is None:
        assert not shows_quiet(at_us, quiet, zone)
        return
    assert at_us < until_us <= at_us + 3 * DAY
    assert quiet_until(until_us, quiet, zone) is None, "nothing would leave at its end"
    assert not shows_quiet(until_us, quiet, zone)
    between_us = at_us + int((until_us - at_us) * part)
    for inside_us in (between_us, until_us - 1):
        assert quiet_until(inside_us, quiet, zone) == until_us, "it was loud in between"


@given(st.sampled_from(ZONES).map(ZoneInfo), hours, st.integers(FIRST, LAST))
def test_c38_where_no_clock_changes_it_is_what_the_clock_says(
    zone: ZoneInfo, pair: tuple[str, str], at_us: int
) -> None:
    quiet = QuietHours(begin=pair[0], end=pair[1])
    assume(len({local_of(at_us + days * DAY, zone).utcoffset() for days in range(-4, 6)}) == 1)
    until_us = quiet_until(at_us, quiet, zone)
    assert (until_us is not None) == shows_quiet(at_us, quiet, zone)
    if until_us is not None:
        assert f"{local_of(until_us, zone):%H:%M:%S.%f}" == f"{quiet.end}:00.000000"
        assert until_us - at_us <= 24 * HOUR - MINUTE
