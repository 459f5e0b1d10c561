"""Search in messages whose words are as frequent as words are, beside a page; and with ever more other practices."""

from __future__ import annotations

import random
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext
from itertools import accumulate, product
from pathlib import Path
from string import ascii_lowercase
from time import process_time
from typing import Final

from attrs import frozen
from filled import Size, fill
from harness import Check, Effort, Figure, Goal, Report, Side, compare, race

import convokit
from convokit.runtime.desk import PracticeDesk

_ROWS: Final = 50
_WORDS: Final = 12
"""Words of a message."""
_VOCABULARY: Final = ["".join(letters) for letters in product(ascii_lowercase, repeat=3)]
"""By rank. All are equally long, so that none is the beginning of another one."""
_WEIGHTS: Final = list(accumulate(1 / rank for rank in range(1, len(_VOCABULARY) + 1)))
"""Zipf's law: the second word is half as frequent as the first, the third a third as frequent."""


def run(effort: Effort) -> Report:
    """As many messages at each practice, of 10 practices and of 1,000; then a million messages at 10 practices."""
    each = effort.of(1_000, 200, 10)
    few, many = effort.of(10, 10, 2), effort.of(1_000, 100, 4)
    sizes = [_size(few * each, few), _size(many * each, many), _size(many * each, few)]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as closed:
        files = [closed.enter_context(_opened(Path(folder) / f"{n}.db", size)) for n, size in enumerate(sizes)]
        figures = tuple(_figures(effort, files))
        found = [desk.search(word) for file in files for desk in file.desks[:2] for word in _VOCABULARY[:1]]
    what = "the most frequent word is found at the practices that were looked at"
    return Report(figures=figures, checks=(Check(what=what, holds=all(page.items for page in found)),))


def _size(messages: int, practices: int) -> Size:
    return Size(conversations=messages, practices=practices, open_each=messages // practices * 6 // 10)


@frozen
class _Opened:
    size: Size
    desks: list[PracticeDesk]

    @property
    def name(self) -> str:
        return f"{self.size.conversations:,} messages, practices: {self.size.practices:,}"

    def search(self, asked: tuple[int, str]) -> object:
        return self.desks[asked[0] % self.size.practices].search(asked[1], limit=_ROWS)

    def page(self, asked: tuple[int, str]) -> object:
        return self.desks[asked[0] % self.size.practices].inbox(limit=_ROWS)


def _figures(effort: Effort, files: list[_Opened]) -> Iterator[Figure]:
    seeded = random.Random(6)  # noqa: S311 - the same words each time
    count = effort.of(400, 200, 5)
    asked = [(seeded.randrange(1_000_000), word) for word in _said(seeded, count)]
    sides: dict[str, Side] = {}
    for file in files:
        sides[f"search, {file.name}"] = _over(asked, file.search)
        sides[f"page, {file.name}"] = _over(asked, file.page)
    times = race(sides, rounds=effort.of(9, 5, 1), clock=process_time)
    few, many, _ = files
    for file in files:
        ours, page, what = f"search, {file.name}", f"page, {file.name}", f"search for a word, {file.name}"
        yield compare(times, ours, page, what=what, items=count, goal=Goal("<=", 10), named=f"inbox page of {_ROWS}")
    what = f"search for a word, growth to {many.name}"
    ours, theirs = f"search, {many.name}", f"search, {few.name}"
    yield compare(times, ours, theirs, what=what, items=count, goal=Goal("<=", 1.5), named=few.name)


def _over(asked: list[tuple[int, str]], ask: Callable[[tuple[int, str]], object]) -> Side:
    def work(_: int) -> None:
        for one in asked:
            ask(one)

    return lambda: nullcontext(work)


def _said(seeded: random.Random, count: int) -> list[str]:
    return seeded.choices(_VOCABULARY, cum_weights=_WEIGHTS, k=count)


@contextmanager
def _opened(path: Path, size: Size) -> Iterator[_Opened]:
    """A file whose messages say something, with all of them in the index, as a worker leaves it."""
    fill(path, size, messages=True)
    seeded = random.Random(5)  # noqa: S311 - the same messages each time
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.create_function("said", 0, lambda: " ".join(_said(seeded, _WORDS)))
        connection.execute("UPDATE convokit_entry SET text = said()")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with convokit.open(f"sqlite:///{path}") as kit:
        store = kit.steps.store
        for practice in kit.practices():
            while store.index_pending(practice.id, 5_000):
                pass
        yield _Opened(size, [kit.practice(size.practice_id(number)) for number in range(size.practices)])
