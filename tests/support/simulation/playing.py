"""Play days, and shrink those that break a promise."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from attrs import define, field, frozen

import simulation.acts  # noqa: F401 - the alphabet
from convokit.stores.sql import open_sqlite
from simulation import evening
from simulation.day import Day, Event
from simulation.outside import BROKEN, Violation
from simulation.world import World

_SHRINKING_PLAYS: Final = 300
_MEMORY: Final = Path("/dev/shm")


@frozen(kw_only=True)
class Played:
    """How a day went."""

    day: Day
    violation: Violation | None
    story: tuple[str, ...]
    counts: Counter[str]


@define
class Player:
    """Plays days in a folder of its own. ``mutant`` wraps the store; ``lying`` is a carrier that claims idempotency."""

    folder: Path
    mutant: Callable[[Any], Any] | None = None
    lying: bool = False
    _plays: int = field(default=0, init=False)

    def play(self, day: Day) -> Played:
        """Play a day, its evening, and judge it."""
        world, violation = World(day, self._database(day), mutant=self.mutant, lying=self.lying), None
        BROKEN.clear()
        try:
            world.play()
            evening.settle(world)
            evening.judge(world)
        except Violation as broken:
            violation = broken
        except Exception as error:  # a day that stumbles is a finding too, with its seed
            violation = Violation("stumbled", "".join(traceback.format_exception(error)))
        finally:
            world.close()
        violation = next(iter(BROKEN), violation)
        counts = world.outside.counts
        counts["days"] = 1
        counts["opt-outs"] += sum(text.word == "stop" for text in world.outside.inbound)
        return Played(day=day, violation=violation, story=tuple(world.story), counts=counts)

    def _database(self, day: Day) -> Path | None:
        """A fresh file with tables; migrating an empty one takes longer than the day."""
        if day.store == "memory":
            return None
        blank = self.folder / "blank.db"
        if not blank.exists():
            open_sqlite(f"sqlite:///{blank}").close()
        self._plays += 1
        for old in self.folder.glob(f"day{self._plays - 1}.db*"):
            old.unlink()
        return Path(shutil.copyfile(blank, self.folder / f"day{self._plays}.db"))

    def shrink(self, failed: Played) -> Played:
        """Leave out events while the day still breaks the same promise (delta debugging)."""
        best, parts, plays = failed, 2, 0
        while len(best.day.events) > 1 and plays < _SHRINKING_PLAYS:
            size = -(-len(best.day.events) // parts)
            for rest in _without_one_part(best.day.events, size):
                plays += 1
                tried = self.play(best.day.with_events(rest))
                if tried.violation is not None and _same(tried.violation, failed.violation):
                    best, parts = tried, max(2, parts - 1)
                    break
            else:
                if size == 1:
                    break
                parts = min(len(best.day.events), parts * 2)
        return best


def _without_one_part(events: Sequence[Event], size: int) -> Iterator[list[Event]]:
    for start in range(0, len(events), size):
        yield [*events[:start], *events[start + size :]]


def _same(one: Violation, other: Violation | None) -> bool:
    return other is not None and one.promise == other.promise


@contextmanager
def player(**options: Any) -> Iterator[Player]:
    """A player in a folder that is gone afterwards; in memory where there is room for files, to spare the disk."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # a day of faults fills a log
    folder = tempfile.mkdtemp(prefix="practice-day-", dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None)
    try:
        yield Player(folder=Path(folder), **options)
    finally:
        logging.disable(before)
        shutil.rmtree(folder)


def report(failed: Played) -> str:
    """A day that broke a promise: its seed, its events, and its story."""
    day = failed.day
    lines = [
        f"seed {day.seed} on {day.store}: {failed.violation}",
        f"faults: {', '.join(sorted(day.faults)) or 'none'}",
        f"play it again: PYTHONPATH=tests/support python -m simulation {day.seed}",
        f"{len(day.events)} events are enough:",
        *(f"  {event.kind} {event.salt}" for event in day.events),
        "and went like this:",
        *failed.story,
    ]
    return "\n".join(lines)


def first_broken(days: Iterable[Day], **options: Any) -> tuple[Counter[str], Played | None]:
    """Play days up to the first that breaks a promise: what was counted, and that day."""
    counts: Counter[str] = Counter()
    with player(**options) as playing:
        for day in days:
            played = playing.play(day)
            counts += played.counts
            if played.violation is not None:
                return counts, played
    return counts, None


def shrunk(failed: Played, **options: Any) -> Played:
    """The same failure with as few events as can be found."""
    with player(**options) as playing:
        return playing.shrink(failed)
