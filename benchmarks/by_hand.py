"""What a text costs with the sqlite3 module and nothing else: as few statements as will do, no objects, no rules.

The same tables, indexes and durability as the SQL store, and the same rows written; but nobody asks whether the text
says STOP, whether somebody else was faster, or whether it came before (the key of the facts alone would say so).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from convokit.facts import TextArrived

PRAGMAS: Final = ("synchronous = FULL", "wal_autocheckpoint = 10000", "foreign_keys = ON")
_LOAD: Final = """
SELECT c.pk, c.last_seq, c.unread, c.awaiting_us, c.version, s.opted_out
FROM convokit_conversation AS c
LEFT JOIN convokit_consent AS s ON s.practice_pk = c.practice_pk AND s.address = c.address
WHERE c.practice_pk = ? AND c.channel = ? AND c.address = ? AND c.sender = ? AND c.ended = 0
"""
_CHANGE: Final = "UPDATE convokit_practice SET change_no = change_no + 1 WHERE pk = ? RETURNING change_no"
_UPDATE: Final = """
UPDATE convokit_conversation
SET unread = ?, last_seq = ?, last_us = ?, last_text = ?, last_side = 'client', last_delivery = NULL,
    last_message_seq = ?, version = ?, change = ?
WHERE pk = ?
"""
_WAITS: Final = "UPDATE convokit_conversation SET awaiting_us = ? WHERE pk = ?"
_ENTRY: Final = """
INSERT INTO convokit_entry (
  practice_pk, conversation_pk, public_id, seq, at_us, kind, side, event, text, author_id, author_name, attempt,
  delivery, reason, raw, provider_id, client_ref, flags, attachments
) VALUES (?, ?, ?, ?, ?, 'message', 'client', NULL, ?, NULL, ?, 1, NULL, NULL, '', ?, NULL, '', '')
"""
_FACT: Final = "INSERT INTO convokit_fact (practice_pk, identity, entry_pk, fingerprint) VALUES (?, ?, ?, ?)"


@contextmanager
def taker(path: Path) -> Iterator[Callable[[str, TextArrived], object]]:
    """A function that takes a text into this file."""
    with closing(
        sqlite3.connect(path, isolation_level=None, cached_statements=256, check_same_thread=False)
    ) as connection:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        keys = dict(connection.execute("SELECT public_id, pk FROM convokit_practice"))
        execute = connection.execute

        def take(practice_id: str, fact: TextArrived) -> None:
            practice = keys[practice_id]
            execute("BEGIN IMMEDIATE")
            conversation, seq, unread, awaiting_us, version, _ = execute(
                _LOAD, (practice, fact.channel, fact.address, fact.sender)
            ).fetchone()
            seq += 1
            change = execute(_CHANGE, (practice,)).fetchone()[0]
            execute(
                _UPDATE,
                (unread + 1, seq, fact.at_us, fact.text[:120], seq, version + 1, change, conversation),
            )
            if awaiting_us is None:  # an index has this column: assigned again, it would be written again
                execute(_WAITS, (fact.at_us, conversation))
            entry = execute(
                _ENTRY,
                (
                    practice,
                    conversation,
                    fact.entry_id,
                    seq,
                    fact.at_us,
                    fact.text,
                    fact.client_name,
                    fact.provider_id,
                ),
            ).lastrowid
            execute(_FACT, (practice, f"in:{fact.provider}:{fact.provider_id}", entry, fact.fingerprint))
            execute("COMMIT")

        yield take
