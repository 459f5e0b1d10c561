"""Everything that is read: practices, conversations, lists, entries, consent."""

from __future__ import annotations

from typing import Final

from convokit.domain.consent_ledger import Consent, ConsentEntry
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.inbox import BADGE_CAP, Badges, InboxQuery, Position
from convokit.domain.rules import Practice
from convokit.ports.store import Change
from convokit.stores.sql import lists, rows
from convokit.stores.sql import statements as sql
from convokit.stores.sql.part import Part
from convokit.stores.sql.rows import Cells
from convokit.stores.sql.settings import practice_of

_NEWEST: Final = 2**63 - 1


class Reading(Part):
    """Reads. Each method is one statement, and sees one state."""

    def practices(self) -> tuple[Practice, ...]:
        """See :meth:`convokit.ports.store.Store.practices`."""
        return tuple(practice_of(row[0]) for row in self._db.all(sql.PRACTICES, ()))

    def practice(self, practice_id: str) -> Practice | None:
        """See :meth:`convokit.ports.store.Store.practice`."""
        row = self._db.one(sql.PRACTICE, (practice_id,))
        return None if row is None else practice_of(row[0])

    def conversation(self, practice_id: str, conversation_id: str) -> Conversation | None:
        """See :meth:`convokit.ports.store.Store.conversation`."""
        row = self._db.one(sql.CONVERSATION, (self._key(practice_id), conversation_id))
        return None if row is None else rows.conversation_of(row)

    def latest_at(self, practice_id: str, channel: str, address: str) -> Conversation | None:
        """See :meth:`convokit.ports.store.Store.latest_at`."""
        place = (self._key(practice_id), channel, address)
        with self._db.snapshot() as run:
            found = run.all(sql.OPEN_FROM_ANY, place) or run.all(sql.LATEST_ENDED, place)
        # As many as the practice has sender numbers.
        newest = max(found, key=lambda row: (row[_LAST_US], row[0]), default=None)
        return None if newest is None else rows.conversation_of(newest)

    def inbox(
        self, practice_id: str, query: InboxQuery, *, by_urgency: bool, after: Position | None, limit: int
    ) -> tuple[tuple[Conversation, ...], Position | None]:
        """See :meth:`convokit.ports.store.Store.inbox`."""
        start = lists.start_of(query, by_urgency, after)
        statement = lists.inbox_for(query, by_urgency=by_urgency, after=start is not None)
        values = (self._key(practice_id), *lists.inbox_values(query), *(start or ()), limit + 1)
        return _page(self._db.all(statement, values), limit, (_URGENCY, _LAST_US, 0) if by_urgency else (_LAST_US, 0))

    def history(
        self, practice_id: str, *, after: Position | None, limit: int
    ) -> tuple[tuple[Conversation, ...], Position | None]:
        """See :meth:`convokit.ports.store.Store.history`."""
        statement = lists.HISTORY if after is None else lists.HISTORY_AFTER
        found = self._db.all(statement, (self._key(practice_id), *(after or ()), limit + 1))
        return _page(found, limit, (_ENDED_US, 0))

    def badges(self, practice_id: str) -> Badges:
        """See :meth:`convokit.ports.store.Store.badges`."""
        counted = self._db.all(lists.BADGES, (self._key(practice_id),) * lists.BADGE_COUNTS)
        unread, history, *by_urgency = counted[0]
        active = min(sum(by_urgency), BADGE_CAP + 1)
        return Badges(active=active, unread=unread, history=history, by_urgency=tuple(by_urgency))

    def entries(
        self, practice_id: str, conversation_id: str, *, after_seq: int = 0, limit: int = 200
    ) -> tuple[Entry, ...]:
        """See :meth:`convokit.ports.store.Store.entries`."""
        practice = self._key(practice_id)
        found = self._db.all(sql.ENTRIES, (practice, conversation_id, practice, after_seq, limit))
        return tuple(map(rows.shown_entry, found))

    def newest_entries(
        self, practice_id: str, conversation_id: str, *, before_seq: int | None = None, limit: int = 200
    ) -> tuple[Entry, ...]:
        """See :meth:`convokit.ports.store.Store.newest_entries`."""
        practice = self._key(practice_id)
        before = _NEWEST if before_seq is None else before_seq
        found = self._db.all(sql.NEWEST_ENTRIES, (practice, conversation_id, practice, before, limit))
        return tuple(map(rows.shown_entry, reversed(found)))

    def entry(self, practice_id: str, entry_id: str) -> Entry | None:
        """See :meth:`convokit.ports.store.Store.entry`."""
        row = self._db.one(sql.ENTRY, (self._key(practice_id), entry_id))
        return None if row is None else rows.shown_entry(row)

    def changes(self, practice_id: str, *, since: int, limit: int) -> tuple[Change, ...]:
        """See :meth:`convokit.ports.store.Store.changes`."""
        found = self._db.all(lists.CHANGES, (self._key(practice_id), since, limit))
        return tuple(Change(number=number, conversation_id=public_id) for number, public_id in found)

    def app_waiting(self, practice_id: str, client_id: str) -> tuple[str, ...]:
        """See :meth:`convokit.ports.store.Store.app_waiting`."""
        practice = self._key(practice_id)
        return tuple(row[0] for row in self._db.all(lists.APP_WAITING, (practice, client_id) * 2))

    def consent(self, practice_id: str, address: str) -> Consent:
        """See :meth:`convokit.ports.store.Store.consent`."""
        return rows.consent_of(address, self._db.one(sql.CONSENT, (self._key(practice_id), address)))

    def ledger(self, practice_id: str, address: str) -> tuple[ConsentEntry, ...]:
        """See :meth:`convokit.ports.store.Store.ledger`."""
        return tuple(map(rows.consent_line_of, self._db.all(sql.LEDGER, (self._key(practice_id), address))))


_URGENCY, _LAST_US, _ENDED_US = map(rows.CONVERSATION.index, ("urgency", "last_us", "ended_us"))


def _page(found: list[Cells], limit: int, order: tuple[int, ...]) -> tuple[tuple[Conversation, ...], Position | None]:
    """The first ``limit`` rows, and the position of the last of them if one more was found."""
    shown = found[:limit]
    last = tuple(shown[-1][cell] for cell in order) if len(found) > limit else None
    return tuple(map(rows.conversation_of, shown)), last
