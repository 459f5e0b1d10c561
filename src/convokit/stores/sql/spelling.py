"""What SQLite and PostgreSQL can both say, and spell differently."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler


class Spelled(sa.ColumnElement[Any]):
    """An expression in both spellings; ``{0}``, ``{1}`` stand for its parts."""

    inherit_cache = False

    def __init__(self, sqlite: str, postgres: str, *parts: sa.ClauseElement) -> None:
        self.sqlite = sqlite
        self.postgres = postgres
        self.parts = parts


@compiles(Spelled, "sqlite")
def _in_sqlite(element: Spelled, compiler: SQLCompiler, **options: Any) -> str:
    return element.sqlite.format(*(compiler.process(part, **options) for part in element.parts))


@compiles(Spelled, "postgresql")
def _in_postgres(element: Spelled, compiler: SQLCompiler, **options: Any) -> str:
    return element.postgres.format(*(compiler.process(part, **options) for part in element.parts))


def among(column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[bool]:
    """Whether a column is one of the texts, or the whole numbers, of the JSON list in a parameter.

    As one list their number makes no new statement.
    """
    kind = "bigint" if isinstance(column.type, sa.Integer) else "text"
    values = Spelled(
        "(SELECT value FROM json_each({0}))",
        f"(SELECT CAST(value AS {kind}) FROM json_array_elements_text(CAST({{0}} AS json)))",  # noqa: S608 - a type
        sa.bindparam(name),
    )
    return column.bool_op("IN")(values)


def json_text(column: sa.ColumnElement[str], name: str) -> sa.ColumnElement[Any]:
    """A text in the JSON object of a column, by its name there."""
    return Spelled(f"json_extract({{0}}, '$.{name}')", f"(CAST({{0}} AS json) ->> '{name}')", column)


def third_part(column: sa.ColumnElement[str]) -> sa.ColumnElement[Any]:
    """What stands between the second colon and the third, in a text whose first part has three letters."""
    rest = "substr({0}, 5 + instr(substr({0}, 5), ':'))"
    return Spelled(f"substr({rest}, 1, instr({rest}, ':') - 1)", "split_part({0}, ':', 3)", column)


def holds(column: sa.ColumnElement[bytes], name: str) -> sa.ColumnElement[Any]:
    """Whether the bytes of a parameter are somewhere in those of a column."""
    return Spelled("instr({0}, {1}) > 0", "position(CAST({1} AS bytea) IN {0}) > 0", column, sa.bindparam(name))
