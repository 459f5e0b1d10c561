"""The store contract: the one write, and what a decision is loaded from."""

from __future__ import annotations

import pytest
from attrs import evolve

from convokit.decisions import needs
from convokit.decisions.base import NOTHING, Before, Decision, DeliveryChange, Needs
from convokit.domain.consent_ledger import Consent, ConsentEntry
from convokit.domain.delivery import Channel, Delivery
from convokit.domain.rules import Practice, Rules
from convokit.errors import Conflict, InvalidInput, NotFound
from convokit.ports.store import Committed, SeenBefore, Stale, Store
from convokit.testing.builders import ANA, OURS
from convokit.testing.store_base import Desk, StoreCases


class CommitCases(StoreCases):
    """Practices, loading, committing."""

    def test_practices_are_kept_whole_and_replaced(self, store: Store) -> None:
        rules = Rules(urgency=False, reopen_hours=1, countries=["US", "CA"], stop_words=["basta"], give_up_hours=2)
        full = Practice(
            id="b",
            name="Bé",
            time_zone="America/Denver",
            region="US",
            numbers=[OURS],
            phone="+13035550111",
            rules=rules,
        )
        store.put_practice(full)
        store.put_practice(Practice(id="a", name="A"))
        assert store.practices() == (Practice(id="a", name="A"), full)
        store.put_practice(evolve(full, name="New"))
        assert store.practice("b") == evolve(full, name="New")
        assert store.practice("unknown") is None

    def test_an_unknown_practice_is_an_error_never_an_empty_answer(self, store: Store, desk: Desk) -> None:
        fact = desk.facts.arrived()
        before, decision = desk.decided(fact)
        for call in (
            lambda: store.consent("unknown", ANA),
            lambda: store.load("unknown", Needs(address=ANA, consent=True)),
            lambda: store.commit("unknown", before, fact, decision),
        ):
            with pytest.raises(NotFound) as caught:
                call()
            assert caught.value.code == "practice.unknown"

    def test_everything_that_was_committed_is_read_again(self, desk: Desk) -> None:
        fact = desk.facts.arrived("Bella coughs \U0001f436 \u2028", address=ANA)
        before, decision = desk.decided(fact)
        assert desk.commit(fact, (before, decision)) == Committed(change=1)
        made = decision.conversation
        assert made is not None
        assert desk.conversation(made.id) == evolve(made, change=1)
        assert desk.store.entries(desk.id, made.id) == decision.entries
        assert desk.entry(fact.entry_id) == decision.entries[0]

    def test_a_practice_replaced_keeps_its_conversations(self, desk: Desk) -> None:
        open_one = desk.open()
        desk.store.put_practice(evolve(desk.practice, name="New name"))
        assert desk.conversation(open_one.id) == open_one

    def test_p02_a_fact_is_stored_once(self, desk: Desk) -> None:
        fact = desk.facts.arrived("first", provider_id="same")
        desk.put(fact)
        again = desk.facts.arrived("second", provider_id="same")
        assert desk.take(again) == SeenBefore(entry_id=fact.entry_id, fingerprint="f:first")
        assert desk.store.seen(desk.id, again.identity) == SeenBefore(entry_id=fact.entry_id, fingerprint="f:first")
        assert desk.store.seen(desk.id, "in:nobody:nothing") is None
        assert [e.text for e in desk.store.entries(desk.id, fact.conversation_id)] == ["first"]
        assert desk.conversation(fact.conversation_id).change == 1

    def test_p02_a_fact_that_is_known_is_told_instead_of_the_state(self, desk: Desk) -> None:
        fact = desk.facts.arrived("first", provider_id="same")
        assert desk.store.load_for(desk.id, needs(fact), fact.identity) == desk.store.load(desk.id, needs(fact))
        desk.put(fact)
        seen = SeenBefore(entry_id=fact.entry_id, fingerprint="f:first")
        assert desk.store.load_for(desk.id, needs(fact), fact.identity) == seen
        other = desk.facts.arrived("second")
        loaded = desk.store.load_for(desk.id, needs(other), other.identity)
        assert loaded == desk.store.load(desk.id, needs(other))
        note = desk.facts.replied(fact.conversation_id, "one", client_ref="r1")
        assert note.identity is not None
        assert desk.store.load_for(desk.id, needs(note), note.identity) == desk.store.load(desk.id, needs(note))
        desk.put(note)
        assert isinstance(desk.store.load_for(desk.id, needs(note), note.identity), SeenBefore)

    def test_p02_a_fact_that_was_stored_since_it_was_looked_for_is_stored_once(self, desk: Desk) -> None:
        fact = desk.facts.arrived("first", provider_id="same")
        before, decision = desk.decided(fact)
        desk.put(fact)
        number = desk.store.newest_change(desk.id)
        again = evolve(desk.facts.arrived("first", provider_id="same"), address="+13035550188")
        late = desk.decided(again)
        for known, (was, what) in ((fact, (before, decision)), (again, late)):
            result = desk.store.commit(desk.id, was, known, what, looked=True)
            assert isinstance(result, (SeenBefore, Stale))
        assert desk.store.newest_change(desk.id) == number
        assert [e.text for e in desk.store.entries(desk.id, fact.conversation_id)] == ["first"]
        assert desk.store.latest_at(desk.id, "sms", "+13035550188") is None

    def test_p02_the_callers_reference_makes_a_repeated_reply_the_same_message(self, desk: Desk) -> None:
        open_one = desk.open()
        first = desk.facts.replied(open_one.id, "one", client_ref="r1")
        desk.put(first)
        second = desk.facts.replied(open_one.id, "one", client_ref="r1")
        assert desk.take(second) == SeenBefore(entry_id=first.entry_id, fingerprint="f:one")
        assert desk.store.unsettled() == 1

    def test_a_fact_that_changes_nothing_is_remembered_and_moves_no_number(self, desk: Desk) -> None:
        open_one = desk.open()
        reply = desk.facts.replied(open_one.id)
        number = desk.put(reply)
        unknown_word = desk.facts.reported(reply.entry_id, None)
        assert desk.take(unknown_word) == Committed(change=0)
        assert desk.take(unknown_word) == SeenBefore(entry_id=None, fingerprint="")
        assert desk.conversation(open_one.id).change == number
        assert desk.take(desk.facts.marked_unread(open_one.id)) == Committed(change=number + 1)
        assert desk.take(desk.facts.marked_unread(open_one.id)) == Committed(change=0)

    def test_p09_what_was_decided_on_an_older_state_is_stale_and_leaves_nothing(self, desk: Desk) -> None:
        open_one = desk.open()
        slow = desk.facts.replied(open_one.id, "slow", client_ref="slow")
        decided = desk.decided(slow)
        desk.put(desk.facts.arrived("faster"))
        state = desk.conversation(open_one.id)
        assert desk.commit(slow, decided) == Stale()
        assert desk.conversation(open_one.id) == state
        assert desk.store.entry(desk.id, slow.entry_id) is None
        assert desk.store.unsettled() == 0
        desk.put(slow)
        assert [e.seq for e in desk.store.entries(desk.id, open_one.id)] == [1, 2, 3]

    def test_p09_two_who_end_it_at_once_and_owe_the_same_job_are_one_and_one_who_is_late(self, desk: Desk) -> None:
        known = desk.open()
        first, second = (evolve(desk.facts.ended(known.id), records=True) for _ in range(2))
        slow = desk.decided(second)
        desk.put(first)
        owed = [job.key for job in desk.store.due_jobs(desk.facts.now_us, 10)]
        assert owed == [job.key for job in slow[1].jobs]
        assert desk.commit(second, slow) == Stale()

    def test_one_open_conversation_per_address(self, desk: Desk) -> None:
        first, second = desk.facts.started(), desk.facts.started()
        slow = desk.decided(second)
        desk.put(first)
        assert desk.commit(second, slow) == Stale()
        with pytest.raises(Conflict):
            desk.take(second)
        assert desk.store.conversation(desk.id, second.conversation_id) is None

    def test_a_restart_beside_an_open_one_is_stale(self, desk: Desk) -> None:
        ended = desk.open()
        desk.put(desk.facts.ended(ended.id))
        restart = desk.facts.restarted(ended.id)
        slow = desk.decided(restart)
        other = desk.facts.started()
        desk.put(other)
        assert desk.commit(restart, slow) == Stale()
        assert desk.conversation(ended.id).ended
        with pytest.raises(Conflict):
            desk.take(restart)

    def test_other_addresses_senders_and_channels_are_other_conversations(self, desk: Desk) -> None:
        facts = (
            desk.facts.arrived(),
            desk.facts.arrived(sender="+13035550101"),
            desk.facts.arrived(address="+13035550124"),
            desk.facts.arrived(channel="app"),
        )
        for fact in facts:
            desk.put(fact)
        assert desk.store.badges(desk.id).active == len(facts)

    def test_an_id_that_should_be_new_is_refused_whole(self, desk: Desk) -> None:
        known = desk.facts.arrived()
        desk.put(known)
        same_entry = evolve(desk.facts.replied(known.conversation_id), entry_id=known.entry_id)
        same_conversation = evolve(desk.facts.started(address="+13035550124"), conversation_id=known.conversation_id)
        state = desk.conversation(known.conversation_id)
        for fact in (same_entry, same_conversation):
            with pytest.raises(Conflict) as caught:
                desk.take(fact)
            assert caught.value.code == "id.taken"
        assert desk.conversation(known.conversation_id) == state
        assert desk.store.unsettled() == 0

    def test_mistakes_in_a_decision_are_refused_whole(self, desk: Desk) -> None:
        open_one = desk.open()
        fact = desk.facts.replied(open_one.id, client_ref="r")
        before, decision = desk.decided(fact)
        line = ConsentEntry(address="+13035550199", action="opt_out", source="staff", at_us=1)
        lost = DeliveryChange(entry_id="unknown", attempt=1, delivery=Delivery.SENT)
        for wrong, error in (
            (evolve(decision, conversation=None), InvalidInput),
            (evolve(decision, consent=(line,)), InvalidInput),
            (evolve(decision, deliveries=(lost,)), NotFound),
        ):
            with pytest.raises(error):
                desk.store.commit(desk.id, before, fact, wrong)
        assert desk.conversation(open_one.id) == open_one
        desk.put(fact)

    def test_load_names_what_is_needed_and_no_more(self, desk: Desk) -> None:
        open_one = desk.open()
        allowed = Consent(address=ANA)
        place: tuple[Channel, str, str] = ("sms", OURS, ANA)
        load = desk.store.load
        assert load(desk.id, Needs(conversation_id=open_one.id)) == Before(conversation=open_one)
        assert load(desk.id, Needs(at=place, consent=True)) == Before(conversation=open_one, consent=allowed)
        assert load(desk.id, Needs(at=("app", OURS, ANA), consent=True, or_ended=True)) == Before(consent=allowed)
        assert load(desk.id, Needs(conversation_id="unknown", consent=True)) == Before()
        assert load(desk.id, Needs(address=ANA, consent=True)) == Before(consent=allowed)
        assert load(desk.id, Needs(entry_id="unknown", consent=True)) == Before()
        assert load(desk.id, Needs(effect_key="unknown.1", consent=True)) == Before()

    def test_load_finds_the_conversation_that_ended_last(self, desk: Desk) -> None:
        first = desk.open()
        desk.put(desk.facts.ended(first.id))
        second = desk.facts.started()
        desk.put(second)
        desk.put(desk.facts.ended(second.conversation_id))
        place: tuple[Channel, str, str] = ("sms", OURS, ANA)
        found = desk.store.load(desk.id, Needs(at=place, or_ended=True)).conversation
        assert found == desk.conversation(second.conversation_id)
        assert desk.store.load(desk.id, Needs(at=place)).conversation is None
        desk.put(desk.facts.restarted(first.id))
        assert desk.store.load(desk.id, Needs(at=place, or_ended=True)).conversation == desk.conversation(first.id)
        beside = desk.store.load(desk.id, Needs(conversation_id=second.conversation_id, beside=True))
        assert beside.open_beside == desk.conversation(first.id)
        alone = desk.store.load(desk.id, Needs(conversation_id=first.id, beside=True))
        assert alone.open_beside is None

    def test_load_finds_entry_effect_and_their_conversation(self, desk: Desk) -> None:
        open_one, other = desk.open(), desk.open("+13035550124")
        owed = desk.owe(open_one.id)
        now = desk.conversation(open_one.id)
        entry = desk.entry(owed.effect.entry_id)
        by_entry = desk.store.load(desk.id, Needs(entry_id=entry.id, consent=True))
        assert by_entry == Before(conversation=now, entry=entry, consent=Consent(address=ANA))
        by_effect = desk.store.load(desk.id, Needs(effect_key=owed.key, consent=True))
        assert by_effect == evolve(by_entry, effect=owed)
        in_it = desk.store.load(desk.id, Needs(conversation_id=open_one.id, entry_id=entry.id))
        assert in_it == Before(conversation=now, entry=entry)
        elsewhere = desk.store.load(desk.id, Needs(conversation_id=other.id, entry_id=entry.id))
        assert elsewhere == Before(conversation=other)

    def test_a_decision_that_nothing_follows_may_have_no_fact_to_remember(self, desk: Desk) -> None:
        open_one = desk.open()
        fact = desk.facts.staff_read(open_one.id, 0)
        assert desk.store.commit(desk.id, Before(conversation=open_one), fact, NOTHING) == Committed(change=0)
        assert desk.store.commit(desk.id, Before(), fact, Decision()) == Committed(change=0)


class ConsentCases(StoreCases):
    """The ledger and its projection."""

    def test_nothing_known_means_allowed(self, desk: Desk) -> None:
        assert desk.store.consent(desk.id, ANA) == Consent(address=ANA)
        assert desk.store.ledger(desk.id, ANA) == ()

    def test_p06_the_ledger_is_kept_and_the_projection_is_its_replay(self, desk: Desk) -> None:
        texts = ("STOP", "stop", "START", "STOP", "thanks")
        for text in texts:
            desk.put(desk.facts.arrived(text))
        desk.put(desk.facts.opted_out(address="+13035550124"))
        for address in (ANA, "+13035550124", "+13035550125"):
            replay = Consent(address=address)
            for line in desk.store.ledger(desk.id, address):
                assert line.address == address
                replay = replay.after(line)
            assert desk.store.consent(desk.id, address) == replay
        assert desk.store.consent(desk.id, ANA).opted_out
        assert [line.action for line in desk.store.ledger(desk.id, ANA)] == ["opt_out", "opt_in", "opt_out"]

    def test_every_cell_of_a_ledger_line_is_kept(self, desk: Desk) -> None:
        stop = desk.facts.arrived("STOP")
        before, decision = desk.decided(stop)
        desk.commit(stop, (before, decision))
        recorded = desk.facts.opted_out(address="+13035550124")
        desk.put(recorded)
        assert desk.store.ledger(desk.id, ANA) == decision.consent
        (line,) = desk.store.ledger(desk.id, "+13035550124")
        assert (line.actor, line.evidence, line.source) == ("u1", "asked by phone", "staff")

    def test_p06_an_opt_out_decided_on_an_older_consent_is_stale(self, desk: Desk) -> None:
        desk.open()
        first = desk.facts.opted_out()
        slow = desk.decided(first)
        desk.put(desk.facts.opted_out())
        assert desk.commit(first, slow) == Stale()
        assert len(desk.store.ledger(desk.id, ANA)) == 1
        assert desk.take(first) == Committed(change=0)

    def test_p06_a_text_judged_on_an_older_consent_is_stale(self, desk: Desk) -> None:
        desk.open()
        desk.put(desk.facts.opted_out())
        stop = desk.facts.arrived("STOP", sender="+13035550101")
        slow = desk.decided(stop)
        assert slow[1].consent == ()
        desk.put(desk.facts.arrived("START"))
        assert desk.commit(stop, slow) == Stale()
        desk.put(stop)
        assert desk.store.consent(desk.id, ANA).opted_out

    def test_consent_that_was_not_loaded_is_taken_for_none(self, desk: Desk) -> None:
        fact = desk.facts.opted_out()
        before, decision = desk.decided(fact)
        assert desk.store.commit(desk.id, evolve(before, consent=None), fact, decision) == Committed(change=1)
        again = desk.facts.opted_out()
        assert desk.store.commit(desk.id, Before(), again, decision) == Stale()

    def test_an_opt_out_without_a_conversation_moves_the_number(self, desk: Desk) -> None:
        open_one = desk.open("+13035550124")
        assert desk.put(desk.facts.opted_out(address=ANA)) == 2
        assert desk.store.changes(desk.id, since=1, limit=10) == ()
        assert desk.put(desk.facts.marked_unread(desk.open("+13035550125").id)) == 0
        assert desk.conversation(open_one.id).change == 1
