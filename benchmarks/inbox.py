"""The first page of the inbox, how it grows, a page deep inside, and the badges."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from pathlib import Path
from time import process_time
from typing import Final

import pages
from attrs import evolve
from filled import Size
from harness import Check, Effort, Figure, Goal, Report, Side, compare, race

_OURS: Final = "convokit"
_SMALLER: Final = "convokit, the small file"
_FIRST: Final = "page one"


def run(effort: Effort) -> Report:
    """Small and large, with one, a hundred and a thousand practices; each practice keeps its number of open rows."""
    small, large = effort.of(10_000, 10_000, 2_000), effort.of(1_000_000, 100_000, 4_000)
    one, each = small * 6 // 10, small // 100 * 6 // 10
    figures: list[Figure] = []
    checks: list[Check] = []
    notes: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for practices, open_each in ((1, one), (100, each), (1_000, min(each, large // 1_000))):
            with ExitStack() as closed:
                # A thousand practices of ten conversations fill no page: those are compared with a hundred of them.
                smaller = Size(conversations=small, practices=min(practices, 100), open_each=open_each)
                larger = Size(conversations=large, practices=practices, open_each=open_each)
                few = closed.enter_context(pages.opened(Path(folder) / f"{practices}-small.db", smaller))
                many = closed.enter_context(pages.opened(Path(folder) / f"{practices}.db", larger))
                figures += _figures(effort, few, many)
                plan = many.plan()
                checks.append(Check(what=f"{many.size}: an index, no sorting", holds=_is_good(plan)))
                notes.append(f"{many.size}: {plan}")
        figures.append(_further(effort, Path(folder), Size(conversations=small, practices=100, open_each=each)))
    return Report(figures=tuple(figures), checks=tuple(checks), notes=tuple(notes))


def _is_good(plan: str) -> bool:
    return "USING INDEX convokit_conversation_by_urgency (practice_pk=?" in plan and "TEMP B-TREE" not in plan


def _figures(effort: Effort, few: pages.Opened, many: pages.Opened) -> Iterator[Figure]:
    seeded = random.Random(4)  # noqa: S311 - the same practices each time
    count = effort.of(400, 200, 5)
    chosen = [seeded.randrange(1_000_000) for _ in range(count)]
    sides = {
        _OURS: _over(chosen, many.page),
        "tuples by hand": _over(chosen, many.tuples),
        "SQLAlchemy ORM": _over(chosen, many.orm),
        "SQLAlchemy Core": _over(chosen, many.core),
        _SMALLER: _over(chosen, few.page),
        "badges": _over(chosen, many.badges),
        "half depth": _over(chosen, many.half_depth),
        "search": _over(chosen, few.search),
    }
    for desk in few.desks:
        desk.search("ruiz")  # puts what is pending into the index
    times = race(sides, rounds=effort.of(9, 5, 1), clock=process_time)
    what = f"inbox page, {many.size}"
    yield compare(times, _OURS, "tuples by hand", what=what, items=count, goal=Goal("<=", 1.8))
    yield compare(times, _OURS, "SQLAlchemy ORM", what=what, items=count, goal=Goal("<=", 0.5))
    yield compare(times, _OURS, "SQLAlchemy Core", what=what, items=count)
    yield compare(
        times, _OURS, _SMALLER, what=f"growth to {many.size}", items=count, goal=Goal("<=", 3), named=str(few.size)
    )
    if many.size.practices == 1:
        what = f"page at half depth, {many.size}"
        yield compare(times, "half depth", _OURS, what=what, items=count, goal=Goal("<=", 1.3), named=_FIRST)
    yield compare(times, "search", _SMALLER, what=f"search by name, {few.size}", items=count, named=_FIRST)
    what = f"all badges, {many.size}"
    yield compare(times, "badges", _OURS, what=what, items=count, goal=Goal("<=", 1), named=_FIRST)


def _further(effort: Effort, folder: Path, small: Size) -> Figure:
    """Five million conversations; each practice has the open rows that it has in the small file."""
    large = evolve(small, conversations=effort.of(5_000_000, 200_000, 6_000))
    count = effort.of(400, 200, 5)
    seeded = random.Random(4)  # noqa: S311 - the same practices each time
    chosen = [seeded.randrange(1_000_000) for _ in range(count)]
    with pages.opened(folder / "few.db", small) as few, pages.opened(folder / "most.db", large) as most:
        sides = {_OURS: _over(chosen, most.page), _SMALLER: _over(chosen, few.page)}
        times = race(sides, rounds=effort.of(9, 5, 1), clock=process_time)
    what = f"growth to {large}"
    return compare(times, _OURS, _SMALLER, what=what, items=count, goal=Goal("<=", 4), named=str(small))


def _over(chosen: list[int], ask: Callable[[int], object]) -> Side:
    def work(_: int) -> None:
        for number in chosen:
            ask(number)

    return lambda: nullcontext(work)
