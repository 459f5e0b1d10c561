"""One SQL statement: written in SQLAlchemy Core, compiled once, run on the driver's cursor with plain tuples."""

from __future__ import annotations

from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.sql.compiler import SQLCompiler

from convokit.errors import ConfigurationError


class _Compiler(SQLiteCompiler):
    """SQLite's, which knows no hints: ``INDEXED BY`` stands behind the table. Without that index it fails."""

    def get_from_hint_text(self, table: sa.FromClause, text: str | None) -> str | None:
        """The hint as it is."""
        return text


_SQLITE = sqlite.dialect()
_SQLITE.statement_compiler = _Compiler


class Statement:
    """A statement and the names of its parameters in the order in which the tuple gives them.

    The order is checked when it is compiled: two parameters that change places would be a silent disaster.
    """

    def __init__(self, element: sa.ClauseElement, names: str) -> None:
        self._element = element
        self._names = names.split()

    @cached_property
    def sqlite(self) -> str:
        """The text for SQLite's driver.

        Raises:
            ConfigurationError: ``store.statement``: a mistake in convokit itself.
        """
        keys = self._names if isinstance(self._element, sa.UpdateBase) else None
        compiled = self._element.compile(dialect=_SQLITE, column_keys=keys)
        order = compiled.positiontup if isinstance(compiled, SQLCompiler) else None
        if (order or []) != self._names:
            raise ConfigurationError("store.statement", f"parameters are {order}, expected {self._names}")
        return str(compiled)
