"""A database of the size that is asked for, in seconds: rows go straight into the tables of the SQL store."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import asdict, frozen

import convokit

OURS: Final = "+13035550100"
START_US: Final = 1_760_000_000_000_000
"""When the oldest conversation began, in microseconds since the epoch."""

_SCATTER: Final = 7919


@frozen(kw_only=True)
class Size:
    """How many conversations, spread over how many practices, and how many of each practice's are open.

    The open ones lie scattered among the ended ones, as they would after a year.
    """

    conversations: int
    practices: int
    open_each: int

    def __str__(self) -> str:
        return f"{self.conversations:,} conversations, practices: {self.practices:,}"

    @property
    def each(self) -> int:
        """Conversations of one practice."""
        return self.conversations // self.practices

    def is_open(self, conversation: int) -> bool:
        """Whether this conversation is open, by its number from 0."""
        return conversation // self.practices * _SCATTER % self.each < self.open_each

    def practice_id(self, number: int) -> str:
        """The id of a practice, by its number from 0."""
        return f"p{number}"


def address(conversation: int) -> str:
    """The client's number of a conversation, by its number from 0."""
    return f"+1720{conversation:07d}"


def fill(path: Path, size: Size, *, messages: bool = False) -> None:
    """Write a file of this size; with ``messages``, each conversation has one, and the fact that brought it."""
    with convokit.open(f"sqlite:///{path}") as kit:
        for number in range(size.practices):
            name = size.practice_id(number)
            numbers = [OURS] if number == 0 else []  # a number belongs to one practice, and reading asks for none
            kit.add_practice(convokit.Practice(id=name, name="Happy Paws", region="US", numbers=numbers))
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("synchronous = OFF", "cache_size = -400000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN IMMEDIATE")
    indexes = connection.execute(_INDEXES).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    given = {"ours": OURS, "start": START_US, "each": size.each, "scatter": _SCATTER, **asdict(size)}
    connection.execute(_CONVERSATIONS, given)
    connection.execute("UPDATE convokit_practice SET change_no = :each", given)
    for statement in (_ENTRIES, _FACTS) if messages else ():
        connection.execute(statement)
    for _, statement in indexes:
        connection.execute(statement)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


@contextmanager
def copied(filled: Path) -> Iterator[Path]:
    """A copy of a file, gone afterwards with all that came to lie beside it."""
    with tempfile.TemporaryDirectory(dir=filled.parent) as folder:
        yield Path(shutil.copy(filled, folder))


_INDEXES: Final = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
_CONVERSATIONS: Final = """
WITH RECURSIVE
  numbers(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < :conversations),
  made(i, k, ended, last_us) AS (
    SELECT i, i / :practices, i / :practices * :scatter % :each >= :open_each, :start + i * 48271 % 2147483647 * 10000
    FROM numbers
  )
INSERT INTO convokit_conversation (
  practice_pk, public_id, channel, sender, address, title, client_id, client_name, patient_id, patient_name,
  team_member, initiated_by, ended, urgency, unread, started_us, ended_us, last_seq, last_us, last_text, last_side,
  last_delivery, last_message_seq, opened_seq, read_seq, awaiting_us, failed, department,
  assignee_id, assignee_name, client_email, client_phone, version, change, previous_id,
  candidates
)
SELECT
  i % :practices + 1, 'c_' || lower(hex(randomblob(16))), 'sms', :ours, printf('+1720%07d', i), 'Follow-up',
  'client-' || i, 'Ana Ruiz ' || i, 'patient-' || i, 'Bella', 'Dr. Kim', iif(k % 2, 'client', 'practice'), ended,
  CASE k % 20 WHEN 0 THEN 3 WHEN 1 THEN 2 WHEN 2 THEN 0 ELSE 1 END, iif(ended, 0, k % 3 = 0), last_us - 1000000,
  iif(ended, last_us + 1000000, NULL), 1, last_us, 'Is Bella ready to be picked up this afternoon, or tomorrow?',
  'client', NULL, 1, 0, 0, iif(ended, NULL, last_us), 0, '', NULL, '', '', '', 1, k + 1, NULL, ''
FROM made
"""
_ENTRIES: Final = """
INSERT INTO convokit_entry (
  practice_pk, conversation_pk, public_id, seq, at_us, kind, side, event, text, author_id, author_name, attempt,
  delivery, reason, raw, provider_id, client_ref, flags, attachments
)
SELECT practice_pk, pk, 'm_' || lower(hex(randomblob(16))), 1, last_us, 'message', 'client', NULL, last_text, NULL,
  client_name, 1, NULL, NULL, '', lower(hex(randomblob(8))), NULL, '', ''
FROM convokit_conversation
"""
_FACTS: Final = """
INSERT INTO convokit_fact (practice_pk, identity, entry_pk, fingerprint)
SELECT practice_pk, 'in:kannel:' || provider_id, pk, lower(hex(randomblob(16)))
FROM convokit_entry ORDER BY practice_pk, provider_id
"""
