"""Planned work and the reports of days: what comes at a time of the clock, and what became of it."""

from __future__ import annotations

import json
from datetime import date
from typing import Final

import sqlalchemy as sa

from convokit.domain.end_of_day import DayReport
from convokit.domain.planned_work import PlannedWork, WorkPlan
from convokit.stores.checks import MOST_AHEAD
from convokit.stores.sql import schema
from convokit.stores.sql.database import Run
from convokit.stores.sql.part import Part
from convokit.stores.sql.rows import Cells
from convokit.stores.sql.statement import Put, Statement
from convokit.stores.sql.statements import columns, only, param

_P: Final = schema.practice
_W: Final = schema.due_work
_D: Final = schema.day_report
_WORK: Final = "kind due_us planned_us".split()
_DAY: Final = "day until state due_us at_us open_count refused reason raw".split()

_all_work = sa.select(*columns(_W, _WORK), _P.c.public_id).select_from(_W.join(_P, _P.c.pk == _W.c.practice_pk))
_one = (_W.c.practice_pk == param("practice"), _W.c.kind == param("work"))
PLANNED: Final = Statement(_all_work.where(*_one), "practice work")
DUE: Final = Statement(
    _all_work.where(_W.c.due_us <= param("now")).order_by(_W.c.due_us).limit(param("most")).offset(only("0")),
    "now most",
    across=True,
)
DUE_AHEAD: Final = Statement(
    _all_work.where(_W.c.planned_us > param("ahead"), _W.c.due_us > param("now"))
    .order_by(_W.c.planned_us)
    .limit(param("most"))
    .offset(only("0")),
    "ahead now most",
    across=True,
)
PLAN_FIRST: Final = Statement(Put(table=_W), "practice_pk kind due_us planned_us")
PLAN: Final = Statement(
    sa.update(_W).where(*_one, _W.c.due_us == param("instead_of")), "due_us planned_us practice work instead_of"
)
UNPLAN: Final = Statement(sa.delete(_W).where(*_one, _W.c.due_us == param("instead_of")), "practice work instead_of")

SET_DAY: Final = Statement(
    Put(table=_D, key="practice_pk day", replaces=" ".join(_DAY[1:])),
    " ".join(["practice_pk", *_DAY]),
)
_of_day = sa.select(*columns(_D, _DAY)).where(_D.c.practice_pk == param("practice"))
DAY: Final = Statement(_of_day.where(_D.c.day == param("on")), "practice on")
DAYS: Final = Statement(_of_day.order_by(_D.c.day.desc()).limit(param("most")).offset(only("0")), "practice most")


class Work(Part):
    """What the worker and the desk ask about planned work."""

    def planned_work(self, practice_id: str, kind: str) -> PlannedWork | None:
        """See :meth:`convokit.ports.store.Store.planned_work`."""
        row = self._db.one(PLANNED, (self._key(practice_id), kind))
        return None if row is None else _work_of(row)

    def plan_work(self, practice_id: str, plan: WorkPlan) -> None:
        """See :meth:`convokit.ports.store.Store.plan_work`."""
        practice = self._key(practice_id)
        with self._db.writing(practice) as run:
            write_plan(run, practice, plan)

    def due_work(self, now_us: int, limit: int) -> tuple[PlannedWork, ...]:
        """See :meth:`convokit.ports.store.Store.due_work`."""
        found = self._db.all(DUE, (now_us, limit))
        if len(found) < limit:
            found += self._db.all(DUE_AHEAD, (now_us + MOST_AHEAD, now_us, limit - len(found)))
        return tuple(map(_work_of, found))

    def day_reports(self, practice_id: str, limit: int) -> tuple[DayReport, ...]:
        """See :meth:`convokit.ports.store.Store.day_reports`."""
        return tuple(map(_day_of, self._db.all(DAYS, (self._key(practice_id), limit))))


def write_plan(run: Run, practice: int, plan: WorkPlan) -> None:
    """Replace a plan by another one, unless somebody else has."""
    if plan.instead_of is None:
        if plan.due_us is not None:
            run.write(PLAN_FIRST, (practice, plan.kind, plan.due_us, plan.planned_us))
    elif plan.due_us is None:
        run.write(UNPLAN, (practice, plan.kind, plan.instead_of))
    else:
        run.write(PLAN, (plan.due_us, plan.planned_us, practice, plan.kind, plan.instead_of))


def load_day(run: Run, practice: int, day: date) -> DayReport | None:
    """The report of one day."""
    row = run.one(DAY, (practice, day.isoformat()))
    return None if row is None else _day_of(row)


def write_day(run: Run, practice: int, report: DayReport) -> None:
    """The report of a day, instead of the one there is."""
    days = (report.day.isoformat(), report.until.isoformat())
    refused = json.dumps(report.refused, ensure_ascii=False)
    told = (report.state, report.due_us, report.at_us, report.open_count, refused, report.reason, report.raw)
    run.write(SET_DAY, (practice, *days, *told))


def _work_of(row: Cells) -> PlannedWork:
    return PlannedWork(kind=row[0], due_us=row[1], planned_us=row[2], practice=row[3])


def _day_of(row: Cells) -> DayReport:
    return DayReport(
        day=date.fromisoformat(row[0]),
        until=date.fromisoformat(row[1]),
        state=row[2],
        due_us=row[3],
        at_us=row[4],
        open_count=row[5],
        refused=tuple(json.loads(row[6])),
        reason=row[7],
        raw=row[8],
    )
