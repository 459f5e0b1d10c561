"""The lists of one practice in memory: everything is looked at, and sorted. The reference for the indexes of SQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from convokit.domain.conversation import Conversation
from convokit.domain.inbox import (
    BADGE_CAP,
    Badges,
    InboxPosition,
    InboxQuery,
    Position,
    Sort,
    is_visible,
    place_in_order,
    position_of,
)
from convokit.domain.search import SearchHit, Terms, header_hit, header_phones, header_words, text_hit, words
from convokit.domain.urgency import LEVELS
from convokit.ports.store_lists import Change
from convokit.stores.memory_desk import MemoryDesk

Visible = tuple[str, ...] | None


def inbox(
    desk: MemoryDesk, query: InboxQuery, sort: Sort, after: InboxPosition | None, limit: int
) -> tuple[tuple[Conversation, ...], InboxPosition | None]:
    """A page of open conversations."""
    asked = [c for c in desk.conversations.values() if not c.ended and query.asks_for(c)]
    placed = [(position_of(c, sort, desk.rows[c.id]), c) for c in asked]
    placed.sort(key=lambda pair: place_in_order(sort, pair[0]))
    start = None if after is None else place_in_order(sort, after)
    rest = [pair for pair in placed if start is None or place_in_order(sort, pair[0]) > start]
    return tuple(c for _, c in rest[:limit]), rest[limit - 1][0] if len(rest) > limit else None


def history(
    desk: MemoryDesk, visible: Visible, after: Position | None, limit: int
) -> tuple[tuple[Conversation, ...], Position | None]:
    """A page of ended conversations."""
    placed = sorted((((c.ended_us or 0, desk.rows[c.id]), c) for c in _seen(desk, visible) if c.ended), reverse=True)
    rest = [(key, c) for key, c in placed if after is None or key < after]
    return tuple(c for _, c in rest[:limit]), rest[limit - 1][0] if len(rest) > limit else None


def badges(desk: MemoryDesk, visible: Visible) -> Badges:
    """All counts."""
    everything = list(_seen(desk, visible))
    active = [c for c in everything if not c.ended]
    return Badges(
        active=_capped(active),
        unread=_capped(c for c in active if c.unread),
        history=_capped(c for c in everything if c.ended),
        by_urgency=tuple(_capped(c for c in active if c.urgency == rank) for rank in range(len(LEVELS))),
    )


def changes(desk: MemoryDesk, visible: Visible, since: int, limit: int) -> tuple[Change, ...]:
    """What changed, by number."""
    newer = sorted((c.change, c.id) for c in _seen(desk, visible) if c.change > since)
    return tuple(Change(number=number, conversation_id=id_) for number, id_ in newer[:limit])


def app_conversations(desk: MemoryDesk, client_id: str, limit: int) -> tuple[Conversation, ...]:
    """A client's conversations in the app."""
    theirs = [c for c in desk.conversations.values() if (c.channel, c.address) == ("app", client_id)]
    theirs.sort(key=lambda c: (c.ended, -c.last_us, -desk.rows[c.id]))
    return tuple(theirs[:limit])


def _seen(desk: MemoryDesk, visible: Visible) -> Iterable[Conversation]:
    return (c for c in desk.conversations.values() if is_visible(c, visible))


def _capped(counted: Iterable[Conversation]) -> int:
    return min(sum(1 for _ in counted), BADGE_CAP + 1)


def search(
    desk: MemoryDesk, asked: Terms, visible: Visible, after: Position | None, limit: int
) -> tuple[tuple[SearchHit, ...], Position | None]:
    """Everything is looked at: first the conversations, then the messages."""
    found = [*_headers(desk, asked, visible), *_texts(desk, asked, visible)]
    rest = [pair for pair in found if after is None or _further(pair[0]) > _further(after)]
    return tuple(hit for _, hit in rest[:limit]), rest[limit - 1][0] if len(rest) > limit else None


def _further(position: Position) -> Position:
    segment, row = position
    return segment, -row


def _headers(desk: MemoryDesk, asked: Terms, visible: Visible) -> Iterator[tuple[Position, SearchHit]]:
    for known in sorted(_seen(desk, visible), key=lambda c: -desk.rows[c.id]):
        if asked.match(header_words(known), header_phones(known)):
            yield (0, desk.rows[known.id]), header_hit(known, asked)


def _texts(desk: MemoryDesk, asked: Terms, visible: Visible) -> Iterator[tuple[Position, SearchHit]]:
    for row, entry in reversed([*enumerate(desk.entries.values(), 1)]):
        known = desk.conversations[entry.conversation_id]
        if entry.kind != "event" and is_visible(known, visible) and asked.match(set(words(entry.text))):
            yield (1, row), text_hit(known, entry.id, entry.text, asked)
