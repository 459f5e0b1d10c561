"""The tables of search: how far it is done, and FTS5's own, which SQLAlchemy does not know."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from convokit.stores.sql.schema import metadata

_BIG: Final = sa.BigInteger()
_KEY: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _of(table: str) -> sa.Column[int]:
    target = sa.ForeignKey(f"convokit_{table}.pk")
    return sa.Column(f"{table}_pk", _KEY, target, primary_key=True, autoincrement=False)


search_mark: Final = sa.Table(
    "convokit_search_mark",
    metadata,
    _of("practice"),
    sa.Column("change", _BIG, nullable=False),
    sqlite_with_rowid=False,
)

searched: Final = sa.Table(
    "convokit_searched",
    metadata,
    _of("practice"),
    _of("conversation"),
    sa.Column("seq", _BIG, nullable=False),
    sqlite_with_rowid=False,
)

SEARCH_TABLES: Final = tuple(
    f"CREATE VIRTUAL TABLE convokit_search_{name} USING fts5(body, tokenize = 'ascii', detail = 'none', columnsize = 0)"
    for name in ("header", "text")
)
"""FTS5's, which SQLAlchemy does not know. Rows have the numbers of conversations, and of entries."""


@sa.event.listens_for(metadata, "after_create")
def _make_search_tables(_: sa.MetaData, connection: sa.Connection, **__: object) -> None:
    for statement in SEARCH_TABLES:
        connection.exec_driver_sql(statement)
