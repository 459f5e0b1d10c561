"""The store contract: several commits as one transaction."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest
from attrs import evolve

from convokit.domain.consent_ledger import Consent
from convokit.errors import Conflict, NotFound
from convokit.facts import TextArrived
from convokit.ports.store import Committed, SeenBefore, Stale, Store
from convokit.testing.store_base import Desk, StoreCases

_SOON: float = 10.0
"""Seconds that another thread may take."""


class _StopError(Exception):
    """Leaves the transaction."""


class TogetherCases(StoreCases):
    """:meth:`convokit.ports.store_beside.GroupStore.together`."""

    def test_what_is_committed_together_is_read_inside_and_afterwards(self, desk: Desk) -> None:
        first, second = desk.facts.arrived("one"), desk.facts.arrived("two")
        with desk.store.together(desk.id):
            assert desk.put(first) == 1
            assert desk.store.seen(desk.id, first.identity) is not None
            assert desk.put(second) == 2
            assert _texts(desk, first) == ["one", "two"]
        assert _texts(desk, first) == ["one", "two"]
        assert desk.store.newest_change(desk.id) == 2
        assert desk.put(desk.facts.arrived("three")) == 3

    def test_together_is_told_of_its_end_and_not_of_a_failure(self, desk: Desk) -> None:
        told: list[str] = []
        with desk.store.together(desk.id) as group:
            desk.put(desk.facts.arrived("one"))
            group.after_commit(lambda: told.append("one"))
            desk.put(desk.facts.arrived("two"))
            group.after_commit(lambda: told.append("two"))
        assert told == ["one", "two"]
        fact = desk.facts.arrived("three")
        with suppress(_StopError), desk.store.together(desk.id) as group:
            desk.put(fact)
            group.after_commit(lambda: told.append("three"))
            raise _StopError
        # All or nothing is up to the store, but what it tells is what is there.
        assert (told[2:] == ["three"]) == (desk.store.seen(desk.id, fact.identity) is not None)

    def test_p01_after_a_failure_each_is_taken_in_once_by_itself(self, desk: Desk) -> None:
        facts = [desk.facts.arrived(text) for text in ("one", "two")]
        with suppress(_StopError), desk.store.together(desk.id):
            for fact in facts:
                desk.put(fact)
            raise _StopError
        for fact in facts:
            assert isinstance(desk.take(fact), (Committed, SeenBefore))
        assert _texts(desk, facts[0]) == ["one", "two"]
        assert desk.store.newest_change(desk.id) == 2

    def test_what_is_refused_inside_takes_back_only_itself(self, desk: Desk) -> None:
        open_one = desk.open("+13035550177")
        stale = desk.facts.arrived("stale", address=open_one.address)
        decided = desk.decided(stale)
        newer, after = (desk.facts.arrived(text, address=open_one.address) for text in ("newer", "after"))
        taken = evolve(desk.facts.arrived("taken", address="+13035550178"), entry_id=newer.entry_id)
        with desk.store.together(desk.id):
            desk.put(newer)
            assert desk.commit(stale, decided) == Stale()
            with pytest.raises(Conflict) as caught:
                desk.take(taken)
            assert caught.value.code == "id.taken"
            assert desk.take(newer) == SeenBefore(entry_id=newer.entry_id, fingerprint="f:newer")
            desk.put(after)
        texts = [entry.text for entry in desk.store.entries(desk.id, open_one.id)][1:]
        assert texts == ["newer", "after"]
        assert desk.store.seen(desk.id, stale.identity) is None
        assert desk.store.latest_at(desk.id, "sms", taken.address) is None
        assert desk.store.newest_change(desk.id) == 3

    def test_p06_a_stop_inside_holds_for_what_follows_inside(self, desk: Desk) -> None:
        opened = desk.open()
        with desk.store.together(desk.id):
            desk.put(desk.facts.opted_out(opened.id, address=opened.address))
            assert desk.store.consent(desk.id, opened.address).opted_out
        assert desk.store.consent(desk.id, opened.address).opted_out
        assert desk.store.consent(desk.id, "+13035550199") == Consent(address="+13035550199")

    def test_together_parks_reports(self, desk: Desk) -> None:
        early = evolve(desk.facts.reported(""), attempt=0)
        with desk.store.together(desk.id):
            assert desk.store.park(desk.id, "x-1", early) is None
            assert desk.store.park(desk.id, "x-1", early) is None
        assert len(desk.store.parked(desk.id, early.provider, "x-1")) == 1

    def test_a_listener_hears_of_it_at_the_end(self, desk: Desk) -> None:
        heard = threading.Event()
        end = desk.store.listen(lambda _: heard.set())
        try:
            with desk.store.together(desk.id):
                desk.put(desk.facts.arrived("one"))
            assert heard.wait(_SOON)
        finally:
            end()

    def test_other_threads_are_not_inside(self, desk: Desk) -> None:
        fact = desk.facts.arrived("one")
        found: list[int] = []

        def look() -> None:
            found.append(desk.store.newest_change(desk.id))

        with desk.store.together(desk.id):
            desk.put(fact)
            reader = threading.Thread(target=look)
            reader.start()
            reader.join(_SOON)
        assert found in ([0], [1])  # [1]: in a store where each commit stands by itself
        look()
        assert found[-1] == 1

    def test_together_needs_a_practice(self, store: Store) -> None:
        with pytest.raises(NotFound) as caught, store.together("unknown"):
            pass
        assert caught.value.code == "practice.unknown"


def _texts(desk: Desk, fact: TextArrived) -> list[str]:
    return [entry.text for entry in desk.store.entries(desk.id, fact.conversation_id)]
