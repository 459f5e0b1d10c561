"""What the reminder at the end of the day says: the open conversations in words, before any format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

from attrs import field, frozen

from convokit.domain.conversation import Conversation
from convokit.domain.end_of_day import DayReport
from convokit.domain.inbox import BADGE_CAP
from convokit.domain.instant import DAY, HOUR, MINUTE
from convokit.domain.local_time import local_of
from convokit.domain.mail_reasons import mail_advice
from convokit.domain.rules import Practice
from convokit.domain.transcript import zone_abbreviation
from convokit.transcripts.characters import one_line
from convokit.transcripts.wording import clock_words, day_words

_UNITS: Final = ((2 * DAY, DAY, "days"), (2 * HOUR, HOUR, "hours"), (2 * MINUTE, MINUTE, "minutes"))


@frozen(kw_only=True)
class OpenRow:
    """One open conversation in words; every part is one line, safe to print."""

    urgency: str
    who: str
    title: str
    last: str = field(repr=False)
    text: str = field(repr=False)
    needs: tuple[str, ...]


@frozen(kw_only=True)
class OpenList:
    """The reminder in words. ``notes`` stand below the list: what was late, moved or missed."""

    practice: str
    headline: str
    moment: str
    rows: tuple[OpenRow, ...]
    more: str
    notes: tuple[str, ...]


def open_list(
    practice: Practice,
    found: Sequence[Conversation],
    counted: int,
    report: DayReport,
    earlier: Sequence[DayReport],
    now_us: int,
    *,
    moved: bool,
) -> OpenList:
    """The words for the conversations that are shown, in their order, of the ``counted`` ones that are open.

    Args:
        counted: no further than the counts beside the tabs.
        report: the day's, to tell when the reminder was due.
        earlier: reports of the days before, newest first.
        moved: the clocks skipped its time that day.
    """
    zone = ZoneInfo(practice.time_zone)
    local = local_of(now_us, zone)
    many = f"more than {BADGE_CAP}" if counted > BADGE_CAP else str(counted)
    rest = counted - len(found)
    more = f"and {'at least ' if counted > BADGE_CAP else ''}{rest} more" if rest > 0 else ""
    return OpenList(
        practice=one_line(practice.name),
        headline="1 conversation is still open" if counted == 1 else f"{many} conversations are still open",
        moment=f"{day_words(local)}, {clock_words(local)} {zone_abbreviation(local)}",
        rows=tuple(_row(conversation, now_us) for conversation in found),
        more=more,
        notes=(*_about_today(practice, report, now_us, zone, moved=moved), *map(_about_earlier, _lost(earlier))),
    )


def _row(found: Conversation, now_us: int) -> OpenRow:
    who = one_line(found.client_name or found.address)
    speaker = {"client": "The client wrote", "practice": "We wrote"}.get(found.last_side, "Begun")
    return OpenRow(
        urgency=found.urgency_level,
        who=f"{who}, {one_line(found.patient_name)}" if found.patient_name else who,
        title=one_line(found.title),
        last=f"{speaker} {_ago(now_us - found.last_us)}",
        text=one_line(found.last_text),
        needs=tuple(_needs(found, now_us)),
    )


def _needs(found: Conversation, now_us: int) -> list[str]:
    waits = [] if found.awaiting_us is None else [f"waiting for an answer for {_span(now_us - found.awaiting_us)}"]
    unread = [f"{found.unread} unread"] if found.unread else []
    failed = [f"{found.failed} not delivered"] if found.failed else []
    whose = [f"assigned to {one_line(found.assignee_name)}"] if found.assignee_name else []
    return [*waits, *unread, *failed, *whose]


def _ago(age_us: int) -> str:
    return "just now" if age_us < MINUTE else f"{_span(age_us)} ago"


def _span(age_us: int) -> str:
    for least, unit, words in _UNITS:
        if age_us >= least:
            return f"{age_us // unit} {words}"
    return "1 minute"


def _about_today(practice: Practice, report: DayReport, now_us: int, zone: ZoneInfo, *, moved: bool) -> list[str]:
    due = local_of(report.due_us, zone)
    when = f"{clock_words(due)} {zone_abbreviation(due)}"
    notes = []
    if moved:
        notes.append(f"The clocks skipped {practice.rules.end_of_day.time} today, so this mail was due at {when}.")
    if now_us - report.due_us > 10 * MINUTE:
        notes.append(f"This mail was due on {day_words(report.day)}, {when}. It could not be sent earlier.")
    return notes


def _lost(earlier: Sequence[DayReport]) -> list[DayReport]:
    """The days since the last reminder that went well, or that there was nothing to say in any more."""
    lost: list[DayReport] = []
    for report in earlier:
        if report.state not in ("missed", "not_sent") or report.reason == "cancelled":
            break
        lost.append(report)
    return lost


def _about_earlier(report: DayReport) -> str:
    if report.state == "not_sent":
        return f"The mail of {day_words(report.day)} was not sent. {mail_advice(report.reason)}"
    until = "" if report.day == report.until else f" to {day_words(report.until)}"
    return f"The mail of {day_words(report.day)}{until} was missed: nothing was running at that time to send it."
