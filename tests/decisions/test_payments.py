"""Asking for money: the request, the link, the notes, the receipt, and what a person must look at."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from attrs import evolve
from made_facts import ANA, NOW, OURS, PRACTICE, conversation, outbound, owed

from convokit.decisions import NOTHING, Before, Decision, decide, needs
from convokit.decisions.base import JobSettlement, Needs
from convokit.domain.consent_ledger import Consent
from convokit.domain.delivery import Delivery
from convokit.domain.instant import HOUR, MINUTE, SECOND
from convokit.domain.money import Money
from convokit.domain.payment import TIME_TO_PAY, Evidence, Page, Payment, evidence_of
from convokit.domain.payment_rules import PaymentRules
from convokit.domain.rules import Practice
from convokit.effects import AskPayment, OwedJob, SendText
from convokit.errors import Conflict, NotFound
from convokit.facts import PaymentAsked, PaymentCancelled, PaymentPageWanted, PaymentReported, PaymentRequested
from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure

MONEY = Money(minor=8450, currency="USD")
URL = "https://pay.example/1"
ALLOWED = Consent(address=ANA)
OPTED_OUT = Consent(address=ANA, opted_out=True)
MAYBE = Consent(address=ANA, maybe=True)
CANCELLED = evidence_of("cancelled")
PAID = evidence_of("paid", movement_id="ch_1", money=MONEY)


def requested(**changes: Any) -> PaymentRequested:
    base = PaymentRequested(
        conversation_id="c_1",
        payment_id="pay_1",
        entry_id="m_note",
        at_us=NOW,
        title="Invoice 1042",
        invoice="1042",
        money=MONEY,
        provider="sim",
        expires_us=NOW + 72 * HOUR,
        by_id="u1",
        by_name="Dr. Kim",
    )
    return evolve(base, **changes)


def cancelled() -> PaymentCancelled:
    return PaymentCancelled(payment_id="pay_1", entry_id="m_note", at_us=NOW, by_id="u1", by_name="Dr. Kim")


def asked(outcome: Outcome | None = None, **changes: Any) -> PaymentAsked:
    base = PaymentAsked(
        key="pay_1.open",
        tries=1,
        outcome=outcome or Accepted(provider_id="link_1", url=URL),
        provider="sim",
        at_us=NOW,
        payment_id="pay_1",
        ask="open",
        entry_id="m_link",
    )
    return evolve(base, **changes)


def reported(status: str = "paid", movement_id: str = "ch_1", money: Money | None = MONEY, **changes: Any) -> Any:
    base = PaymentReported(
        payment_id="pay_1",
        entry_id="m_note",
        flag_id="m_flag",
        receipt_id="m_receipt",
        at_us=NOW,
        provider="sim",
        event_id="ev_1",
        status=status,  # type: ignore[arg-type]  # words of the tests
        movement_id=movement_id,
        money=money,
    )
    return evolve(base, **changes)


def payment(*said: Evidence, **changes: Any) -> Payment:
    base = Payment(
        id="pay_1",
        conversation_id="c_1",
        title="Invoice 1042",
        invoice="1042",
        money=MONEY,
        provider="sim",
        by_id="u1",
        by_name="Dr. Kim",
        requested_us=NOW,
        expires_us=NOW + 72 * HOUR,
    )
    made = evolve(base, **changes)
    for evidence in said:
        made = made.joined(evidence, NOW)
    return made


OWN = "https://desk.example/hooks/pay/happy-paws.pay_1.x"


def clicked(at_us: int = NOW + 23 * HOUR, **changes: Any) -> PaymentPageWanted:
    """A client has pressed the button behind our own link, when the first page was over."""
    return evolve(
        PaymentPageWanted(payment_id="pay_1", at_us=at_us, until_us=at_us + 23 * HOUR, closes=True), **changes
    )


def page(**changes: Any) -> Page:
    """The first page, which lives for 23 hours."""
    base = Page(link=OWN, number=1, url=URL, until_us=NOW + 23 * HOUR, wanted=1, wanted_us=NOW)
    return evolve(base, **changes)


def behind(*said: Evidence, page: Page) -> Before:
    """A request whose link is ours."""
    known = payment(*said, url=OWN, provider_id="link_1", entry_id="m_1", page=page)
    return Before(conversation=conversation(), payment=known, job=job(), consent=ALLOWED)


def job(ask: str = "open", **changes: Any) -> OwedJob:
    base = OwedJob(
        job=AskPayment(payment_id="pay_1", conversation_id="c_1", ask=ask),  # type: ignore[arg-type]
        practice="happy-paws",
        state="begun",
        tries=1,
        owed_us=NOW,
        due_us=0,
    )
    return evolve(base, **changes)


def before(*said: Evidence, on: str = "sms", consent: Consent = ALLOWED, **changes: Any) -> Before:
    app = {"channel": "app", "sender": "app", "address": "c17"} if on == "app" else {}
    base = Before(conversation=conversation(**app), payment=payment(*said), job=job(), consent=consent)
    return evolve(base, **changes)


def with_link(*said: Evidence, text: str = "owed", **entry: Any) -> Before:
    """The link is in message m_1, whose text is in this state."""
    message = outbound(**{"seq": 2, **entry})
    held = owed(state=text) if text == "owed" else None
    current = conversation(last_seq=2, last_message_seq=2, last_delivery=Delivery.QUEUED)
    made = payment(*said, url=URL, entry_id="m_1")
    return Before(conversation=current, payment=made, entry=message, effect=held, consent=ALLOWED)


def take(state: Before, fact: Any, practice: Practice = PRACTICE) -> Decision:
    return decide(state, fact, practice)


def texts(decision: Decision) -> list[str]:
    return [entry.text for entry in decision.entries]


def test_what_is_looked_at() -> None:
    assert needs(requested()) == Needs(conversation_id="c_1", consent=True)
    assert (
        needs(cancelled())
        == needs(reported())
        == needs(clicked())
        == Needs(payment_id="pay_1", consent=True, reach=True)
    )
    assert needs(asked()) == Needs(payment_id="pay_1", job_key="pay_1.open", consent=True, reach=True)


# --- asking ----------------------------------------------------------------------------------------------------------


def test_a_request_is_noted_and_the_provider_is_asked_for_a_link() -> None:
    decision = take(before(payment=None), requested())
    assert decision.payment == payment()
    assert decision.jobs == (AskPayment(payment_id="pay_1", conversation_id="c_1", not_after_us=NOW + 72 * HOUR),)
    (note,) = decision.entries
    assert (note.kind, note.event, note.text) == (
        "event",
        "payment_requested",
        "Dr. Kim asked for 84.50 USD: Invoice 1042.",
    )
    assert decision.conversation == evolve(conversation(), version=2, last_seq=2)
    assert decision.effects == ()


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (before(conversation=conversation(ended=True, ended_us=NOW)), "conversation.ended"),
        (before(consent=OPTED_OUT), "client.opted_out"),
    ],
)
def test_a_request_that_cannot_reach_the_client_is_refused(state: Before, code: str) -> None:
    with pytest.raises(Conflict) as caught:
        take(state, requested())
    assert caught.value.code == code


def test_an_opt_out_of_texts_does_not_stop_a_request_in_the_app() -> None:
    assert take(before(on="app", consent=OPTED_OUT), requested()).payment is not None


# --- the link --------------------------------------------------------------------------------------------------------


def test_the_link_goes_out_as_a_text_of_whoever_asked() -> None:
    decision = take(before(), asked())
    (message,) = decision.entries
    assert message.text == f"Happy Paws: please pay 84.50 USD for Invoice 1042 here: {URL}"
    assert (message.kind, message.side, message.author_id, message.delivery) == (
        "message",
        "practice",
        "u1",
        Delivery.QUEUED,
    )
    assert decision.effects == (SendText(entry_id="m_link", conversation_id="c_1", sender=OURS, to=ANA),)
    assert decision.payment == payment(url=URL, provider_id="link_1", entry_id="m_link")
    assert decision.job_settlement == JobSettlement(key="pay_1.open", tries=1)
    current = decision.conversation
    assert current is not None
    assert (current.last_seq, current.last_message_seq, current.last_side) == (2, 2, "practice")
    assert (current.last_us, current.last_text[:10], current.unread) == (NOW, "Happy Paws", 0)


def test_in_the_app_the_link_is_there_at_once_and_no_text_leaves() -> None:
    decision = take(before(on="app"), asked())
    assert decision.entries[0].delivery is Delivery.SENT
    assert decision.effects == ()


def test_p06_who_opted_out_meanwhile_gets_no_link() -> None:
    decision = take(before(consent=OPTED_OUT), asked())
    (message,) = decision.entries
    assert (message.delivery, message.reason, decision.effects) == (Delivery.FAILED, "opted_out", ())
    assert decision.conversation is not None
    assert decision.conversation.failed == 1


def test_the_practices_own_words_are_used_and_a_title_fills_in_nothing() -> None:
    own = evolve(PRACTICE, rules=evolve(PRACTICE.rules, payments=PaymentRules(prompt="{title} {link} {amount}")))
    state = before(payment=payment(title="{link} {practice} {0}"))
    assert texts(take(state, asked(), own)) == [f"{{link}} {{practice}} {{0}} {URL} 84.50 USD"]


@pytest.mark.parametrize("outcome", [TryLater(), Unsure(why="no answer")])
def test_asking_is_repeated_also_when_nobody_knows_for_a_link_that_nobody_has_harms_nobody(outcome: Outcome) -> None:
    decision = take(before(), asked(outcome))
    assert decision == Decision(job_settlement=JobSettlement(key="pay_1.open", tries=1, again_us=NOW + 15 * SECOND))
    late = TryLater(after=600) if isinstance(outcome, TryLater) else outcome
    assert take(before(), asked(late)).job_settlement is not None


@pytest.mark.parametrize("outcome", [Refused(reason="account_problem"), TryLater(), Unsure(why="no answer")])
def test_a_link_that_cannot_be_made_is_told_to_a_person(outcome: Outcome) -> None:
    decision = take(before(job=job(owed_us=NOW - 5 * HOUR)), asked(outcome))
    assert [entry.event for entry in decision.entries] == ["payment_link_failed"]
    assert decision.payment is not None
    assert decision.payment.flags == ("link_failed",)
    assert decision.conversation is not None
    assert decision.conversation.unread == 1
    assert decision.job_settlement == JobSettlement(key="pay_1.open", tries=1)


def test_a_link_for_what_was_cancelled_meanwhile_is_sent_to_nobody_and_closed() -> None:
    decision = take(before(CANCELLED), asked())
    assert decision.entries == decision.effects == ()
    assert decision.payment is not None
    assert decision.payment.url == URL
    closing = AskPayment(payment_id="pay_1", conversation_id="c_1", ask="close", provider_id="link_1")
    assert decision.jobs == (closing,)
    assert take(before(PAID), asked()).jobs == ()


def test_no_link_for_what_was_cancelled_meanwhile_is_no_trouble() -> None:
    end = JobSettlement(key="pay_1.open", tries=1)
    assert take(before(CANCELLED), asked(Refused(reason="cancelled"))) == Decision(job_settlement=end)


def test_closing_a_link_says_nothing() -> None:
    state = before(CANCELLED, job=job("close"))
    for outcome in (Accepted(), Refused(reason="unknown")):
        fact = asked(outcome, key="pay_1.close", ask="close")
        assert take(state, fact) == Decision(job_settlement=JobSettlement(key="pay_1.close", tries=1))
    again = take(state, asked(TryLater(), key="pay_1.close", ask="close")).job_settlement
    assert again is not None
    assert again.again_us is not None


def test_a_link_that_does_not_end_by_itself_is_to_be_closed_when_its_time_is_over() -> None:
    ends = NOW + 72 * HOUR
    later = AskPayment(payment_id="pay_1", conversation_id="c_1", ask="expire", not_before_us=ends)
    assert take(before(), asked(outlasts=True)).jobs == (later,)
    assert take(before(), asked()).jobs == ()
    assert later.key == "pay_1.expire"


def expiring(outcome: Outcome, at_us: int, *said: Evidence, tries: int = 1) -> Decision:
    ends = NOW + 72 * HOUR
    wanted = AskPayment(payment_id="pay_1", conversation_id="c_1", ask="expire", not_before_us=ends)
    state = before(*said, job=job(job=wanted, tries=tries))
    return take(state, asked(outcome, key="pay_1.expire", ask="expire", at_us=at_us, tries=tries))


@pytest.mark.parametrize(("hours", "again"), [(0, 1), (70.5, 71.5), (71.5, 72)])
def test_until_then_it_waits_an_hour_at_a_time(hours: float, again: float) -> None:
    decision = expiring(TryLater(raw="not yet"), NOW + int(hours * HOUR), tries=40)
    end = JobSettlement(key="pay_1.expire", tries=40, again_us=NOW + int(again * HOUR))
    assert decision == Decision(job_settlement=end)


def test_closed_at_the_end_of_its_time_it_has_expired_and_the_thread_says_so() -> None:
    decision = expiring(Accepted(), NOW + 72 * HOUR)
    assert texts(decision) == ["The request for 84.50 USD has expired: Invoice 1042."]
    assert [entry.event for entry in decision.entries] == ["payment_expired"]
    assert decision.payment is not None
    assert (decision.payment.state, decision.jobs) == ("expired", ())
    assert decision.job_settlement == JobSettlement(key="pay_1.expire", tries=1)


def test_a_client_who_was_faster_has_paid_and_nothing_more_is_said() -> None:
    decision = expiring(Accepted(), NOW + 72 * HOUR, PAID)
    assert decision.entries == ()
    assert decision.payment is not None
    assert decision.payment.state == "paid"


def test_what_cannot_be_closed_then_is_tried_for_as_long_as_anything_else() -> None:
    ends = NOW + 72 * HOUR
    again = expiring(Unsure(why="read timeout"), ends).job_settlement
    assert again is not None
    assert again.again_us == ends + 15 * SECOND
    end = JobSettlement(key="pay_1.expire", tries=1)
    late = ends + PRACTICE.rules.give_up_after
    assert expiring(Unsure(why="read timeout"), late) == Decision(job_settlement=end)
    assert expiring(Refused(reason="unknown"), ends) == Decision(job_settlement=end)


@pytest.mark.parametrize(
    "state",
    [before(job=None), before(payment=None), before(job=job(tries=2)), before(job=job(state="done"))],
    ids=["no job", "no payment", "another try", "settled"],
)
def test_p03_an_answer_that_came_too_late_changes_nothing(state: Before) -> None:
    assert take(state, asked()) == NOTHING


# --- what the provider says ------------------------------------------------------------------------------------------


def test_a_payment_is_noted_for_both_sides() -> None:
    decision = take(before(), reported())
    assert texts(decision) == [
        "84.50 USD paid: Invoice 1042.",
        "Happy Paws: we received 84.50 USD for Invoice 1042. Thank you!",
    ]
    assert [(e.kind, e.side, e.event, e.seq) for e in decision.entries] == [
        ("event", "system", "payment_paid", 2),
        ("automatic", "practice", None, 3),
    ]
    assert decision.effects == (SendText(entry_id="m_receipt", conversation_id="c_1", sender=OURS, to=ANA),)
    assert decision.payment == payment(PAID)
    assert decision.conversation == evolve(conversation(), version=2, last_seq=3)


def test_a_refund_that_failed_is_taken_back_and_put_before_a_person() -> None:
    refund = evidence_of("refunded", movement_id="re_1", money=MONEY)
    decision = take(before(PAID, refund), reported("refund_failed", "re_1", None))
    assert texts(decision) == [
        "A refund failed; 0.00 USD of 84.50 USD refunded: Invoice 1042.",
        "Please look at the payment of 84.50 USD, Invoice 1042. The client did not get a refund."
        " If it was not made again, please refund in another way.",
    ]
    assert [entry.event for entry in decision.entries] == ["payment_refund_failed", "payment_flagged"]
    assert decision.payment is not None
    assert decision.conversation is not None
    assert (decision.payment.state, decision.conversation.unread) == ("paid", 1)
    again = take(before(PAID, refund, evidence_of("refund_failed", movement_id="re_1")), reported("refunded", "re_1"))
    assert again == NOTHING


def test_in_the_app_the_receipt_needs_no_text() -> None:
    decision = take(before(on="app", consent=OPTED_OUT), reported())
    assert [entry.delivery for entry in decision.entries] == [None, Delivery.SENT]
    assert decision.effects == ()


def test_paying_after_the_end_counts_and_shows() -> None:
    ended = conversation(ended=True, ended_us=NOW - HOUR)
    decision = take(before(conversation=ended), reported())
    assert decision.payment is not None
    assert decision.payment.state == "paid"
    assert decision.conversation == evolve(ended, version=2, last_seq=3)


def test_p20_no_receipt_for_a_client_who_was_erased() -> None:
    erased = conversation(ended=True, ended_us=NOW - HOUR, address="")
    decision = take(before(conversation=erased), reported())
    assert texts(decision) == ["84.50 USD paid: Invoice 1042."]
    assert decision.effects == ()


@pytest.mark.parametrize("consent", [OPTED_OUT, MAYBE])
def test_p06_no_receipt_by_text_for_who_wants_none_or_may_want_none(consent: Consent) -> None:
    decision = take(before(consent=consent), reported())
    assert texts(decision) == ["84.50 USD paid: Invoice 1042."]
    assert decision.effects == ()


def test_a_practice_may_send_no_receipt() -> None:
    quiet = evolve(PRACTICE, rules=evolve(PRACTICE.rules, payments=PaymentRules(receipt="")))
    assert texts(take(before(), reported(), quiet)) == ["84.50 USD paid: Invoice 1042."]


NOTES = [
    ("declined", (), "The payment of 84.50 USD was declined: Invoice 1042. The client can try again."),
    ("expired", (), "The request for 84.50 USD has expired: Invoice 1042."),
    ("cancelled", (), "The request for 84.50 USD was cancelled: Invoice 1042."),
    ("disputed", (PAID,), "The client's bank disputes the payment of 84.50 USD: Invoice 1042."),
    ("refunded", (PAID,), "84.50 USD refunded: Invoice 1042."),
]


@pytest.mark.parametrize(("status", "said", "words"), NOTES, ids=[status for status, _, _ in NOTES])
def test_what_becomes_of_it_is_noted(status: str, said: tuple[Evidence, ...], words: str) -> None:
    assert texts(take(before(*said), reported(status, "re_1"))) == [words]


def test_each_part_of_a_refund_is_noted() -> None:
    first = take(before(PAID), reported("refunded", "re_1", Money(minor=50, currency="USD")))
    assert texts(first) == ["0.50 USD of 84.50 USD refunded: Invoice 1042."]
    second = take(before(payment=first.payment), reported("refunded", "re_2", Money(minor=100, currency="USD")))
    assert texts(second) == ["1.50 USD of 84.50 USD refunded: Invoice 1042."]


def test_a_refund_that_is_reported_before_its_payment_is_not_told_as_another_end() -> None:
    decision = take(before(Evidence(seen=("expired",))), reported("refunded", "re_1"))
    assert [entry.event for entry in decision.entries] == ["payment_flagged"]


@pytest.mark.parametrize("status", ["opened", "processing"])
def test_that_it_was_opened_is_seen_and_not_told(status: str) -> None:
    decision = take(before(), reported(status, "", None))
    assert (decision.entries, decision.conversation) == ((), evolve(conversation(), version=2))
    assert decision.payment is not None
    assert decision.payment.state == status


ODD = [
    (reported(money=Money(minor=845, currency="USD")), (), "wrong_amount"),
    (reported(money=Money(minor=8450, currency="CAD")), (), "wrong_currency"),
    (reported(test=True), (), "test_event"),
    (reported("refunded", "re_1"), (), "payment_missing"),
    (reported(movement_id="ch_2"), (PAID,), "paid_twice"),
    (reported(), (CANCELLED,), "paid_late"),
]


@pytest.mark.parametrize(("fact", "said", "flag"), ODD, ids=[flag for _, _, flag in ODD])
def test_p08_what_does_not_fit_is_put_before_a_person(
    fact: PaymentReported, said: tuple[Evidence, ...], flag: str
) -> None:
    decision = take(before(*said), fact)
    assert decision.payment is not None
    assert decision.payment.flags == (flag,)
    assert decision.payment.state == {"paid_twice": "paid", "paid_late": "paid"}.get(flag, "requested")
    assert decision.conversation is not None
    assert decision.conversation.unread == 1
    flagged = [entry for entry in decision.entries if entry.event == "payment_flagged"]
    assert len(flagged) == 1
    assert decision.payment.advice[0] in flagged[0].text


def test_p08_a_report_that_says_nothing_new_changes_nothing() -> None:
    assert take(before(PAID), reported(event_id="ev_2")) == NOTHING
    assert reported().identity.startswith("pay:sim:pay_1:")
    assert reported(event_id="").identity == reported(event_id="").identity
    assert len({one.identity for one in (reported(), reported(event_id=""), reported("opened", "", None))}) == 3


def test_p08_a_report_of_another_provider_or_of_no_payment_changes_nothing() -> None:
    assert take(before(), reported(provider="other")) == NOTHING
    assert take(before(payment=None, conversation=None), reported()) == NOTHING
    assert take(before(), reported("opened", "", None, provider="app")).payment is not None


def test_p08_paid_is_told_once_in_every_order() -> None:
    said = (reported("opened", "", None), reported("declined", "", None), reported(), reported(movement_id="ch_2"))
    ends = set()
    for order in itertools.permutations((*said, reported())):
        state, notes = before(), []
        for number, fact in enumerate(order):
            decision = take(state, evolve(fact, event_id=f"ev_{number}"))
            notes += [entry.event or entry.kind for entry in decision.entries]
            if decision.payment is not None and decision.conversation is not None:
                state = evolve(state, payment=decision.payment, conversation=decision.conversation)
        assert state.payment is not None
        assert [note for note in notes if note != "payment_declined"] == [
            "payment_paid",
            "automatic",
            "payment_flagged",
        ]
        ends.add((state.payment.evidence, state.payment.state, state.payment.flags))
    assert len(ends) == 1


# --- what is not needed any more -------------------------------------------------------------------------------------


def test_p08_paid_holds_back_a_link_that_nobody_has_begun_to_send() -> None:
    decision = take(with_link(), reported())
    assert decision.withdrawn == "m_1.1"
    (change,) = decision.deliveries
    assert (change.entry_id, change.delivery, change.reason, change.flags) == (
        "m_1",
        Delivery.FAILED,
        "cancelled",
        ("left",),
    )
    assert decision.conversation is not None
    assert (decision.conversation.failed, decision.conversation.last_delivery) == (0, Delivery.FAILED)


@pytest.mark.parametrize("known", [Delivery.SENT, Delivery.DELIVERED])
def test_p05_a_link_that_arrived_while_it_was_to_be_sent_again_stays_arrived(known: Delivery) -> None:
    decision = take(with_link(delivery=known, attempt=2), reported())
    assert (decision.withdrawn, decision.deliveries) == ("m_1.1", ())
    assert decision.conversation is not None
    assert decision.conversation.last_delivery is Delivery.QUEUED  # as the test has it: untouched


def test_a_link_under_newer_messages_leaves_the_inbox_as_it_is() -> None:
    state = with_link(flags=("left",))
    newer = evolve(state, conversation=conversation(last_seq=3, last_message_seq=3, last_delivery=None))
    decision = take(newer, cancelled())
    assert decision.deliveries[0].flags == ("left",)
    assert decision.conversation is not None
    assert decision.conversation.last_delivery is None


def test_what_is_being_handed_over_is_not_held_back() -> None:
    assert take(with_link(text="begun"), reported()).withdrawn is None
    state = evolve(with_link(), effect=owed(state="begun"))
    assert take(state, reported()).withdrawn is None


def test_staff_cancel_and_the_link_is_closed_at_the_provider() -> None:
    decision = take(with_link(), cancelled())
    assert texts(decision) == ["Dr. Kim cancelled the request for 84.50 USD: Invoice 1042."]
    assert decision.payment is not None
    assert decision.payment.state == "cancelled"
    assert decision.withdrawn == "m_1.1"
    assert decision.jobs == (AskPayment(payment_id="pay_1", conversation_id="c_1", ask="close"),)


def test_a_request_without_a_link_has_nothing_to_close_and_twice_is_once() -> None:
    decision = take(before(), cancelled())
    assert decision.jobs == ()
    assert take(before(payment=decision.payment), cancelled()) == NOTHING


def test_what_is_paid_cannot_be_cancelled_and_what_is_not_there_neither() -> None:
    with pytest.raises(Conflict) as paid:
        take(before(PAID), cancelled())
    assert paid.value.code == "payment.settled"
    with pytest.raises(NotFound) as unknown:
        take(before(payment=None), cancelled())
    assert unknown.value.code == "payment.unknown"


# --- our own link ----------------------------------------------------------------------------------------------------


def test_a_request_with_a_link_of_ours_lives_longer_than_its_first_page() -> None:
    decision = take(before(payment=None), requested(link=OWN, page_until_us=NOW + 23 * HOUR))
    first = page(number=0, url=None)
    assert decision.payment == payment(page=first)
    until_us = NOW + 23 * HOUR
    ask = AskPayment(payment_id="pay_1", conversation_id="c_1", not_after_us=until_us, until_us=until_us)
    assert decision.jobs == (ask,)
    whole = take(before(payment=None), requested(link=OWN)).payment
    assert whole is not None
    assert whole.page == evolve(first, until_us=NOW + 72 * HOUR)


def test_the_client_gets_our_link_and_the_providers_page_stays_behind_it() -> None:
    state = before(payment=payment(page=page(number=0, url=None)))
    decision = take(state, asked(until_us=NOW + 22 * HOUR, outlasts=True))
    (message,) = decision.entries
    assert message.text.endswith(f"here: {OWN}")
    after = decision.payment
    assert after is not None
    assert (after.url, after.provider_id, after.page) == (OWN, "link_1", page(until_us=NOW + 22 * HOUR))
    expire = AskPayment(payment_id="pay_1", conversation_id="c_1", ask="expire", not_before_us=NOW + 72 * HOUR, page=1)
    assert decision.jobs == (expire,)


def test_our_link_leads_to_the_page_while_it_is_good() -> None:
    known = payment(url=OWN, page=page())
    over_us = NOW + 23 * HOUR - TIME_TO_PAY
    assert (known.leads_to(NOW), known.leads_to(over_us)) == (URL, URL)
    assert (known.leads_to(over_us + 1), known.lacks_page(over_us), known.lacks_page(over_us + 1)) == (
        None,
        False,
        True,
    )
    whole = payment(url=OWN, page=page(until_us=NOW + 72 * HOUR))
    last_us = NOW + 72 * HOUR
    assert (whole.leads_to(last_us), whole.lacks_page(last_us)) == (URL, False), "as long as the request"
    assert (whole.leads_to(last_us + 1), whole.lacks_page(last_us + 1)) == (None, False)
    assert (payment(url=URL).leads_to(NOW), payment(url=URL).lacks_page(NOW)) == (None, False), "the provider's own"


@pytest.mark.parametrize("said", [PAID, CANCELLED, evidence_of("expired"), evidence_of("processing")])
def test_p08_no_page_is_made_for_what_is_paid_over_or_under_way(said: Evidence) -> None:
    assert take(behind(said, page=page()), clicked()) == NOTHING


@pytest.mark.parametrize(
    "state",
    [
        Before(),
        before(),
        behind(page=page(until_us=NOW + 72 * HOUR)),
        behind(page=page(wanted=2)),
        behind(page=page(number=0, url=None)),
    ],
    ids=["unknown", "the provider's own link", "still good", "being made", "the first is being made"],
)
def test_a_click_that_needs_no_other_page_changes_nothing(state: Before) -> None:
    assert take(state, clicked()) == NOTHING


def test_after_its_time_nothing_is_made() -> None:
    assert take(behind(page=page()), clicked(NOW + 72 * HOUR + 1)) == NOTHING


def test_p08_a_click_has_another_page_made_once_and_closes_one_that_is_nearly_over() -> None:
    at_us = NOW + 23 * HOUR - MINUTE
    decision = take(behind(page=page()), clicked(at_us))
    until_us = at_us + 23 * HOUR
    ask = AskPayment(payment_id="pay_1", conversation_id="c_1", page=2, until_us=until_us, not_after_us=until_us)
    close = AskPayment(payment_id="pay_1", conversation_id="c_1", ask="close", page=1, provider_id="link_1")
    assert decision.jobs == (ask, close)
    assert (ask.key, close.key) == ("pay_1.open.2", "pay_1.close")
    after = decision.payment
    assert after is not None
    assert after.page == page(wanted=2, wanted_us=at_us)
    assert (decision.entries, decision.effects) == ((), ())
    assert take(behind(page=after.page), clicked(at_us)) == NOTHING, "the second of two clicks"
    assert take(behind(page=page()), clicked(at_us, closes=False)).jobs == (ask,)
    assert take(behind(page=page()), clicked(NOW + 23 * HOUR + 1)).jobs[1:] == (), "it is over by itself"


def second(outcome: Outcome | None = None, **changes: Any) -> PaymentAsked:
    """The provider is asked for the second page."""
    made = outcome or Accepted(provider_id="link_2", url=f"{URL}/2")
    return asked(made, key="pay_1.open.2", page=2, until_us=NOW + 46 * HOUR, at_us=NOW + 23 * HOUR, **changes)


def making(*said: Evidence) -> Before:
    """The second page is being made."""
    ask = AskPayment(payment_id="pay_1", conversation_id="c_1", page=2)
    return evolve(behind(*said, page=page(wanted=2)), job=job(job=ask))


def test_the_other_page_is_behind_the_same_link_and_nobody_is_sent_another_message() -> None:
    decision = take(making(), second(outlasts=True))
    assert (decision.entries, decision.effects, decision.jobs) == ((), (), ())
    after = decision.payment
    assert after is not None
    assert (after.url, after.entry_id, after.provider_id) == (OWN, "m_1", "link_2")
    assert after.page == page(number=2, wanted=2, url=f"{URL}/2", until_us=NOW + 46 * HOUR)
    assert after.leads_to(NOW + 24 * HOUR) == f"{URL}/2"
    assert decision.job_settlement == JobSettlement(key="pay_1.open.2", tries=1)


@pytest.mark.parametrize("said", ["cancelled", "expired"])
def test_p08_a_page_for_what_is_over_meanwhile_is_closed(said: Any) -> None:
    close = AskPayment(payment_id="pay_1", conversation_id="c_1", ask="close", page=2, provider_id="link_2")
    assert take(making(evidence_of(said)), second()).jobs == (close,)
    assert close.key == "pay_1.close.2"
    assert take(making(PAID), second()).jobs == ()


def test_a_page_that_cannot_be_made_needs_a_person_and_is_not_asked_for_again() -> None:
    decision = take(making(), second(Refused(reason="account_problem")))
    after = decision.payment
    assert after is not None
    assert (after.flags, decision.conversation.unread if decision.conversation else 0) == (("link_failed",), 1)
    assert not after.lacks_page(NOW + 24 * HOUR)


def test_p08_a_page_that_is_over_is_not_the_end_of_the_request() -> None:
    over = reported("expired", "", None)
    assert take(behind(page=page()), evolve(over, at_us=NOW + 24 * HOUR)) == NOTHING
    late = take(behind(page=page()), evolve(over, at_us=NOW + 72 * HOUR))
    assert texts(late) == ["The request for 84.50 USD has expired: Invoice 1042."]


def test_staff_cancel_and_the_newest_page_is_closed_once() -> None:
    newest = page(number=2, wanted=2)
    close = AskPayment(payment_id="pay_1", conversation_id="c_1", ask="close", page=2, provider_id="link_1")
    assert take(behind(page=newest), cancelled()).jobs == (close,)
    assert take(behind(page=page(wanted=2)), cancelled()).jobs == (), "it is closed already, or over"
