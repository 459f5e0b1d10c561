"""Search by FTS5. Every word in the index carries its practice, so that a search touches no other practice's words.

Messages are not slowed down: what changed is put into the index later, in short transactions, by whoever searches
first or by the worker. A practice's mark is the change number up to which that is done.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from convokit.domain.inbox import Position
from convokit.domain.search import (
    SearchHit,
    Terms,
    header_hit,
    header_phones,
    header_words,
    text_hit,
    words,
)
from convokit.stores.sql import rows, schema, schema_search
from convokit.stores.sql.connections import Run
from convokit.stores.sql.inbox import VISIBLE
from convokit.stores.sql.part import Part
from convokit.stores.sql.statement import Statement
from convokit.stores.sql.statements import columns, only, param

_P: Final = schema.practice
_C: Final = schema.conversation
_E: Final = schema.entry
_M: Final = schema_search.search_mark
_D: Final = schema_search.searched
_EVERYTHING: Final = 2**63 - 1
_CHANGE: Final = rows.CONVERSATION.index("change")

# Private characters: no word of a person has them, and FTS5's "ascii" tokenizer keeps them inside a word.
_WORD: Final = "\ue000"
_PHONE: Final = "\ue001"

_listed: Final = ", ".join(f"convokit_conversation.{name}" for name in rows.CONVERSATION)
_NAMES: Final = "practice query below"


_OF_PRACTICE: Final = (
    " CROSS JOIN convokit_searched ON convokit_searched.practice_pk = :practice AND convokit_searched.conversation_pk ="
)
_CONVERSATION: Final = (
    " CROSS JOIN convokit_conversation ON convokit_conversation.pk = convokit_searched.conversation_pk"
)
# CROSS JOIN: SQLite reads the index first, in its order, and looks each row up. noqa: names of our own columns.
_HEADERS: Final = (
    f"SELECT {_listed} FROM convokit_search_header"  # noqa: S608
    f"{_OF_PRACTICE} convokit_search_header.rowid{_CONVERSATION}"
    " WHERE convokit_search_header MATCH :query AND convokit_search_header.rowid < :below"
)
_TEXTS: Final = (
    f"SELECT {_listed}, convokit_entry.pk, convokit_entry.public_id, convokit_entry.text"  # noqa: S608
    " FROM convokit_search_text CROSS JOIN convokit_entry ON convokit_entry.pk = convokit_search_text.rowid"
    f"{_OF_PRACTICE} convokit_entry.conversation_pk{_CONVERSATION}"
    " WHERE convokit_search_text MATCH :query AND convokit_search_text.rowid < :below"
)
_BY_HEADER: Final = " ORDER BY convokit_search_header.rowid DESC LIMIT :most"
_BY_TEXT: Final = " ORDER BY convokit_search_text.rowid DESC LIMIT :most"
HEADERS: Final = Statement(sa.text(_HEADERS + _BY_HEADER), f"{_NAMES} most")
HEADERS_NARROWED: Final = Statement(sa.text(f"{_HEADERS} AND {VISIBLE}{_BY_HEADER}"), f"{_NAMES} visible most")
TEXTS: Final = Statement(sa.text(_TEXTS + _BY_TEXT), f"{_NAMES} most")
TEXTS_NARROWED: Final = Statement(sa.text(f"{_TEXTS} AND {VISIBLE}{_BY_TEXT}"), f"{_NAMES} visible most")

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
HEADER: Final = Statement(
    sa.text("SELECT body FROM convokit_search_header WHERE rowid = :conversation"), "conversation"
)
DROP_HEADER: Final = Statement(
    sa.text("DELETE FROM convokit_search_header WHERE rowid = :conversation"), "conversation"
)
ADD_HEADER: Final = Statement(
    sa.text("INSERT INTO convokit_search_header (rowid, body) VALUES (:conversation, :body)"), "conversation body"
)
ADD_TEXT: Final = Statement(
    sa.text("INSERT INTO convokit_search_text (rowid, body) VALUES (:entry, :body)"), "entry body"
)
_done = insert(_D)
SET_SEARCHED: Final = Statement(
    _done.on_conflict_do_update(
        index_elements=[_D.c.practice_pk, _D.c.conversation_pk], set_={"seq": _done.excluded.seq}
    ),
    "practice_pk conversation_pk seq",
)
_mark = insert(_M)
SET_MARK: Final = Statement(
    _mark.on_conflict_do_update(index_elements=[_M.c.practice_pk], set_={"change": _mark.excluded.change}),
    "practice_pk change",
)


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
        practice = self._key(practice_id)
        query = _query(practice, asked)
        if not query:
            return (), None
        narrowed = () if visible is None else (json.dumps(visible),)
        segment, below = after or (0, _EVERYTHING)
        found: list[tuple[SearchHit, Position]] = []
        with self._db.snapshot() as run:
            if segment == 0:
                values = (practice, query, below, *narrowed, limit + 1)
                for row in run.all(HEADERS_NARROWED if narrowed else HEADERS, values):
                    found.append((header_hit(rows.conversation_of(row), asked), (0, row[0])))
                below = _EVERYTHING
            if len(found) <= limit:
                values = (practice, query, below, *narrowed, limit + 1 - len(found))
                for *header, entry, entry_id, text in run.all(TEXTS_NARROWED if narrowed else TEXTS, values):
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
        with self._db.writing() as run:
            since = _pending(run.one(MARK, (practice,)))
            return 0 if since is None else _index(run, practice, since, limit)


def _pending(row: rows.Cells | None) -> tuple[int, int] | None:
    """The newest change and the mark, where the mark is behind."""
    return None if row is None or row[0] == row[1] else (row[0], row[1])


def _index(run: Run, practice: int, numbers: tuple[int, int], limit: int) -> int:
    newest, mark = numbers
    looked_at = 0
    for row in run.all(CHANGED, (practice, mark, limit)):
        if looked_at >= limit:
            break
        room = limit - looked_at
        read = _index_one(run, practice, row, room)
        looked_at += 1 + read
        if read == room:  # there may be more in it: this conversation comes again
            break
        mark = row[_CHANGE]
    run.write(SET_MARK, (practice, mark if looked_at else newest))  # else what changed was no conversation
    return max(looked_at, 1)


def _index_one(run: Run, practice: int, row: rows.Cells, room: int) -> int:
    """Put a conversation and its new entries into the index; how many entries were read."""
    *cells, seq = row
    key, known = row[0], rows.conversation_of(cells)
    header, old = _body(practice, header_words(known), header_phones(known)), run.one(HEADER, (key,))
    if old is None or old[0] != header:
        run.write(DROP_HEADER, (key,))
        run.write(ADD_HEADER, (key, header))
    entries = run.all(NEW_ENTRIES, (practice, key, seq or 0, room))
    for entry, _, kind, text in entries:
        if kind != "event" and (said := set(words(text))):
            run.write(ADD_TEXT, (entry, _body(practice, said)))
    if entries or seq is None:
        run.write(SET_SEARCHED, (practice, key, entries[-1][1] if entries else 0))
    return len(entries)


def _body(practice: int, said: Iterable[str], phones: Iterable[str] = ()) -> str:
    """What FTS5 keeps: each word once, with its practice in front."""
    spoken = (f"{practice}{_WORD}{word}" for word in sorted(said))
    dialled = (f"{practice}{_PHONE}{key}" for key in sorted(phones))
    return " ".join((*spoken, *dialled))


def _query(practice: int, asked: Terms) -> str:
    """What FTS5 is asked, ``""`` for nothing. Words are letters and digits, so nothing in them needs escaping."""
    alternatives = []
    if asked.words:
        alternatives.append(_all_of(practice, asked.words))
    others = _all_of(practice, asked.others)
    for digits in asked.phones:
        number = f'"{practice}{_PHONE}{digits}" *'
        alternatives.append(f"({number} AND {others})" if others else number)
    return " OR ".join(alternatives)


def _all_of(practice: int, wanted: tuple[str, ...]) -> str:
    said = [f'"{practice}{_WORD}{word}"' for word in wanted]
    return f"({' AND '.join(said)} *)" if said else ""
