"""What each form of the settings shows, and the rules that it makes. What cannot be is refused by the kit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, cast

from attrs import evolve

from convokit.domain.canned import CANNED_PLACEHOLDERS, CannedReply
from convokit.domain.department_rules import all_departments
from convokit.domain.departments import DEFAULT, Department
from convokit.domain.holidays import WEEKDAYS
from convokit.domain.hours import ConversationHours
from convokit.domain.record_rules import FORMATS as RECORD_FORMATS
from convokit.domain.record_rules import RecordFormat
from convokit.domain.reminder_kinds import KINDS
from convokit.domain.rules import Rules
from convokit.errors import InvalidInput
from convokit_dashboard.call import Call
from convokit_dashboard.views.transcripts import FORMATS

_SLUG: Final = re.compile("[^a-z0-9]+")
Shown = Mapping[str, object]


def lines(text: str) -> tuple[str, ...]:
    """The lines of a field, without empty ones."""
    return tuple(line for one in text.splitlines() if (line := one.strip()))


def number(call: Call, name: str) -> int:
    """A whole number of the form.

    Raises:
        InvalidInput: it is none.
    """
    given = call.form.get(name, "").strip()
    if not given.isdigit() or len(given) > 9:
        raise InvalidInput(f"rules.{name}", "this is a whole number", field=f"rules.{name}", limit="0..")
    return int(given)


def rows(call: Call, *names: str) -> list[tuple[str, ...]]:
    """The rows of a table in the form: its fields in turn, as often as they come."""
    return list(zip(*(call.chosen(name) for name in names), strict=False))


# --- urgency ---------------------------------------------------------------------------------------------------------


def show_urgency(call: Call) -> Shown:
    """Urgency, and the reopen window."""
    return {"rules": call.desk.practice.rules}


def read_urgency(call: Call, rules: Rules) -> Rules:
    """Urgency, and the reopen window."""
    return evolve(rules, urgency=call.form.get("urgency") == "1", reopen_hours=number(call, "reopen_hours"))


# --- hours -----------------------------------------------------------------------------------------------------------


def day_names(call: Call) -> tuple[str, ...]:
    """The days of the week as people say them."""
    w = call.words
    return (
        w("Monday"),
        w("Tuesday"),
        w("Wednesday"),
        w("Thursday"),
        w("Friday"),
        w("Saturday"),
        w("Sunday"),
    )


def _by_day(hours: ConversationHours) -> dict[str, str]:
    """The times of each day, where a line may name several."""
    found: dict[str, str] = {}
    for days, times in hours.week:
        first, dash, last = days.partition("-")
        begin = WEEKDAYS.index(first)
        count = (WEEKDAYS.index(last) - begin) % len(WEEKDAYS) if dash else 0
        found.update({WEEKDAYS[(begin + nth) % len(WEEKDAYS)]: times for nth in range(count + 1)})
    return found


def show_hours(call: Call) -> Shown:
    """When somebody answers, and what is sent when nobody does."""
    hours = call.desk.practice.rules.hours
    times = _by_day(hours)
    week = [(day, name, times.get(day, "")) for day, name in zip(WEEKDAYS, day_names(call), strict=True)]
    quiet = call.desk.practice.rules.quiet_hours
    return {"hours": hours, "week": week, "zone": call.desk.practice.time_zone, "quiet": quiet}


def read_hours(call: Call, rules: Rules) -> Rules:
    """The week, the holidays, the two messages, and when what a program sends waits."""
    week = {day: times for day in WEEKDAYS if (times := call.form.get(f"day-{day}", "").strip())}
    hours = evolve(
        rules.hours,
        week=week,
        holidays=lines(call.form.get("holidays", "")),
        away=call.form.get("away", "").strip(),
        greeting=call.form.get("greeting", "").strip(),
    )
    quiet = evolve(
        rules.quiet_hours,
        on=call.form.get("quiet") == "1",
        begin=call.form.get("quiet_begin", ""),
        end=call.form.get("quiet_end", ""),
    )
    return evolve(rules, hours=hours, quiet_hours=quiet)


# --- the end of the day ----------------------------------------------------------------------------------------------


def show_reminder(call: Call) -> Shown:
    """The reminder at the end of the day, and who gets transcripts."""
    rules = call.desk.practice.rules
    days = [(day, name, day in rules.end_of_day.weekdays) for day, name in zip(WEEKDAYS, day_names(call), strict=True)]
    state = call.desk.end_of_day(limit=1)
    following = None if state.next_at is None else call.around.moment(state.next_at).full
    return {"rules": rules, "days": days, "following": following, "zone": call.desk.practice.time_zone}


def read_reminder(call: Call, rules: Rules) -> Rules:
    """The reminder, and who gets transcripts."""
    reminder = evolve(
        rules.end_of_day,
        recipients=lines(call.form.get("recipients", "")),
        time=call.form.get("time", ""),
        weekdays=call.chosen("weekday"),
        holidays=lines(call.form.get("holidays", "")),
    )
    mail = evolve(
        rules.mail, sender=call.form.get("sender", "").strip(), transcript_to=lines(call.form.get("transcript_to", ""))
    )
    return evolve(rules, end_of_day=reminder, mail=mail)


# --- the medical record ----------------------------------------------------------------------------------------------


def show_record(call: Call) -> Shown:
    """What is filed, and whether there is a record to file in."""
    return {
        "rules": call.desk.practice.rules.records,
        "formats": [one for one in FORMATS if one.suffix in RECORD_FORMATS],
        "is_set_up": call.desk.can_file_transcripts,
    }


def read_record(call: Call, rules: Rules) -> Rules:
    """What is filed; a format that is none, the kit refuses."""
    form = cast("RecordFormat", call.form.get("format", ""))
    return evolve(rules, records=evolve(rules.records, on_end=call.form.get("on_end") == "1", format=form))


# --- emojis ----------------------------------------------------------------------------------------------------------


def show_emojis(call: Call) -> Shown:
    """The emoji of each kind of reminder."""
    rules = call.desk.practice.rules
    own = dict(rules.reminder_emojis)
    known = [(one.kind, call.words(one.label), one.emoji, own.get(one.kind, one.emoji)) for one in KINDS]
    kinds = {one.kind for one in KINDS}
    more = [(kind, kind, "", emoji) for kind, emoji in rules.reminder_emojis if kind not in kinds]
    return {"kinds": [*known, *more], "months": rules.reminder_months}


def read_emojis(call: Call, rules: Rules) -> Rules:
    """Those that differ from the usual ones."""
    usual = {one.kind: one.emoji for one in KINDS}
    given = {kind: emoji.strip() for kind, emoji in rows(call, "kind", "emoji") if kind.strip()}
    own = {kind: emoji for kind, emoji in given.items() if usual.get(kind) != emoji}
    return evolve(rules, reminder_emojis=own, reminder_months=number(call, "reminder_months"))


# --- departments -----------------------------------------------------------------------------------------------------


def show_departments(call: Call) -> Shown:
    """The departments, the default one first, with the times of those that keep hours of their own."""
    departments = all_departments(call.desk.practice.rules)
    return {
        "departments": departments,
        "days": tuple(zip(WEEKDAYS, day_names(call), strict=True)),
        "times": {one.id: _by_day(one.hours) for one in departments if one.hours is not None},
    }


def read_departments(call: Call, rules: Rules) -> Rules:
    """The departments as they are in the form; one without a name is gone."""
    known = {one.id: one for one in all_departments(rules)}
    in_app = set(call.chosen("in_app"))
    made: list[Department] = []
    for nth, (given, name, greeting) in enumerate(rows(call, "id", "name", "greeting")):
        if not name.strip() and given != "-":
            continue
        id_ = DEFAULT if given == "-" else given or _slug(name, {one.id for one in made} | known.keys())
        before = known.get(id_, Department(id=id_, name=name))
        hours = _own_hours(call, nth, before)
        made.append(evolve(before, name=name, greeting=greeting.strip(), in_app=str(nth) in in_app, hours=hours))
    return evolve(rules, departments=tuple(made))


def _own_hours(call: Call, nth: int, before: Department) -> ConversationHours | None:
    """The hours of the nth department of the form, or ``None`` for the practice's; single dates stay as they are."""

    def field(name: str) -> str:
        given = call.chosen(name)
        return given[nth].strip() if nth < len(given) else ""

    if not call.chosen("day-mon"):
        return before.hours  # a form that does not ask about hours
    if str(nth) not in call.chosen("own_hours"):
        return None
    return evolve(
        before.hours or ConversationHours(),
        week={day: times for day in WEEKDAYS if (times := field(f"day-{day}"))},
        holidays=lines(field("holidays")),
        away=field("away"),
        greeting=field("first_reply"),
    )


def _slug(name: str, taken: set[str]) -> str:
    """An id for a new department."""
    base = _SLUG.sub("-", name.lower()).strip("-")[:40] or "department"
    return next(id_ for nth in range(1, 1_000) if (id_ := base if nth == 1 else f"{base}-{nth}") not in taken)


# --- opt-out ---------------------------------------------------------------------------------------------------------


def show_keywords(call: Call) -> Shown:
    """Further words that opt out, and the two answers."""
    return {"rules": call.desk.practice.rules}


def read_keywords(call: Call, rules: Rules) -> Rules:
    """Further words that opt out, and the two answers."""
    return evolve(
        rules,
        stop_words=lines(call.form.get("stop_words", "")),
        confirmation=call.form.get("confirmation", "").strip(),
        help_reply=call.form.get("help_reply", "").strip(),
    )


# --- ready texts -----------------------------------------------------------------------------------------------------


def show_texts(call: Call) -> Shown:
    """The ready texts, and what is filled in."""
    rules = call.desk.practice.rules
    return {"texts": rules.canned, "departments": all_departments(rules), "placeholders": CANNED_PLACEHOLDERS}


def read_texts(call: Call, rules: Rules) -> Rules:
    """The ready texts as they are in the form; one without title and text is gone."""
    given: Sequence[tuple[str, ...]] = rows(call, "title", "text", "department")
    return evolve(
        rules,
        canned=tuple(
            CannedReply(
                title=title,
                text=text.replace("\r\n", "\n").strip(),
                department={"*": None, "-": DEFAULT}.get(department, department),
            )
            for title, text, department in given
            if title.strip() or text.strip()
        ),
    )


# --- payments --------------------------------------------------------------------------------------------------------


def show_payments(call: Call) -> Shown:
    """The words about payments, and the report."""
    today = call.now.astimezone(call.around.zone).date()
    rules = call.desk.practice.rules
    return {"rules": rules, "first": today.replace(day=1).isoformat(), "today": today.isoformat()}


def read_payments(call: Call, rules: Rules) -> Rules:
    """The words about payments."""
    payments = evolve(
        rules.payments,
        expiry_hours=number(call, "expiry_hours"),
        prompt=call.form.get("prompt", "").strip(),
        receipt=call.form.get("receipt", "").strip(),
    )
    return evolve(rules, payments=payments)
