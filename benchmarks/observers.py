"""Telling observers that a conversation changed: with no plugin, and with five and twenty, beside raw pluggy."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing, nullcontext
from typing import Final

import pluggy
from harness import Effort, Figure, Goal, Report, Side, compare, race

from convokit.plugins import PROJECT, hookimpl
from convokit.plugins.bounded import Bounded
from convokit.plugins.catalogue import Catalogue
from convokit.plugins.hookspecs import Hooks

_DIRECT: Final = "a direct call"
_NONE: Final = "no observer"

Told = Callable[[str, str, int], object]


class Observer:
    """A plugin that looks at nothing."""

    def __init__(self, number: int) -> None:
        self.name = f"observer{number}"

    @hookimpl
    def convokit_changed(self, practice_id: str, conversation_id: str, change: int) -> None:
        """Nothing."""


def run(effort: Effort) -> Report:
    """As the desk tells them, each in a thread that has a deadline; and as it does inside a host's transaction."""
    calls, rounds = effort.of(20_000, 5_000, 20), effort.of(15, 7, 1)
    figures: list[Figure] = []
    with ExitStack() as closed:
        sides = {_DIRECT: _over(Observer(0).convokit_changed, calls)}
        sides[_NONE] = _over(_catalogue(closed, 0).tell_changed, calls)
        times = race(sides, rounds=rounds)
        what = "telling of a change, observers: 0"
        figures.append(compare(times, _NONE, _DIRECT, what=what, items=calls, goal=Goal("<=", 2)))
        for count, goal in ((5, Goal("<=", 1.2)), (20, None)):
            fewer = max(calls // (10 * count), 2)
            figures += _beside_pluggy(closed, count, fewer, rounds, goal)
    return Report(figures=tuple(figures))


def _beside_pluggy(closed: ExitStack, count: int, calls: int, rounds: int, goal: Goal | None) -> tuple[Figure, ...]:
    threads, here, raw = "with a deadline", "in the caller's thread", "raw pluggy"
    hook = _raw(count)
    sides = {
        threads: _over(_catalogue(closed, count).tell_changed, calls),
        here: _over(_catalogue(closed, count, here=lambda: True).tell_changed, calls),
        raw: _over(lambda p, c, n: hook(practice_id=p, conversation_id=c, change=n), calls),
    }
    times = race(sides, rounds=rounds)
    what = f"telling of a change, observers: {count}"
    return (
        compare(times, threads, raw, what=what, items=calls, goal=goal),
        compare(times, here, raw, what=f"{what}, in a host's transaction", items=calls),
    )


def _catalogue(closed: ExitStack, observers: int, here: Callable[[], bool] = lambda: False) -> Catalogue:
    calls = closed.enter_context(closing(Bounded(here=here)))
    return Catalogue([Observer(number) for number in range(observers)], calls=calls)


def _raw(observers: int) -> pluggy.HookCaller:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    for number in range(observers):
        manager.register(Observer(number))
    return manager.hook.convokit_changed


def _over(tell: Told, calls: int) -> Side:
    def work(_: int) -> None:
        for number in range(calls):
            tell("p1", "c1", number)

    return lambda: nullcontext(work)
