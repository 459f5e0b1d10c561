"""Two sides of a race in turn, in one run: only their ratio means anything on a machine that others share."""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from time import perf_counter
from typing import Final, Literal

from attrs import frozen

Work = Callable[[int], object]
"""Does one portion of the work; the number says which."""

Side = Callable[[], AbstractContextManager[Work]]
"""Makes ready for one round, untimed, and clears away after it."""

Times = Mapping[str, list[float]]
"""Seconds of each round, by side."""


@frozen(kw_only=True)
class Effort:
    """How much is measured. ``smoke``: as little as shows that it runs; its figures mean nothing."""

    quick: bool = False
    smoke: bool = False

    def of(self, full: int, quick: int, smoke: int) -> int:
        """One of three sizes."""
        return smoke if self.smoke else quick if self.quick else full


@frozen
class Goal:
    """``"<="``: our time over theirs; ``">="``: our rate over theirs, that is their time over ours."""

    sign: Literal["<=", ">="]
    value: float

    def __str__(self) -> str:
        return f"{'≤' if self.sign == '<=' else '≥'} {self.value:g}x"


@frozen(kw_only=True)
class Figure:
    """One row of a table: our side of a race beside another one: seconds, or ``unit``, for one ``what``."""

    what: str
    against: str
    ours: float
    theirs: float
    ratio: float
    noise: float
    goal: Goal | None = None
    unit: Literal["seconds", "bytes"] = "seconds"

    @property
    def verdict(self) -> str:
        """Missed only by more than the noise of this very run."""
        if self.goal is None:
            return ""
        over = self.ratio - self.goal.value if self.goal.sign == "<=" else self.goal.value - self.ratio
        return "met" if over <= 0 else "within noise" if over <= self.noise else "missed"


@frozen(kw_only=True)
class Check:
    """Something that holds or does not, beside the figures."""

    what: str
    holds: bool


@frozen(kw_only=True)
class Report:
    """What a benchmark found. ``notes`` are printed and not written into the manual."""

    figures: tuple[Figure, ...]
    checks: tuple[Check, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def missed(self) -> bool:
        """Whether a goal was missed by more than the noise."""
        return any(f.verdict == "missed" for f in self.figures) or not all(c.holds for c in self.checks)


def race(
    sides: Mapping[str, Side], *, rounds: int, portions: int = 1, clock: Callable[[], float] = perf_counter
) -> Times:
    """Run all sides portion by portion in turn, the first one changing, each round on fresh ground.

    ``clock`` is ``time.process_time`` where nothing waits for a disk: then other people's work is not counted.
    """
    times: dict[str, list[float]] = {name: [] for name in sides}
    names = list(sides)
    for number in range(rounds):
        with ExitStack() as cleared:
            works = {name: cleared.enter_context(side()) for name, side in sides.items()}
            spent = dict.fromkeys(names, 0.0)
            gc.collect()
            for portion in range(portions):
                first = (number + portion) % len(names)
                for name in names[first:] + names[:first]:
                    started = clock()
                    works[name](portion)
                    spent[name] += clock() - started
        for name in names:
            times[name].append(spent[name])
    return times


def compare(
    times: Times,
    ours: str,
    theirs: str,
    *,
    what: str,
    items: int = 1,
    goal: Goal | None = None,
    rate: bool = False,
    named: str | None = None,
) -> Figure:
    """The median of the rounds' ratios; their noise is half of what lies between the quartiles.

    ``rate``: say it as our rate over theirs although there is no goal. ``named``: what ``theirs`` is called here.
    """
    over, under = times[ours], times[theirs]
    if rate or (goal is not None and goal.sign == ">="):
        over, under = under, over
    ratios = [a / b for a, b in zip(over, under, strict=True)]
    low, middle, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    return Figure(
        what=what,
        against=named or theirs,
        ours=statistics.median(times[ours]) / items,
        theirs=statistics.median(times[theirs]) / items,
        ratio=middle,
        noise=(high - low) / 2,
        goal=goal,
    )


_UNITS: Final = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))


def duration(seconds: float) -> str:
    """Three figures and a unit."""
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def amount(value: float, unit: str) -> str:
    """One side of a figure, in its unit."""
    return duration(value) if unit == "seconds" else f"{value / 1024:,.0f} KiB"
