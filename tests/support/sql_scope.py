"""The SQL scope guard: every statement that touches rows of practices finds them by their practice.

SQLite itself is asked how it will find the rows (EXPLAIN QUERY PLAN). A table whose rows belong to a practice must be
searched by ``practice_pk``, or be reached from rows so found by the key that they carry. That a statement mentions the
practice somewhere is not enough: ``SELECT practice_pk ... WHERE public_id = ?`` reads it, and leaks.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest

import convokit.stores.sql
import convokit.stores.sql.sqlite
from convokit.stores.sql import schema
from convokit.stores.sql.sqlite import engine
from convokit.stores.sql.statement import Statement

TENANTS: Final = frozenset(table.name for table in schema.metadata.tables.values() if "practice_pk" in table.c)
"""Tables whose rows belong to a practice."""

FOR_ALL: Final = {
    "jobs.ABANDONED": "the worker serves all practices; each job names its own",
    "jobs.ABANDONED_FAR": "the worker serves all practices; each job names its own",
    "jobs.DUE": "the worker serves all practices; each job names its own",
    "jobs.DUE_BUT": "the worker serves all practices; each job names its own",
    "jobs.DUE_FAR": "the worker serves all practices; each job names its own",
    "media.EXPIRED": "the worker clears staged files of all practices; each names its own",
    "owed.ABANDONED": "the worker serves all practices; each text names its own",
    "owed.ABANDONED_FAR": "the worker serves all practices; each text names its own",
    "owed.DUE": "the worker serves all practices; each text names its own",
    "owed.DUE_BUT": "the worker serves all practices; each text names its own",
    "owed.DUE_FAR": "the worker serves all practices; each text names its own",
    "owed.SETTLED_PARKED": "the worker serves all practices; each report comes with its own",
    "owed.UNSETTLED": "a number for the host's health page",
    "statements.ENDPOINT": "finds the practice that a webhook belongs to, by its secret",
    "work.DUE": "the worker serves all practices; each piece of work names its own",
    "work.DUE_AHEAD": "the worker serves all practices; each piece of work names its own",
}
"""Statements that are about all practices on purpose, and why."""

_READ_UNDER_IT: Final = "the row number was read under the practice, in this transaction"
_MERGES: Final = "merges the words of the search index, and reads none of them"
BY_NUMBER: Final = {
    **dict.fromkeys(("words.ADD_HEADER", "words.ADD_TEXT", "words.DROP_HEADER", "words.HEADER"), _READ_UNDER_IT),
    "words.DROP_TEXT": _READ_UNDER_IT,
    "words.REWRITE_HEADERS": _MERGES,
    "words.REWRITE_TEXTS": _MERGES,
}
"""Statements on the search index, which has no columns but its words, and why they keep to the practice."""

FINE: Final = {**FOR_ALL, **BY_NUMBER}

HOW: Final = (
    "Add the condition on practice_pk to the statement, so that its index serves it. Only if it is the worker's "
    "and returns the practice of each row, name it with its reason in FOR_ALL of tests/support/sql_scope.py."
)

_STEP: Final = re.compile(r"(?:SEARCH|SCAN) (\S+)(.*)")
_ALIAS: Final = re.compile(r"\b(\w+) AS (\w+)")
_INSERT: Final = re.compile(r"\s*INSERT (?:OR \w+ )?INTO (\w+) \(([^)]*)\)")
_CONFLICT: Final = re.compile(r"ON CONFLICT \(([^)]*)\) (?:WHERE .*? )?DO UPDATE", re.DOTALL)


def statements() -> dict[str, Statement]:
    """Every statement that a module of the SQL store has, by module and name."""
    found = {}
    for package in (convokit.stores.sql, convokit.stores.sql.sqlite):
        for module in pkgutil.iter_modules(package.__path__):
            if not module.ispkg:
                for name, value in vars(importlib.import_module(f"{package.__name__}.{module.name}")).items():
                    if isinstance(value, Statement):
                        found[f"{module.name}.{name}"] = value
    return {name: one for name, one in found.items() if not _is_import(name, one, found)}


def _is_import(name: str, one: Statement, found: dict[str, Statement]) -> bool:
    """A statement that a module only imports is judged where it is made; the first by name is taken for that."""
    return any(other < name and value is one for other, value in found.items())


def unscoped(connection: sqlite3.Connection, text: str) -> str | None:
    """What is wrong with a statement, or ``None`` when every row it touches is found by its practice."""
    if (inserted := _INSERT.match(text)) and (wrong := _wrong_insert(*inserted.groups(), text)):
        return wrong
    aliases = {alias: table for table, alias in _ALIAS.findall(text)}
    steps = [_STEP.match(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", (None,) * text.count("?"))]
    found = [(step[1], step[2]) for step in steps if step and _is_tenants(aliases.get(step[1], step[1]))]
    held = {table for table, how in found if "(practice_pk=?" in how or f" {table}.practice_pk = ?" in text}
    for table, how in found:
        if "(practice_pk=?" not in how and not (held and _follows(table, how, text)):
            return f"{table} is found without its practice:{how or ' all of it'}"
    return None


def _follows(table: str, how: str, text: str) -> bool:
    """Whether rows are reached by a key that another row carries, or by the words of the search index."""
    if "VIRTUAL TABLE" in how:
        return f"{table} MATCH ?" in text
    return "INTEGER PRIMARY KEY (rowid=?)" in how and not re.search(rf"\b{table}\.pk = \?|\? = {table}\.pk\b", text)


def _is_tenants(table: str) -> bool:
    # The search index has no columns that a schema could name: what is not in the schema is the practices' too.
    return table in TENANTS or (table.startswith("convokit_") and table not in schema.metadata.tables)


def _wrong_insert(table: str, columns: str, text: str) -> str | None:
    if not _is_tenants(table):
        return None
    if "practice_pk" not in columns.split(", "):
        return f"{table} gets a row without a practice"
    if (conflict := _CONFLICT.search(text)) and "practice_pk" not in conflict[1].split(", "):
        return f"a row of {table} is replaced without looking at its practice"
    return None


class Guarded(sqlite3.Connection):
    """A connection on which a statement without a practice fails, the first time it is run."""

    known: dict[str, str | None]
    faults: list[str]

    def execute(self, text: str, *values: object) -> sqlite3.Cursor:  # type: ignore[override]  # called with a tuple or none
        if text not in self.known and "convokit_" in text:
            self.known[text] = unscoped(_Plain(self), text)  # type: ignore[arg-type]  # has what is asked for
        if wrong := self.known.get(text):
            self.faults.append(f"{wrong}\n{text}")
            raise AssertionError(f"{wrong}. {HOW}\n{text}")
        return super().execute(text, *values)  # type: ignore[arg-type]


class _Plain:
    """The connection without its guard."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, text: str, values: tuple[object, ...]) -> sqlite3.Cursor:
        return sqlite3.Connection.execute(self._connection, text, values)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def known_statements() -> dict[str, str | None]:
    """What is known of the statements of this run; those for all practices are fine."""
    by_name = statements()
    return {by_name[name].sqlite: None for name in FINE}


@contextmanager
def guarded(known: dict[str, str | None]) -> Iterator[list[str]]:
    """Open every connection of the SQL store with the guard; the faults it finds, of other threads too."""
    faults: list[str] = []
    kind = type("GuardedHere", (Guarded,), {"known": known, "faults": faults})
    plain = engine.connect
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            engine,
            "connect",
            lambda path, mode, patience_ms=engine.PATIENCE_MS, factory=kind, *, pragma="foreign_keys = ON": plain(
                path, mode, patience_ms, factory, pragma=pragma
            ),
        )
        yield faults


@pytest.fixture(autouse=True)
def sql_scope_guard(known_statements: dict[str, str | None]) -> Iterator[None]:
    """No test may run a statement that is not about one practice."""
    with guarded(known_statements) as faults:
        yield
    assert not faults, f"{len(faults)} statements without a practice. {HOW}\n{faults[0]}"
