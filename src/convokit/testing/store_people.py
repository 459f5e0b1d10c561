"""The store contract: the health of numbers, notes about clients, who was chosen, and how busy a department is."""

from __future__ import annotations

from typing import Final

import pytest
from attrs import evolve

from convokit.decisions.base import Before, Decision, Needs
from convokit.domain.candidates import Candidate, ClientChoice
from convokit.domain.client_notes import ClientNote
from convokit.domain.delivery import Delivery
from convokit.domain.departments import Department
from convokit.domain.inbox import BADGE_CAP
from convokit.domain.number_health import NumberHealth
from convokit.domain.rules import Rules
from convokit.facts import ClientChosen, ConversationMoved
from convokit.outcomes import Refused
from convokit.ports.store import Committed
from convokit.testing.builders import ANA, OURS
from convokit.testing.store_base import Desk, StoreCases

DEPARTMENTS: Final = (Department(id="surgery", name="Surgery"), Department(id="dental", name="Dental"))
BEN: Final = "+13035550124"
NOTE: Final = ClientNote(
    client_id="c17", text="Shy.\nCall first.", version=1, author_id="u1", author_name="Kim", at_us=7
)
TWO: Final = (
    Candidate(client_id="c17", client_name="Ana Ruiz", client_email="ana@example.com", patient_id="p4"),
    Candidate(client_id="c18", client_name='Ben "B" Ruiz', patient_name="Bella"),
)


def with_departments(desk: Desk) -> Desk:
    """The same practice with departments."""
    practice = evolve(desk.practice, rules=Rules(departments=DEPARTMENTS))
    desk.store.put_practice(practice)
    return evolve(desk, practice=practice)


def commit(desk: Desk, decision: Decision) -> None:
    """A decision about numbers alone."""
    assert isinstance(desk.store.commit(desk.id, Before(), desk.facts.settled("no-such-key"), decision), Committed)


class PeopleCases(StoreCases):
    """What is known of clients and their numbers."""

    def test_a_number_that_nothing_is_known_of_can_receive_texts(self, desk: Desk) -> None:
        assert desk.store.number_health(desk.id, ANA) == NumberHealth(address=ANA)

    def test_a_lasting_failure_marks_the_number_and_a_delivery_clears_it(self, desk: Desk) -> None:
        talk = desk.open()
        first = desk.owe(talk.id)
        desk.begin(first.key)
        desk.put(desk.facts.settled(first.key, outcome=Refused(reason="landline")))
        since = desk.facts.now_us
        marked = desk.store.number_health(desk.id, ANA)
        assert marked == NumberHealth(address=ANA, reason="landline", since_us=since, entry_id=first.effect.entry_id)
        second = desk.owe(talk.id)
        failed = evolve(desk.facts.reported(second.effect.entry_id, Delivery.FAILED), reason="number_inactive")
        desk.put(failed)
        again = desk.store.number_health(desk.id, ANA)
        assert (again.reason, again.since_us, again.entry_id) == ("number_inactive", since, second.effect.entry_id)
        assert desk.store.number_health(desk.id, BEN).can_receive
        third = desk.owe(talk.id)
        desk.put(desk.facts.reported(third.effect.entry_id))
        assert desk.store.number_health(desk.id, ANA) == NumberHealth(address=ANA)

    def test_a_number_that_was_never_marked_can_be_cleared(self, desk: Desk) -> None:
        commit(desk, Decision(health=NumberHealth(address=BEN)))
        assert desk.store.number_health(desk.id, BEN).can_receive

    def test_a_note_is_kept_version_by_version(self, desk: Desk) -> None:
        store = desk.store
        assert store.client_note(desk.id, "c17") == ClientNote(client_id="c17")
        assert store.put_client_note(desk.id, NOTE)
        assert store.client_note(desk.id, "c17") == NOTE
        assert store.client_note(desk.id, "c18") == ClientNote(client_id="c18")
        after = evolve(NOTE, text="", version=2, author_id="u2", at_us=8)
        assert store.put_client_note(desk.id, after)
        assert store.client_note(desk.id, "c17") == after

    @pytest.mark.parametrize("version", [1, 3])
    def test_a_note_on_another_version_is_not_kept(self, desk: Desk, version: int) -> None:
        assert desk.store.put_client_note(desk.id, NOTE)
        assert not desk.store.put_client_note(desk.id, evolve(NOTE, text="late", version=version))
        assert desk.store.client_note(desk.id, "c17") == NOTE

    def test_a_note_begins_with_version_one(self, desk: Desk) -> None:
        assert not desk.store.put_client_note(desk.id, evolve(NOTE, version=2))
        assert desk.store.client_note(desk.id, "c17").version == 0

    def test_the_choice_for_a_number_is_remembered_and_replaced(self, desk: Desk) -> None:
        needs = Needs(at=("sms", OURS, ANA), choice=True)
        assert desk.store.load(desk.id, needs).choice is None
        first = ClientChoice(address=ANA, client_id="c17", by_id="u1", by_name="Kim", at_us=1)
        second = evolve(first, client_id="c18", at_us=2)
        for choice in (first, second):
            commit(desk, Decision(choice=choice))
            assert desk.store.load(desk.id, needs).choice == choice
        assert desk.store.load(desk.id, Needs(at=("sms", OURS, ANA))).choice is None
        assert desk.store.load(desk.id, Needs(at=("sms", OURS, BEN), choice=True)).choice is None

    def test_candidates_stay_with_the_conversation(self, desk: Desk) -> None:
        fact = evolve(desk.facts.arrived(), candidates=TWO)
        desk.put(fact)
        kept = desk.conversation(fact.conversation_id)
        assert (kept.client_id, kept.candidates) == (None, TWO)
        chosen = ClientChosen(
            conversation_id=kept.id, entry_id="m-c", at_us=desk.facts.now_us, client_id="c18", by_id="u1", by_name="Kim"
        )
        desk.put(chosen)
        after = desk.conversation(kept.id)
        assert (after.client_id, after.client_name, after.candidates) == ("c18", 'Ben "B" Ruiz', TWO)
        later = evolve(desk.facts.arrived(), candidates=TWO)
        before, _ = desk.decided(later)
        assert before.choice == ClientChoice(
            address=ANA, client_id="c18", by_id="u1", by_name="Kim", at_us=chosen.at_us
        )

    def test_open_conversations_of_a_department_are_counted(self, desk: Desk) -> None:
        desk = with_departments(desk)
        started = evolve(desk.facts.started(), department="surgery")
        desk.put(started)
        desk.open(BEN)
        assert desk.conversation(started.conversation_id).department == "surgery"
        assert [desk.store.open_in_department(desk.id, name) for name in ("surgery", "dental", "none")] == [1, 0, 0]
        moved = ConversationMoved(
            conversation_id=started.conversation_id,
            entry_id="m-m",
            at_us=desk.facts.now_us,
            department="dental",
            by_id="u1",
            by_name="Kim",
        )
        desk.put(moved)
        assert [desk.store.open_in_department(desk.id, name) for name in ("surgery", "dental")] == [0, 1]
        desk.put(desk.facts.ended(started.conversation_id))
        assert [desk.store.open_in_department(desk.id, name) for name in ("surgery", "dental")] == [0, 0]

    def test_the_count_of_a_department_is_capped(self, desk: Desk) -> None:
        desk = with_departments(desk)
        for number in range(BADGE_CAP + 3):
            desk.put(evolve(desk.facts.started(address=f"+1303555{number:04}"), department="surgery"))
        assert desk.store.open_in_department(desk.id, "surgery") == BADGE_CAP + 1
