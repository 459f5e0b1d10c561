"""The list of conversations: one value a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from attrs import evolve, frozen

from convokit.domain.conversation import Conversation
from convokit.domain.departments import Department
from convokit.domain.search import SearchHit
from convokit.runtime.desk.reminders import PastDueReminders
from convokit_dashboard.views.marks import Mark, mark_of_row
from convokit_dashboard.views.people import (
    Emoji,
    Way,
    client_words,
    department_name,
    emojis,
    initials,
    urgency_words,
    way,
)
from convokit_dashboard.views.times import Moment, moment
from convokit_dashboard.words import Words

LONGEST_UNREAD = 9
"""More unread messages of one conversation are shown as ``"9+"``."""


@frozen(kw_only=True)
class Around:
    """What every row is read with."""

    words: Words
    now: datetime
    zone: ZoneInfo
    departments: Mapping[str, Department]

    def moment(self, at: datetime) -> Moment:
        """A moment as it is shown now."""
        return moment(at, self.now, self.zone, self.words)


@frozen(kw_only=True, slots=False)  # made in two thirds of the time, and a list makes fifty
class Row:
    """One conversation of a list, as it is shown.

    Attributes:
        preview: the newest message, or the words that a search found.
        speaker: who said it, if not the client: ``"You"``.
        unread: how many messages wait, as text; empty when none does.
        urgency: its word; empty for the normal one. urgency_level: for the colour.
        department: its name, empty for the default one.
        sub: for a search, what matched.
    """

    id: str
    client: str
    initials: str
    patient: str
    title: str
    preview: str
    speaker: str
    moment: Moment
    urgency: str
    urgency_level: str
    unread: str
    way: Way
    mark: Mark | None
    department: str
    assignee: str
    emojis: tuple[Emoji, ...]
    failed: bool
    ended: bool
    sub: str = ""


def row(conversation: Conversation, reminders: PastDueReminders | None, around: Around) -> Row:
    """One conversation as a row."""
    words = around.words
    name = client_words(conversation, words)
    ended = conversation.ended and conversation.ended_at is not None
    at = conversation.ended_at if ended and conversation.ended_at else conversation.last_message_at
    level = conversation.urgency_level
    count = conversation.unread
    return Row(
        id=conversation.id,
        client=name,
        initials=initials(conversation.client_name),
        patient=conversation.patient_name,
        title=conversation.title,
        preview=conversation.last_text or words("No messages yet"),
        speaker=words("You") if conversation.last_side == "practice" and conversation.last_text else "",
        moment=around.moment(at),
        urgency="" if level == "normal" else urgency_words(level, words),
        urgency_level=level,
        unread="" if not count else str(count) if count <= LONGEST_UNREAD else f"{LONGEST_UNREAD}+",
        way=way(conversation, words),
        mark=mark_of_row(conversation, words),
        department=department_name(conversation, around.departments) if conversation.department else "",
        assignee=conversation.assignee_name,
        emojis=() if reminders is None else emojis(reminders, words),
        failed=conversation.failed > 0,
        ended=conversation.ended,
    )


def rows(
    conversations: Iterable[Conversation], reminders: Mapping[str, PastDueReminders], around: Around
) -> tuple[Row, ...]:
    """A page of a list."""
    return tuple(row(one, reminders.get(one.id), around) for one in conversations)


def hit_rows(hits: Iterable[SearchHit], reminders: Mapping[str, PastDueReminders], around: Around) -> tuple[Row, ...]:
    """What a search found, each conversation once, with what matched."""
    found: dict[str, Row] = {}
    for hit in hits:
        if hit.conversation.id in found:
            continue
        made = row(hit.conversation, reminders.get(hit.conversation.id), around)
        if hit.matched == "text":
            made = evolve(made, preview=hit.snippet, speaker="", sub=around.words("in a message"))
        found[hit.conversation.id] = made
    return tuple(found.values())
