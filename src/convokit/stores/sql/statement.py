"""One SQL statement: written in SQLAlchemy Core, compiled once, run on the driver's cursor with plain tuples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, cached_property
from typing import Any, Final

import sqlalchemy as sa
from attrs import field, frozen
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.sql.compiler import SQLCompiler

from convokit.errors import ConfigurationError

_OF_PRACTICE: Final = ("practice", "practice_pk", "of_practice")


class _Compiler(SQLiteCompiler):
    """SQLite's, which knows no hints: ``INDEXED BY`` stands behind the table. Without that index it fails."""

    def get_from_hint_text(self, table: sa.FromClause, text: str | None) -> str | None:
        """The hint as it is."""
        return text


_SQLITE: Final = sqlite.dialect()
_SQLITE.statement_compiler = _Compiler


@cache
def _postgres() -> sa.Dialect:
    from sqlalchemy.dialects.postgresql import psycopg  # only where there is such a database

    made: sa.Dialect = psycopg.dialect(paramstyle="format")  # type: ignore[no-untyped-call]
    return made


@frozen(kw_only=True)
class Put:
    """An insert for a row that may be there already: it stays as it is, or some of its columns are replaced.

    Attributes:
        key: the columns by which it is there, separated by spaces.
        replaces: the columns that are then replaced; none: nothing happens.
        fixed: values that every new row has.
    """

    table: sa.Table
    key: str = ""
    replaces: str = ""
    fixed: Mapping[str, sa.ColumnElement[Any]] = field(factory=dict)

    def made_with(self, insert: Callable[[sa.Table], Any]) -> sa.ClauseElement:
        """The statement, made with the ``insert`` of a dialect."""
        made = insert(self.table)
        if self.fixed:
            made = made.values(**self.fixed)
        if not self.replaces:
            done: sa.ClauseElement = made.on_conflict_do_nothing()
            return done
        replaced = {name: made.excluded[name] for name in self.replaces.split()}
        columns = [self.table.c[name] for name in self.key.split()]
        done = made.on_conflict_do_update(index_elements=columns, set_=replaced)
        return done


class Statement:
    """A statement and the names of its parameters in the order in which the tuple gives them.

    The order is checked when it is compiled: two parameters that change places would be a silent disaster.
    """

    def __init__(self, element: sa.ClauseElement | Put, names: str, *, across: bool = False) -> None:
        """``across``: it is about all practices on purpose; the worker's."""
        self._element = element
        self._names = names.split()
        self.across = across
        found = [at for at, name in enumerate(self._names) if name in _OF_PRACTICE]
        self.practice_at: int | None = found[0] if found else None
        """Which value is the practice's key, where one is."""

    @cached_property
    def sqlite(self) -> str:
        """The text for SQLite's driver.

        Raises:
            ConfigurationError: ``store.statement``: a mistake in convokit itself.
        """
        return self._compiled(_SQLITE, sqlite.insert)

    @cached_property
    def postgres(self) -> str:
        """The text for PostgreSQL's driver, with ``$1``, ``$2``, ... for the parameters.

        Raises:
            ConfigurationError: ``store.statement``: a mistake in convokit itself.
        """
        from sqlalchemy.dialects import postgresql

        first, *others = self._compiled(_postgres(), postgresql.insert).split("%s")
        return first + "".join(f"${number}{text}" for number, text in enumerate(others, 1))

    def _compiled(self, dialect: sa.Dialect, insert: Callable[[sa.Table], Any]) -> str:
        element = self._element.made_with(insert) if isinstance(self._element, Put) else self._element
        if isinstance(element, sa.Insert):
            element = element.inline()  # it returns nothing that nobody asked for
        keys = self._names if isinstance(element, sa.UpdateBase) else None
        compiled = element.compile(dialect=dialect, column_keys=keys)
        order = compiled.positiontup if isinstance(compiled, SQLCompiler) else None
        if (order or []) != self._names:
            raise ConfigurationError("store.statement", f"parameters are {order}, expected {self._names}")
        return str(compiled)
