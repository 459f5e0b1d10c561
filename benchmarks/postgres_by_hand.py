"""What a text costs on PostgreSQL with psycopg and nothing else: one statement for all of it, or one for each step.

The same tables, indexes and durability as the store, and the same rows written; nobody asks whether the text says STOP,
whether somebody else was faster, or whether it came before. The role is bound by no row-level security.
"""

# ruff: noqa: S608 - what is put together here are our own constants

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from server import connect

from convokit.facts import TextArrived

_AT: Final = "practice_pk = $1 AND channel = $2 AND address = $3 AND sender = $4 AND ended = 0"
_SET: Final = (
    "unread = unread + 1, last_seq = last_seq + 1, last_us = $5, last_text = $6, last_side = 'client',"
    " last_delivery = NULL, last_message_seq = last_seq + 1, awaiting_us = coalesce(awaiting_us, $5),"
    " version = version + 1"
)
_COLUMNS: Final = (
    "practice_pk, conversation_pk, public_id, seq, at_us, kind, side, text, author_name, attempt, raw, provider_id,"
    " flags, attachments"
)
ONE: Final = f"""
WITH changed AS (UPDATE convokit_practice SET change_no = change_no + 1 WHERE pk = $1 RETURNING change_no),
talk AS (
  UPDATE convokit_conversation SET {_SET}, change = (SELECT change_no FROM changed) WHERE {_AT} RETURNING pk, last_seq
),
said AS (
  INSERT INTO convokit_entry ({_COLUMNS})
  SELECT $1, pk, $7, last_seq, $5, 'message', 'client', $8, $9, 1, '', $10, '', '' FROM talk RETURNING pk
)
INSERT INTO convokit_fact (practice_pk, identity, entry_pk, fingerprint) SELECT $1, $11, pk, $12 FROM said
"""
LOAD: Final = f"SELECT pk, last_seq, unread, awaiting_us, version FROM convokit_conversation WHERE {_AT} FOR UPDATE"
CHANGE: Final = "UPDATE convokit_practice SET change_no = change_no + 1 WHERE pk = $1 RETURNING change_no"
UPDATE: Final = f"UPDATE convokit_conversation SET {_SET}, change = $7 WHERE {_AT}"
ENTRY: Final = f"""
INSERT INTO convokit_entry ({_COLUMNS})
VALUES ($1, $2, $3, $4, $5, 'message', 'client', $6, $7, 1, '', $8, '', '') RETURNING pk
"""
FACT: Final = "INSERT INTO convokit_fact (practice_pk, identity, entry_pk, fingerprint) VALUES ($1, $2, $3, $4)"

Texts = list[tuple[str, TextArrived]]


@contextmanager
def in_one(url: str) -> Iterator[Callable[[Texts], None]]:
    """A function that takes texts in, one statement each."""
    with connect(url) as connection:
        keys = _keys(connection)

        def take(texts: Texts) -> None:
            for practice, fact in texts:
                identity = f"in:{fact.provider}:{fact.provider_id}"
                at = (keys[practice], fact.channel, fact.address, fact.sender, fact.at_us, fact.text[:120])
                said = (fact.entry_id, fact.text, fact.client_name, fact.provider_id, identity, fact.fingerprint)
                connection.execute(ONE, (*at, *said))

        yield take


@contextmanager
def one_by_one(url: str) -> Iterator[Callable[[Texts], None]]:
    """A function that takes texts in as one would write it: a transaction, and a statement for each step."""
    with connect(url) as connection:
        keys = _keys(connection)

        def take(texts: Texts) -> None:
            for practice, fact in texts:
                with connection.transaction():
                    _take(connection, keys[practice], fact)

        yield take


def _take(connection: Any, practice: int, fact: TextArrived) -> None:
    at = (practice, fact.channel, fact.address, fact.sender)
    talk, seq, *_ = connection.execute(LOAD, at).fetchone()
    (change,) = connection.execute(CHANGE, (practice,)).fetchone()
    connection.execute(UPDATE, (*at, fact.at_us, fact.text[:120], change))
    (entry,) = connection.execute(
        ENTRY,
        (practice, talk, fact.entry_id, seq + 1, fact.at_us, fact.text, fact.client_name, fact.provider_id),
    ).fetchone()
    connection.execute(FACT, (practice, f"in:{fact.provider}:{fact.provider_id}", entry, fact.fingerprint))


def _keys(connection: Any) -> dict[str, int]:
    return dict(connection.execute("SELECT public_id, pk FROM convokit_practice").fetchall())
