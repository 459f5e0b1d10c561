"""What lies between the carrier and the practice: callbacks are late, come twice, or overtake each other."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from simulation.outside import Inbound, Paid, Report

if TYPE_CHECKING:
    from simulation.world import World

SECOND = 1_000_000
Callback = Inbound | Report | Paid


def _door(callback: Callback) -> tuple[str, bool]:
    """Where a callback goes: the practice, and whether to its payment provider's endpoint."""
    return callback.practice, isinstance(callback, Paid)


class Network:
    """Callbacks that wait, by the carrier's own clock, which never jumps."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._waiting: list[tuple[int, int, Callback]] = []
        self._count = 0

    def add(self, callback: Callback, *, wait_seconds: float = 1) -> None:
        """Send a callback on its way."""
        if self._world.happens("delay"):
            wait_seconds += self._world.chance.expovariate(1 / 600)
        self._count += 1
        self._waiting.append((self._world.true_us + int(wait_seconds * SECOND), self._count, callback))

    def due(self, chance: random.Random, most: int) -> list[Callback]:
        """Callbacks of one practice that are due: one request."""
        ready = sorted((w for w in self._waiting if w[0] <= self._world.true_us), key=lambda w: w[:2])
        if not ready:
            return []
        first = chance.choice(ready) if "reorder" in self._world.faults else ready[0]
        batch = [first, *(w for w in ready if w is not first and _door(w[2]) == _door(first[2]))][:most]
        for taken in batch:
            self._waiting.remove(taken)
        return [callback for _, _, callback in batch]

    @property
    def quiet(self) -> bool:
        """Whether nothing is on its way."""
        return not self._waiting

    def carry(self, chance: random.Random) -> bool:
        """Make one request of what is due; what is not acknowledged comes again. Whether there was one."""
        batch = self.due(chance, chance.choice((1, 1, 2, 4)))
        if not batch:
            return False
        answered = self._world.call(batch[0].practice, batch)
        for callback in batch:
            if not answered:
                self.add(callback, wait_seconds=20)
            elif self._world.happens("duplicate"):
                self.add(callback, wait_seconds=chance.choice((5, 900)))
        return True
