"""What a seed stands for: a store, the faults that are on, and the events of the day."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

if TYPE_CHECKING:
    from simulation.world import World

Handler = Callable[["World", random.Random], None]

FAULTS: Final = (
    "drop",  # a report never comes
    "delay",  # a report or an inbound text comes up to half an hour later
    "duplicate",  # a callback that was acknowledged comes again
    "reorder",  # callbacks come in any order
    "reset",  # the text left, its answer did not come back
    "throttle",  # the carrier takes nothing now
    "refuse",  # the carrier takes nothing, ever
    "blocked",  # the carrier keeps its own list of opted-out phones
    "fails",  # a text that was taken fails later
    "words",  # the carrier uses words that nobody knows
    "early",  # a report comes before the send call has returned
    "nameless",  # reports name the carrier's id only, or ours only
    "raises",  # the gateway raises in the middle of a hand-over
    "reused",  # the carrier gives the id of one inbound text to another one
    "busy",  # the store cannot commit now
    "crash",  # a process dies between any two steps
    "clock",  # the wall clock jumps
    "interleave",  # hand-overs stay open while other things happen
    "intrude",  # somebody else commits between a look and its commit
    "loops",  # one of the phones answers every text by itself
    "forged",  # webhooks of somebody else
)


@frozen
class Kind:
    """A letter of the alphabet: how often it happens, with which fault only, and how it is done."""

    weight: float
    only_with: str | None
    handler: Handler


KINDS: Final[dict[str, Kind]] = {}
"""The alphabet: what can happen."""


class SimulatedCrash(BaseException):
    """A process dies here. No library code may catch it."""

    def __init__(self, process: object) -> None:
        super().__init__("the process dies")
        self.process = process


@frozen
class Event:
    """Something that happens. Every choice in it follows from ``salt``, so that events can be left out."""

    kind: str
    salt: int


@frozen(kw_only=True)
class Day:
    """One simulated day.

    ``mails``: transcripts are mailed when a conversation ends. On few days: making one PDF takes longer than a day.
    """

    seed: int
    store: str
    faults: frozenset[str]
    mails: bool
    events: tuple[Event, ...]

    def with_events(self, events: Iterable[Event]) -> Day:
        """The same day with other events."""
        return evolve(self, events=tuple(events))


_MORNING: Final = ("start", "plain", "start", "plain", "network")
"""How every day begins: with somebody to write to."""


def event(kind: str, weight: float, only_with: str | None = None) -> Callable[[Handler], Handler]:
    """Add a letter to the alphabet."""

    def add(handler: Handler) -> Handler:
        KINDS[kind] = Kind(weight, only_with, handler)
        return handler

    return add


def day_of(seed: int) -> Day:
    """The day of a seed. Odd seeds run on SQLite, even ones in memory."""
    chance = random.Random(seed)
    likely = chance.choice((0.0, 0.15, 0.3, 0.5, 0.8))
    faults = frozenset(fault for fault in FAULTS if chance.random() < likely)
    weights = {
        name: kind.weight * chance.choice((0.4, 1.0, 1.0, 2.5))
        for name, kind in KINDS.items()
        if kind.only_with is None or kind.only_with in faults
    }
    kinds = chance.choices(tuple(weights), tuple(weights.values()), k=chance.randint(40, 120))
    events = tuple(Event(kind, chance.getrandbits(48)) for kind in (*_MORNING, *kinds))
    mails = chance.random() < 0.06
    return Day(seed=seed, store="sqlite" if seed % 2 else "memory", faults=faults, mails=mails, events=events)
