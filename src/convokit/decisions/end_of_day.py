"""The end of a practice's day: a reminder of what is open, nothing, or the note that it was missed."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from convokit.decisions.base import Decision
from convokit.domain.end_of_day import DayReport, DayState, last_due, next_due
from convokit.domain.planned_work import WorkPlan
from convokit.domain.rules import Practice
from convokit.effects import SendMail
from convokit.facts import TimePassed


def end_of_day(fact: TimePassed, practice: Practice) -> Decision:
    """One mail, owed to the practice's recipients, when anything is open; and the next time, whatever happened."""
    rules, zone = practice.rules.end_of_day, ZoneInfo(practice.time_zone)
    too_late_us = fact.at_us - rules.window
    following = next_due(rules, zone, max(fact.due_us, too_late_us - 1))
    plan = WorkPlan(
        kind=fact.kind,
        due_us=None if following is None else following.at_us,
        planned_us=fact.at_us,
        instead_of=fact.due_us,
    )
    if fact.missed:
        last = last_due(rules, zone, fact.due_us, too_late_us)
        return Decision(work=plan, day=_report(fact, "missed", fact.day if last is None else last.day))
    if fact.open_count == 0:
        return Decision(work=plan, day=_report(fact, "nothing_open", fact.day))
    mail = SendMail(
        # With the practice in it: practices may share a sender, and the Message-ID is made of these two.
        mail_id=f"{practice.id}-end-of-day-{fact.day.isoformat()}",
        because="end_of_day",
        to=rules.recipients,
        day=fact.day,
        not_after_us=fact.at_us + rules.window,
    )
    return Decision(work=plan, day=_report(fact, "owed", fact.day), jobs=(mail,))


def _report(fact: TimePassed, state: DayState, until: date) -> DayReport:
    return DayReport(
        day=fact.day, until=until, state=state, due_us=fact.due_us, at_us=fact.at_us, open_count=fact.open_count
    )
