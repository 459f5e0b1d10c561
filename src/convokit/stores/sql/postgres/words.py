"""The index of words in PostgreSQL: a ``tsvector`` for each conversation and message, whose lexemes are our own words.

Every word carries its practice, so a search touches no other practice's words. Row-level security would keep the index
from being used (``@@`` is not "leakproof"), so the rows are found by two functions of the tables' owner, which look at
nobody else's rows either: they read ``convokit.practice`` themselves.
"""

# ruff: noqa: S608 - what is put together here are names of our own columns

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

_WORD: Final = "\ue000"
_PHONE: Final = "\ue001"

_listed: Final = ", ".join(f"convokit_conversation.{name}" for name in rows.CONVERSATION)
_LEXEMES: Final = "array_to_tsvector(ARRAY(SELECT json_array_elements_text(CAST(:said AS json))))"
_FOUND: Final = "(CAST(:query AS text), CAST(:below AS bigint), CAST(:visible AS json), CAST(:most AS bigint))"
_NAMES: Final = "query below visible most practice"

HEADERS: Final = Statement(
    sa.text(
        f"SELECT {_listed} FROM convokit_found_headers{_FOUND} AS found(pk)"
        " JOIN convokit_conversation ON convokit_conversation.practice_pk = :practice"
        " AND convokit_conversation.pk = found.pk ORDER BY found.pk DESC"
    ),
    _NAMES,
)
TEXTS: Final = Statement(
    sa.text(
        f"SELECT {_listed}, convokit_entry.pk, convokit_entry.public_id, convokit_entry.text"
        f" FROM convokit_found_texts{_FOUND} AS found(pk)"
        " JOIN convokit_entry ON convokit_entry.practice_pk = :practice AND convokit_entry.pk = found.pk"
        " JOIN convokit_conversation ON convokit_conversation.practice_pk = convokit_entry.practice_pk"
        " AND convokit_conversation.pk = convokit_entry.conversation_pk ORDER BY found.pk DESC"
    ),
    _NAMES,
)
PUT_HEADER: Final = Statement(
    sa.text(
        "INSERT INTO convokit_search_header (practice_pk, conversation_pk, body)"
        f" VALUES (:practice, :conversation, {_LEXEMES})"
        " ON CONFLICT (practice_pk, conversation_pk) DO UPDATE SET body = excluded.body"
        " WHERE convokit_search_header.body <> excluded.body"
    ),
    "practice conversation said",
)
ADD_TEXT: Final = Statement(
    sa.text(
        "INSERT INTO convokit_search_text (practice_pk, entry_pk, conversation_pk, body)"
        " SELECT practice_pk, pk, conversation_pk, "
        f"{_LEXEMES} FROM convokit_entry WHERE practice_pk = :practice AND pk = :entry"
    ),
    "said practice entry",
)
DROP_HEADERS: Final = Statement(
    sa.text(
        "DELETE FROM convokit_search_header WHERE practice_pk = :practice"
        " AND conversation_pk IN (SELECT CAST(value AS bigint) FROM json_array_elements_text(CAST(:talks AS json)))"
    ),
    "practice talks",
)
DROP_TEXTS: Final = Statement(
    sa.text(
        "DELETE FROM convokit_search_text WHERE practice_pk = :practice"
        " AND entry_pk IN (SELECT CAST(value AS bigint) FROM json_array_elements_text(CAST(:entries AS json)))"
    ),
    "practice entries",
)


class WordLists:
    """See :class:`convokit.stores.sql.words.Words`."""

    def headers(
        self, run: Run, practice: int, asked: Terms, below: int, visible: tuple[str, ...] | None, most: int
    ) -> list[Cells]:
        """See :meth:`convokit.stores.sql.words.Words.headers`."""
        return run.all(HEADERS, (_query(practice, asked), below, _json(visible), most, practice))

    def texts(
        self, run: Run, practice: int, asked: Terms, below: int, visible: tuple[str, ...] | None, most: int
    ) -> list[Cells]:
        """See :meth:`convokit.stores.sql.words.Words.texts`."""
        return run.all(TEXTS, (_query(practice, asked), below, _json(visible), most, practice))

    def put_header(
        self, run: Run, practice: int, conversation: int, said: Iterable[str], phones: Iterable[str]
    ) -> None:
        """See :meth:`convokit.stores.sql.words.Words.put_header`."""
        run.write(PUT_HEADER, (practice, conversation, _lexemes(practice, said, phones)))

    def add_text(self, run: Run, practice: int, entry: int, said: Iterable[str]) -> None:
        """See :meth:`convokit.stores.sql.words.Words.add_text`."""
        run.write(ADD_TEXT, (_lexemes(practice, said), practice, entry))

    def forget(self, run: Run, practice: int, conversations: Iterable[int], entries: Iterable[int]) -> None:
        """See :meth:`convokit.stores.sql.words.Words.forget`."""
        run.write(DROP_TEXTS, (practice, json.dumps(list(entries))))
        run.write(DROP_HEADERS, (practice, json.dumps(list(conversations))))


def _json(visible: tuple[str, ...] | None) -> str | None:
    return None if visible is None else json.dumps(visible)


def _lexemes(practice: int, said: Iterable[str], phones: Iterable[str] = ()) -> str:
    spoken = (f"{practice}{_WORD}{word}" for word in said)
    dialled = (f"{practice}{_PHONE}{key}" for key in phones)
    return json.dumps([*spoken, *dialled], ensure_ascii=False)


def _query(practice: int, asked: Terms) -> str:
    """What is asked, as a ``tsquery``. Words are letters and digits, so nothing in them needs escaping."""
    alternatives = []
    if asked.words:
        alternatives.append(_all_of(practice, asked.words))
    others = _all_of(practice, asked.others)
    for digits in asked.phones:
        number = f"'{practice}{_PHONE}{digits}':*"
        alternatives.append(f"({number} & {others})" if others else number)
    return " | ".join(alternatives)


def _all_of(practice: int, wanted: tuple[str, ...]) -> str:
    said = [f"'{practice}{_WORD}{word}'" for word in wanted]
    return f"({' & '.join(said)}:*)" if said else ""
