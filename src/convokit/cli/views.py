"""The inbox and a thread, as a front desk reads them in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Final

from convokit.cli.screen import COLUMNS, Column, Screen, Tone, fit, table, wrap
from convokit.domain.attachment import KIND_WORDS, Attachment, size_words
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.delivery import Indicator, indicator
from convokit.domain.inbox import Badges
from convokit.domain.instant import DAY, HOUR, MINUTE, to_datetime, to_micros

if TYPE_CHECKING:
    from convokit.runtime.desk import PastDueReminders

_LIST: Final = (
    Column(title="#", width=2, right=True),
    Column(title="Urgency", width=7),
    Column(title="New", width=3, right=True),
    Column(title="Via", width=4),
    Column(title="Client · pet", width=18),
    Column(title="Title: last message", width=32),
    Column(title="Age", width=6, right=True),
    Column(title="Delivery", width=12),
)
_IDS: Final = (
    Column(title="#", width=2, right=True),
    Column(title="Via", width=4),
    Column(title="Client · pet", width=18),
    Column(title="Title: last message", width=22),
    Column(title="Age", width=6, right=True),
)
_URGENCY: Final[dict[str, tuple[str, Tone]]] = {
    "urgent": ("URGENT", "red"),
    "high": ("high", "bold"),
    "normal": ("", "plain"),
    "low": ("low", "dim"),
}
_MARKS: Final = {"clock": "◷", "one-check": "✓", "two-checks": "✓✓", "info": "ⓘ", "unsure": "?"}
_TONES: Final[dict[str, Tone]] = {"gray": "dim", "blue": "blue", "black": "bold"}
_SHORT: Final = {"clock": "waiting", "one-check": "sent", "info": "failed", "unsure": "unsure"}
_VIA: Final = {"sms": "text", "app": "app"}
_NAME: Final = 16


def mark(screen: Screen, shown: Indicator) -> str:
    """The mark of an indicator in two columns."""
    return screen.tone(fit(_MARKS[shown.mark], 2), _TONES[shown.color])


def inbox_lines(screen: Screen, rows: Sequence[Conversation], now: datetime, zone: tzinfo) -> list[str]:
    """A list of conversations as a table, numbered from 1."""
    return table(screen, _LIST, [_list_row(screen, n, c, now, zone) for n, c in enumerate(rows, 1)])


def id_lines(screen: Screen, rows: Sequence[Conversation], now: datetime, zone: tzinfo) -> list[str]:
    """The same list with the whole id of each conversation, ready to be copied."""
    columns = (*_IDS, Column(title="Id", width=max(map(len, ("Id", *(known.id for known in rows))))))
    shown = [_list_row(screen, n, c, now, zone) for n, c in enumerate(rows, 1)]
    return table(screen, columns, [[row[0], *row[3:7], (c.id, "plain")] for row, c in zip(shown, rows, strict=True)])


def _list_row(screen: Screen, number: int, known: Conversation, now: datetime, zone: tzinfo) -> list[tuple[str, Tone]]:
    fresh: Tone = "bold" if known.unread else "plain"
    title = f"{screen.clean(known.title)}: " if known.title else ""
    at_us = known.last_us if known.ended_us is None else known.ended_us
    return [
        (str(number), "dim"),
        _URGENCY[known.urgency_level],
        (str(known.unread) if known.unread else "", "bold"),
        (_VIA[known.channel], "plain"),
        (who(screen, known), fresh),
        (title + screen.clean(known.last_text), fresh),
        (age(at_us, now, zone), "plain"),
        _list_delivery(known),
    ]


def _list_delivery(known: Conversation) -> tuple[str, Tone]:
    """The newest message's mark and word if it is ours; else whether an earlier text of ours needs somebody."""
    if known.last_delivery is not None and known.last_side == "practice":
        shown = indicator(channel=known.channel, delivery=known.last_delivery)
        if shown.color == "black" and not known.failed:
            return f"{fit(_MARKS[shown.mark], 2)} left", "dim"  # somebody has decided about it
        both = "read" if shown.color == "blue" else "received" if known.channel == "app" else "delivered"
        return f"{fit(_MARKS[shown.mark], 2)} {_SHORT.get(shown.mark, both)}", _TONES[shown.color]
    return (f"ⓘ  {known.failed} failed", "bold") if known.failed else ("", "plain")


def who(screen: Screen, known: Conversation) -> str:
    """Client and pet; the number or the id where no name is known."""
    client = screen.clean(known.client_name) or known.address
    return f"{client} · {screen.clean(known.patient_name)}" if known.patient_name else client


def age(at_us: int, now: datetime, zone: tzinfo) -> str:
    """How long ago, in at most six columns; the date after a week, and for a clock that is ahead of ours."""
    passed = to_micros(now) - at_us
    if passed >= 7 * DAY or passed < -MINUTE:
        local = to_datetime(at_us).astimezone(zone)
        return f"{local.day} {local:%b}"
    if passed < MINUTE:
        return "now"
    if passed < HOUR:
        return f"{passed // MINUTE} min"
    return f"{passed // HOUR} h" if passed < DAY else f"{passed // DAY} d"


def badge_line(badges: Badges) -> str:
    """The counts beside the tabs."""
    urgent = f" · Urgent {badges.by_urgency[-1]}" if badges.by_urgency[-1] else ""
    shown = Badges.shown
    return f"Active {shown(badges.active)} · Unread {shown(badges.unread)}{urgent} · History {shown(badges.history)}"


def reminder_lines(screen: Screen, rows: Sequence[Conversation], past_due: Mapping[str, PastDueReminders]) -> list[str]:
    """What is past due for the pets of a list, under the numbers of :func:`inbox_lines`; nothing is no line."""
    lines = []
    for number, known in enumerate(rows, 1):
        found = past_due[known.id]
        shown = [_reminder(screen, one.emoji, one.label) for one in found.items]
        shown += [] if found.complete else ["perhaps more" if shown else "not known"]
        if shown:
            pet = screen.clean(known.patient_name) or "the pet"
            words = wrap(f"past due for {pet}: {' · '.join(shown)}", COLUMNS - 6)
            lines.extend(_hang(screen, f"  {screen.tone(f'{number:>2}', 'dim')}  ", " " * 6, words, "plain"))
    return lines


def _reminder(screen: Screen, emoji: str, label: str) -> str:
    # An emoji that the terminal cannot carry would be a question mark; the label says the same.
    return f"{screen.clean(emoji)} {screen.clean(label)}" if screen.unicode else screen.clean(label)


def thread_lines(screen: Screen, known: Conversation, entries: Iterable[Entry], zone: tzinfo) -> list[str]:
    """A conversation: who with and how, then its timeline in order."""
    lines = [_thread_head(screen, known), "  " + screen.tone("─" * (COLUMNS - 2), "rule")]
    timed = [(entry.at.astimezone(zone), entry) for entry in entries]
    started = to_datetime(known.started_us).astimezone(zone).date()
    # All of one day: the times are enough. Else each day is named, the first one too.
    day = None if any(local.date() != started for local, _ in timed) else started
    for local, entry in timed:
        if local.date() != day:
            lines.append(day_line(screen, local))
        day = local.date()
        lines.extend(entry_lines(screen, entry, zone))
    return lines


def day_line(screen: Screen, local: datetime) -> str:
    """The day above the entries of a thread."""
    return "  " + screen.tone(f"{local:%A}, {local.day} {local:%B %Y}", "dim")


def _thread_head(screen: Screen, known: Conversation) -> str:
    how = f"text {known.address}" if known.channel == "sms" else "app"
    level, tone = _URGENCY[known.urgency_level]
    parts = [screen.tone(who(screen, known), "bold")]
    parts += [screen.clean(known.title)] if known.title else []
    parts += [how] if who(screen, known) != known.address else [how.partition(" ")[0]]
    parts += [f"team member {screen.clean(known.team_member)}"] if known.team_member else []
    parts += [screen.tone(level, tone)] if level else []
    parts += ["ended"] if known.ended else []
    return "  " + " · ".join(parts)


def entry_lines(screen: Screen, entry: Entry, zone: tzinfo) -> list[str]:
    """One entry of a thread: the time, the name, the words, and how far a message of ours has come."""
    time = f"{entry.at.astimezone(zone):%H:%M}"
    gutter = " " * (2 + len(time) + 2 + _NAME + 2)
    room = COLUMNS - len(gutter)
    words = screen.clean(entry.text)
    if entry.kind == "event":
        return _hang(screen, f"  {time}  {fit('·', _NAME)}  ", gutter, wrap(words, room), "dim")
    name = "automatic" if entry.kind == "automatic" else _name(screen, entry)
    words = f"(note for staff) {words}" if entry.kind == "note" else words
    said = [] if entry.attachments and not words.strip() else wrap(words, room)
    said += [line for file in entry.attachments for line in wrap(_file(screen, file), room)]
    lines = _hang(screen, f"  {time}  {fit(name, _NAME)}  ", gutter, said, "plain")
    if entry.indicator is not None:
        lines.extend(_below(screen, gutter, entry.indicator, room, left="left" in entry.flags))
    return lines


def _file(screen: Screen, file: Attachment) -> str:
    """A file of a message on one line: what it is, what it is called, how large it is."""
    if file.state != "ready":
        return f"[{KIND_WORDS[file.kind]}: {'still to come' if file.state == 'waiting' else 'could not be fetched'}]"
    return f"[{KIND_WORDS[file.kind]}: {screen.clean(file.name)}, {size_words(file.size)}]"


def _name(screen: Screen, entry: Entry) -> str:
    return screen.clean(entry.author_name) or ("client" if entry.side == "client" else "staff")


def _hang(screen: Screen, head: str, gutter: str, lines: list[str], tone: Tone) -> list[str]:
    first, *rest = lines
    return [head + screen.tone(first, tone)] + [gutter + screen.tone(line, tone) for line in rest]


def _below(screen: Screen, gutter: str, shown: Indicator, room: int, *, left: bool) -> list[str]:
    """The mark with its words; what to do about it on the lines below."""
    label = f"{shown.label}; left as it is" if left else shown.label
    # What to do about an unsure text has been decided when it was left; why one failed is still worth knowing.
    advice = None if left and shown.mark == "unsure" else shown.advice
    words = f"{label}. {advice}" if advice else label
    first, *rest = wrap(words, room - 3)
    lines = [f"{gutter}{mark(screen, shown)} {screen.tone(first, _TONES[shown.color])}"]
    return lines + [f"{gutter}   {screen.tone(line, _TONES[shown.color])}" for line in rest]


def moves_lines(screen: Screen, moves: Iterable[tuple[datetime, Indicator]], zone: tzinfo) -> list[str]:
    """How a message's mark moved: a time, the mark and its words on each line."""
    lines = []
    for at, shown in moves:
        color = "  (blue)" if shown.color == "blue" else ""
        lines.append(f"         {at.astimezone(zone):%H:%M:%S}  {mark(screen, shown)} {shown.label}{color}")
    return lines


def narration(screen: Screen, time: str, words: str) -> list[str]:
    """A sentence about what happened, with the time beside it."""
    first, *rest = wrap(words, COLUMNS - 9)
    return [f"  {screen.tone(time, 'bold')}  {first}"] + ["         " + line for line in rest]
