"""A whole kit for tests: a clock that is moved by hand, ids that count, and the simulated carrier."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

from attrs import define, field

import convokit
from convokit.gateways.simulator import Simulator, Weather

OURS = "+13035550100"
ANA_PHONE = "+13035550123"
ANA = convokit.Client(id="c17", name="Ana Ruiz", phone="(303) 555-0123", email="ana@example.com")
BELLA = convokit.Patient(id="p4", name="Bella")
KIM = convokit.Staff(id="u1", name="Dr. Kim")
HAPPY_PAWS = convokit.Practice(
    id="happy-paws", name="Happy Paws", time_zone="America/Denver", region="US", numbers=[OURS]
)


@define
class Clock:
    """A clock that stands still until it is moved."""

    moment: datetime = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def pass_(self, **amount: float) -> None:
        self.moment += timedelta(**amount)


@define
class World:
    """A kit with one practice and everything around it."""

    kit: convokit.Convokit
    desk: convokit.PracticeDesk
    carrier: Simulator
    clock: Clock
    ids: Iterator[int] = field(factory=count)

    def settle(self, rounds: int = 8, seconds: float = 30) -> None:
        """Let the worker and the carrier do their parts until nothing moves any more."""
        for _ in range(rounds):
            done = self.kit.work().performed
            self.clock.pass_(seconds=seconds)
            if not done + self.carrier.step():
                return


@contextmanager
def world(
    url: str = "memory:",
    *,
    weather: Weather | None = None,
    plugins: tuple[object, ...] = (),
    seed: int = 7,
    public_url: str | None = None,
    media: str | None = None,
) -> Iterator[World]:
    """A world on a store, closed afterwards."""
    clock, carrier = Clock(), Simulator(seed=seed, weather=weather)
    numbers = count(1)
    with convokit.open(
        url,
        plugins=[carrier, *plugins],
        clock=clock,
        public_url=public_url,
        media=media,
        fresh_id=lambda prefix: f"{prefix}_{next(numbers):06d}",
    ) as kit:
        kit.add_practice(HAPPY_PAWS)
        carrier.connect(kit)
        yield World(kit=kit, desk=kit.practice("happy-paws"), carrier=carrier, clock=clock)
