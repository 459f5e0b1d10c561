"""The rules about payments as values, and when the host's books have something to learn."""

from __future__ import annotations

import pytest

from convokit.domain.instant import HOUR
from convokit.domain.money import Money
from convokit.domain.payment import Evidence, Payment, evidence_of, money_moved
from convokit.domain.payment_rules import PaymentRules, payment_words

MONEY = Money(minor=8450, currency="USD")
ASKED = Payment(
    id="pay_1",
    conversation_id="c_1",
    title="Invoice {link}",
    money=MONEY,
    provider="sim",
    by_id="u1",
    by_name="Dr. Kim",
    requested_us=1,
    expires_us=2,
)
PAID = evidence_of("paid", movement_id="ch_1", money=MONEY)
SECOND = evidence_of("paid", movement_id="ch_2", money=MONEY)
WRONG = evidence_of("paid", movement_id="ch_3", money=Money(minor=1, currency="USD"))
REFUND = evidence_of("refunded", movement_id="re_1", money=MONEY)


def after(*said: Evidence) -> Payment:
    made = ASKED
    for evidence in said:
        made = made.joined(evidence, 1)
    return made


def test_currencies_may_be_one_a_list_or_what_is_refused_later() -> None:
    assert PaymentRules(currencies="USD").currencies == {"USD"}
    assert PaymentRules(currencies=["USD", "CAD", "USD"]).currencies == {"USD", "CAD"}
    assert PaymentRules(currencies=7).currencies == 7  # type: ignore[arg-type,comparison-overlap]  # refused at the door
    assert PaymentRules(expiry_hours=2).expiry == 2 * HOUR


def test_words_are_filled_in_once() -> None:
    assert payment_words("{practice}|{amount}|{title}|{link}|{other}", "{amount}", ASKED) == (
        "{amount}|84.50 USD|Invoice {link}||{other}"
    )


@pytest.mark.parametrize(
    ("before", "now", "moved"),
    [
        (None, after(), False),
        (after(), after(evidence_of("opened")), False),
        (after(), after(evidence_of("declined")), False),
        (after(), after(evidence_of("cancelled")), False),
        (after(), after(evidence_of("paid", test=True)), False),
        (after(), after(PAID), True),
        (after(evidence_of("declined")), after(evidence_of("declined"), PAID), True),
        (None, after(PAID), True),
        (after(PAID), after(PAID, evidence_of("opened")), False),
        (after(PAID), after(PAID, SECOND), True),
        (after(PAID), after(PAID, REFUND), True),
        (after(PAID), after(PAID, evidence_of("disputed")), True),
        (after(PAID), after(PAID, evidence_of("expired")), True),
        (after(), after(WRONG), True),
        (after(), after(REFUND), True),
    ],
    ids=range(15),
)
def test_the_books_are_told_of_money_and_of_what_is_odd_about_it(
    before: Payment | None, now: Payment, moved: bool
) -> None:
    assert money_moved(before, now) is moved
