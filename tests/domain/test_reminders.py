"""Past-due reminders: intervals by the calendar, the cut-off, one emoji for each kind."""

from __future__ import annotations

import calendar
import subprocess
import sys
import zoneinfo
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from convokit.domain.instant import to_micros
from convokit.domain.reminder_kinds import BY_KIND, KINDS, OTHER, is_emoji, kind_key
from convokit.domain.reminders import (
    MOST_REMINDERS,
    Every,
    PastDue,
    PatientReminders,
    Recurring,
    Reminder,
    local_day,
    past_due,
)
from convokit.domain.rules import Rules
from convokit.errors import InvalidInput

TODAY = date(2026, 3, 2)
DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))


def months_later(day: date, months: int) -> date:
    """Calendar months without dateutil: the oracle."""
    year, month = divmod(12 * day.year + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def shown(*reminders: Reminder | Recurring, today: date = TODAY, rules: Rules | None = None) -> tuple[PastDue, ...]:
    patient = PatientReminders(patient_id="p4", reminders=reminders)
    return past_due(patient, today=today, rules=rules or Rules())


# --- intervals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "every", "due"),
    [
        (date(2022, 9, 14), Every(years=3), date(2025, 9, 14)),
        (date(2025, 12, 31), Every(months=1), date(2026, 1, 31)),
        (date(2026, 1, 31), Every(months=1), date(2026, 2, 28)),
        (date(2024, 1, 31), Every(months=1), date(2024, 2, 29)),
        (date(2025, 8, 31), Every(months=18), date(2027, 2, 28)),
        (date(2024, 2, 29), Every(years=4), date(2028, 2, 29)),
        (date(2096, 2, 29), Every(years=4), date(2100, 2, 28)),
        (date(2026, 2, 25), Every(weeks=1), date(2026, 3, 4)),
        (date(2026, 2, 25), Every(weeks=1, days=3), date(2026, 3, 7)),
        (date(2025, 1, 31), Every(years=1, months=1, days=1), date(2026, 3, 1)),
        (date(2026, 1, 1), Every(months=1, day=1), date(2026, 2, 1)),
        (date(2026, 1, 15), Every(months=1, day=1), date(2026, 2, 1)),
        (date(2026, 1, 31), Every(months=1, day=1), date(2026, 2, 1)),
        (date(2026, 1, 15), Every(months=1, day=31), date(2026, 2, 28)),
        (date(2025, 5, 3), Every(years=3, day=1), date(2028, 5, 1)),
    ],
)
def test_an_interval_ends_by_the_calendar(since: date, every: Every, due: date) -> None:
    assert every.after(since) == due
    assert Recurring(kind="x", since=since, every=every).due == due


@pytest.mark.parametrize("years", [1, 2, 3, 5])
def test_case_32_a_year_after_a_leap_day_is_the_28th(years: int) -> None:
    assert Every(years=years).after(date(2024, 2, 29)) == date(2024 + years, 2, 28)


def test_case_32_a_series_is_counted_from_its_start() -> None:
    yearly, monthly = Every(years=1), Every(months=1)
    assert [yearly.after(date(2024, 2, 29), n) for n in (1, 2, 3, 4, 5)] == [
        date(2025, 2, 28), date(2026, 2, 28), date(2027, 2, 28), date(2028, 2, 29), date(2029, 2, 28)
    ]  # fmt: skip
    assert [monthly.after(date(2026, 1, 31), n) for n in (1, 2, 3)] == [
        date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)
    ]  # fmt: skip


@given(DAYS, st.integers(0, 30), st.integers(0, 400), st.integers(1, 9))
def test_months_and_years_are_the_calendars(day: date, years: int, months: int, times: int) -> None:
    if years + months:
        every = Every(years=years, months=months)
        assert every.after(day, times) == months_later(day, (12 * years + months) * times)


@pytest.mark.parametrize(
    ("every", "done", "due"),
    [
        (Every(months=1, day=1), None, date(2025, 7, 1)),
        (Every(months=1, day=1), date(2025, 6, 10), date(2025, 7, 1)),
        (Every(months=1, day=1), date(2025, 6, 30), date(2025, 7, 1)),
        (Every(months=1, day=1), date(2025, 7, 1), date(2025, 8, 1)),
        (Every(months=1, day=1), date(2026, 1, 18), date(2026, 2, 1)),
        (Every(years=3), date(2029, 1, 1), date(2031, 6, 10)),
        (Every(days=1), date(9999, 12, 30), date(9999, 12, 31)),
        (Every(days=1), date(9999, 12, 31), None),
        (Every(years=100), date(9999, 1, 1), None),
        (Every(days=1), date(1, 1, 1), date(2025, 6, 11)),
    ],
)
def test_a_series_goes_on_after_what_was_done(every: Every, done: date | None, due: date | None) -> None:
    assert Recurring(kind="x", since=date(2025, 6, 10), every=every, done=done).due == due


INTERVALS = st.builds(
    Every,
    years=st.integers(0, 3),
    months=st.integers(0, 20),
    weeks=st.integers(0, 5),
    days=st.integers(1, 40),
) | st.builds(Every, months=st.integers(1, 20), day=st.none() | st.integers(1, 31))


@given(DAYS, INTERVALS, DAYS)
def test_the_due_day_is_the_first_of_the_series_after_what_was_done(since: date, every: Every, done: date) -> None:
    series = (every.after(since, n) for n in count(1))
    assert Recurring(kind="x", since=since, every=every, done=done).due == next(d for d in series if d and d > done)


@pytest.mark.parametrize("every", [Every(years=100), Every(months=1200), Every(days=36_600), Every(weeks=5300, days=1)])
def test_past_the_end_of_the_calendar_nothing_is_due(every: Every) -> None:
    assert every.after(date(9990, 1, 1)) is None
    assert every.after(date(1, 1, 1), date.max.toordinal()) is None
    assert shown(Recurring(kind="x", since=date(9990, 1, 1), every=every), today=date.max) == ()


# --- what is shown ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "months", "days_overdue"),
    [
        (date(2026, 3, 3), 18, None),
        (date(2026, 3, 2), 18, None),
        (date(2026, 3, 1), 18, 1),
        (date(2025, 3, 2), 18, 365),
        (date(2024, 9, 2), 18, 546),
        (date(2024, 9, 1), 18, None),
        (date(2026, 2, 2), 1, 28),
        (date(2026, 2, 1), 1, None),
        (date(2026, 3, 1), 0, None),
        (date(1926, 3, 2), 1200, 36525),
        (date(1926, 3, 1), 1200, None),
    ],
)
def test_past_due_until_the_cut_off(due: date, months: int, days_overdue: int | None) -> None:
    found = shown(Reminder(kind="rabies", due=due), rules=Rules(reminder_months=months))
    assert [one.days_overdue for one in found] == ([] if days_overdue is None else [days_overdue])
    assert all(one.due == due for one in found)


@pytest.mark.parametrize("today", [date(2026, 2, 28), date(2026, 3, 1)])
def test_the_cut_off_of_a_31st_is_the_last_day_of_the_month(today: date) -> None:
    found = shown(Reminder(kind="rabies", due=date(2024, 8, 31)), today=today)
    assert bool(found) is (today == date(2026, 2, 28))


@given(DAYS, st.integers(1, 60))
def test_the_cut_off_is_exact_to_the_day(due: date, months: int) -> None:
    rules, last = Rules(reminder_months=months), months_later(due, months)
    reminder = Reminder(kind="rabies", due=due)
    assert [one.days_overdue for one in shown(reminder, today=last, rules=rules)] == [(last - due).days]
    assert shown(reminder, today=last + timedelta(days=1), rules=rules) == ()


def test_near_the_end_of_the_calendar_nothing_is_dropped() -> None:
    assert len(shown(Reminder(kind="rabies", due=date(9999, 1, 1)), today=date.max)) == 1


def test_one_emoji_for_each_kind_the_longest_overdue_first() -> None:
    found = shown(
        Reminder(kind="Rabies", due=date(2026, 1, 5), label="Rabies, one year"),
        Reminder(kind="dental", due=date(2026, 2, 20)),
        Reminder(kind="rabies_vaccine", due=date(2025, 12, 1)),
        Recurring(kind="flea/tick", since=date(2025, 6, 10), every=Every(months=1, day=1), done=date(2026, 1, 18)),
    )
    assert found == (
        PastDue(kind="rabies_vaccine", emoji="🦇", label="Rabies vaccination", due=date(2025, 12, 1), days_overdue=91),
        PastDue(kind="flea/tick", emoji="🕷️", label="Flea and tick prevention", due=date(2026, 2, 1), days_overdue=29),
        PastDue(kind="dental", emoji="🦷", label="Dental care", due=date(2026, 2, 20), days_overdue=10),
    )


def test_one_that_was_dropped_hides_no_other_of_its_kind() -> None:
    found = shown(Reminder(kind="rabies", due=date(2020, 1, 1)), Reminder(kind="rabies", due=date(2026, 1, 1)))
    assert [one.due for one in found] == [date(2026, 1, 1)]


@pytest.mark.parametrize(("status", "emojis"), [("active", 1), ("inactive", 0), ("deceased", 0)])
def test_none_for_inactive_and_deceased_patients(status: Any, emojis: int) -> None:
    patient = PatientReminders(patient_id="p", reminders=[Reminder(kind="dental", due=date(2026, 1, 1))], status=status)
    assert len(past_due(patient, today=TODAY, rules=Rules())) == emojis


@pytest.mark.parametrize(
    ("kind", "label", "own", "expected"),
    [
        ("dental", "", {}, ("🦷", "Dental care")),
        ("DENTAL-cleaning", "", {}, ("🦷", "Dental care")),
        ("dental", "Dental under sedation", {}, ("🦷", "Dental under sedation")),
        ("ear_recheck  left", "", {}, ("🔔", "Ear recheck left")),
        ("ear recheck", "Ears!", {}, ("🔔", "Ears!")),
        ("other", "", {}, ("🔔", "Reminder")),
        ("dental", "", {"Dental": "🪥"}, ("🪥", "Dental care")),
        ("dental", "", {"teeth cleaning": "🪥"}, ("🪥", "Dental care")),
        ("ear recheck", "", {"Ear_Recheck": "👂"}, ("👂", "Ear recheck")),
        ("ear recheck", "", {"other": "📌"}, ("📌", "Ear recheck")),
        ("dental", "", {"other": "📌"}, ("🦷", "Dental care")),
        ("dental", "", {"dental": ""}, None),
        ("ear recheck", "", {"other": ""}, None),
        ("ear recheck", "", {"other": "", "ear recheck": "👂"}, ("👂", "Ear recheck")),
    ],
)
def test_emoji_and_label(kind: str, label: str, own: dict[str, str], expected: tuple[str, str] | None) -> None:
    found = shown(Reminder(kind=kind, due=date(2026, 1, 1), label=label), rules=Rules(reminder_emojis=own))
    assert [(one.kind, one.emoji, one.label) for one in found] == ([] if expected is None else [(kind, *expected)])


NAMES = st.sampled_from(["rabies", "Rabies vaccine", "dental", "DENTAL", "ear", "Ear", "ear_drops", "fecal", "lump"])
REMINDERS = st.builds(Reminder, kind=NAMES, due=DAYS, label=st.sampled_from(["", "a", "b"])) | st.builds(
    Recurring, kind=NAMES, since=DAYS, every=INTERVALS, done=st.none() | DAYS
)


@given(st.lists(REMINDERS, max_size=20), DAYS, st.integers(0, 40), st.randoms(use_true_random=False))
def test_each_kind_at_most_once_and_none_forgotten(
    reminders: list[Reminder | Recurring], today: date, months: int, random: Any
) -> None:
    rules = Rules(reminder_months=months)
    found = shown(*reminders, today=today, rules=rules)
    keys = [kind_key(one.kind) for one in found]
    assert len(keys) == len(set(keys))
    assert [one.days_overdue for one in found] == sorted((one.days_overdue for one in found), reverse=True)
    wanted: dict[str, date] = {}
    for one in reminders:
        if one.due is not None and one.due < today <= months_later(one.due, months):
            wanted[kind_key(one.kind)] = min(one.due, wanted.get(kind_key(one.kind), one.due))
    assert {kind_key(one.kind): one.due for one in found} == wanted
    assert all(one.emoji and one.label and one.days_overdue == (today - one.due).days >= 1 for one in found)
    shuffled = random.sample(reminders, len(reminders))
    assert shown(*shuffled, today=today, rules=rules) == found


def test_the_first_hundred_are_judged_and_no_list_is_endless() -> None:
    endless = (Reminder(kind=f"kind {n}", due=date(2026, 1, 1)) for n in count())
    patient = PatientReminders(patient_id="p", reminders=endless)
    assert patient.too_many
    assert len(past_due(patient, today=TODAY, rules=Rules())) == MOST_REMINDERS
    assert not evolve(patient, reminders=patient.reminders[:MOST_REMINDERS]).too_many


# --- today ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("UTC", date(2026, 3, 2)),
        ("America/Denver", date(2026, 3, 1)),
        ("Pacific/Kiritimati", date(2026, 3, 2)),
        ("Pacific/Pago_Pago", date(2026, 3, 1)),
        ("Asia/Kathmandu", date(2026, 3, 2)),
    ],
)
def test_today_is_the_practices(zone: str, day: date) -> None:
    assert local_day(to_micros(datetime(2026, 3, 2, 6, 59, 59, tzinfo=UTC)), zone) == day


@given(
    st.sampled_from(sorted(zoneinfo.available_timezones())),
    st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis asks for it
)
def test_today_in_every_zone(zone: str, moment: datetime) -> None:
    offset = moment.astimezone(zoneinfo.ZoneInfo(zone)).utcoffset()
    assert offset is not None
    assert local_day(to_micros(moment), zone) == (moment + offset).date()


@pytest.mark.parametrize("zone", ["Pacific/Apia", "America/Denver", "Africa/Cairo", "America/Sao_Paulo"])
def test_no_day_is_seen_twice_and_none_goes_back(zone: str) -> None:
    start = to_micros(datetime(2011, 12, 25, tzinfo=UTC))
    days = [local_day(start + hour * 3_600_000_000, zone) for hour in range(24 * 400)]
    assert days == sorted(days)
    skipped = {date(2011, 12, 30)} if zone == "Pacific/Apia" else set()  # Samoa had no such day
    every_day = {days[0] + timedelta(days=n) for n in range((days[-1] - days[0]).days + 1)}
    assert every_day - set(days) == skipped


# --- what is refused --------------------------------------------------------------------------------------------------


class Shout(str):
    """Text of a subclass is text."""


def reminder(**changes: Any) -> Callable[[], object]:
    return lambda: Reminder(**{"kind": "rabies", "due": TODAY, **changes})


def recurring(**changes: Any) -> Callable[[], object]:
    return lambda: Recurring(**{"kind": "rabies", "since": TODAY, "every": Every(years=1), **changes})


def patient_of(**changes: Any) -> Callable[[], object]:
    return lambda: PatientReminders(**{"patient_id": "p4", **changes})


def every(**parts: Any) -> Callable[[], object]:
    return lambda: Every(**parts)


REFUSED: list[tuple[str, Callable[[], object], str, str]] = [
    ("kind: none", reminder(kind=None), "reminder.kind", "kind"),
    ("kind: bytes", reminder(kind=b"x"), "reminder.kind", "kind"),
    ("kind: empty", reminder(kind=""), "reminder.kind", "kind"),
    ("kind: blanks and dashes", reminder(kind=" _-/ "), "reminder.kind", "kind"),
    ("kind: 65 characters", reminder(kind="x" * 65), "reminder.kind", "kind"),
    ("kind: a line feed", reminder(kind="a\nb"), "reminder.kind", "kind"),
    ("kind: a surrogate", recurring(kind="a\ud83d"), "reminder.kind", "kind"),
    ("label: number", reminder(label=5), "reminder.label", "label"),
    ("label: 201 characters", reminder(label="x" * 201), "reminder.label", "label"),
    ("label: an escape", recurring(label="\x1b[31m"), "reminder.label", "label"),
    ("due: none", reminder(due=None), "reminder.date", "due"),
    ("due: text", reminder(due="2026-03-02"), "reminder.date", "due"),
    ("due: a moment", reminder(due=datetime(2026, 3, 2, tzinfo=UTC)), "reminder.date", "due"),
    ("since: number", recurring(since=20260302), "reminder.date", "since"),
    ("done: a moment", recurring(done=datetime(2026, 3, 2, tzinfo=UTC)), "reminder.date", "done"),
    ("every: years", recurring(every=3), "reminder.interval", "every"),
    ("every: nothing", every(), "reminder.interval", "every"),
    ("every: back", every(months=-1), "reminder.interval", "months"),
    ("every: half a year", every(years=0.5), "reminder.interval", "years"),
    ("every: true", every(years=True), "reminder.interval", "years"),
    ("every: 101 years", every(years=101), "reminder.interval", "years"),
    ("every: 1,201 months", every(months=1201), "reminder.interval", "months"),
    ("every: 5,301 weeks", every(weeks=5301), "reminder.interval", "weeks"),
    ("every: a million days", every(days=1_000_000), "reminder.interval", "days"),
    ("every: the 0th", every(months=1, day=0), "reminder.interval", "day"),
    ("every: the 32nd", every(months=1, day=32), "reminder.interval", "day"),
    ("every: a day as text", every(months=1, day="1"), "reminder.interval", "day"),
    ("every: the first of a week", every(weeks=1, day=1), "reminder.interval", "day"),
    ("every: the first of a month and a week", every(months=1, weeks=1, day=1), "reminder.interval", "day"),
    ("patient: none", patient_of(patient_id=None), "reminder.patient", "patient_id"),
    ("patient: empty", patient_of(patient_id=""), "reminder.patient", "patient_id"),
    ("patient: 129 characters", patient_of(patient_id="p" * 129), "reminder.patient", "patient_id"),
    ("status: unknown", patient_of(status="asleep"), "reminder.status", "status"),
    ("status: none", patient_of(status=None), "reminder.status", "status"),
    ("reminders: none", patient_of(reminders=None), "reminder.list", "reminders"),
    ("reminders: text", patient_of(reminders="rabies"), "reminder.list", "reminders"),
    ("reminders: a kind", patient_of(reminders=["rabies"]), "reminder.list", "reminders"),
]


@pytest.mark.parametrize(("make", "code", "field"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_p18_a_wrong_reminder_is_refused_where_it_is_made(make: Callable[[], object], code: str, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        make()
    assert (caught.value.code, caught.value.field) == (code, field)
    assert caught.value.limit


def test_the_largest_that_is_taken() -> None:
    assert Reminder(kind=Shout("x" * 64), label="x" * 200, due=TODAY).due == TODAY
    longest = Every(years=100, months=1200, weeks=5300, days=36_600)
    assert longest.after(date(1, 1, 1)) == date(201, 1, 1) + timedelta(weeks=5300, days=36_600)
    assert PatientReminders(patient_id="p" * 128).reminders == ()


# --- the table of kinds -----------------------------------------------------------------------------------------------


def test_the_table_of_kinds_is_sound() -> None:
    names = [name for one in KINDS for name in (one.kind, *one.others)]
    assert len(names) == len(set(names))
    for one in KINDS:
        assert is_emoji(one.emoji)
        assert one.label
        assert {kind_key(name) for name in (one.kind, *one.others)} == {one.kind}
    assert BY_KIND[OTHER].emoji not in {one.emoji for one in KINDS if one.kind != OTHER}


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ("Flea/Tick", "flea tick"),
        ("flea & tick", "flea tick"),
        ("FLEA_AND-TICK", "flea tick"),
        ("  Spay/Neuter ", "spay neuter"),
        ("Ｒａｂｉｅｓ", "rabies"),
        ("Weigh–in", "weight check"),
        ("Straße", "strasse"),
        ("Lump check", "lump check"),
    ],
)
def test_one_kind_under_many_spellings(given: str, key: str) -> None:
    assert kind_key(given) == key


@given(
    st.sampled_from(sorted({name for one in KINDS for name in (one.kind, *one.others)} | {"lump check"})),
    st.sampled_from([" ", "_", "-", "/", " & ", " + ", "\u00a0", "\u2011", "\u3000"]),
    st.sampled_from([str.lower, str.upper, str.title]),
)
def test_case_and_separators_make_no_difference(name: str, separator: str, case: Callable[[str], str]) -> None:
    assert kind_key(f" {case(name.replace(' ', separator))}{separator}") == kind_key(name)


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("💉", True),
        ("❤️", True),
        ("1️⃣", True),
        ("‼️", True),
        ("☎", True),
        ("🇺🇸", True),
        ("👩🏽‍⚕️", True),
        ("\U0001fae9", True),
        ("👨‍👩‍👧‍👦", True),
        ("🐶" * 16, True),
        ("🐶" * 17, False),
        ("", False),
        ("rabies", False),
        ("é", False),
        ("馬", False),
        ("1", False),
        ("💉 ", False),
        ("💉\n", False),
        ("💉\x1b", False),
        ("💉\ud83d", False),
    ],
)
def test_what_may_stand_as_an_emoji(text: str, taken: bool) -> None:
    assert is_emoji(text) is taken


# --- rules ------------------------------------------------------------------------------------------------------------


def test_two_equal_maps_make_equal_rules() -> None:
    one = Rules(reminder_emojis={"rabies": "🐺", "dental": "🪥"})
    assert one == Rules(reminder_emojis=[("dental", "🪥"), ("rabies", "🐺")])
    assert one == Rules(reminder_emojis=[["dental", "🪥"], ["rabies", "🐺"]])  # type: ignore[list-item]  # as from JSON
    assert hash(one) == hash(evolve(one))


@pytest.mark.parametrize("given", [None, 5, "rabies", ["rabies"], [("a", "b", "c")], [("a", "b"), (1, "c")]])
def test_p18_what_is_no_map_is_refused(given: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        Rules(reminder_emojis=given)
    assert (caught.value.code, caught.value.field) == ("rules.reminder_emojis", "rules.reminder_emojis")


def test_dateutil_is_imported_only_by_those_who_have_reminders() -> None:
    code = "import sys, convokit.domain.reminders, convokit.runtime.desk; sys.exit('dateutil' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
