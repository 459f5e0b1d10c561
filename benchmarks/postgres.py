"""PostgreSQL: a text comes in, with 1, 4 and 16 processes; the first page of the inbox, and how it grows."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, Final

import postgres_by_hand as by_hand
import sqlalchemy as sa
from crowd import Opener, crowd
from filled import Size, fill
from harness import Effort, Figure, Goal, Report, Side, Work, compare, race
from inbound import facts_for
from pages import ROWS, Row, select_page
from server import ADMIN, APP, OWNER, Server, connect, server
from sqlalchemy.orm import Session

import convokit
from convokit.domain.inbox import InboxQuery
from convokit.runtime.moving import move_desk
from convokit.stores.sql.inbox import statement, stretches

_OURS: Final = "convokit"
_ONE: Final = "one statement by hand"
_STEPS: Final = "a statement for each step, by hand"
_TUPLES: Final = "tuples by hand"
_ORM: Final = "SQLAlchemy ORM"
_SMALLER: Final = "convokit, the small database"
(_FIRST,) = stretches(InboxQuery(), "urgency", None)

Texts = by_hand.Texts


def run(effort: Effort) -> Report:
    """A durable server of our own; each round of texts on a fresh copy of the filled database."""
    practices, each = effort.of(100, 100, 4), effort.of(1_000, 100, 10)
    size = Size(conversations=practices * each, practices=practices, open_each=each * 6 // 10)
    figures: list[Figure] = []
    with server(effort) as running:
        filled = _filled(running, size, messages=True)
        for processes in (1,) if effort.smoke else (1, 4, 16):
            figures += _inbound(effort, running, filled, size, processes)
        few, many = effort.of(10_000, 10_000, 40), effort.of(1_000_000, 100_000, 80)
        small = Size(conversations=few, practices=practices, open_each=few // practices * 6 // 10)
        large = Size(conversations=many, practices=practices, open_each=small.open_each)
        figures += _inbox(effort, running, small, large)
    return Report(figures=tuple(figures))


def _filled(running: Server, size: Size, *, messages: bool = False) -> str:
    """A database of this size: filled in SQLite, and moved as everybody moves a desk."""
    name = running.made()
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder) / "desk.db", size, messages=messages)
        move_desk(f"sqlite:///{folder}/desk.db", running.url(name, OWNER), app_roles=[APP])
    return name


# --- a text comes in --------------------------------------------------------------------------------------------------


def _inbound(effort: Effort, running: Server, filled: str, size: Size, processes: int) -> Iterator[Figure]:
    rounds, portions, each = effort.of(9, 5, 1), effort.of(8, 5, 1), processes * effort.of(150, 50, 2)
    facts = facts_for(size, portions * each)
    shares = [facts[n * each : (n + 1) * each] for n in range(portions)]
    sides: dict[str, Side] = {
        _OURS: partial(_ready, running, filled, shares, processes, _taking, APP),
        _ONE: partial(_ready, running, filled, shares, processes, by_hand.in_one, ADMIN),
        _STEPS: partial(_ready, running, filled, shares, processes, by_hand.one_by_one, ADMIN),
    }
    times = race(sides, rounds=rounds, portions=portions)
    what = f"inbound text, PostgreSQL, processes: {processes}"
    for other, goal in ((_ONE, Goal(">=", 0.75)), (_STEPS, Goal(">=", 1.5))):
        yield compare(times, _OURS, other, what=what, items=len(facts), goal=goal)


@contextmanager
def _ready(
    running: Server, filled: str, shares: list[Texts], processes: int, opener: Opener, role: str
) -> Iterator[Work]:
    with running.copied(filled) as name, crowd(processes, opener, running.url(name, role)) as take:
        yield lambda portion: take(shares[portion])


@contextmanager
def _taking(url: str) -> Iterator[Callable[[Texts], None]]:
    """The path that every text takes."""
    with convokit.open(url) as kit:
        practices = {practice.id: practice for practice in kit.practices()}

        def take(texts: Texts) -> None:
            for practice, fact in texts:
                kit.steps.take(practices[practice], fact)

        yield take


# --- the inbox --------------------------------------------------------------------------------------------------------


def _inbox(effort: Effort, running: Server, small: Size, large: Size) -> Iterator[Figure]:
    seeded = random.Random(4)  # noqa: S311 - the same practices each time
    chosen = [seeded.randrange(large.practices) for _ in range(effort.of(400, 200, 5))]
    with ExitStack() as closed:
        few, many = _filled(running, small), _filled(running, large)
        ours, smaller = (closed.enter_context(_desks(running.url(name), large)) for name in (many, few))
        connection = closed.enter_context(connect(running.url(many, ADMIN)))
        engine = sa.create_engine(running.url(many, ADMIN).replace("postgresql:", "postgresql+psycopg:"))
        closed.callback(engine.dispose)
        sides = {
            _OURS: _over(chosen, lambda n: ours[n].inbox(limit=ROWS)),
            _SMALLER: _over(chosen, lambda n: smaller[n].inbox(limit=ROWS)),
            _TUPLES: _over(chosen, partial(_tuples, connection)),
            _ORM: _over(chosen, partial(_mapped, engine)),
            "badges": _over(chosen, lambda n: ours[n].badges()),
        }
        times = race(sides, rounds=effort.of(9, 5, 1))
    what = f"inbox page, PostgreSQL, {large}"
    yield compare(times, _OURS, _TUPLES, what=what, items=len(chosen), goal=Goal("<=", 1.8))
    yield compare(times, _OURS, _ORM, what=what, items=len(chosen), goal=Goal("<=", 0.5))
    growth = f"growth to {large}, PostgreSQL"
    yield compare(times, _OURS, _SMALLER, what=growth, items=len(chosen), goal=Goal("<=", 3), named=str(small))
    badges = f"all badges, PostgreSQL, {large}"
    yield compare(times, "badges", _OURS, what=badges, items=len(chosen), goal=Goal("<=", 1), named="page one")


@contextmanager
def _desks(url: str, size: Size) -> Iterator[list[Any]]:
    with convokit.open(url) as kit:
        yield [kit.practice(size.practice_id(number)) for number in range(size.practices)]


def _tuples(connection: Any, number: int) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = connection.execute(
        statement(_FIRST.shape).postgres, (number + 1, ROWS + 1)
    ).fetchall()
    return found


def _mapped(engine: sa.Engine, number: int) -> list[Row]:
    with Session(engine) as session:
        return list(session.scalars(select_page(sa.select(Row), number + 1)))


def _over(chosen: list[int], ask: Callable[[int], object]) -> Side:
    def work(_: int) -> None:
        for number in chosen:
            ask(number)

    return lambda: nullcontext(work)
