"""The store contract: automatic texts, how many of them a number had lately, and their place among the replies."""

from __future__ import annotations

from functools import partial

import pytest
from attrs import evolve, frozen

from convokit.decisions import Needs
from convokit.decisions.automatic import MOST_AN_HOUR
from convokit.domain.hours import NEVER, ConversationHours
from convokit.domain.instant import DAY, HOUR, MINUTE, SECOND
from convokit.domain.rules import Rules
from convokit.ports.store import Begun, Committed, GateClosed, Stale, Store
from convokit.testing.builders import ANA, LEASE, OURS, Facts, practice
from convokit.testing.store_base import Desk, StoreCases
from convokit.testing.store_races import in_threads

BEN = "+13035550124"
SHUT = Rules(hours=ConversationHours(week={"mon": ""}, away="We are closed."))


@frozen
class Recent:
    """What the store says of a number's automatic texts."""

    desk: Desk
    address: str = ANA

    def at(self, at_us: int) -> tuple[tuple[str, int], ...] | None:
        """In the hour before a moment."""
        needs = Needs(at=("sms", OURS, self.address), or_ended=True, consent=True, recent_us=at_us)
        return self.desk.store.load(self.desk.id, needs).recent


def closed(store: Store, name: str = "happy-paws") -> Desk:
    """A practice that never opens, and says so."""
    made = evolve(practice(name), rules=SHUT)
    store.put_practice(made)
    return Desk(store, made, Facts())


class AutomaticCases(StoreCases):
    """How many automatic texts a number had in an hour, and when they leave."""

    def test_p24_the_automatic_texts_of_the_last_hour_are_told(self, desk: Desk) -> None:
        recent = Recent(desk)
        assert recent.at(desk.facts.now_us) == ()
        stop, help_ = desk.facts.arrived("STOP"), desk.facts.arrived("HELP")
        desk.put(stop)
        desk.put(help_)
        told = (("help", help_.at_us), ("confirmation", stop.at_us))
        now = desk.facts.now_us
        assert recent.at(now) == told
        assert desk.store.load(desk.id, Needs(at=("sms", OURS, ANA))).recent is None
        # They count from the moment they are owed: handed over or not.
        desk.begin(f"{stop.answer_id}.1")
        desk.put(desk.facts.settled(f"{stop.answer_id}.1"))
        assert recent.at(now) == told
        assert recent.at(stop.at_us + HOUR - 1) == told
        assert recent.at(stop.at_us + HOUR) == told[:1]
        assert recent.at(help_.at_us + HOUR) == ()

    def test_p24_others_texts_and_replies_of_staff_do_not_count(self, desk: Desk) -> None:
        desk.put(desk.facts.arrived("HELP", address=BEN))
        desk.owe(desk.open().id)
        assert Recent(desk).at(desk.facts.now_us) == ()
        assert len(Recent(desk, BEN).at(desk.facts.now_us) or ()) == 1

    def test_p10_another_practices_automatic_texts_do_not_count(self, store: Store, desk: Desk) -> None:
        other = Desk(store, practice("other"), Facts())
        store.put_practice(other.practice)
        other.put(other.facts.arrived("HELP"))
        assert Recent(desk).at(desk.facts.now_us) == ()

    def test_p21_after_the_clock_went_back_what_was_sent_later_does_not_count(self, desk: Desk) -> None:
        desk.put(desk.facts.arrived("HELP"))
        now = desk.facts.now_us
        assert len(Recent(desk).at(now - MINUTE) or ()) == 1  # another machine's clock
        assert Recent(desk).at(now - 365 * DAY) == ()

    def test_p24_what_was_decided_on_an_older_count_is_stale(self, desk: Desk) -> None:
        """Two conversations of one number: their versions say nothing of one another."""
        desk.open()
        other = desk.facts.arrived("HELP", sender="+13035550101")
        decided = desk.decided(other)
        desk.put(desk.facts.arrived("HELP"))
        assert isinstance(desk.commit(other, decided), Stale)
        assert desk.store.conversation(desk.id, other.conversation_id) is None
        assert isinstance(desk.take(other), Committed)

    def test_p24_the_cap_holds_although_many_come_at_once(self, desk: Desk) -> None:
        facts = [desk.facts.arrived("HELP", sender=f"+1303555{number:04}") for number in range(8)]
        in_threads([partial(desk.put, evolve(fact, at_us=facts[0].at_us)) for fact in facts])
        assert len(Recent(desk).at(facts[0].at_us) or ()) == MOST_AN_HOUR
        assert desk.store.unsettled() == MOST_AN_HOUR

    def test_an_away_reply_keeps_to_the_order_and_an_answer_passes_it(self, store: Store) -> None:
        desk = closed(store)
        first = desk.facts.arrived()
        desk.put(first)
        behind, help_ = desk.owe(first.conversation_id), desk.facts.arrived("HELP")
        desk.put(help_)
        now = desk.facts.now_us
        assert [o.key for o in store.due(now, 10)] == [f"{first.answer_id}.1", f"{help_.answer_id}.1"]
        assert store.begin(desk.id, behind.key, now, LEASE) is None
        assert isinstance(store.begin(desk.id, f"{help_.answer_id}.1", now, LEASE), Begun)

    def test_an_away_reply_does_not_pass_replies(self, store: Store) -> None:
        desk = closed(store)
        started = desk.facts.started()
        desk.put(started)
        waiting = desk.owe(started.conversation_id)
        desk.put(desk.facts.arrived())
        assert [o.key for o in store.due(desk.facts.now_us, 10)] == [waiting.key]

    def test_p06_the_gate_closes_for_an_away_reply(self, store: Store) -> None:
        desk = closed(store)
        first = desk.facts.arrived()
        desk.put(first)
        desk.put(desk.facts.opted_out(first.conversation_id))
        begun = store.begin(desk.id, f"{first.answer_id}.1", desk.facts.now_us, LEASE)
        assert isinstance(begun, GateClosed)
        assert begun.effect.effect.because == "away"

    def test_the_closed_time_that_a_client_was_told_of_is_kept(self, store: Store) -> None:
        desk = closed(store)
        first = desk.facts.arrived()
        assert desk.open(BEN).away_us == NEVER
        desk.put(first)
        assert desk.conversation(first.conversation_id).away_us == NEVER
        desk.put(desk.facts.arrived())
        assert store.unsettled() == 2
        started = desk.facts.started(address="+13035550126")
        desk.put(started)
        assert desk.conversation(started.conversation_id).away_us is None

    @pytest.mark.parametrize("rounds", [5])
    def test_p24_two_machines_that_answer_each_other_come_to_an_end(self, store: Store, rounds: int) -> None:
        desk = closed(store)
        for number in range(4 * rounds):
            desk.facts.now_us += SECOND
            desk.put(desk.facts.arrived("HELP" if number % 2 else "I am on holiday."))
        assert len(Recent(desk).at(desk.facts.now_us) or ()) == MOST_AN_HOUR
