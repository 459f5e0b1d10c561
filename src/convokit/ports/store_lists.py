"""The lists of conversations that a store keeps; a part of :class:`convokit.ports.store.Store`.

``visible`` are the departments that the reader may see; ``None``: all.
"""

from __future__ import annotations

from typing import Protocol

from attrs import frozen

from convokit.domain.conversation import Conversation
from convokit.domain.inbox import Badges, InboxPosition, InboxQuery, Position, Sort
from convokit.domain.search import SearchHit, Terms


@frozen(kw_only=True)
class Change:
    """A conversation changed. Of several changes of one conversation only the newest number is listed."""

    number: int
    conversation_id: str


class ListStore(Protocol):
    """Each call is about one practice, and raises as the store does."""

    def inbox(
        self, practice_id: str, query: InboxQuery, *, sort: Sort, after: InboxPosition | None, limit: int
    ) -> tuple[tuple[Conversation, ...], InboxPosition | None]:
        """A page of open conversations in total order, and the position of its last row if more follow."""
        ...

    def history(
        self, practice_id: str, *, after: Position | None, limit: int, visible: tuple[str, ...] | None = None
    ) -> tuple[tuple[Conversation, ...], Position | None]:
        """A page of ended conversations, newest ending first, and the position of its last row if more follow."""
        ...

    def badges(self, practice_id: str, *, visible: tuple[str, ...] | None = None) -> Badges:
        """Counts capped at one more than :data:`convokit.domain.inbox.BADGE_CAP`."""
        ...

    def changes(
        self, practice_id: str, *, since: int, limit: int, visible: tuple[str, ...] | None = None
    ) -> tuple[Change, ...]:
        """Conversations changed after a change number, by number."""
        ...

    def newest_change(self, practice_id: str) -> int:
        """The newest change number of the practice; 0 before the first change."""
        ...

    def app_conversations(self, practice_id: str, client_id: str, *, limit: int) -> tuple[Conversation, ...]:
        """A client's conversations in the app: the open one, then those that ended, the newest message on top."""
        ...

    def search(
        self,
        practice_id: str,
        asked: Terms,
        *,
        after: Position | None,
        limit: int,
        visible: tuple[str, ...] | None = None,
    ) -> tuple[tuple[SearchHit, ...], Position | None]:
        """What was found, and the position of the last hit if more follow.

        First conversations by client, patient, title, e-mail address and number, the one that was made last on top;
        then messages, newest on top. Of what :meth:`index_pending` has still to do, nothing is found.
        """
        ...

    def index_pending(self, practice_id: str, limit: int) -> int:
        """Make what was committed lately ready for search: about ``limit`` conversations and entries, in one short
        transaction. How many were looked at; 0: nothing is left to do.
        """
        ...

    def unindexed(self, limit: int) -> tuple[str, ...]:
        """Practices for which :meth:`index_pending` has something to do."""
        ...
