"""The store contract: planned work and the reports of days."""

from __future__ import annotations

from datetime import date

import pytest
from attrs import evolve

from convokit.decisions.base import Needs
from convokit.domain.end_of_day import DayReport
from convokit.domain.instant import DAY, HOUR, MINUTE
from convokit.domain.planned_work import PlannedWork, WorkPlan
from convokit.errors import NotFound
from convokit.ports.store import Store
from convokit.testing.builders import Facts, practice
from convokit.testing.store_base import Desk, StoreCases

KIND = "end_of_day"
NOW = 1_800_000_000_000_000


def plan(due_us: int | None, *, instead_of: int | None = None, planned_us: int = NOW) -> WorkPlan:
    """A plan for the end of the day."""
    return WorkPlan(kind=KIND, due_us=due_us, planned_us=planned_us, instead_of=instead_of)


def report(day: int, **given: object) -> DayReport:
    """What became of a day in March."""
    that = date(2026, 3, day)
    made = DayReport(day=that, until=that, state="owed", due_us=NOW, at_us=NOW + 1, open_count=3)
    return evolve(made, **given)  # type: ignore[arg-type]  # fields of a report, as the cases name them


class WorkCases(StoreCases):
    """One plan of a kind at a practice, and it changes only as whoever changes it has seen it."""

    def test_nothing_is_planned_at_first(self, desk: Desk) -> None:
        assert desk.store.planned_work(desk.id, KIND) is None
        assert desk.store.due_work(2**60, 10) == ()
        desk.store.plan_work(desk.id, plan(None))
        desk.store.plan_work(desk.id, plan(None, instead_of=NOW))
        assert desk.store.planned_work(desk.id, KIND) is None

    def test_a_plan_is_due_when_its_time_has_come(self, desk: Desk) -> None:
        desk.store.plan_work(desk.id, plan(NOW + HOUR))
        made = PlannedWork(practice=desk.id, kind=KIND, due_us=NOW + HOUR, planned_us=NOW)
        assert desk.store.planned_work(desk.id, KIND) == made
        assert desk.store.due_work(NOW + HOUR - 1, 10) == ()
        assert desk.store.due_work(NOW + HOUR, 10) == (made,)
        assert desk.store.due_work(NOW + HOUR, 0) == ()
        with pytest.raises(NotFound):
            desk.store.planned_work("nobody", KIND)

    def test_a_practice_comes_with_its_plan(self, desk: Desk) -> None:
        desk.store.put_practice(desk.practice, plan=plan(NOW))
        desk.store.put_practice(desk.practice)
        found = desk.store.planned_work(desk.id, KIND)
        assert found is not None
        assert found.due_us == NOW
        second = practice("second")
        desk.store.put_practice(second, plan=plan(NOW - 1))
        assert [w.practice for w in desk.store.due_work(NOW, 10)] == ["second", desk.id]

    def test_a_plan_that_somebody_else_has_changed_stays(self, desk: Desk) -> None:
        for change, due in [
            (plan(NOW), NOW),
            (plan(NOW + 1), NOW),  # there is one already
            (plan(NOW + 2, instead_of=NOW + 9), NOW),
            (plan(NOW + 3, instead_of=NOW), NOW + 3),
            (plan(NOW + 4, instead_of=NOW), NOW + 3),
            (plan(None, instead_of=NOW), NOW + 3),
            (plan(None), NOW + 3),
            (plan(None, instead_of=NOW + 3), None),
        ]:
            desk.store.plan_work(desk.id, change)
            found = desk.store.planned_work(desk.id, KIND)
            assert (None if found is None else found.due_us) == due, change

    @pytest.mark.parametrize("back", [MINUTE + 1, HOUR, 365 * DAY])
    def test_p21_a_plan_from_before_the_clock_went_back_is_looked_at(self, desk: Desk, back: int) -> None:
        desk.store.plan_work(desk.id, plan(NOW + HOUR))
        assert desk.store.due_work(NOW - MINUTE, 10) == ()
        found = desk.store.due_work(NOW - back, 10)
        assert [w.due_us for w in found] == [NOW + HOUR]
        assert desk.store.due_work(NOW - back, 0) == ()

    def test_a_day_is_reported_once_and_the_newest_first(self, store: Store, desk: Desk) -> None:
        refused = ("büro@example.com", "front@example.com")
        for day in (3, 2, 4):
            desk.plan(plan(NOW + day, instead_of=None), report(day))
        changed = report(3, state="not_sent", refused=refused, reason="unknown", raw="550 nö", until=date(2026, 3, 9))
        desk.plan(plan(NOW), changed)
        assert store.day_reports(desk.id, 10) == (report(4), changed, report(2))
        assert store.day_reports(desk.id, 1) == (report(4),)
        loaded = store.load(desk.id, Needs(job_key="none", day=changed.day))
        assert loaded.day == changed
        assert store.load(desk.id, Needs(job_key="none", day=date(2026, 3, 30))).day is None
        other = Desk(store, practice("second"), Facts())
        store.put_practice(other.practice)
        assert store.day_reports(other.id, 10) == ()
