"""P10 in SQL: every statement finds its rows by their practice, and the guard that says so sees when one does not."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sql_scope
from sql_scope import BY_NUMBER, FINE, FOR_ALL, HOW, TENANTS, guarded, unscoped

from convokit.stores.sql import open_sqlite, schema
from convokit.stores.sql.sqlite.engine import SqliteDatabase
from convokit.stores.sql.statement import Statement
from convokit.testing.builders import practice

STATEMENTS = {name: one.sqlite for name, one in sql_scope.statements().items()}
CONDITION = re.compile(r"\b(\w+\.)?practice_pk = (\?|\w+\.practice_pk)")

BY_KEY = re.compile(r"(\w+)\.practice_pk = \w+\.practice_pk AND \1\.pk = \w+\.(conversation|entry)_pk")
"""Conditions that repeat what a key says, for PostgreSQL's index: without them the scope is the same."""
_LOOKED_UP = "the conversation is looked up under its practice, and the key leads on from it"
SPARE = dict.fromkeys(("payments.OF_CONVERSATION-0", "statements.ENTRIES-0", "statements.NEWEST_ENTRIES-0"), _LOOKED_UP)
"""Conditions that repeat another one of their statement, for the index: without them the scope is the same."""


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("scope") / "desk.db"
    open_sqlite(f"sqlite:///{path}").close()
    made = sqlite3.connect(path)
    yield made
    made.close()


def mutants() -> Iterator[tuple[str, str]]:
    """Each statement with one condition on the practice dropped."""
    for name, text in STATEMENTS.items():
        if name not in FINE:
            spare = [found.start() for found in BY_KEY.finditer(text)]
            needed = (found for found in CONDITION.finditer(text) if found.start() not in spare)
            for number, found in enumerate(needed):
                kept = "? IS NOT NULL" if found[2] == "?" else "1"
                yield f"{name}-{number}", text[: found.start()] + kept + text[found.end() :]


MUTANTS = dict(mutants())


@pytest.mark.parametrize("name", sorted(STATEMENTS))
def test_p10_every_statement_finds_its_rows_by_their_practice(connection: sqlite3.Connection, name: str) -> None:
    wrong = unscoped(connection, STATEMENTS[name])
    if name in FINE:
        assert wrong, f"{name} is scoped: take it out of the exceptions"
    if name in FOR_ALL:
        assert "convokit_practice" in STATEMENTS[name] or "count(*)" in STATEMENTS[name], (
            "name the practice of each row"
        )
    if name not in FINE:
        assert wrong is None, f"{wrong}. {HOW}"


def test_p10_every_exception_is_a_statement() -> None:
    assert FINE.keys() <= STATEMENTS.keys()
    assert SPARE.keys() <= MUTANTS.keys()
    assert all("convokit_search_" in STATEMENTS[name] for name in BY_NUMBER)


@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_p10_a_dropped_condition_is_seen(connection: sqlite3.Connection, name: str) -> None:
    wrong = unscoped(connection, MUTANTS[name])
    assert (wrong is None) is (name in SPARE), (
        f"{name}: {wrong}. A condition that only repeats another: name it in SPARE"
    )


@pytest.mark.parametrize(
    "text",
    [
        "SELECT text FROM convokit_entry WHERE public_id = ?",
        "SELECT practice_pk, text FROM convokit_entry WHERE public_id = ?",
        "SELECT text FROM convokit_entry WHERE convokit_entry.pk = ?",
        "SELECT text FROM convokit_entry",
        "UPDATE convokit_conversation SET unread = 0 WHERE public_id = ?",
        "DELETE FROM convokit_parked WHERE entry_id = ?",
        "SELECT e.text FROM convokit_entry AS e WHERE e.public_id = ?",
        "SELECT text FROM convokit_entry WHERE (practice_pk = ? OR public_id = ?)",
        "INSERT INTO convokit_consent (address) VALUES (?)",
        "INSERT INTO convokit_endpoint (practice_pk, provider, token) VALUES (?, ?, ?)"
        " ON CONFLICT (token) DO UPDATE SET provider = ?",
    ],
)
def test_p10_statements_that_leak_are_seen(connection: sqlite3.Connection, text: str) -> None:
    assert unscoped(connection, text)


def test_p10_the_guard_stops_a_leaking_statement_while_it_runs(tmp_path: Path) -> None:
    """The mutant of this harness: a store with one condition dropped, in a run like that of every other test."""
    import sqlalchemy as sa

    entry = schema.entry
    leak = Statement(sa.select(entry.c.practice_pk, entry.c.text).where(entry.c.public_id == sa.bindparam("id")), "id")
    with guarded({}) as faults:
        store = open_sqlite(f"sqlite:///{tmp_path}/desk.db")
        store.put_practice(practice("a"))
        database = SqliteDatabase(tmp_path / "desk.db")
        with pytest.raises(AssertionError, match="found without its practice"):
            database.one(leak, ("m1",))
        database.close()
        store.close()
    assert len(faults) == 1


def test_the_tables_of_practices_are_all_but_a_few() -> None:
    others = {table.name for table in schema.metadata.tables.values()} - TENANTS
    assert others == {"convokit_practice", "convokit_secret"}, "a table without practice_pk belongs to no practice"


def test_p10_what_says_that_it_is_about_all_practices_is_what_is_known_to_be() -> None:
    """PostgreSQL's second wall lets these through, and no others."""
    about_all = {name for name, one in sql_scope.statements().items() if one.across}
    assert about_all == FOR_ALL.keys() | {"search.BEHIND"}
