"""Planned work: noticing that its time has come, once for everybody, whatever the clock does."""

from __future__ import annotations

import logging
from typing import Final, Literal
from zoneinfo import ZoneInfo

from convokit.domain.end_of_day import END_OF_DAY, is_due_at, next_due
from convokit.domain.planned_work import PlannedWork, WorkPlan
from convokit.domain.rules import Practice
from convokit.facts import TimePassed
from convokit.plugins.faults import log_fault
from convokit.runtime.steps import Steps
from convokit.runtime.world import World

Moved = Literal["planned", "passed"]

_BATCH: Final = 200
_PASSES: Final = 10
"""What was planned again may be due at once, and a few times over after a clock came right again."""

_log = logging.getLogger("convokit")


class Timekeeper:
    """Plans, and looks at plans in the worker's rounds. Several workers may do so at once."""

    def __init__(self, steps: Steps, world: World) -> None:
        self._steps = steps
        self._store = steps.store
        self._world = world

    def plan_for(self, practice: Practice) -> WorkPlan | None:
        """The plan that a practice with these rules needs; ``None`` when the one it has will do."""
        now_us = self._world.now_us()
        rules, zone = practice.rules.end_of_day, ZoneInfo(practice.time_zone)
        is_known = self._store.practice(practice.id) is not None
        known = self._store.planned_work(practice.id, END_OF_DAY) if is_known else None
        if known is None:
            first = next_due(rules, zone, now_us)
            return None if first is None else WorkPlan(kind=END_OF_DAY, due_us=first.at_us, planned_us=now_us)
        # A host adds its practices at each start: what is overdue since then must not be forgotten.
        if rules.on and is_due_at(rules, zone, known.due_us) is not None:
            return None
        return _plan(known, practice, now_us - rules.window - 1, now_us)

    def leave_out(self, practice: Practice) -> bool:
        """Plan on from now: what is due already had its turn, or is not wanted. Whether something was due."""
        now_us, known = self._world.now_us(), self._store.planned_work(practice.id, END_OF_DAY)
        if known is None or known.due_us > now_us:
            return False
        self._store.plan_work(practice.id, _plan(known, practice, now_us, now_us))
        return True

    def look(self) -> int:
        """Take in what is due, and plan again what has to be. How many times anything happened."""
        happened = 0
        for _ in range(_PASSES):
            moved = [self._one(work) for work in self._store.due_work(self._world.now_us(), _BATCH)]
            happened += moved.count("passed")
            if not any(moved):
                break
        return happened

    def _one(self, work: PlannedWork) -> Moved | None:
        try:
            practice = self._store.practice(work.practice)  # the rules as they are now
            return None if practice is None else self._passed(practice, work, self._world.now_us())
        except Exception as error:  # one practice's trouble must not keep the others waiting
            log_fault(_log, f"the end of the day of practice {work.practice} could not be looked at", error)
            return None

    def _passed(self, practice: Practice, work: PlannedWork, now_us: int) -> Moved:
        rules, zone = practice.rules.end_of_day, ZoneInfo(practice.time_zone)
        due = is_due_at(rules, zone, work.due_us)
        if due is None or work.due_us > now_us:
            # The rules or the zone's changed without a plan, or the clock went back: plan from where it stands now.
            self._store.plan_work(practice.id, _plan(work, practice, now_us - rules.window - 1, now_us))
            return "planned"
        fact = TimePassed(
            day=due.day,
            due_us=due.at_us,
            at_us=now_us,
            open_count=self._store.badges(practice.id).active,
            missed=now_us - due.at_us > rules.window,
        )
        if self._steps.take(practice, fact).seen is not None:
            # This day had its turn: the clock went back, or another worker was faster.
            after_us = max(work.due_us, now_us - rules.window - 1)
            self._store.plan_work(practice.id, _plan(work, practice, after_us, now_us))
            return "planned"
        if fact.missed:
            _log.warning("practice %s: the end-of-day mail of %s was missed; no worker ran", practice.id, due.day)
        return "passed"


def _plan(known: PlannedWork, practice: Practice, after_us: int, now_us: int) -> WorkPlan:
    following = next_due(practice.rules.end_of_day, ZoneInfo(practice.time_zone), after_us)
    return WorkPlan(
        kind=known.kind,
        due_us=None if following is None else following.at_us,
        planned_us=now_us,
        instead_of=known.due_us,
    )
