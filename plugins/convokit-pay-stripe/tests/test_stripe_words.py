"""The tables: amounts as Stripe's page on currencies has them, events, and reasons."""

from __future__ import annotations

import re
from importlib.metadata import metadata

import pytest
from convokit_pay_stripe.amounts import TAKEN, money_of, units_of
from convokit_pay_stripe.words import EVENTS, REASONS, reason_of
from hypothesis import given
from hypothesis import strategies as st

from convokit.domain.money import EXPONENTS, LARGEST_MINOR, Money, parse_money
from convokit.domain.reasons import REASONS as CATEGORIES


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [
        ("10.00", "USD", 1000),
        ("0.01", "EUR", 1),
        ("500", "JPY", 500),
        ("1", "XPF", 1),
        ("5.120", "KWD", 5120),
        ("0.010", "BHD", 10),
        ("5", "ISK", 500),
        ("45.50", "HUF", 4550),
        ("5.00", "MGA", 5),
        ("800.45", "TWD", 80045),
    ],
)
def test_p08_an_amount_as_stripe_counts_it(amount: str, currency: str, units: int) -> None:
    money = parse_money(amount, currency)
    assert units_of(money) == units
    assert money_of(units, currency.lower()) == money


@pytest.mark.parametrize(
    ("amount", "currency"), [("5.124", "KWD"), ("0.001", "JOD"), ("5.20", "MGA"), ("1000", "UGX"), ("1", "UYI")]
)
def test_p08_what_stripe_cannot_be_asked_for_is_not_rounded(amount: str, currency: str) -> None:
    assert units_of(parse_money(amount, currency)) is None


@given(st.sampled_from(sorted(TAKEN)), st.integers(1, LARGEST_MINOR))
def test_p08_there_and_back_is_the_same(currency: str, minor: int) -> None:
    money = Money(minor=minor, currency=currency)
    units = units_of(money)
    assert units is None or money_of(units, currency.lower()) == money


@pytest.mark.parametrize(
    ("units", "currency"),
    [
        (550, "isk"),
        (100, "ugx"),
        (100, "xau"),
        (100, ""),
        (100, None),
        (None, "usd"),
        (1.0, "usd"),
        (True, "usd"),
        ("100", "usd"),
        (-1, "usd"),
        (10**16, "usd"),
    ],
)
def test_p08_what_is_no_amount_is_not_read(units: object, currency: object) -> None:
    with pytest.raises(ValueError, match=r"amount|parts"):
        money_of(units, currency)


def test_every_currency_is_one_of_the_core() -> None:
    assert set(EXPONENTS) >= TAKEN


def test_reasons_are_categories() -> None:
    assert set(REASONS.values()) <= set(CATEGORIES)
    assert (reason_of(401, ""), reason_of(403, "x"), reason_of(400, "x")) == (
        "account_problem",
        "account_problem",
        "unknown",
    )


def test_the_readme_lists_the_events_to_subscribe_to() -> None:
    readme = str(metadata("convokit-pay-stripe").json["description"])
    listed = readme.partition("choose these events:")[2].partition("\n\nOthers")[0]
    assert tuple(re.findall(r"^- `(.+)`$", listed, re.MULTILINE)) == EVENTS
