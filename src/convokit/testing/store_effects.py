"""The store contract: effects owed, their lanes, leases and fences, and the provider's ids."""

from __future__ import annotations

import pytest
from attrs import evolve

from convokit.domain.delivery import Delivery
from convokit.domain.inbox import BADGE_CAP
from convokit.domain.instant import DAY, HOUR, MINUTE
from convokit.effects import OwedEffect, SendText
from convokit.errors import Conflict, NotFound
from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.ports.store import AlreadyThere, Begun, Committed, Endpoint, GateClosed, SeenBefore, Stale, Store
from convokit.testing.builders import ANA, LEASE, OURS, PROVIDER, Facts, practice
from convokit.testing.store_base import Desk, StoreCases

BEN = "+13035550124"


def keys(effects: tuple[OwedEffect, ...]) -> list[str]:
    """The keys of effects."""
    return [owed.key for owed in effects]


class EffectCases(StoreCases):
    """What is owed is performed once, in order, and not after an opt-out."""

    def test_a_reply_is_owed_and_due_at_once(self, desk: Desk) -> None:
        open_one = desk.open()
        reply = desk.facts.replied(open_one.id)
        desk.put(reply)
        text = SendText(entry_id=reply.entry_id, conversation_id=open_one.id, sender=OURS, to=ANA)
        owed = OwedEffect(effect=text, practice=desk.id, state="owed", tries=0, owed_us=reply.at_us, due_us=0)
        assert desk.store.due(reply.at_us, 10) == (owed,)
        assert desk.store.unsettled() == 1

    @pytest.mark.parametrize("back", [MINUTE, 2 * HOUR, 365 * DAY])
    def test_p21_a_reply_is_due_although_the_clock_went_back(self, desk: Desk, back: int) -> None:
        owed = desk.owe(desk.open().id)
        now = desk.facts.now_us - back
        assert desk.store.due(now, 10) == (owed,)
        assert isinstance(desk.store.begin(desk.id, owed.key, now, LEASE), Begun)

    def test_p21_no_next_try_is_waited_for_longer_than_an_hour(self, desk: Desk) -> None:
        owed = desk.owe(desk.open().id)
        desk.begin(owed.key)
        desk.put(desk.facts.settled(owed.key, outcome=TryLater(after=3600)))
        due_us = desk.store.due(desk.facts.now_us + HOUR, 10)[0].due_us
        for now in (due_us - HOUR, due_us - 1):
            assert desk.store.due(now, 10) == ()
            assert desk.store.begin(desk.id, owed.key, now, LEASE) is None
        for now in (due_us - HOUR - 1, due_us - 365 * DAY):
            assert keys(desk.store.due(now, 10)) == [owed.key]
            assert desk.store.due(now, 0) == ()
        assert isinstance(desk.store.begin(desk.id, owed.key, due_us - 365 * DAY, LEASE), Begun)

    @pytest.mark.parametrize("back", [MINUTE + 1, HOUR, 365 * DAY])
    def test_p04_what_was_begun_before_the_clock_went_back_is_abandoned(self, desk: Desk, back: int) -> None:
        owed = desk.owe(desk.open().id)
        begun = desk.begin(owed.key)
        now = desk.facts.now_us
        for moment in (now, now - MINUTE):  # others read their clock before it was begun
            assert desk.store.abandoned(moment, 10) == ()
        assert desk.store.abandoned(now - back, 10) == (begun,)
        assert desk.store.abandoned(now - back, 0) == ()
        desk.put(desk.facts.settled(owed.key, outcome=TryLater()))
        assert keys(desk.store.due(now + HOUR, 10)) == [owed.key]

    def test_a_lease_that_ends_later_than_in_an_hour_is_abandoned(self, desk: Desk) -> None:
        owed = desk.owe(desk.open().id)
        now = desk.facts.now_us
        assert isinstance(desk.store.begin(desk.id, owed.key, now, HOUR + 1), Begun)
        assert desk.store.abandoned(now + 1, 10) == ()
        assert keys(desk.store.abandoned(now, 10)) == [owed.key]

    def test_only_the_first_unsettled_of_a_conversation_is_due(self, desk: Desk) -> None:
        ana, ben = desk.open(), desk.open(BEN)
        first, behind, other = desk.owe(ana.id), desk.owe(ana.id), desk.owe(ben.id)
        now = desk.facts.now_us
        assert keys(desk.store.due(now, 10)) == [first.key, other.key]
        assert keys(desk.store.due(now, 1)) == [first.key]
        assert desk.store.begin(desk.id, behind.key, now, LEASE) is None
        begun = desk.begin(first.key)
        assert keys(desk.store.due(now, 10)) == [other.key]
        assert desk.store.begin(desk.id, behind.key, now, LEASE) is None
        desk.put(desk.facts.settled(begun.key))
        assert keys(desk.store.due(now, 10)) == [behind.key, other.key]
        assert desk.store.unsettled() == 2

    def test_all_practices_are_served_oldest_first(self, store: Store, desk: Desk) -> None:
        store.put_practice(practice("second"))
        second = Desk(store, practice("second"), Facts())
        mine = desk.owe(desk.open().id)
        theirs = second.owe(second.open().id)
        later = desk.owe(desk.open(BEN).id)
        due = store.due(max(desk.facts.now_us, second.facts.now_us), 10)
        assert sorted((o.practice, o.key) for o in due) == sorted((o.practice, o.key) for o in (mine, theirs, later))
        desk.begin(mine.key)
        desk.put(desk.facts.settled(mine.key, outcome=TryLater()))
        assert store.due(desk.facts.now_us + HOUR, 10)[-1].key == mine.key

    @pytest.mark.parametrize("name", ["second", "s%", "sec_nd", "second, third", "\x1fsecond"])
    def test_practices_that_are_named_are_left_out(self, store: Store, desk: Desk, name: str) -> None:
        store.put_practice(practice(name))
        second = Desk(store, practice(name), Facts())
        mine, theirs = desk.owe(desk.open().id), second.owe(second.open().id)
        now = max(desk.facts.now_us, second.facts.now_us)
        assert keys(store.due(now, 10, {name})) == [mine.key]
        assert keys(store.due(now, 10, ["second", desk.id])) == ([] if name == "second" else [theirs.key])
        assert store.due(now, 10, [name, desk.id]) == ()
        far = now - 2 * 24 * HOUR  # the clock went back
        assert keys(store.due(far, 10, {name})) == [mine.key]

    def test_begin_takes_the_lease_and_gives_the_message(self, desk: Desk) -> None:
        owed = desk.owe(desk.open().id)
        now = desk.facts.now_us
        begun = desk.store.begin(desk.id, owed.key, now, LEASE)
        expected = evolve(owed, state="begun", tries=1, begun_us=now, lease_us=now + LEASE)
        assert begun == Begun(effect=expected, entry=desk.entry(owed.effect.entry_id))
        assert desk.store.begin(desk.id, owed.key, now, LEASE) is None
        assert desk.store.begin(desk.id, owed.key, now + 2 * LEASE, LEASE) is None
        assert desk.store.begin(desk.id, "unknown.1", now, LEASE) is None
        assert desk.store.due(now + 2 * LEASE, 10) == ()

    def test_what_is_not_due_cannot_be_begun(self, desk: Desk) -> None:
        owed = desk.owe(desk.open().id)
        begun = desk.begin(owed.key)
        desk.put(desk.facts.settled(owed.key, outcome=TryLater()))
        again = desk.store.due(desk.facts.now_us + LEASE, 10)[0]
        assert (again.state, again.tries, again.lease_us, again.begun_us) == ("owed", 1, None, begun.begun_us)
        assert desk.store.begin(desk.id, owed.key, again.due_us - 1, LEASE) is None
        assert isinstance(desk.store.begin(desk.id, owed.key, again.due_us, LEASE), Begun)

    def test_p06_the_gate_closes_for_what_was_owed_before_an_opt_out(self, desk: Desk) -> None:
        open_one = desk.open()
        owed = desk.owe(open_one.id)
        desk.put(desk.facts.opted_out(open_one.id))
        closed = desk.store.begin(desk.id, owed.key, desk.facts.now_us, LEASE)
        assert isinstance(closed, GateClosed)
        assert (closed.effect.state, closed.effect.tries) == ("begun", 1)
        desk.put(desk.facts.settled(owed.key, outcome=Refused(reason="opted_out")))
        assert desk.entry(owed.effect.entry_id).delivery is Delivery.FAILED
        assert desk.store.unsettled() == 0

    def test_p06_the_one_confirmation_and_the_answer_to_help_pass_the_gate(self, desk: Desk) -> None:
        stop, help_ = desk.facts.arrived("STOP"), desk.facts.arrived("HELP")
        desk.put(stop)
        confirmation = desk.begin(f"{stop.answer_id}.1")
        assert confirmation.effect.because == "confirmation"
        assert confirmation.effect.not_after_us is not None
        desk.put(desk.facts.settled(confirmation.key))
        desk.put(help_)
        assert desk.begin(f"{help_.answer_id}.1").effect.because == "help"

    @pytest.mark.parametrize("because", ["STOP", "HELP"])
    def test_p06_automatic_answers_pass_the_replies_that_nobody_has_begun(self, desk: Desk, because: str) -> None:
        open_one = desk.open()
        waiting, behind = desk.owe(open_one.id), desk.owe(open_one.id)
        first, second = desk.facts.arrived(because), desk.facts.arrived("HELP")
        desk.put(first)
        answer = f"{first.answer_id}.1"
        now = desk.facts.now_us
        assert keys(desk.store.due(now, 10)) == [waiting.key, answer]
        assert isinstance(desk.store.begin(desk.id, waiting.key, now, LEASE), Begun | GateClosed)
        assert desk.store.due(now, 10) == ()
        assert desk.store.begin(desk.id, answer, now, LEASE) is None
        desk.put(desk.facts.settled(waiting.key, outcome=TryLater()))
        assert keys(desk.store.due(now, 10)) == [answer]
        assert isinstance(desk.store.begin(desk.id, answer, now, LEASE), Begun)
        desk.put(second)
        assert desk.store.begin(desk.id, f"{second.answer_id}.1", now, LEASE) is None
        assert desk.store.begin(desk.id, behind.key, now, LEASE) is None
        desk.put(desk.facts.settled(answer))
        if because == "STOP":
            assert isinstance(desk.store.begin(desk.id, f"{second.answer_id}.1", now, LEASE), Begun)

    @pytest.mark.parametrize("opted_out", [False, True])
    def test_p03_a_message_that_the_client_has_is_not_handed_over_again(self, desk: Desk, opted_out: bool) -> None:
        open_one = desk.open()
        owed = desk.owe(open_one.id)
        desk.begin(owed.key)
        desk.put(desk.facts.settled(owed.key, outcome=Unsure(why="?")))
        entry_id = owed.effect.entry_id
        desk.put(desk.facts.send_again(open_one.id, entry_id))
        desk.put(desk.facts.reported(entry_id))
        if opted_out:
            desk.put(desk.facts.opted_out(open_one.id))
        there = desk.store.begin(desk.id, f"{entry_id}.2", desk.facts.now_us, LEASE)
        assert isinstance(there, AlreadyThere)
        assert (there.effect.key, there.effect.state, there.effect.tries) == (f"{entry_id}.2", "begun", 1)
        desk.put(desk.facts.settled(there.effect.key, outcome=Accepted()))
        assert desk.entry(entry_id).delivery is Delivery.DELIVERED
        assert desk.store.unsettled() == 0

    def test_p06_hand_overs_in_flight_are_counted_until_they_are_settled(self, desk: Desk) -> None:
        owed = desk.owe(desk.open().id)
        desk.owe(desk.open(BEN).id)
        assert desk.store.in_flight(desk.id, ANA) == 0
        desk.begin(owed.key)
        desk.facts.now_us += 2 * LEASE
        assert keys(desk.store.abandoned(desk.facts.now_us, 10)) == [owed.key]
        assert desk.store.in_flight(desk.id, ANA) == 1
        assert desk.store.in_flight(desk.id, BEN) == 0
        desk.put(desk.facts.settled(owed.key, outcome=Unsure(why="interrupted")))
        assert desk.store.in_flight(desk.id, ANA) == 0

    def test_p04_a_hand_over_whose_lease_ended_is_abandoned(self, desk: Desk) -> None:
        first, second = desk.owe(desk.open().id), desk.owe(desk.open(BEN).id)
        begun = desk.begin(first.key)
        desk.facts.now_us += LEASE // 2
        desk.begin(second.key)
        end = begun.lease_us or 0
        assert desk.store.abandoned(end - 1, 10) == ()
        assert desk.store.abandoned(end, 10) == (begun,)
        assert keys(desk.store.abandoned(end + LEASE, 10)) == [first.key, second.key]
        assert keys(desk.store.abandoned(end + LEASE, 1)) == [first.key]
        desk.put(desk.facts.settled(first.key, outcome=Unsure(why="interrupted")))
        assert desk.entry(first.effect.entry_id).delivery is Delivery.UNSURE
        assert keys(desk.store.abandoned(end + LEASE, 10)) == [second.key]

    def test_p03_only_the_holder_of_the_newest_lease_settles(self, desk: Desk) -> None:
        owed = desk.owe(desk.open().id)
        slow = desk.facts.settled(desk.begin(owed.key).key, tries=1, outcome=TryLater())
        decided = desk.decided(slow)
        desk.put(desk.facts.settled(owed.key, tries=1, outcome=TryLater()))
        later = desk.facts.now_us + 2 * LEASE
        assert desk.commit(slow, decided) == Stale()
        assert isinstance(desk.store.begin(desk.id, owed.key, later, LEASE), Begun)
        assert desk.commit(slow, decided) == Stale()
        assert desk.take(slow) == Committed(change=0)
        assert desk.store.due(later, 10) == ()
        desk.put(desk.facts.settled(owed.key, tries=2))
        assert desk.store.unsettled() == 0

    def test_a_new_attempt_is_another_effect(self, desk: Desk) -> None:
        open_one = desk.open()
        owed = desk.owe(open_one.id)
        desk.begin(owed.key)
        desk.put(desk.facts.settled(owed.key, outcome=Refused(reason="landline")))
        entry_id = owed.effect.entry_id
        desk.put(desk.facts.send_again(open_one.id, entry_id))
        assert keys(desk.store.due(desk.facts.now_us, 10)) == [f"{entry_id}.2"]
        assert (desk.entry(entry_id).attempt, desk.entry(entry_id).delivery) == (2, Delivery.QUEUED)

    def test_a_key_is_owed_once(self, desk: Desk) -> None:
        open_one = desk.open()
        owed = desk.owe(open_one.id)
        fact = desk.facts.replied(open_one.id)
        before, decision = desk.decided(fact)
        with pytest.raises(Conflict):
            desk.commit(fact, (before, evolve(decision, effects=(owed.effect,))))
        assert desk.store.unsettled() == 1

    def test_every_cell_of_a_settlement_is_kept(self, desk: Desk) -> None:
        owed = desk.owe(desk.open().id)
        begun = desk.begin(owed.key)
        fact = desk.facts.settled(owed.key, outcome=Accepted(provider_id="x"))
        desk.put(fact)
        after = desk.decided(fact)[0].effect
        assert after == evolve(begun, state="done", lease_us=None, provider=PROVIDER, provider_id="x")


class ProviderIdCases(StoreCases):
    """Reports find their message by the id that the provider gave."""

    def test_a_report_finds_its_attempt(self, desk: Desk) -> None:
        owed = desk.owe(desk.open().id)
        desk.begin(owed.key)
        desk.put(desk.facts.settled(owed.key, outcome=Accepted(provider_id="x1")))
        assert desk.store.attempt_of(desk.id, PROVIDER, "x1") == (owed.effect.entry_id, 1)
        assert desk.store.attempt_of(desk.id, "another", "x1") is None
        assert desk.store.attempt_of(desk.id, PROVIDER, "x2") is None

    def test_p03_an_answer_after_the_lease_still_names_its_message(self, desk: Desk) -> None:
        owed = desk.owe(desk.open().id)
        desk.begin(owed.key)
        desk.put(desk.facts.settled(owed.key, outcome=Unsure(why="no answer in time")))
        desk.put(desk.facts.settled(owed.key, outcome=Accepted(provider_id="late")))
        assert desk.store.attempt_of(desk.id, PROVIDER, "late") == (owed.effect.entry_id, 1)
        assert desk.entry(owed.effect.entry_id).delivery is Delivery.SENT
        desk.take(desk.facts.settled(owed.key, outcome=Accepted(provider_id="later")))
        assert desk.store.attempt_of(desk.id, PROVIDER, "later") is None

    def test_an_id_that_a_careless_provider_gives_twice_stays_the_first_messages(self, desk: Desk) -> None:
        first, second, third = (desk.owe(desk.open(number).id) for number in (ANA, BEN, "+13035550125"))
        for owed in (first, second):
            desk.begin(owed.key)
            desk.put(desk.facts.settled(owed.key, outcome=Accepted(provider_id="same")))
        desk.begin(third.key)
        desk.put(desk.facts.settled(third.key, outcome=Unsure(why="?")))
        desk.put(desk.facts.settled(third.key, outcome=Accepted(provider_id="same")))
        assert desk.store.attempt_of(desk.id, PROVIDER, "same") == (first.effect.entry_id, 1)
        assert [desk.entry(o.effect.entry_id).delivery for o in (first, second, third)] == [Delivery.SENT] * 3
        assert desk.store.unsettled() == 0

    def test_a_report_that_came_too_early_is_parked(self, desk: Desk) -> None:
        owed = desk.owe(desk.open().id)
        early = evolve(desk.facts.reported(""), attempt=0, raw="DELIVRD", reason="why")
        other = evolve(early, delivery=None, event_id="another")
        assert desk.store.park(desk.id, "x1", early) is None
        assert desk.store.park(desk.id, "x1", other) is None
        assert desk.store.park(desk.id, "x1", early) is None
        assert desk.store.parked(desk.id, PROVIDER, "x1") == (early, other)
        assert desk.store.parked(desk.id, PROVIDER, "x2") == ()
        desk.begin(owed.key)
        desk.put(desk.facts.settled(owed.key, outcome=Accepted(provider_id="x1")))
        assert desk.store.park(desk.id, "x1", desk.facts.reported("")) == (owed.effect.entry_id, 1)
        known = [evolve(report, entry_id=owed.effect.entry_id, attempt=1) for report in (early, other)]
        assert desk.store.parked(desk.id, PROVIDER, "x1") == tuple(known)

    @pytest.mark.parametrize("late", [False, True])
    def test_p04_a_parked_report_is_found_until_it_was_taken_in(self, desk: Desk, late: bool) -> None:
        owed = desk.owe(desk.open().id)
        early = evolve(desk.facts.reported(""), attempt=0)
        other = evolve(early, delivery=None, raw="?", event_id="")
        stranger = evolve(early, event_id="of a text that is not ours")
        for provider_id, report in (("x1", early), ("x1", other), ("x2", stranger)):
            desk.store.park(desk.id, provider_id, report)
        assert desk.store.settled_parked(10) == ()
        assert [desk.store.orphans(desk.id, early.at_us + n) for n in (0, 1)] == [0, 3]
        desk.begin(owed.key)
        if late:
            desk.put(desk.facts.settled(owed.key, outcome=Unsure(why="no answer in time")))
        desk.put(desk.facts.settled(owed.key, outcome=Accepted(provider_id="x1")))
        known = [evolve(report, entry_id=owed.effect.entry_id, attempt=1) for report in (early, other)]
        assert desk.store.settled_parked(10) == tuple((desk.id, report) for report in known)
        assert desk.store.settled_parked(1) == ((desk.id, known[0]),)
        desk.take(known[0])
        assert desk.entry(owed.effect.entry_id).delivery is Delivery.DELIVERED
        assert isinstance(desk.take(known[0]), SeenBefore)
        for _ in range(2):
            desk.store.forget_parked(desk.id, known[0])
            assert desk.store.settled_parked(10) == ((desk.id, known[1]),)
        desk.store.forget_parked(desk.id, known[1])
        assert desk.store.settled_parked(10) == ()
        assert desk.store.parked(desk.id, PROVIDER, "x2") == (stranger,)
        assert desk.store.orphans(desk.id, stranger.at_us + 1) == 1

    def test_orphans_are_counted_no_further_than_the_badges(self, desk: Desk) -> None:
        report = evolve(desk.facts.reported(""), attempt=0)
        for number in range(BADGE_CAP + 3):
            desk.store.park(desk.id, f"x{number}", report)
        assert desk.store.orphans(desk.id, report.at_us + 1) == BADGE_CAP + 1

    def test_a_parked_report_of_an_id_that_is_anothers_goes_to_that_one(self, desk: Desk) -> None:
        first, second = desk.owe(desk.open().id), desk.owe(desk.open(BEN).id)
        desk.store.park(desk.id, "same", evolve(desk.facts.reported(""), attempt=0))
        for owed in (first, second):
            desk.begin(owed.key)
            desk.put(desk.facts.settled(owed.key, outcome=Accepted(provider_id="same")))
        assert [report.entry_id for _, report in desk.store.settled_parked(10)] == [first.effect.entry_id]


class WebhookCases(StoreCases):
    """Endpoints, and what could not be read."""

    def test_an_endpoint_is_made_once(self, store: Store, desk: Desk) -> None:
        tokens = ["token-1", "token-2", "token-3"]
        made = store.endpoint_for(desk.id, PROVIDER, tokens[0])
        assert made == Endpoint(token=tokens[0], practice_id=desk.id, provider=PROVIDER)
        assert store.endpoint_for(desk.id, PROVIDER, tokens[1]) == made
        other = Endpoint(token=tokens[2], practice_id=desk.id, provider="another")
        assert store.endpoint_for(desk.id, "another", tokens[2]) == other
        assert store.endpoint("token-1") == made
        assert store.endpoint("token-2") is None

    def test_p10_a_token_belongs_to_one_practice(self, store: Store, desk: Desk) -> None:
        store.put_practice(practice("second"))
        made = store.endpoint_for(desk.id, PROVIDER, "token-1")
        with pytest.raises(Conflict):
            store.endpoint_for("second", PROVIDER, "token-1")
        assert store.endpoint("token-1") == made

    def test_unreadable_webhooks_are_kept_for_a_known_practice(self, store: Store, desk: Desk) -> None:
        store.keep_unreadable(desk.id, PROVIDER, b"\xff\x00" * 100_000, 1)
        with pytest.raises(NotFound):
            store.keep_unreadable("unknown", PROVIDER, b"", 1)

    def test_closing_twice_is_fine(self, store: Store) -> None:
        store.close()
        store.close()
