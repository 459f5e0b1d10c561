"""The store contract: a store that was closed says so, whatever it is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

from convokit.errors import StorageError
from convokit.ports.store import Store
from convokit.testing.builders import ANA
from convokit.testing.store_base import Desk, StoreCases
from convokit.testing.store_isolation import ACROSS, CALLS, world

_ACROSS_CALLS: Final[dict[str, Callable[[Store], object]]] = {
    "practices": lambda store: store.practices(),
    "due": lambda store: store.due(0, 1),
    "abandoned": lambda store: store.abandoned(0, 1),
    "due_work": lambda store: store.due_work(0, 1),
    "due_jobs": lambda store: store.due_jobs(0, 1),
    "abandoned_jobs": lambda store: store.abandoned_jobs(0, 1),
    "expired_media": lambda store: store.expired_media(0, 1),
    "scrub": lambda store: store.scrub(),
    "secret": lambda store: store.secret("name", b"fresh"),
    "settled_parked": lambda store: store.settled_parked(1),
    "within": lambda store: store.within(None).__enter__(),
    "listen": lambda store: store.listen(lambda _: None),
    "unsettled": lambda store: store.unsettled(),
    "unindexed": lambda store: store.unindexed(1),
    "endpoint": lambda store: store.endpoint("token"),
}
_ASKS_NOTHING: Final = {"carry", "close"}
"""``carry`` only says what later commits are to bring."""


class ClosingCases(StoreCases):
    """After ``close``."""

    @pytest.mark.parametrize("method", sorted(CALLS.keys() - {"commit"}))
    def test_a_closed_store_refuses_what_is_about_a_practice(self, store: Store, method: str) -> None:
        made = world(store)
        store.close()
        with pytest.raises(StorageError) as caught:
            CALLS[method](made)
        assert caught.value.code == "storage.closed"

    def test_every_method_is_asked_after_closing(self) -> None:
        assert _ACROSS_CALLS.keys() == ACROSS.keys() - _ASKS_NOTHING

    @pytest.mark.parametrize("method", sorted(_ACROSS_CALLS))
    def test_a_closed_store_refuses_what_is_about_all(self, store: Store, method: str) -> None:
        store.close()
        with pytest.raises(StorageError) as caught:
            _ACROSS_CALLS[method](store)
        assert caught.value.code == "storage.closed"

    def test_a_closed_store_takes_no_decision(self, desk: Desk) -> None:
        fact = desk.facts.arrived(address=ANA)
        decided = desk.decided(fact)
        desk.store.close()
        with pytest.raises(StorageError) as caught:
            desk.commit(fact, decided)
        assert caught.value.code == "storage.closed"

    def test_closing_twice_is_fine(self, store: Store) -> None:
        store.close()
        store.close()
