"""The store contract: news of commits, for those who wait."""

from __future__ import annotations

import threading

from attrs import evolve

from convokit.testing.store_base import Desk, StoreCases

_SECONDS = 30.0


class NewsCases(StoreCases):
    """Heard soon, of the right practice, and no longer than wished."""

    def test_a_commit_is_heard_of(self, desk: Desk) -> None:
        heard: list[str | None] = []
        rung = threading.Event()

        def hear(practice_id: str | None) -> None:
            heard.append(practice_id)
            if practice_id == desk.id:
                rung.set()

        end = desk.store.listen(hear)
        desk.put(desk.facts.arrived())
        deaf = not rung.wait(1)
        while deaf and len(heard) < 2:  # it may have begun to listen a moment later
            desk.put(desk.facts.arrived())
            deaf = not rung.wait(_SECONDS)
        end()
        assert rung.is_set()
        assert set(heard) <= {desk.id, None}
        silent = len(heard)
        desk.put(desk.facts.arrived())
        end()
        assert len(heard) == silent

    def test_what_changes_nothing_is_no_news(self, desk: Desk) -> None:
        known = desk.open()
        heard: list[str | None] = []
        end = desk.store.listen(heard.append)
        desk.take(desk.facts.marked_unread(known.id))
        rung = threading.Event()
        other = desk.store.listen(lambda practice_id: rung.set() if practice_id == "other" else None)
        beside = Desk(desk.store, evolve(desk.practice, id="other", numbers=()), desk.facts)
        desk.store.put_practice(beside.practice)
        for _ in range(30):
            beside.put(beside.facts.arrived())
            if rung.wait(1):
                break
        end()
        other()
        assert "other" in heard
        assert heard.count(desk.id) == 0
