"""The inbox of one filled file as everybody reads it: through a desk, with tuples by hand, with SQLAlchemy."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from attrs import frozen
from by_core import engine_for
from filled import Size, fill
from sqlalchemy.orm import Session, registry

import convokit
from convokit.domain.inbox import Badges, InboxQuery, Page
from convokit.runtime.desk import PracticeDesk
from convokit.stores.sql import schema
from convokit.stores.sql.inbox import statement, stretches

ROWS: Final = 50
(_FIRST,) = stretches(InboxQuery(), "urgency", None)
_SQL: Final = statement(_FIRST.shape).sqlite
_C: Final = schema.conversation.c


class Row:
    """A conversation as an ORM knows it."""


registry().map_imperatively(Row, schema.conversation)


@frozen
class Opened:
    """The file, opened by everybody. A practice is chosen by any number; its key in the tables is one more."""

    size: Size
    desks: list[PracticeDesk]
    middle: str | None
    connection: sqlite3.Connection
    engine: sa.Engine

    def page(self, number: int) -> Page[convokit.Conversation]:
        """Through a desk: values, and the cursor of the next page."""
        return self.desks[number % self.size.practices].inbox(limit=ROWS)

    def half_depth(self, number: int) -> Page[convokit.Conversation]:
        """The page that begins in the middle of the first practice's open conversations."""
        return self.desks[0].inbox(limit=ROWS, after=self.middle)

    def search(self, number: int) -> Page[convokit.SearchHit]:
        """One client by name, through a desk; the index is up to date after the first time."""
        conversation = number % self.size.conversations
        return self.desks[conversation % self.size.practices].search(f"ruiz {conversation}", limit=ROWS)

    def badges(self, number: int) -> Badges:
        """All badges, through a desk."""
        return self.desks[number % self.size.practices].badges()

    def tuples(self, number: int) -> list[tuple[object, ...]]:
        """The same SQL with the sqlite3 module, no values made. One row more tells whether there is a next page."""
        return self.connection.execute(_SQL, (number % self.size.practices + 1, ROWS + 1)).fetchall()

    def core(self, number: int) -> list[sa.Row[tuple[object, ...]]]:
        """The same page with SQLAlchemy Core, the expression made where it is used."""
        with self.engine.connect() as connection:
            return list(connection.execute(select_page(sa.select(schema.conversation), self._key(number))))

    def orm(self, number: int) -> list[Row]:
        """The same page as mapped objects."""
        with Session(self.engine) as session:
            return list(session.scalars(select_page(sa.select(Row), self._key(number))))

    def _key(self, number: int) -> int:
        return number % self.size.practices + 1

    def plan(self) -> str:
        """The plan of the page's query, in one line."""
        rows = self.connection.execute(f"EXPLAIN QUERY PLAN {_SQL}", (1, ROWS + 1))
        return "; ".join(row[3] for row in rows)


def select_page(asked: sa.Select[tuple[object, ...]], practice: int) -> sa.Select[tuple[object, ...]]:
    """The first page of a practice, by its key, as one would write it."""
    of_practice = asked.where(_C.practice_pk == practice, sa.text(schema.OPEN))
    return of_practice.order_by(_C.urgency.desc(), _C.last_us.desc(), _C.pk.desc()).limit(ROWS + 1)


@contextmanager
def opened(path: Path, size: Size) -> Iterator[Opened]:
    """Fill the file and open it."""
    fill(path, size)
    engine = engine_for(path, begin=False)
    with convokit.open(f"sqlite:///{path}") as kit, closing(sqlite3.connect(path)) as connection:
        desks = [kit.practice(size.practice_id(number)) for number in range(size.practices)]
        yield Opened(size, desks, _middle(desks[0], size.open_each // 2), connection, engine)
    engine.dispose()
    path.unlink()


def _middle(desk: PracticeDesk, depth: int) -> str | None:
    """The cursor after so many rows, found as a person would: page by page."""
    after = None
    for skipped in range(0, depth, 200):
        after = desk.inbox(limit=min(200, depth - skipped), after=after).next
    return after
