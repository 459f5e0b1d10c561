"""Moving every row of one database into another: which tables, in what order, and whether both sides are the same.

The copy of a row has the number that the row had, so everything that points to it still does, and the digest that a
transcript begins its chain with stays what it was. Words for search are not moved: each database has its own index,
and the worker, or the first search, fills it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Any, Final

import sqlalchemy as sa
from attrs import frozen

from convokit.stores.sql import schema, schema_payments, schema_search
from convokit.stores.sql.rows import Cells

MARK_TABLE: Final = "convokit_move"
"""In the target, as long as a move has not ended: how far it is."""

_PARTS: Final = (schema_payments,)  # they add their tables to the same metadata
_OF_SEARCH: Final = (schema_search.search_mark, schema_search.searched)


@frozen(kw_only=True)
class MovedTable:
    """A table, its columns, and those of its key, by which its rows are in an order that both databases have.

    Attributes:
        types: PostgreSQL's names of the columns' types.
        practice_at: which column is the practice's key; ``None``: its rows belong to no practice.
        numbered: it gives its rows numbers of its own.
    """

    name: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    key: tuple[str, ...]
    practice_at: int | None
    numbered: bool

    def key_of(self, row: Cells) -> tuple[Any, ...]:
        """The cells of the key."""
        return tuple(row[self.columns.index(name)] for name in self.key)


@frozen(kw_only=True)
class TableSides:
    """A table on both sides.

    Attributes:
        digest: SHA-256 of all its rows in the target, in the order of their key.
        differs: where both sides first differ, in words without any content; ``None``: nowhere.
    """

    name: str
    rows: int
    digest: str
    differs: str | None = None


def _moved(table: sa.Table) -> MovedTable:
    names = {sa.LargeBinary: "bytea", sa.Text: "text"}
    columns = tuple(table.c)
    return MovedTable(
        name=table.name,
        columns=tuple(column.name for column in columns),
        types=tuple(names.get(type(column.type), "bigint") for column in columns),
        key=tuple(column.name for column in table.primary_key),
        practice_at=next((at for at, column in enumerate(columns) if column.name == "practice_pk"), None),
        numbered="pk" in table.c,
    )


TABLES: Final = tuple(_moved(table) for table in schema.metadata.sorted_tables if table not in _OF_SEARCH)
"""What is moved, in an order in which no row comes before one that it points to."""


def digest_row(row: Cells) -> bytes:
    """A row as bytes that no other row has."""
    said = []
    for cell in row:
        if cell is None:
            said.append(b"-")
        elif isinstance(cell, int):
            said.append(b"%d" % cell)
        else:
            kind, found = (b"t", cell.encode()) if isinstance(cell, str) else (b"b", bytes(cell))
            said.append(b"%s%d:%s" % (kind, len(found), found))
    return b"|".join(said) + b"\n"


def compare(table: MovedTable, source: Iterable[Cells], target: Iterable[Cells]) -> TableSides:
    """Walk through both sides, which are in the order of the key, to their end or to where they first differ."""
    rows, digest = 0, hashlib.sha256()
    for ours, theirs in zip_longest(source, target):
        if ours != theirs:
            said = _difference(table, ours, theirs, rows + 1)
            return TableSides(name=table.name, rows=rows, digest=digest.hexdigest(), differs=said)
        rows += 1
        digest.update(digest_row(theirs))
    return TableSides(name=table.name, rows=rows, digest=digest.hexdigest())


def _difference(table: MovedTable, ours: Cells | None, theirs: Cells | None, at: int) -> str:
    """Where, by number alone: keys may be telephone numbers."""
    if ours is None or (theirs is not None and table.key_of(theirs) < table.key_of(ours)):
        row, what = theirs, "is only in the target"
    elif theirs is None or table.key_of(ours) < table.key_of(theirs):
        row, what = ours, "is missing in the target"
    else:
        row, what = ours, "is another one in the target"
    number = f" (pk {table.key_of(row)[0]})" if row is not None and table.numbered else ""
    return f"{table.name}: row {at}{number} {what}"


def by_practice(table: MovedTable, rows: Iterable[Cells]) -> Iterator[tuple[int | None, list[Cells]]]:
    """Rows with the practice that they belong to, practice by practice."""
    found: dict[int | None, list[Cells]] = {}
    for row in rows:
        found.setdefault(None if table.practice_at is None else row[table.practice_at], []).append(row)
    yield from found.items()
