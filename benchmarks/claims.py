"""Texts handed over by 1, 2 and 4 workers, to a carrier that does nothing: PostgreSQL and SQLite, and two peers."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from sqlite3 import connect as connect_file
from typing import Final

import by_procrastinate
import claims_by_hand as by_hand
from crowd import Opener, crowd
from filled import copied
from harness import Effort, Figure, Goal, Report, Side, Work, compare, race
from noop_carrier import NoopCarrier
from server import ADMIN, APP, OWNER, Server, connect, server

import convokit
from convokit.runtime.moving import move_desk

_PRACTICES: Final = 4
_LEFT: Final = "SELECT count(*) FROM convokit_owed WHERE state < 2"
_KIM: Final = convokit.Staff(id="u1", name="Dr. Kim")
_OURS: Final = "convokit"
_BARE: Final = "claim and settle by hand, each committed"
_PEER: Final = "Procrastinate, tasks that do nothing"


def run(effort: Effort) -> Report:
    """Every round on a fresh copy of a database in which so many texts are owed, each of a conversation of its own."""
    texts, rounds = effort.of(2_000, 400, 4), effort.of(7, 3, 1)
    workers = (2,) if effort.smoke else (1, 2, 4)
    with tempfile.TemporaryDirectory() as folder:
        filled = Path(folder) / "desk.db"
        _fill(filled, texts)
        with server(effort) as running:
            sides = _on_postgres(running, filled, texts, workers)
            figures = list(_figures("PostgreSQL", race(sides, rounds=rounds), texts, workers))
        sides = _on_sqlite(filled, workers)
        figures += _figures("SQLite FULL", race(sides, rounds=rounds), texts, workers)
    gone = () if by_procrastinate.HERE else ("not installed: Procrastinate",)
    return Report(figures=tuple(figures), notes=gone)


def _figures(where: str, times: dict[str, list[float]], texts: int, workers: tuple[int, ...]) -> Iterator[Figure]:
    goals = {_BARE: Goal(">=", 0.5), _PEER: Goal(">=", 4)}
    for other, goal in goals.items():
        for count in workers:
            if _by(other, count) in times:
                what = f"texts handed over, {where}, workers: {count}"
                ours, theirs = _by(_OURS, count), _by(other, count)
                yield compare(times, ours, theirs, what=what, items=texts, goal=goal, named=other)
    for count in workers:
        if _by(_PEER, count) in times:
            what = f"{_BARE}, {where}, workers: {count}"
            yield compare(times, _by(_BARE, count), _by(_PEER, count), what=what, items=texts, rate=True, named=_PEER)
    for count in workers[1:]:
        what = f"texts handed over, {where}, workers: {count}"
        ours, alone = _by(_OURS, count), _by(_OURS, 1)
        yield compare(times, ours, alone, what=what, items=texts, rate=True, named="one worker")


def _by(whom: str, workers: int) -> str:
    return f"{whom}, workers: {workers}"


def _fill(path: Path, texts: int) -> None:
    with convokit.open(f"sqlite:///{path}", plugins=[NoopCarrier()]) as kit:
        for number in range(_PRACTICES):
            ours = [f"+1303555{number:04d}"]
            kit.add_practice(convokit.Practice(id=f"p{number}", name="Happy Paws", region="US", numbers=ours))
        desks = [kit.practice(practice.id) for practice in kit.practices()]
        for number in range(texts):
            client = convokit.Client(id=f"c{number}", name="Ana Ruiz", phone=f"+1720555{number:04d}")
            desk = desks[number % _PRACTICES]
            talk = desk.start(client=client, channel="sms", by=_KIM)
            desk.send(talk.id, "Bella is ready to be picked up.", by=_KIM)


@contextmanager
def _working(url: str) -> Iterator[Callable[[Sequence[int]], None]]:
    """A worker, until nothing is due."""
    with convokit.open(url, plugins=[NoopCarrier()]) as kit:

        def work(_: Sequence[int]) -> None:
            while kit.worker.due():
                kit.work()

        yield work


def _nothing_left(left: int) -> None:
    if left:
        raise RuntimeError(f"{left} were not handed over")


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


def _on_postgres(running: Server, path: Path, texts: int, workers: tuple[int, ...]) -> dict[str, Side]:
    filled = running.made()
    move_desk(f"sqlite:///{path}", running.url(filled, OWNER), app_roles=[APP])
    queued = by_procrastinate.queued(running, texts) if by_procrastinate.HERE else None
    sides: dict[str, Side] = {}
    for count in workers:
        ready = partial(_server_ready, running, filled, _LEFT, count)
        sides[_by(_OURS, count)] = partial(ready, _working, APP)
        sides[_by(_BARE, count)] = partial(ready, by_hand.on_postgres, ADMIN)
        if queued is not None:
            sides[_by(_PEER, count)] = partial(
                _server_ready, running, queued, by_procrastinate.LEFT, count, by_procrastinate.working, ADMIN
            )
    return sides


@contextmanager
def _server_ready(running: Server, filled: str, left: str, workers: int, opener: Opener, role: str) -> Iterator[Work]:
    with running.copied(filled) as name, crowd(workers, opener, running.url(name, role)) as work:
        yield lambda _: work(range(workers))
        with connect(running.url(name, ADMIN)) as connection:
            _nothing_left(*connection.execute(left).fetchone())


# --- SQLite -----------------------------------------------------------------------------------------------------------


def _on_sqlite(filled: Path, workers: tuple[int, ...]) -> dict[str, Side]:
    openers: dict[str, Opener] = {_OURS: _working, _BARE: by_hand.on_sqlite}
    return {
        _by(name, count): partial(_file_ready, filled, count, opener)
        for count in workers
        for name, opener in openers.items()
    }


@contextmanager
def _file_ready(filled: Path, workers: int, opener: Opener) -> Iterator[Work]:
    with copied(filled) as path:
        with crowd(workers, opener, f"sqlite:///{path}") as work:
            yield lambda _: work(range(workers))
        with closing(connect_file(path)) as connection:
            _nothing_left(*connection.execute(_LEFT).fetchone())
