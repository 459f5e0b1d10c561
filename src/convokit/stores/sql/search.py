"""Search. What the index of words is, each database says for itself: ``words.py``.

Messages are not slowed down: what changed is put into the index later, in short transactions, by whoever searches
first or by the worker. A practice's mark is the change number up to which that is done.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from convokit.domain.inbox import Position
from convokit.domain.search import SearchHit, Terms, header_hit, header_phones, header_words, text_hit, words
from convokit.stores.sql import rows, schema, schema_search
from convokit.stores.sql.database import Run
from convokit.stores.sql.part import Part
from convokit.stores.sql.statement import Put, Statement
from convokit.stores.sql.statements import columns, only, param
from convokit.stores.sql.words import EVERYTHING, Words

_P: Final = schema.practice
_C: Final = schema.conversation
_E: Final = schema.entry
_M: Final = schema_search.search_mark
_D: Final = schema_search.searched
_CHANGE: Final = rows.CONVERSATION.index("change")

_marked = _P.outerjoin(_M, _M.c.practice_pk == _P.c.pk)
_done_until = sa.func.coalesce(_M.c.change, only("0"))
MARK: Final = Statement(
    sa.select(_P.c.change_no, _done_until).select_from(_marked).where(_P.c.pk == param("practice")), "practice"
)
BEHIND: Final = Statement(
    sa.select(_P.c.public_id)
    .select_from(_marked)
    .where(_P.c.change_no > _done_until)
    .limit(param("most"))
    .offset(only("0")),
    "most",
    across=True,
)
CHANGED: Final = Statement(
    sa.select(*columns(_C, rows.CONVERSATION), _D.c.seq)
    .select_from(_C.outerjoin(_D, sa.and_(_D.c.practice_pk == _C.c.practice_pk, _D.c.conversation_pk == _C.c.pk)))
    .where(_C.c.practice_pk == param("practice"), _C.c.change > param("since"))
    .order_by(_C.c.change)
    .limit(param("most"))
    .offset(only("0")),
    "practice since most",
)
NEW_ENTRIES: Final = Statement(
    sa.select(_E.c.pk, _E.c.seq, _E.c.kind, _E.c.text)
    .where(
        _E.c.practice_pk == param("practice"), _E.c.conversation_pk == param("conversation"), _E.c.seq > param("after")
    )
    .order_by(_E.c.seq)
    .limit(param("most"))
    .offset(only("0")),
    "practice conversation after most",
)
SET_SEARCHED: Final = Statement(
    Put(table=_D, key="practice_pk conversation_pk", replaces="seq"), "practice_pk conversation_pk seq"
)
SET_MARK: Final = Statement(Put(table=_M, key="practice_pk", replaces="change"), "practice_pk change")


class Search(Part):
    """Finds conversations by words, and keeps the index."""

    def search(
        self,
        practice_id: str,
        asked: Terms,
        *,
        after: Position | None,
        limit: int,
        visible: tuple[str, ...] | None = None,
    ) -> tuple[tuple[SearchHit, ...], Position | None]:
        """See :meth:`convokit.ports.store.Store.search`."""
        practice, known = self._key(practice_id), self._db.words
        if not asked.words and not asked.phones:
            return (), None
        segment, below = after or (0, EVERYTHING)
        found: list[tuple[SearchHit, Position]] = []
        with self._db.snapshot(practice) as run:
            if segment == 0:
                for row in known.headers(run, practice, asked, below, visible, limit + 1):
                    found.append((header_hit(rows.conversation_of(row), asked), (0, row[0])))
                below = EVERYTHING
            if len(found) <= limit:
                for *header, entry, entry_id, text in known.texts(
                    run, practice, asked, below, visible, limit + 1 - len(found)
                ):
                    found.append((text_hit(rows.conversation_of(header), entry_id, text, asked), (1, entry)))
        return tuple(hit for hit, _ in found[:limit]), found[limit - 1][1] if len(found) > limit else None

    def unindexed(self, limit: int) -> tuple[str, ...]:
        """See :meth:`convokit.ports.store.Store.unindexed`."""
        return tuple(row[0] for row in self._db.all(BEHIND, (limit,)))

    def index_pending(self, practice_id: str, limit: int) -> int:
        """See :meth:`convokit.ports.store.Store.index_pending`."""
        practice = self._key(practice_id)
        if _pending(self._db.one(MARK, (practice,))) is None:
            return 0
        with self._db.writing(practice) as run:
            since = _pending(run.one(MARK, (practice,)))
            return 0 if since is None else _index(run, self._db.words, practice, since, limit)


def _pending(row: rows.Cells | None) -> tuple[int, int] | None:
    """The newest change and the mark, where the mark is behind."""
    return None if row is None or row[0] == row[1] else (row[0], row[1])


def _index(run: Run, known: Words, practice: int, numbers: tuple[int, int], limit: int) -> int:
    newest, mark = numbers
    looked_at = 0
    for row in run.all(CHANGED, (practice, mark, limit)):
        if looked_at >= limit:
            break
        room = limit - looked_at
        read = _index_one(run, known, practice, row, room)
        looked_at += 1 + read
        if read == room:  # there may be more in it: this conversation comes again
            break
        mark = row[_CHANGE]
    run.write(SET_MARK, (practice, mark if looked_at else newest))  # else what changed was no conversation
    return max(looked_at, 1)


def _index_one(run: Run, known: Words, practice: int, row: rows.Cells, room: int) -> int:
    """Put a conversation and its new entries into the index; how many entries were read."""
    *cells, seq = row
    key, conversation = row[0], rows.conversation_of(cells)
    known.put_header(run, practice, key, header_words(conversation), header_phones(conversation))
    entries = run.all(NEW_ENTRIES, (practice, key, seq or 0, room))
    for entry, _, kind, text in entries:
        if kind != "event" and (said := set(words(text))):
            known.add_text(run, practice, entry, said)
    if entries or seq is None:
        run.write(SET_SEARCHED, (practice, key, entries[-1][1] if entries else 0))
    return len(entries)
