"""The index of words in SQLite: FTS5. Every word carries its practice, so a search touches no other practice's words.

The rows of the index have the numbers of conversations, and of entries.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa

from convokit.domain.search import Terms
from convokit.stores.sql import rows
from convokit.stores.sql.database import Run
from convokit.stores.sql.rows import Cells
from convokit.stores.sql.statement import Statement

# Private characters: no word of a person has them, and FTS5's "ascii" tokenizer keeps them inside a word.
_WORD: Final = "\ue000"
_PHONE: Final = "\ue001"

_listed: Final = ", ".join(f"convokit_conversation.{name}" for name in rows.CONVERSATION)
_VISIBLE: Final = "convokit_conversation.department IN (SELECT value FROM json_each(:visible))"
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
HEADERS_NARROWED: Final = Statement(sa.text(f"{_HEADERS} AND {_VISIBLE}{_BY_HEADER}"), f"{_NAMES} visible most")
TEXTS: Final = Statement(sa.text(_TEXTS + _BY_TEXT), f"{_NAMES} most")
TEXTS_NARROWED: Final = Statement(sa.text(f"{_TEXTS} AND {_VISIBLE}{_BY_TEXT}"), f"{_NAMES} visible most")

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
DROP_TEXT: Final = Statement(sa.text("DELETE FROM convokit_search_text WHERE rowid = :entry"), "entry")
REWRITE_HEADERS: Final = Statement(
    sa.text("INSERT INTO convokit_search_header (convokit_search_header) VALUES ('optimize')"), ""
)
REWRITE_TEXTS: Final = Statement(
    sa.text("INSERT INTO convokit_search_text (convokit_search_text) VALUES ('optimize')"), ""
)
"""FTS5 only marks words as deleted until it merges them; this merges everything."""


class FullText:
    """See :class:`convokit.stores.sql.words.Words`."""

    def headers(
        self, run: Run, practice: int, asked: Terms, below: int, visible: tuple[str, ...] | None, most: int
    ) -> list[Cells]:
        """See :meth:`convokit.stores.sql.words.Words.headers`."""
        narrowed = () if visible is None else (json.dumps(visible),)
        values = (practice, _query(practice, asked), below, *narrowed, most)
        return run.all(HEADERS_NARROWED if narrowed else HEADERS, values)

    def texts(
        self, run: Run, practice: int, asked: Terms, below: int, visible: tuple[str, ...] | None, most: int
    ) -> list[Cells]:
        """See :meth:`convokit.stores.sql.words.Words.texts`."""
        narrowed = () if visible is None else (json.dumps(visible),)
        values = (practice, _query(practice, asked), below, *narrowed, most)
        return run.all(TEXTS_NARROWED if narrowed else TEXTS, values)

    def put_header(
        self, run: Run, practice: int, conversation: int, said: Iterable[str], phones: Iterable[str]
    ) -> None:
        """See :meth:`convokit.stores.sql.words.Words.put_header`."""
        body, old = _body(practice, said, phones), run.one(HEADER, (conversation,))
        if old is None or old[0] != body:
            run.write(DROP_HEADER, (conversation,))
            run.write(ADD_HEADER, (conversation, body))

    def add_text(self, run: Run, practice: int, entry: int, said: Iterable[str]) -> None:
        """See :meth:`convokit.stores.sql.words.Words.add_text`."""
        run.write(ADD_TEXT, (entry, _body(practice, said)))

    def forget(self, run: Run, practice: int, conversations: Iterable[int], entries: Iterable[int]) -> None:
        """See :meth:`convokit.stores.sql.words.Words.forget`."""
        for entry in entries:
            run.write(DROP_TEXT, (entry,))
        for conversation in conversations:
            run.write(DROP_HEADER, (conversation,))
        for statement in (REWRITE_HEADERS, REWRITE_TEXTS):
            run.write(statement, ())


def _body(practice: int, said: Iterable[str], phones: Iterable[str] = ()) -> str:
    """What FTS5 keeps: each word once, with its practice in front."""
    spoken = (f"{practice}{_WORD}{word}" for word in sorted(said))
    dialled = (f"{practice}{_PHONE}{key}" for key in sorted(phones))
    return " ".join((*spoken, *dialled))


def _query(practice: int, asked: Terms) -> str:
    """What FTS5 is asked. Words are letters and digits, so nothing in them needs escaping."""
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
