"""Where the simulation takes hold of the library: between it and its store. Nothing else is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convokit.plugins import hookimpl
from convokit.ports.store import Begun, SeenBefore
from convokit.ports.stores import StoreOffer

if TYPE_CHECKING:
    from simulation.world import World


class SeamStore:
    """A real store, with a seam before and after what changes something.

    At a seam a process may die, another process may be faster, or the store may be busy.
    """

    def __init__(self, inner: Any, world: World) -> None:
        self._inner = inner
        self._world = world

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def load_for(self, practice_id: str, needs: Any, identity: str) -> Any:
        found = self._inner.load_for(practice_id, needs, identity)
        if isinstance(found, SeenBefore):
            self._world.outside.counts["SeenBefore"] += 1
        return found

    def commit(self, practice_id: str, before: Any, fact: Any, decision: Any, **patience: int) -> Any:
        self._world.before_write()
        result = self._inner.commit(practice_id, before, fact, decision, **patience)
        self._world.committed(practice_id, fact, result)
        self._world.seam()
        return result

    def begin(self, practice_id: str, key: str, now_us: int, lease_us: int) -> Any:
        self._world.before_write()
        asked_at = self._world.outside.tick()
        result = self._inner.begin(practice_id, key, now_us, lease_us)
        if isinstance(result, Begun):
            self._world.outside.begun[practice_id, key] = asked_at
        self._world.seam()
        return result

    def begin_job(self, practice_id: str, key: str, now_us: int, lease_us: int) -> Any:
        self._world.before_write()
        result = self._inner.begin_job(practice_id, key, now_us, lease_us)
        self._world.seam()
        return result

    def park(self, practice_id: str, provider_id: str, report: Any, **patience: int) -> Any:
        self._world.before_write()
        found = self._inner.park(practice_id, provider_id, report, **patience)
        self._world.seam()
        return found

    def forget_parked(self, practice_id: str, report: Any) -> None:
        self._world.seam()
        self._inner.forget_parked(practice_id, report)

    def in_flight(self, practice_id: str, address: str) -> int:
        """Whoever asks waits until it is 0: meanwhile the others go on."""
        while found := self._inner.in_flight(practice_id, address):
            self._world.others_go_on(practice_id, address, found)
        return 0


class SeamPlugin:
    """Offers the seam's store under ``sim:``."""

    name = "seam"

    def __init__(self, world: World) -> None:
        self._world = world

    @hookimpl
    def convokit_stores(self) -> list[StoreOffer]:
        return [StoreOffer(name="seam", schemes=("sim",), open=lambda url: self._world.open_store())]
