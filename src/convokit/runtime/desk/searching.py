"""Search: by client, patient, title, e-mail address, phone number in any notation, and the text of messages."""

from __future__ import annotations

from typing import Final

from convokit.domain.inbox import Page, check_limit, decode_cursor, encode_cursor
from convokit.domain.search import SEARCH_LIMIT, SearchHit, terms
from convokit.errors import InvalidInput
from convokit.runtime.desk.base import DeskBase

_SEARCH: Final = "search"
_BATCH: Final = 200


class DeskSearching(DeskBase):
    """Finds conversations, open and ended."""

    def search(self, text: str, *, after: str | None = None, limit: int = 50) -> Page[SearchHit]:
        """Conversations by what is said of them or in them; everything that was committed before the call is found.

        All words must be in one place: together in client, patient, title and e-mail address, or together in one
        message. The last word may be only begun. Case and accents do not matter, and no sign is an operator. Four
        digits or more are also looked for in phone numbers, however they are written.

        First come conversations that are found by client, patient, title, address or number, the one that began last
        on top; then messages, the newest on top. A conversation may be hit more than once.

        Args:
            text: what to look for; with no letter or digit in it, nothing is found.
            after: ``next`` of the page before, of the same text.
            limit: hits, 1 to 200.

        Raises:
            InvalidInput: ``search.type``, ``search.too_long`` (limit 200 characters), ``page.limit``, ``page.cursor``.
        """
        if not isinstance(text, str):
            raise InvalidInput("search.type", "what is searched for is text", field="text", limit="str")
        if len(text) > SEARCH_LIMIT:
            limit_is = f"{SEARCH_LIMIT} characters"
            raise InvalidInput("search.too_long", "what is searched for is too long", field="text", limit=limit_is)
        most, position = check_limit(limit), None if after is None else decode_cursor(_SEARCH, after, 2)
        self._index()
        hits, last = self._store.search(
            self.practice.id, terms(text), after=position, limit=most, visible=self._visible_ids
        )
        return Page(items=hits, next=None if last is None else encode_cursor(_SEARCH, last))

    def _index(self) -> None:
        # Mostly nothing is left to do: the worker has done it.
        while self._store.index_pending(self.practice.id, _BATCH):
            pass
