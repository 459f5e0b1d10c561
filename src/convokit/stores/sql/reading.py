"""Everything that is read: practices, conversations, lists, entries, consent."""

from __future__ import annotations

import json
from typing import Final

from convokit.domain.consent_ledger import Consent, ConsentEntry
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.inbox import BADGE_CAP, Badges, InboxPosition, InboxQuery, Position, Sort, position_of
from convokit.domain.rules import Practice
from convokit.ports.store_lists import Change
from convokit.stores.sql import inbox as active
from convokit.stores.sql import lists, rows
from convokit.stores.sql import statements as sql
from convokit.stores.sql.part import Part
from convokit.stores.sql.rows import Cells
from convokit.stores.sql.settings import practice_of
from convokit.stores.sql.suppression import known_consent

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
        practice = self._key(practice_id)
        place = (practice, channel, address)
        with self._db.snapshot(practice) as run:
            found = run.all(sql.OPEN_FROM_ANY, place) or run.all(sql.LATEST_ENDED, place)
        # As many as the practice has sender numbers.
        newest = max(found, key=lambda row: (row[_LAST_US], row[0]), default=None)
        return None if newest is None else rows.conversation_of(newest)

    def inbox(
        self, practice_id: str, query: InboxQuery, *, sort: Sort, after: InboxPosition | None, limit: int
    ) -> tuple[tuple[Conversation, ...], InboxPosition | None]:
        """See :meth:`convokit.ports.store.Store.inbox`."""
        found = self._read(self._key(practice_id), tuple(active.stretches(query, sort, after)), limit + 1)
        shown = tuple(map(rows.conversation_of, found[:limit]))
        return shown, position_of(shown[-1], sort, found[limit - 1][0]) if len(found) > limit else None

    def _read(self, practice: int, parts: tuple[active.Stretch, ...], most: int) -> list[Cells]:
        """The first rows of some stretches, one below the other."""
        if len(parts) == 1:
            return self._db.all(active.statement(parts[0].shape), (practice, *parts[0].values, most))
        found: list[Cells] = []
        with self._db.snapshot(practice) as run:
            for part in parts:
                if len(found) < most:
                    found += run.all(active.statement(part.shape), (practice, *part.values, most - len(found)))
        return found

    def history(
        self, practice_id: str, *, after: Position | None, limit: int, visible: tuple[str, ...] | None = None
    ) -> tuple[tuple[Conversation, ...], Position | None]:
        """See :meth:`convokit.ports.store.Store.history`."""
        narrowed = () if visible is None else (json.dumps(visible),)
        if after is None:
            statement = lists.HISTORY_NARROWED if narrowed else lists.HISTORY
        else:
            statement = lists.HISTORY_NARROWED_AFTER if narrowed else lists.HISTORY_AFTER
        found = self._db.all(statement, (self._key(practice_id), *narrowed, *(after or ()), limit + 1))
        last = (found[limit - 1][_ENDED_US], found[limit - 1][0]) if len(found) > limit else None
        return tuple(map(rows.conversation_of, found[:limit])), last

    def badges(self, practice_id: str, *, visible: tuple[str, ...] | None = None) -> Badges:
        """See :meth:`convokit.ports.store.Store.badges`."""
        key = (self._key(practice_id),)
        statement = lists.BADGES if visible is None else lists.BADGES_NARROWED
        values = key if visible is None else (*key, json.dumps(visible))
        unread, history, *by_urgency = self._db.all(statement, values * lists.BADGE_COUNTS)[0]
        active = min(sum(by_urgency), BADGE_CAP + 1)
        return Badges(active=active, unread=unread, history=history, by_urgency=tuple(by_urgency))

    def entries(
        self, practice_id: str, conversation_id: str, *, after_seq: int = 0, limit: int = 200
    ) -> tuple[Entry, ...]:
        """See :meth:`convokit.ports.store.Store.entries`."""
        practice = self._key(practice_id)
        found = self._db.all(sql.ENTRIES, (practice, practice, conversation_id, after_seq, limit))
        return tuple(map(rows.shown_entry, found))

    def newest_entries(
        self, practice_id: str, conversation_id: str, *, before_seq: int | None = None, limit: int = 200
    ) -> tuple[Entry, ...]:
        """See :meth:`convokit.ports.store.Store.newest_entries`."""
        practice = self._key(practice_id)
        before = _NEWEST if before_seq is None else before_seq
        found = self._db.all(sql.NEWEST_ENTRIES, (practice, practice, conversation_id, before, limit))
        return tuple(map(rows.shown_entry, reversed(found)))

    def entry(self, practice_id: str, entry_id: str) -> Entry | None:
        """See :meth:`convokit.ports.store.Store.entry`."""
        row = self._db.one(sql.ENTRY, (self._key(practice_id), entry_id))
        return None if row is None else rows.shown_entry(row)

    def changes(
        self, practice_id: str, *, since: int, limit: int, visible: tuple[str, ...] | None = None
    ) -> tuple[Change, ...]:
        """See :meth:`convokit.ports.store.Store.changes`."""
        statement = lists.CHANGES if visible is None else lists.CHANGES_NARROWED
        narrowed = () if visible is None else (json.dumps(visible),)
        found = self._db.all(statement, (self._key(practice_id), since, *narrowed, limit))
        return tuple(Change(number=number, conversation_id=public_id) for number, public_id in found)

    def newest_change(self, practice_id: str) -> int:
        """See :meth:`convokit.ports.store.Store.newest_change`."""
        row = self._db.one(lists.NEWEST_CHANGE, (self._key(practice_id),))
        return 0 if row is None else int(row[0])

    def app_conversations(self, practice_id: str, client_id: str, *, limit: int) -> tuple[Conversation, ...]:
        """See :meth:`convokit.ports.store.Store.app_conversations`."""
        asked = (self._key(practice_id), client_id, limit)
        found = (*self._db.all(lists.APP_OPEN, asked), *self._db.all(lists.APP_ENDED, asked))
        return tuple(map(rows.conversation_of, found[:limit]))

    def app_waiting(self, practice_id: str, client_id: str) -> tuple[str, ...]:
        """See :meth:`convokit.ports.store.Store.app_waiting`."""
        practice = self._key(practice_id)
        return tuple(row[0] for row in self._db.all(lists.APP_WAITING, (practice, client_id) * 2))

    def consent(self, practice_id: str, address: str) -> Consent:
        """See :meth:`convokit.ports.store.Store.consent`."""
        practice = self._key(practice_id)
        return known_consent(self._db.one, practice, address, self._db.one(sql.CONSENT, (address, practice)))

    def ledger(self, practice_id: str, address: str) -> tuple[ConsentEntry, ...]:
        """See :meth:`convokit.ports.store.Store.ledger`."""
        return tuple(map(rows.consent_line_of, self._db.all(sql.LEDGER, (self._key(practice_id), address))))


_LAST_US, _ENDED_US = map(rows.CONVERSATION.index, ("last_us", "ended_us"))
