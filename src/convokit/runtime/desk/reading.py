"""The lists and the thread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from convokit.domain import urgency as levels
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.inbox import (
    Badges,
    InboxPosition,
    InboxQuery,
    Page,
    Sort,
    check_limit,
    decode_cursor,
    decode_inbox_cursor,
    encode_cursor,
    encode_inbox_cursor,
    usual_order,
)
from convokit.domain.people import Staff
from convokit.errors import InvalidInput
from convokit.ports.store_lists import Change
from convokit.runtime.checks_lists import check_key, check_one_of, check_sort
from convokit.runtime.desk.base import DeskBase
from convokit.runtime.desk.waiting import check_wait, wait_for

_CHUNK: Final = 200
_MOST_ASSIGNEES: Final = 100
_HISTORY: Final = "history"
_THREAD: Final = "thread"


class DeskReading(DeskBase):
    """Inbox, history, badges, thread, changes. Nothing here changes anything."""

    def inbox(
        self,
        *,
        unread: bool | None = None,
        initiated_by: Literal["practice", "client"] | None = None,
        urgency: str | None = None,
        channel: Literal["app", "sms"] | None = None,
        department: str | None = None,
        assignee: str | None = None,
        awaiting_reply: bool | None = None,
        failed: bool | None = None,
        sort: Sort | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Conversation]:
        """Active conversations: by urgency, then newest message on top; without urgency in the rules, newest on top.

        Args:
            unread, initiated_by, urgency, channel: filters; each combines with every other.
            department: an id; ``""`` is the default department.
            assignee: the id of a member of staff; ``""`` is nobody.
            awaiting_reply: whether the client waits for an answer; reading is not answering.
            failed: whether a text failed or is unsure, and needs a person.
            sort: another order: ``"newest"``, ``"urgency"``, or the name of any other filter.
            after: ``next`` of the page before.
            limit: rows, 1 to 200.

        Raises:
            InvalidInput: ``page.limit``, ``page.cursor``, ``urgency.unknown``, ``inbox.filter``, ``inbox.sort``.
        """
        order = check_sort(sort) or usual_order(urgency=self.practice.rules.urgency)
        query = InboxQuery(
            unread=check_one_of(unread, (True, False), "unread"),
            initiated_by=check_one_of(initiated_by, ("practice", "client"), "initiated_by"),
            urgency=None if urgency is None else levels.rank(urgency),
            channel=check_one_of(channel, ("app", "sms"), "channel"),
            department=check_key(department, "department"),
            assignee=check_key(assignee, "assignee"),
            awaiting_reply=check_one_of(awaiting_reply, (True, False), "awaiting_reply"),
            failed=check_one_of(failed, (True, False), "failed"),
            visible=self._visible_ids,
        )
        position = None if after is None else decode_inbox_cursor(order, after)
        rows, last = self._store.inbox(self.practice.id, query, sort=order, after=position, limit=check_limit(limit))
        return Page(items=rows, next=None if last is None else encode_inbox_cursor(order, last))

    def history(self, *, after: str | None = None, limit: int = 50) -> Page[Conversation]:
        """Ended conversations, newest ending first.

        Raises:
            InvalidInput: ``page.limit``, ``page.cursor``.
        """
        position = None if after is None else decode_cursor(_HISTORY, after, 2)
        rows, last = self._store.history(
            self.practice.id, after=position, limit=check_limit(limit), visible=self._visible_ids
        )
        return Page(items=rows, next=None if last is None else encode_cursor(_HISTORY, last))

    def badges(self) -> Badges:
        """Counts for the tabs, capped (``Badges.shown`` writes "99+")."""
        return self._store.badges(self.practice.id, visible=self._visible_ids)

    def assignees(self) -> tuple[Staff, ...]:
        """To whom active conversations are assigned, by id: what a filter can offer. At most 100.

        Each costs one row, whatever they look after: from the newest one of somebody it goes on to the next somebody.
        """
        found: list[Staff] = []
        after: InboxPosition | None = None
        query = InboxQuery(visible=self._visible_ids)
        while len(found) < _MOST_ASSIGNEES:
            rows, _ = self._store.inbox(self.practice.id, query, sort="assignee", after=after, limit=1)
            if not rows or rows[0].assignee_id is None:
                break
            found.append(Staff(id=rows[0].assignee_id, name=rows[0].assignee_name))
            after = InboxPosition(segment=0, word=found[-1].id, moment_us=0, row=0)  # below all that they have
        return tuple(found)

    def thread(self, conversation_id: str, *, before: str | None = None, limit: int = 50) -> Page[Entry]:
        """The newest entries of a conversation in order; ``next`` leads to the page of older ones.

        Raises:
            NotFound: ``conversation.unknown``.
            InvalidInput: ``page.limit``, ``page.cursor``.
        """
        known = self.conversation(conversation_id)
        below = None if before is None else decode_cursor(f"{_THREAD}.{known.id}", before, 1)[0]
        entries = self._store.newest_entries(self.practice.id, known.id, before_seq=below, limit=check_limit(limit))
        more = bool(entries) and entries[0].seq > 1
        return Page(items=entries, next=encode_cursor(f"{_THREAD}.{known.id}", (entries[0].seq,)) if more else None)

    def entries(self, conversation_id: str) -> Iterator[Entry]:
        """The whole timeline from the first entry, read in chunks: memory stays flat whatever its length."""
        known = self.conversation(conversation_id)
        seq = 0
        while chunk := self._store.entries(self.practice.id, known.id, after_seq=seq, limit=_CHUNK):
            yield from chunk
            seq = chunk[-1].seq

    def changes(self, since: int = 0, *, limit: int = 200, wait: float = 0.0) -> tuple[Change, ...]:
        """Conversations that changed after change number ``since``, by number; resume with the last one's number.

        Args:
            wait: seconds to wait for a change if there is none yet, at most 60. A change in this process is seen at
                once, and with PostgreSQL one in any process; else within a second.

        Raises:
            InvalidInput: ``page.limit``, ``changes.since``, ``changes.wait``.
        """
        if not isinstance(since, int) or isinstance(since, bool) or since < 0:
            raise InvalidInput("changes.since", "since= is a change number, 0 or more", field="since")
        longest, most = check_wait(wait), check_limit(limit)

        def look() -> tuple[Change, ...]:
            return self._store.changes(self.practice.id, since=since, limit=most, visible=self._visible_ids)

        return look() or (wait_for(look, self._store, self.practice.id, longest) if longest else ())

    def newest_change(self) -> int:
        """The newest change number of the practice, to begin with :meth:`changes` from now on; 0 before the first."""
        return self._store.newest_change(self.practice.id)
