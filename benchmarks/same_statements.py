"""The very statements of the SQL store, run by hand with the sqlite3 module: no values are made, nothing is decided.

Beside :mod:`by_hand` this tells what the code around the statements costs from what asking more of the database costs.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from by_hand import PRAGMAS

from convokit.facts import TextArrived
from convokit.stores.sql import rows
from convokit.stores.sql import statements as sql

_COLUMN: Final = {name: number for number, name in enumerate(rows.CONVERSATION)}
_KEPT: Final = itemgetter(*(_COLUMN[name] for name in rows.MESSAGE))
_SET: Final = {name: number for number, name in enumerate(rows.MESSAGE)}


@contextmanager
def taker(path: Path) -> Iterator[Callable[[str, TextArrived], object]]:
    """A function that takes a text into this file."""
    with closing(sqlite3.connect(path, isolation_level=None, cached_statements=256)) as connection:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        keys = dict(connection.execute("SELECT public_id, pk FROM convokit_practice"))
        execute = connection.execute

        def take(practice_id: str, fact: TextArrived) -> None:
            practice, identity = keys[practice_id], f"in:{fact.provider}:{fact.provider_id}"
            known = execute(sql.LOAD_OPEN_AT.sqlite, (practice, fact.channel, fact.address, fact.sender)).fetchone()
            execute(sql.SEEN.sqlite, (practice, identity)).fetchone()
            execute("BEGIN IMMEDIATE")
            execute(sql.CONSENT.sqlite, (fact.address, practice)).fetchone()
            change = execute(sql.NEXT_CHANGE.sqlite, (practice,)).fetchone()[0]
            seq, version = known[_COLUMN["last_seq"]] + 1, known[_COLUMN["version"]]
            where = (change, practice, known[_COLUMN["public_id"]], version)
            conversation = execute(sql.SET_MESSAGE.sqlite, (*_message(known, fact, seq), *where)).fetchone()[0]
            entry = execute(sql.ADD_ENTRY.sqlite, _entry(practice, conversation, fact, seq)).lastrowid
            execute(sql.ADD_FACT.sqlite, (practice, identity, entry, fact.fingerprint))
            execute("COMMIT")

        yield take


def _message(known: tuple[Any, ...], fact: TextArrived, seq: int) -> list[object]:
    cells = list(_KEPT(known))
    cells[_SET["last_seq"]] = cells[_SET["last_message_seq"]] = seq
    cells[_SET["unread"]] += 1
    cells[_SET["version"]] += 1
    cells[_SET["last_us"]] = fact.at_us
    cells[_SET["last_text"]] = fact.text[:120]
    cells[_SET["last_side"]] = "client"
    cells[_SET["last_delivery"]] = None
    return cells


def _entry(practice: int, conversation: int, fact: TextArrived, seq: int) -> tuple[object, ...]:
    written = (practice, conversation, fact.entry_id, seq, fact.at_us, "message", "client", None, fact.text, None)
    return (*written, fact.client_name, 1, None, None, "", fact.provider_id, None, "", "")
