"""The end of a practice's day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from made_facts import PRACTICE

from convokit.decisions import Before, Decision, Needs, decide, needs
from convokit.domain.end_of_day import DayReport, next_due
from convokit.domain.instant import DAY, HOUR, MINUTE, to_micros
from convokit.domain.mail_rules import EndOfDay
from convokit.domain.planned_work import WorkPlan
from convokit.domain.rules import Rules
from convokit.effects import SendMail
from convokit.facts import TimePassed

RULES = EndOfDay(recipients=["front@x.example"])
REMINDED = evolve(PRACTICE, rules=Rules(end_of_day=RULES))
MONDAY = date(2026, 3, 2)
DUE = to_micros(datetime(2026, 3, 3, 0, 30, tzinfo=UTC))  # Monday, 17:30 in Denver


def passed(*, late: int = MINUTE, open_count: int = 3, missed: bool = False) -> TimePassed:
    return TimePassed(day=MONDAY, due_us=DUE, at_us=DUE + late, open_count=open_count, missed=missed)


def report(state: str, *, late: int = MINUTE, until: date = MONDAY, open_count: int = 3) -> DayReport:
    made = DayReport(day=MONDAY, until=until, state="owed", due_us=DUE, at_us=DUE + late, open_count=open_count)
    return evolve(made, state=state)  # type: ignore[arg-type]


def plan(due_us: int | None, late: int = MINUTE) -> WorkPlan:
    return WorkPlan(kind="end_of_day", due_us=due_us, planned_us=DUE + late, instead_of=DUE)


def test_one_mail_is_owed_and_the_next_day_planned() -> None:
    made = decide(Before(), passed(), REMINDED)
    mail = SendMail(
        mail_id="happy-paws-end-of-day-2026-03-02",
        because="end_of_day",
        to=("front@x.example",),
        day=MONDAY,
        not_after_us=DUE + MINUTE + 2 * HOUR,
    )
    assert made == Decision(jobs=(mail,), work=plan(DUE + DAY), day=report("owed"))
    assert needs(passed()) == Needs()


def test_none_when_nothing_is_open() -> None:
    made = decide(Before(), passed(open_count=0), REMINDED)
    assert made == Decision(work=plan(DUE + DAY), day=report("nothing_open", open_count=0))


@pytest.mark.parametrize(
    ("late", "until", "due"),
    [
        (2 * HOUR + 1, MONDAY, DUE + DAY),
        (DAY + 2 * HOUR, MONDAY, DUE + DAY),  # Tuesday's is not too late yet
        (DAY + 2 * HOUR + 1, date(2026, 3, 3), DUE + 2 * DAY),
        (6 * DAY, date(2026, 3, 6), DUE + 7 * DAY - HOUR),  # Sunday; the clocks were put forward
    ],
)
def test_p21_what_was_missed_is_noted_once_and_nothing_comes_in_a_burst(late: int, until: date, due: int) -> None:
    made = decide(Before(), passed(late=late, missed=True), REMINDED)
    assert made == Decision(work=plan(due, late), day=report("missed", late=late, until=until))


def test_p21_a_year_later_only_the_next_one_is_planned() -> None:
    late = 365 * DAY
    made = decide(Before(), passed(late=late, missed=True), REMINDED)
    assert made.jobs == ()
    following = next_due(RULES, ZoneInfo("America/Denver"), DUE + late - 2 * HOUR)
    assert following is not None
    assert made.work == plan(following.at_us, late)
    assert made.day is not None
    assert made.day.until == date(2027, 3, 1)


def test_after_the_last_day_nothing_is_planned() -> None:
    closed = [f"2026-{m:02}-{d:02}" for m in range(1, 13) for d in range(1, 29)]
    rules = evolve(RULES, weekdays=["mon"], holidays=[day[5:] for day in closed] + ["03-29", "03-30", "03-31"])
    never = evolve(rules, holidays=(*rules.holidays, *(f"{m:02}-{d}" for m in range(1, 13) for d in (29, 30, 31))))
    made = decide(Before(), passed(), evolve(PRACTICE, rules=Rules(end_of_day=never)))
    assert made.work == plan(None)


def test_each_day_has_its_identity_and_a_missed_one_another() -> None:
    assert passed().identity == "time:end_of_day:2026-03-02"
    assert passed(missed=True).identity == "time:end_of_day:2026-03-02:missed"


def test_a_reminder_that_was_missed_while_none_was_before_stands_for_its_day() -> None:
    turned_off = evolve(RULES, time="09:00")
    made = decide(Before(), passed(late=3 * HOUR, missed=True), evolve(PRACTICE, rules=Rules(end_of_day=turned_off)))
    assert made.day is not None
    assert made.day.until == MONDAY
