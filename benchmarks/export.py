"""The transcripts of very many conversations: two processes beside one."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final

from filled import Size, fill
from harness import Effort, Goal, Report, Work, compare, race

import convokit

ONE, TWO = "one process", "two processes"


def run(effort: Effort) -> Report:
    """PDFs of all conversations of a desk, by one process and by two in turn, a practice in each round."""
    many, rounds = effort.of(10_000, 120, 2), effort.of(5, 3, 1)
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "desk.db"
        size = made(database, many, practices=rounds)
        sides = {
            name: partial(_exporting, database, processes, map(size.practice_id, count()))
            for name, processes in ((ONE, 1), (TWO, 2))
        }
        times = race(sides, rounds=rounds)
    what = f"transcripts as PDF, {TWO}"
    return Report(figures=(compare(times, TWO, ONE, what=what, items=size.each, goal=Goal(">=", 1.7), named=ONE),))


@contextmanager
def _exporting(database: Path, processes: int, practices: Iterator[str]) -> Iterator[Work]:
    """The export of the next practice into a new folder."""
    out, practice = database.with_name(f"out-{processes}"), next(practices)

    def work(_: int) -> object:
        with convokit.open(f"sqlite:///{database}") as kit:
            return kit.export_transcripts(out, practice_id=practice, processes=processes)

    yield work
    shutil.rmtree(out)


def made(database: Path, conversations: int, *, practices: int = 1) -> Size:
    """A desk with so many conversations of six messages."""
    each = conversations // practices
    size = Size(conversations=conversations, practices=practices, open_each=min(50, each))
    fill(database, size)
    with sqlite3.connect(database) as raw:
        raw.execute(_MESSAGES)
        raw.execute("UPDATE convokit_conversation SET last_seq = 6, last_message_seq = 6")
    return size


_MESSAGES: Final = """
INSERT INTO convokit_entry (
  practice_pk, conversation_pk, public_id, seq, at_us, kind, side, event, text, author_id, author_name, attempt,
  delivery, reason, raw, provider_id, client_ref, flags, attachments
)
WITH number(n) AS (VALUES (1), (2), (3), (4), (5), (6))
SELECT practice_pk, pk, 'm_' || lower(hex(randomblob(16))), n, last_us - (6 - n) * 60000000, 'message',
  iif(n % 2, 'client', 'practice'), NULL,
  iif(n % 2, 'Is Bella ready to be picked up this afternoon, or tomorrow? 🐶 That is number ' || (pk % 97) || '.',
      'Good morning! Her results are in and look fine; please come at ' || (pk % 12) || ':30 and bring the leash.'),
  iif(n % 2, NULL, 'u1'), iif(n % 2, client_name, team_member), 1, iif(n % 2, NULL, 4), NULL, '', NULL, NULL, '', ''
FROM convokit_conversation, number
"""
