"""The store contract: search finds what was committed, of this practice alone, in pages."""

from __future__ import annotations

import threading
from typing import Final

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from convokit.decisions.base import Decision, Needs
from convokit.domain.inbox import Position
from convokit.domain.search import SearchHit, header_phones, header_words, terms, words
from convokit.ports.store import Store
from convokit.testing.builders import ANA
from convokit.testing.store_base import Desk, StoreCases
from convokit.testing.store_lists import HISTORIES, NAMES, VISIBLE, Recount, Step, departed, live
from convokit.testing.store_races import in_threads

_BATCH: Final = 3
"""Small, so that a batch ends within a conversation."""
_ASKED: Final = st.lists(
    st.sampled_from(
        ("text", "tex", "text 1", "bella", "ana", "ruiz an", "STOP", "555-0123", "3035550124", "1", "zzz", "")
    ),
    min_size=4,
    max_size=4,
)


def index_all(desk: Desk, limit: int = _BATCH) -> None:
    """Make everything ready for search."""
    for _ in range(10_000):
        if not desk.store.index_pending(desk.id, limit):
            return
    raise AssertionError("indexing comes to no end")


def found(desk: Desk, text: str, visible: tuple[str, ...] | None = None, limit: int = 200) -> list[SearchHit]:
    """All hits, page by page."""
    index_all(desk)
    hits: list[SearchHit] = []
    position: Position | None = None
    while True:
        page, position = desk.store.search(desk.id, terms(text), after=position, limit=limit, visible=visible)
        hits += page
        if position is None:
            return hits
        assert len(page) == limit


def _wanted(recount: Recount, text: str, visible: tuple[str, ...] | None) -> list[tuple[str, str | None]]:
    """Conversations, the last one on top, then messages, the newest on top."""
    asked, seen = terms(text), {c.id for c in recount.seen(visible)}
    headers = [c for c in recount.conversations.values() if asked.match(header_words(c), header_phones(c))]
    texts = [e for e in recount.entries.values() if e.kind != "event" and asked.match(set(words(e.text)))]
    hits = [(c.id, None) for c in reversed(headers)] + [(e.conversation_id, e.id) for e in reversed(texts)]
    return [hit for hit in hits if hit[0] in seen]


class SearchCases(StoreCases):
    """Words, numbers, pages, isolation."""

    def test_search_equals_a_recount_over_random_histories(self, store: Store) -> None:
        @settings(max_examples=25, deadline=None)
        @given(HISTORIES, _ASKED, st.integers(1, 5), st.sampled_from(VISIBLE))
        def check(history: list[Step], asked: list[str], limit: int, visible: tuple[str, ...] | None) -> None:
            desk = departed(store, f"s{next(NAMES)}")
            recount = live(desk, history)
            for text in asked:
                hits = found(desk, text, visible, limit)
                assert [(hit.conversation.id, hit.entry_id) for hit in hits] == _wanted(recount, text, visible)
                assert all(hit.conversation == desk.conversation(hit.conversation.id) for hit in hits)

        check()

    @pytest.mark.parametrize(
        ("text", "matched"),
        [
            ("josé", "client_name"),
            ("JOSE NUN", "client_name"),
            ("obrien", "client_name"),
            ("o’brien", "client_name"),
            ("bel", "patient_name"),
            ("lab results", "title"),
            ("jose@example.com", "client_email"),
            ("(303) 555-0123", "phone"),
            ("303.555.0123", "phone"),
            ("+1 303 5550123", "phone"),
            ("3035550123", "phone"),
            ("555-01", "phone"),
            ("0123", "phone"),
            ("jose 555-0123", "phone"),
            ("vaccine", "text"),
            ("ＶＡＣＣ", "text"),
        ],
    )
    def test_a_conversation_is_found_by(self, desk: Desk, text: str, matched: str) -> None:
        fact = evolve(
            desk.facts.started(),
            client_name="José Núñez O'Brien",
            patient_name="Bella",
            title="Lab results",
            client_email="jose@example.com",
        )
        desk.put(fact)
        desk.put(desk.facts.arrived("Is the VACCINE in?"))
        (hit,) = found(desk, text)
        assert (hit.conversation.id, hit.matched) == (fact.conversation_id, matched)
        assert hit.snippet
        assert (hit.entry_id is not None) == (matched == "text")

    @pytest.mark.parametrize(
        "text", ["vaccines", "ana bella vaccine", "ella", "303", "555-0124", "accine", "", " ", "!?", '"', "*", "NOT"]
    )
    def test_a_conversation_is_not_found_by(self, desk: Desk, text: str) -> None:
        desk.put(evolve(desk.facts.started(), patient_name="Bella"))
        desk.put(desk.facts.arrived("Is the vaccine in?"))
        assert found(desk, text) == []

    @pytest.mark.parametrize(
        "text", ["ana OR x", "ana NEAR(x)", '"ana', "ana*", "body:ana", "a\ue000na", "an\x00a", "x" * 200]
    )
    def test_operators_are_only_words(self, desk: Desk, text: str) -> None:
        desk.open()
        assert found(desk, text) in ([], found(desk, "ana"))

    def test_a_hundred_words_can_be_looked_for(self, desk: Desk) -> None:
        said = [f"w{number}" for number in range(100)]
        fact = desk.facts.arrived(" ".join(said))
        desk.put(fact)
        assert [hit.entry_id for hit in found(desk, " ".join(reversed(said)))] == [fact.entry_id]
        assert found(desk, " ".join([*said, "missing"])) == []

    def test_what_was_renamed_is_found_by_its_new_name_only(self, desk: Desk) -> None:
        fact = evolve(desk.facts.arrived(), client_name="", client_id=None)
        desk.put(fact)
        assert found(desk, "ruiz") == []
        for name, other in (("Ana Ruiz", "Kim"), ("Kim", "Ruiz")):
            now = desk.store.load(desk.id, Needs(conversation_id=fact.conversation_id))
            named = evolve(now.found, client_name=name, version=now.found.version + 1)
            desk.commit(desk.facts.marked_unread(named.id), (now, Decision(conversation=named)))
            assert [hit.snippet for hit in found(desk, name)] == [name]
            assert found(desk, other) == []

    def test_ended_conversations_are_found_too(self, desk: Desk) -> None:
        known = desk.open()
        desk.put(desk.facts.ended(known.id))
        assert [hit.conversation.ended for hit in found(desk, ANA)] == [True]

    def test_indexing_says_when_nothing_is_left(self, desk: Desk) -> None:
        desk.open()
        desk.put(desk.facts.opted_out(address="+13035550199"))
        index_all(desk, 1)
        assert desk.id not in desk.store.unindexed(10)
        assert desk.store.index_pending(desk.id, 1) == 0

    def test_p10_the_words_of_one_practice_are_no_words_of_another(self, store: Store) -> None:
        desks = [departed(store, f"{name}{next(NAMES)}") for name in ("one", "two")]
        for desk in desks:
            desk.put(evolve(desk.facts.arrived(f"secret of {desk.id}"), client_name=f"Client {desk.id}"))
        for desk, other in zip(desks, reversed(desks), strict=True):
            assert found(desk, other.id) == []
            hits = found(desk, "secret") + found(desk, "client")
            assert {hit.conversation.client_name for hit in hits} == {f"Client {desk.id}"}

    def test_several_may_index_while_others_write(self, desk: Desk) -> None:
        facts = [desk.facts.arrived(f"word{number}", address=f"+13035557{number % 3:03}") for number in range(30)]
        done = threading.Event()

        def write() -> None:
            try:
                for fact in facts:
                    desk.put(fact)
            finally:
                done.set()

        def index() -> None:
            while not done.is_set():
                desk.store.index_pending(desk.id, _BATCH)

        in_threads([write, index, index])
        for number, fact in enumerate(facts):
            hits = [hit for hit in found(desk, f"word{number}") if hit.snippet == f"word{number}"]
            assert [hit.entry_id for hit in hits] == [fact.entry_id]
