"""A conversation's timeline: days, bubbles, notes and events, one value each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final, Literal

from attrs import evolve, frozen

from convokit.domain.conversation import Conversation, Entry
from convokit.domain.delivery import Delivery
from convokit_dashboard.views.events import ICONS, event_words
from convokit_dashboard.views.files import FileView, file_view
from convokit_dashboard.views.marks import Mark, mark_of
from convokit_dashboard.views.payments import PaymentCard
from convokit_dashboard.views.rows import Around
from convokit_dashboard.views.times import Moment, day_heading
from convokit_dashboard.words import Words

_TOGETHER_US: Final = 5 * 60 * 1_000_000
"""Messages of one author within five minutes stand together, with one name above them."""

Side = Literal["in", "out", "note", "event", "automatic"]


@frozen(kw_only=True)
class Bubble:
    """One entry of the timeline.

    Attributes:
        side: ``"in"`` from the client, ``"out"`` from the practice, ``"automatic"`` from convokit itself, ``"note"``
            between staff, ``"event"`` for the rest.
        author: the name that the client saw; above the first of several that stand together.
        by: who wrote it: the id of the member of staff, which nobody can edit.
        flags: what was odd with it, in words.
        choices: ``"again"`` and ``"leave"``, where a person must choose.
        day: the heading above it, for the first entry of a day.
    """

    id: str
    seq: int
    side: Side
    text: str
    author: str
    first: bool
    moment: Moment
    mark: Mark | None
    attempt: int
    files: tuple[FileView, ...]
    flags: tuple[str, ...]
    choices: tuple[str, ...]
    day: str
    icon: str = ""
    card: PaymentCard | None = None
    by: str = ""


def timeline(
    known: Conversation, entries: Iterable[Entry], cards: Mapping[str, PaymentCard], around: Around
) -> tuple[Bubble, ...]:
    """The entries of a page of the thread, oldest first. ``cards`` are the payments by the message with their link."""
    shown: list[Bubble] = []
    before: Entry | None = None
    for entry in entries:
        made = _bubble(known, entry, cards.get(entry.id), around)
        day = _local_day(entry, around)
        new_day = before is None or _local_day(before, around) != day
        heading = day_heading(day, around.now.astimezone(around.zone).date(), around.words) if new_day else ""
        first = new_day or before is None or not _stand_together(before, entry)
        shown.append(evolve(made, day=heading, first=first))
        before = entry
    return tuple(shown)


def _bubble(known: Conversation, entry: Entry, card: PaymentCard | None, around: Around) -> Bubble:
    words = around.words
    side = side_of(entry)
    return Bubble(
        id=entry.id,
        seq=entry.seq,
        side=side,
        text=event_words(entry, words) if side == "event" else entry.text,
        author=_author(known, entry, words),
        first=True,
        moment=around.moment(entry.at),
        mark=mark_of(entry, words),
        attempt=entry.attempt,
        files=tuple(file_view(file, words, ours=entry.side == "practice") for file in entry.attachments),
        flags=flag_words(entry, words),
        choices=choices(known, entry),
        day="",
        icon=ICONS.get(entry.event or "", ""),
        card=card,
        by=words("staff %(id)s", id=entry.author_id) if entry.author_id else "",
    )


def side_of(entry: Entry) -> Side:
    """Where an entry stands."""
    if entry.kind == "event":
        return "event"
    if entry.kind == "note":
        return "note"
    if entry.kind == "automatic":
        return "automatic"
    return "in" if entry.side == "client" else "out"


def choices(known: Conversation, entry: Entry) -> tuple[str, ...]:
    """What a person can decide about a text that failed or is unsure."""
    open_question = entry.delivery in (Delivery.FAILED, Delivery.UNSURE) and "left" not in entry.flags
    if not open_question or entry.channel == "app" or entry.kind == "automatic":
        return ()
    return ("leave",) if known.ended or known.is_erased else ("again", "leave")


def _author(known: Conversation, entry: Entry, words: Words) -> str:
    if entry.kind == "automatic":
        return words("Automatic")
    if entry.side == "client":
        return entry.author_name or known.client_name or words("Client")
    return entry.author_name


def flag_words(entry: Entry, words: Words) -> tuple[str, ...]:
    """What was odd with a message, in words for the front desk."""
    named = {
        "crossed": words("This text was already on its way when the client opted out."),
        "reports_disagree": words("The carrier reported both a failure and the delivery."),
        "left": words("Left: it is not sent again."),
        "maybe_opt_out": words("This may mean that the client wants no more texts."),
        "may_be_appointment": words("This may have meant an appointment. Please ask."),
        "wrong_number": words("This may mean that the number belongs to somebody else."),
        "repaired": words("Some characters arrived damaged."),
        "same_id_other_content": words("The carrier used the number of another text for this one; both are here."),
        "automatic_held": words("No automatic reply was sent: first somebody should decide about the opt-out."),
        "automatic_capped": words("No automatic reply was sent: this number has had enough of them for now."),
    }
    return tuple(named[flag] for flag in entry.flags if flag in named)


def _stand_together(before: Entry, entry: Entry) -> bool:
    same = (before.kind, before.side, before.author_id) == (entry.kind, entry.side, entry.author_id)
    return same and entry.kind != "event" and entry.at_us - before.at_us < _TOGETHER_US


def _local_day(entry: Entry, around: Around) -> date:
    return entry.at.astimezone(around.zone).date()


def answers_meanwhile(entries: Iterable[Entry], seen_seq: int, staff_id: str) -> tuple[Entry, ...]:
    """What colleagues wrote to the client since the writer looked."""
    return tuple(
        entry
        for entry in entries
        if entry.kind == "message" and entry.side == "practice" and entry.seq > seen_seq and entry.author_id != staff_id
    )
