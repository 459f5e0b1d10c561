"""A text comes in: load, decide, commit, one transaction each, into conversations that exist."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import Final

import by_core
import by_hand
import same_statements
from filled import OURS, Size, address, fill
from harness import Effort, Figure, Goal, Report, Side, Work, compare, race

import convokit
from convokit.facts import TextArrived

_OURS: Final = "convokit"
_SAME: Final = "the same statements by hand"
_HAND: Final = "as few statements as will do, by hand"
_CORE: Final = "SQLAlchemy Core, as one would write it"
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a file system in memory, where there is one
_TEXTS: Final = (
    "Hi, is Bella ready to be picked up this afternoon?",
    "ok thanks!",
    "She ate half of her food this morning and seems much brighter. Should we go on with the drops twice a day?",
    "We are running about ten minutes late, sorry",
    "Can I get a refill of her thyroid pills, please? The bottle says no refills left.",
    "What time do you close on Saturday?",
    "Thank you so much, see you Tuesday at 4:30",
    "He has been coughing since last night, mostly when he lies down. No fever that I can tell. Should I bring him in?",
)

Texts = list[tuple[str, TextArrived]]
"""Each with its practice's id."""
Take = Callable[[str, TextArrived], object]
Taker = Callable[[Path], AbstractContextManager[Take]]
"""Opens a file to take texts in."""


def run(effort: Effort) -> Report:
    """On a disk with ``synchronous=FULL``; then where syncing costs nothing, for the price of the code alone."""
    rounds, portions, each = effort.of(9, 5, 1), effort.of(8, 5, 1), effort.of(150, 100, 3)
    each_practice = effort.of(1_000, 200, 5)
    size = Size(conversations=100 * each_practice, practices=100, open_each=each_practice * 6 // 10)
    facts = facts_for(size, portions * each)
    figures: list[Figure] = []
    for where, what, clock, goals in _places():
        with tempfile.TemporaryDirectory(dir=where) as folder:
            filled = Path(folder) / "filled.db"
            fill(filled, size, messages=True)
            sides = _sides(filled, [facts[n * each : (n + 1) * each] for n in range(portions)])
            times = race(sides, rounds=rounds, portions=portions, clock=clock)
        for other, goal in goals.items():
            figures.append(compare(times, _OURS, other, what=what, items=len(facts), goal=goal, rate=True))
    return Report(figures=tuple(figures))


def _places() -> Iterator[tuple[Path | None, str, Callable[[], float], dict[str, Goal | None]]]:
    goals: dict[str, Goal | None] = {_SAME: Goal(">=", 0.7), _HAND: None, _CORE: Goal(">=", 1.2)}
    yield None, "inbound text, SQLite FULL on disk", perf_counter, goals
    if _MEMORY.is_dir():
        yield _MEMORY, "inbound text, CPU only", process_time, {_SAME: Goal(">=", 0.6), _HAND: None, _CORE: None}


def facts_for(size: Size, count: int) -> Texts:
    """Texts into random open conversations, each with its practice; the same ones every time."""
    seeded = random.Random(3)  # noqa: S311
    return [_fact(size, seeded, number) for number in range(count)]


def _fact(size: Size, seeded: random.Random, number: int) -> tuple[str, TextArrived]:
    conversation = seeded.choice([n for n in seeded.sample(range(size.conversations), 20) if size.is_open(n)])
    ids = [f"{prefix}_{seeded.randbytes(16).hex()}" for prefix in "cmmm"]
    fact = TextArrived(
        conversation_id=ids[0],
        entry_id=ids[1],
        answer_id=ids[2],
        event_id=ids[3],
        at_us=1_800_000_000_000_000 + number,
        channel="sms",
        sender=OURS,
        address=address(conversation),
        text=seeded.choice(_TEXTS),
        provider="kannel",
        provider_id=seeded.randbytes(8).hex(),
        fingerprint=seeded.randbytes(16).hex(),
        client_name="Ana Ruiz",
    )
    return size.practice_id(conversation % size.practices), fact


def _sides(filled: Path, portions: list[Texts]) -> dict[str, Side]:
    return {
        _OURS: partial(_ready, filled, portions, _taker),
        _SAME: partial(_ready, filled, portions, same_statements.taker),
        _HAND: partial(_ready, filled, portions, by_hand.taker),
        _CORE: partial(_ready, filled, portions, by_core.taker),
    }


@contextmanager
def _ready(filled: Path, portions: list[Texts], taker: Taker) -> Iterator[Work]:
    """A fresh copy of the file, and its portions of texts to take in."""
    with tempfile.TemporaryDirectory(dir=filled.parent) as folder, taker(Path(shutil.copy(filled, folder))) as take:

        def work(portion: int) -> None:
            for practice, fact in portions[portion]:
                take(practice, fact)

        yield work


@contextmanager
def _taker(path: Path) -> Iterator[Take]:
    """The path that every text takes."""
    with convokit.open(f"sqlite:///{path}") as kit:
        practices = {practice.id: practice for practice in kit.practices()}
        steps = kit.steps
        yield lambda practice, fact: steps.take(practices[practice], fact)
