"""Texts are handed over by 1, 2 and 4 workers on PostgreSQL, to a carrier that does nothing; a bare loop beside it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from crowd import Opener, crowd
from harness import Effort, Figure, Goal, Report, Side, Work, compare, race
from noop_carrier import NoopCarrier
from server import ADMIN, APP, OWNER, Server, connect, server

import convokit
from convokit.domain.delivery import Delivery
from convokit.runtime.moving import move_desk

_LEASE: Final = """
UPDATE convokit_owed SET state = 1, tries = tries + 1, begun_us = $1, lease_us = $1 + 150000000
WHERE (practice_pk, pk) = (
  SELECT practice_pk, pk FROM convokit_owed WHERE state = 0 AND due_us <= $1 ORDER BY due_us, pk LIMIT 1
  FOR UPDATE SKIP LOCKED
) RETURNING practice_pk, pk, entry_pk
"""
_ENTRY: Final = (
    f"UPDATE convokit_entry SET delivery = {int(Delivery.SENT)}, provider_id = $3"  # noqa: S608
    " WHERE practice_pk = $1 AND pk = $2"
)
_DONE: Final = (
    "UPDATE convokit_owed SET state = 2, provider = 'noop', provider_id = $3 WHERE practice_pk = $1 AND pk = $2"
)
_KIM: Final = convokit.Staff(id="u1", name="Dr. Kim")


def run(effort: Effort) -> Report:
    """Every round on a fresh copy of a database in which so many texts are owed, each of a conversation of its own."""
    texts, rounds = effort.of(2_000, 400, 4), effort.of(7, 3, 1)
    workers = (2,) if effort.smoke else (1, 2, 4)
    figures: list[Figure] = []
    with server(effort) as running:
        filled = _filled(running, texts, practices=4)
        sides: dict[str, Side] = {}
        for count in workers:
            sides[_ours(count)] = partial(_ready, running, filled, texts, count, _working, APP)
            sides[_bare(count)] = partial(_ready, running, filled, texts, count, _looping, ADMIN)
        times = race(sides, rounds=rounds)
    for count in workers:
        what = f"texts handed over, workers: {count}"
        figures.append(compare(times, _ours(count), _bare(count), what=what, items=texts, goal=Goal(">=", 0.5)))
    for count in workers[1:]:
        what = f"texts handed over, workers: {count}"
        figures.append(compare(times, _ours(count), _ours(1), what=what, items=texts, rate=True, named="one worker"))
    return Report(figures=tuple(figures))


def _ours(workers: int) -> str:
    return f"convokit, workers: {workers}"


def _bare(workers: int) -> str:
    return f"claim and settle by hand, each committed, workers: {workers}"


def _filled(running: Server, texts: int, practices: int) -> str:
    name = running.made()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'desk.db'}"
        with convokit.open(url, plugins=[NoopCarrier()]) as kit:
            for number in range(practices):
                ours = [f"+1303555{number:04d}"]
                kit.add_practice(convokit.Practice(id=f"p{number}", name="Happy Paws", region="US", numbers=ours))
            desks = [kit.practice(practice.id) for practice in kit.practices()]
            for number in range(texts):
                client = convokit.Client(id=f"c{number}", name="Ana Ruiz", phone=f"+1720555{number:04d}")
                desk = desks[number % practices]
                talk = desk.start(client=client, channel="sms", by=_KIM)
                desk.send(talk.id, "Bella is ready to be picked up.", by=_KIM)
        move_desk(url, running.url(name, OWNER), app_roles=[APP])
    return name


@contextmanager
def _ready(running: Server, filled: str, texts: int, workers: int, opener: Opener, role: str) -> Iterator[Work]:
    with running.copied(filled) as name, crowd(workers, opener, running.url(name, role)) as work:
        yield lambda _: work(range(workers))
        with connect(running.url(name, ADMIN)) as connection:
            (left,) = connection.execute("SELECT count(*) FROM convokit_owed WHERE state < 2").fetchone()
            if left:
                raise RuntimeError(f"{left} of {texts} texts were not handed over")


@contextmanager
def _working(url: str) -> Iterator[Callable[[Sequence[int]], None]]:
    """A worker, until nothing is due."""
    with convokit.open(url, plugins=[NoopCarrier()]) as kit:

        def work(_: Sequence[int]) -> None:
            while kit.worker.due():
                kit.work()

        yield work


@contextmanager
def _looping(url: str) -> Iterator[Callable[[Sequence[int]], None]]:
    """What no worker can do without: take one, and say that it is done; two transactions for each."""
    with connect(url) as connection:

        def work(_: Sequence[int]) -> None:
            while (row := connection.execute(_LEASE, (time.time_ns() // 1_000,)).fetchone()) is not None:
                _settle(connection, row)

        yield work


def _settle(connection: Any, row: tuple[int, int, int]) -> None:
    practice, owed, entry = row
    with connection.transaction():
        connection.execute(_ENTRY, (practice, entry, f"x{owed}"))
        connection.execute(_DONE, (practice, owed, f"x{owed}"))
