"""The store contract: payments, written with their conversation, and the text with a link that is held back."""

from __future__ import annotations

from functools import partial

import pytest
from attrs import evolve

from convokit.decisions.base import NOTHING, Before, Needs
from convokit.domain.conversation import Conversation
from convokit.domain.delivery import Delivery
from convokit.domain.inbox import Position
from convokit.domain.instant import HOUR
from convokit.domain.money import Money
from convokit.domain.payment import Payment, PaymentStatus
from convokit.errors import Conflict, NotFound
from convokit.facts import PaymentAsked, PaymentCancelled, PaymentPageWanted, PaymentReported, PaymentRequested
from convokit.outcomes import Accepted
from convokit.ports.store import Begun, Committed, SeenBefore, Stale
from convokit.testing.builders import ANA, LEASE, PROVIDER, Facts
from convokit.testing.store_base import Desk, StoreCases

MONEY = Money(minor=8450, currency="USD")


def requested(facts: Facts, conversation_id: str, payment_id: str, title: str = "Invoice 1042") -> PaymentRequested:
    """Staff ask for money."""
    return PaymentRequested(
        conversation_id=conversation_id,
        payment_id=payment_id,
        entry_id=f"{payment_id}-note",
        at_us=facts.now_us,
        title=title,
        invoice="1042",
        money=MONEY,
        provider=PROVIDER,
        expires_us=facts.now_us + HOUR,
        by_id="u1",
        by_name="Dr. Kim",
    )


def reported(facts: Facts, payment_id: str, status: PaymentStatus = "paid", event: str = "ev1") -> PaymentReported:
    """The provider reports."""
    return PaymentReported(
        payment_id=payment_id,
        entry_id=f"{payment_id}-{event}-note",
        flag_id=f"{payment_id}-{event}-flag",
        receipt_id=f"{payment_id}-{event}-receipt",
        at_us=facts.now_us,
        provider=PROVIDER,
        event_id=event,
        status=status,
        movement_id=f"{payment_id}-{event}",
        money=MONEY,
    )


def linked(desk: Desk, payment_id: str) -> PaymentAsked:
    """The provider made the link; its job is begun here."""
    desk.facts.now_us += 1
    return made(desk, payment_id, f"{payment_id}.open", "1")


def made(desk: Desk, payment_id: str, key: str, number: str) -> PaymentAsked:
    """The provider made a page; its job is begun here."""
    job = desk.store.begin_job(desk.id, key, desk.facts.now_us, LEASE)
    assert job is not None
    return PaymentAsked(
        key=job.key,
        tries=job.tries,
        outcome=Accepted(provider_id=f"l{number}", url=f"https://pay.example/{number}"),
        provider=PROVIDER,
        at_us=desk.facts.now_us,
        payment_id=payment_id,
        ask="open",
        entry_id=f"{payment_id}-link",
    )


def clicked(desk: Desk) -> PaymentPageWanted:
    """A client has another page made."""
    at_us = desk.facts.now_us
    return PaymentPageWanted(payment_id="pay1", at_us=at_us, until_us=at_us + HOUR, closes=True)


def second_page(desk: Desk) -> PaymentAsked:
    """The provider made it; its job is begun here."""
    return evolve(made(desk, "pay1", "pay1.open.2", "2"), page=2, until_us=desk.facts.now_us + HOUR)


class PaymentCases(StoreCases):
    """Payments."""

    def asked(self, desk: Desk, payment_id: str = "pay1") -> tuple[Conversation, Payment]:
        """A conversation by text in which money was asked for."""
        known = desk.open()
        desk.put(requested(desk.facts, known.id, payment_id))
        return desk.conversation(known.id), self.payment(desk, payment_id)

    def payment(self, desk: Desk, payment_id: str = "pay1") -> Payment:
        """A payment that must be there."""
        found = desk.store.payment(desk.id, payment_id)
        assert found is not None
        return found

    def test_a_payment_is_read_as_it_was_decided(self, desk: Desk) -> None:
        known, payment = self.asked(desk)
        assert payment.conversation_id == known.id
        assert (payment.money, payment.invoice, payment.state) == (MONEY, "1042", "requested")
        assert desk.store.payments(desk.id, known.id) == (payment,)
        for fact in (linked(desk, "pay1"), reported(desk.facts, "pay1"), reported(desk.facts, "pay1", event="ev2")):
            _, decision = desk.decided(fact)
            desk.put(fact)
            assert self.payment(desk) == decision.payment
        assert self.payment(desk).flags == ("paid_twice",)
        assert desk.conversation(known.id).version > known.version

    def test_p08_a_payment_is_found_by_the_providers_id_of_each_of_its_charges(self, desk: Desk) -> None:
        self.asked(desk)
        desk.put(requested(desk.facts, self.payment(desk).conversation_id, "pay2"))
        charged = partial(desk.store.payment_charged, desk.id)
        assert charged(PROVIDER, "pay1-ev1") is None
        for event in ("ev1", "ev2"):
            desk.put(reported(desk.facts, "pay1", event=event))
        desk.put(reported(desk.facts, "pay1", "refunded", event="ev3"))
        desk.put(reported(desk.facts, "pay2"))
        for event in ("ev1", "ev2"):
            assert charged(PROVIDER, f"pay1-{event}") == self.payment(desk)
        assert charged(PROVIDER, "pay2-ev1") == self.payment(desk, "pay2")
        assert charged("other", "pay1-ev1") is None
        assert charged(PROVIDER, "pay1-ev3") is None, "a refund is no charge"
        taken = evolve(reported(desk.facts, "pay2", event="ev4"), movement_id="pay1-ev1")
        desk.put(taken)
        assert charged(PROVIDER, "pay1-ev1") == self.payment(desk), "the first that it was reported for"

    def test_nothing_is_there_of_what_was_never_asked(self, desk: Desk) -> None:
        known = desk.open()
        assert desk.store.payment(desk.id, "pay1") is None
        assert desk.store.payments(desk.id, known.id) == desk.store.payments(desk.id, "unknown") == ()
        assert desk.store.payments_between(desk.id, 0, 2**62, after=None, limit=5) == ((), None)
        assert desk.store.load(desk.id, Needs(payment_id="pay1", consent=True)) == Before()

    def test_it_is_loaded_with_everything_that_a_decision_looks_at(self, desk: Desk) -> None:
        known, payment = self.asked(desk)
        needs = Needs(payment_id="pay1", consent=True)
        before = desk.store.load(desk.id, needs)
        assert before == Before(conversation=known, payment=payment, consent=desk.store.consent(desk.id, ANA))
        desk.put(linked(desk, "pay1"))
        before = desk.store.load(desk.id, Needs(payment_id="pay1", job_key="pay1.open", consent=True))
        assert (before.payment, before.entry) == (self.payment(desk), desk.entry("pay1-link"))
        assert before.job is not None
        assert before.effect is not None
        assert before.effect.key == "pay1-link.1"
        desk.begin("pay1-link.1")
        assert desk.store.load(desk.id, needs).effect is None

    def test_p08_an_event_is_taken_in_once(self, desk: Desk) -> None:
        self.asked(desk)
        desk.put(reported(desk.facts, "pay1"))
        number = desk.conversation(self.payment(desk).conversation_id).change
        again = evolve(reported(desk.facts, "pay1"), entry_id="x", flag_id="y", receipt_id="z")
        assert isinstance(desk.take(again), SeenBefore)
        assert desk.conversation(self.payment(desk).conversation_id).change == number

    def test_p08_paid_holds_the_link_back_that_nobody_has_begun_to_send(self, desk: Desk) -> None:
        self.asked(desk)
        desk.put(linked(desk, "pay1"))
        desk.put(reported(desk.facts, "pay1"))
        held = desk.entry("pay1-link")
        assert (held.delivery, held.reason) == (Delivery.FAILED, "cancelled")
        assert desk.store.begin(desk.id, "pay1-link.1", desk.facts.now_us, LEASE) is None
        due = desk.store.due(desk.facts.now_us, 10)
        assert [owed.key for owed in due] == ["pay1-ev1-receipt.1"]

    def test_p08_a_link_that_was_begun_meanwhile_is_decided_on_again(self, desk: Desk) -> None:
        self.asked(desk)
        desk.put(linked(desk, "pay1"))
        fact = reported(desk.facts, "pay1")
        decided = desk.decided(fact)
        assert decided[1].withdrawn == "pay1-link.1"
        desk.begin("pay1-link.1")
        assert desk.commit(fact, decided) == Stale()
        assert self.payment(desk).state == "requested"
        assert isinstance(desk.take(fact), Committed)
        assert desk.entry("pay1-link").delivery is Delivery.QUEUED

    def test_p08_what_was_withdrawn_cannot_be_begun(self, desk: Desk) -> None:
        self.asked(desk)
        desk.put(linked(desk, "pay1"))
        cancelled = PaymentCancelled(
            payment_id="pay1", entry_id="m-cancel", at_us=desk.facts.now_us, by_id="u1", by_name="Dr. Kim"
        )
        desk.put(cancelled)
        assert desk.store.begin(desk.id, "pay1-link.1", desk.facts.now_us, LEASE) is None
        assert desk.store.due(desk.facts.now_us, 10) == ()
        other = desk.owe(self.payment(desk).conversation_id)
        assert isinstance(desk.store.begin(desk.id, other.key, desk.facts.now_us, LEASE), Begun)

    def test_p08_two_reports_at_once_are_both_in_the_end(self, desk: Desk) -> None:
        self.asked(desk)
        first, second = (reported(desk.facts, "pay1", event=event) for event in ("ev1", "ev2"))
        decided = desk.decided(second)
        desk.put(first)
        assert desk.commit(second, decided) == Stale()
        desk.put(second)
        assert len(self.payment(desk).evidence.charges) == 2

    def behind(self, desk: Desk) -> Payment:
        """A payment with a link of ours, whose first page lives until the next microsecond but one."""
        known = desk.open()
        link, until_us = "https://desk.example/pay/x", desk.facts.now_us + 2
        desk.put(evolve(requested(desk.facts, known.id, "pay1"), link=link, page_until_us=until_us))
        desk.put(evolve(linked(desk, "pay1"), until_us=until_us))
        return self.payment(desk)

    def test_a_page_behind_our_own_link_is_read_as_it_was_decided(self, desk: Desk) -> None:
        first = self.behind(desk).page
        assert first is not None
        assert (first.number, first.url, self.payment(desk).url) == (1, "https://pay.example/1", first.link)
        for fact_of in (clicked, second_page):
            fact = fact_of(desk)
            _, decision = desk.decided(fact)
            desk.put(fact)
            assert self.payment(desk) == decision.payment
        second = self.payment(desk).page
        assert second is not None
        assert (second.number, second.wanted, second.url, second.link) == (2, 2, "https://pay.example/2", first.link)

    def test_p08_two_clicks_at_once_owe_one_page(self, desk: Desk) -> None:
        self.behind(desk)
        fact = clicked(desk)
        decided = desk.decided(fact)
        assert isinstance(desk.take(fact), Committed)
        assert desk.commit(fact, decided) == Stale()
        assert desk.decided(fact)[1] == NOTHING
        keys = [owed.key for owed in desk.store.due_jobs(desk.facts.now_us, 10)]
        assert keys == ["pay1.open.2", "pay1.close"]

    def test_the_same_id_is_not_asked_for_twice(self, desk: Desk) -> None:
        known, _ = self.asked(desk)
        again = evolve(requested(desk.facts, known.id, "pay1"), entry_id="other")
        with pytest.raises(Conflict) as caught:
            desk.take(again)
        assert caught.value.code == "id.taken"

    def test_what_is_not_there_cannot_change(self, desk: Desk) -> None:
        known, payment = self.asked(desk)
        before, decision = desk.decided(reported(desk.facts, "pay1"))
        unknown = evolve(payment, id="unknown")
        with pytest.raises(NotFound) as caught:
            desk.commit(
                reported(desk.facts, "pay1"),
                (evolve(before, payment=unknown), evolve(decision, payment=unknown)),
            )
        assert caught.value.code == "payment.unknown"
        assert desk.conversation(known.id) == known

    def test_a_conversations_payments_are_the_newest_in_order(self, desk: Desk) -> None:
        known = desk.open()
        for number in range(4):
            desk.put(requested(desk.facts, known.id, f"pay{number}"))
        found = desk.store.payments(desk.id, known.id, limit=3)
        assert [payment.id for payment in found] == ["pay1", "pay2", "pay3"]

    def test_the_payments_of_a_period_come_in_pages(self, desk: Desk) -> None:
        known = desk.open()
        moments = [10, 20, 20, 20, 30, 40]
        for number, moment in enumerate(moments):
            desk.put(evolve(requested(desk.facts, known.id, f"pay{number}"), at_us=moment))
        for limit in (1, 2, 3, 10):
            found: list[str] = []
            after: Position | None = None
            while True:
                page, after = desk.store.payments_between(desk.id, 20, 40, after=after, limit=limit)
                found += [payment.id for payment in page]
                if after is None:
                    break
            assert found == ["pay1", "pay2", "pay3", "pay4"]
