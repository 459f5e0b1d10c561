"""Moving a desk from its SQLite file into PostgreSQL: copied in batches, then compared whole, and only then opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Final, Literal

from attrs import frozen

from convokit.stores.sql.moving import TABLES, MovedTable, TableSides, compare
from convokit.stores.sql.postgres.arriving import Arriving, arriving
from convokit.stores.sql.postgres.migrating import migrate
from convokit.stores.sql.rows import Cells
from convokit.stores.sql.sqlite.leaving import Leaving, bring_up, leaving

BATCH_ROWS: Final = 5_000
"""Rows of one transaction: what is done again, at most, after a kill -9."""


@frozen(kw_only=True)
class MoveStep:
    """How far a move is: so many rows of a table, of all that it has."""

    doing: Literal["copy", "compare"]
    table: str
    rows: int
    of: int


Told = Callable[[MoveStep], None]


def move(
    source: str,
    target: str,
    *,
    app_roles: Iterable[str] = (),
    partitions: int = 0,
    told: Told,
    batch_rows: int = BATCH_ROWS,
) -> tuple[TableSides, ...]:
    """Copy every row of a SQLite file into a PostgreSQL database, and compare both sides row by row.

    Killed at any moment, the same call goes on after the last whole batch. Until it has ended and both sides are the
    same, nobody can open the target (``storage.moving``). Nobody can write to the source meanwhile.

    Args:
        source: ``sqlite:///desk.db``; it is brought to this release first.
        target: ``postgresql://OWNER@HOST/DATABASE``, new or begun by this call; its tables are made if need be.
        app_roles, partitions: see :func:`convokit.stores.sql.postgres.migrate`.

    Returns:
        Each table; ``differs`` where something, or somebody, changed what was copied. Then the target stays shut.

    Raises:
        ConfigurationError: ``store.url``, ``move.not_empty``, ``move.other_source``, ``migrate.*``.
        InvalidInput: ``move.value``.
        StorageError: see :func:`leaving` and :func:`arriving`.
    """
    bring_up(source)
    migrate(target, partitions=partitions)
    with leaving(source, alone=True) as here, arriving(target) as there:
        there.begin(here.fingerprint())
        for table in TABLES:
            _copy(table, here, there, told, batch_rows)
        there.set_numbers()
        sides = _compared(here, there, told)
        if not any(table.differs for table in sides):
            there.end()
    if not any(table.differs for table in sides):
        migrate(target, app_roles=app_roles)
    return sides


def compare_only(source: str, target: str, *, told: Told) -> tuple[TableSides, ...]:
    """Compare both sides, and copy nothing: right after a move, before anybody writes to the target.

    Raises:
        ConfigurationError: ``store.url``.
        StorageError: see :func:`leaving` and :func:`arriving`.
    """
    bring_up(source)
    with leaving(source, alone=False) as here, arriving(target) as there:
        return _compared(here, there, told)


def _copy(table: MovedTable, here: Leaving, there: Arriving, told: Told, batch_rows: int) -> None:
    done = there.done_until(table)
    of = here.count(table)
    rows = here.rows(table, done)
    copied = of - here.count(table, done) if done is not None else 0
    while batch := list(islice(rows, batch_rows)):
        there.write(table, batch)
        copied += len(batch)
        told(MoveStep(doing="copy", table=table.name, rows=copied, of=of))


def _compared(here: Leaving, there: Arriving, told: Told) -> tuple[TableSides, ...]:
    found = []
    for table in TABLES:
        of = here.count(table)
        source = _telling(here.rows(table), table.name, of, told)
        found.append(compare(table, source, there.rows(table)))
    return tuple(found)


def _telling(rows: Iterator[Cells], table: str, of: int, told: Told) -> Iterator[Cells]:
    for at, row in enumerate(rows, 1):
        yield row
        if at % BATCH_ROWS == 0 or at == of:
            told(MoveStep(doing="compare", table=table, rows=at, of=of))
