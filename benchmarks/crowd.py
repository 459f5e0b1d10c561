"""Work that several processes do at once: made ready before the clock starts, each with connections of its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing.synchronize import Barrier
from typing import Any

Opener = Callable[[str], Any]
"""A module's own function: given a URL, a context manager of a function that does a share of the work."""

_doing: list[Callable[[Any], object]] = []
_held: list[ExitStack] = []


@contextmanager
def crowd(processes: int, opener: Opener, url: str) -> Iterator[Callable[[Sequence[Any]], object]]:
    """A function that has its items done by so many processes, and returns when all are done."""
    if processes == 1:
        with opener(url) as do:
            yield do
        return
    spawning = multiprocessing.get_context("spawn")
    ready = spawning.Barrier(processes + 1)
    with spawning.Pool(processes, _begin, (ready, opener, url)) as pool:
        ready.wait(120)
        yield lambda items: pool.map(_do, [items[n::processes] for n in range(processes)], chunksize=1)


def _begin(ready: Barrier, opener: Opener, url: str) -> None:
    stack = ExitStack()
    _doing.append(stack.enter_context(opener(url)))
    _held.append(stack)  # until the process ends, which the pool does
    ready.wait(120)


def _do(items: Sequence[Any]) -> None:
    _doing[0](items)
