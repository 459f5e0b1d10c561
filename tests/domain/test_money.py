"""Amounts are exact: parsed without rounding, kept as minor units, written with the currency's places."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convokit.domain.money import EXPONENTS, LARGEST_MINOR, Money, currency_code, parse_money
from convokit.errors import InvalidInput

ALL = sorted(EXPONENTS)

GOOD = [
    ("84.50", "USD", 8450),
    ("84.5", "usd", 8450),
    ("84", "USD", 8400),
    (84, "USD", 8400),
    (Decimal("84.50"), "USD", 8450),
    (Decimal("84.5000"), "USD", 8450),
    (Decimal("8.45E+1"), "USD", 8450),
    (Decimal("1E+3"), "USD", 100_000),
    ("0.01", "USD", 1),
    ("007.10", "USD", 710),
    (500, "JPY", 500),
    ("500", "JPY", 500),
    (Decimal("500.00"), "JPY", 500),
    ("12.345", "KWD", 12_345),
    ("12.5", "KWD", 12_500),
    ("0.001", "KWD", 1),
    ("1.2345", "CLF", 12_345),
    ("9999999999.99", "USD", LARGEST_MINOR),
    (LARGEST_MINOR, "JPY", LARGEST_MINOR),
]

BAD = [
    (84.5, "USD", "amount.float"),
    (float("nan"), "USD", "amount.float"),
    (True, "USD", "amount.type"),
    (None, "USD", "amount.type"),
    (b"84.50", "USD", "amount.type"),
    ("", "USD", "amount.format"),
    ("$84.50", "USD", "amount.format"),
    ("84,50", "USD", "amount.format"),
    ("1,084.50", "USD", "amount.format"),
    ("84.", "USD", "amount.format"),
    (".50", "USD", "amount.format"),
    ("+84.50", "USD", "amount.format"),
    ("-84.50", "USD", "amount.format"),
    ("84.50 ", "USD", "amount.format"),
    ("84.50\n", "USD", "amount.format"),
    ("8e1", "USD", "amount.format"),
    ("1_000", "USD", "amount.format"),
    ("٨٤", "USD", "amount.format"),
    ("９９", "USD", "amount.format"),
    ("1" * 10_000_000, "USD", "amount.format"),
    (Decimal("NaN"), "USD", "amount.format"),
    (Decimal("sNaN"), "USD", "amount.format"),
    (Decimal("Infinity"), "USD", "amount.format"),
    ("84.505", "USD", "amount.precision"),
    ("84.500", "USD", "amount.precision"),
    ("500.0", "JPY", "amount.precision"),
    ("12.3456", "KWD", "amount.precision"),
    (Decimal("0.001"), "USD", "amount.precision"),
    (Decimal("1E-999999"), "USD", "amount.precision"),
    (0, "USD", "amount.not_positive"),
    ("0.00", "USD", "amount.not_positive"),
    (Decimal("-0"), "USD", "amount.not_positive"),
    (Decimal("0.00"), "USD", "amount.not_positive"),
    (-1, "USD", "amount.not_positive"),
    (Decimal("-84.50"), "USD", "amount.not_positive"),
    (10**30, "USD", "amount.too_large"),
    (Decimal("1E+999999"), "USD", "amount.too_large"),
    ("10000000000", "USD", "amount.too_large"),
    ("84.50", "XYZ", "amount.currency"),
    ("84.50", "XAU", "amount.currency"),
    ("84.50", "US", "amount.currency"),
    ("84.50", "", "amount.currency"),
    ("84.50", "ＵＳＤ", "amount.currency"),
    ("84.50", "uſd", "amount.currency"),
    ("84.50", None, "amount.currency"),
    ("84.50", 840, "amount.currency"),
]


@pytest.mark.parametrize(("amount", "currency", "minor"), GOOD, ids=lambda value: ascii(value)[:30])
def test_an_amount_is_taken_exactly(amount: object, currency: str, minor: int) -> None:
    assert parse_money(amount, currency) == Money(minor=minor, currency=currency.upper())


@pytest.mark.parametrize(("amount", "currency", "code"), BAD, ids=lambda value: ascii(value)[:30])
def test_what_is_not_exact_or_not_clear_is_refused(amount: object, currency: object, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_money(amount, currency)
    assert caught.value.code == code
    assert caught.value.field in ("amount", "currency")
    assert caught.value.limit


@pytest.mark.parametrize(
    ("minor", "currency", "amount"),
    [
        (8450, "USD", "84.50"),
        (5, "USD", "0.05"),
        (0, "USD", "0.00"),
        (100, "USD", "1.00"),
        (500, "JPY", "500"),
        (0, "JPY", "0"),
        (12_500, "KWD", "12.500"),
        (1, "KWD", "0.001"),
        (1, "CLF", "0.0001"),
    ],
)
def test_an_amount_is_written_with_its_currencys_places(minor: int, currency: str, amount: str) -> None:
    money = Money(minor=minor, currency=currency)
    assert (money.amount, money.text) == (amount, f"{amount} {currency}")


@given(st.integers(1, LARGEST_MINOR), st.sampled_from(ALL))
def test_written_and_read_again_it_is_the_same(minor: int, currency: str) -> None:
    money = Money(minor=minor, currency=currency)
    assert parse_money(money.amount, currency.lower()) == money
    with localcontext(prec=1):  # the caller's context rounds nothing here
        assert parse_money(Decimal(money.amount), currency) == money


@given(st.decimals(allow_nan=True, allow_infinity=True) | st.text() | st.integers() | st.floats(), st.text())
def test_nothing_else_is_raised(amount: object, currency: str) -> None:
    for code in (currency, "USD", "JPY"):
        with suppress(InvalidInput):
            assert 0 < parse_money(amount, code).minor <= LARGEST_MINOR


def test_the_table_has_every_currency_of_the_standard() -> None:
    """ISO 4217 List One, 2026-01-01: 165 codes with a minor unit."""
    assert len(EXPONENTS) == 165
    by_places = {places: sum(other == places for other in EXPONENTS.values()) for places in EXPONENTS.values()}
    assert by_places == {0: 17, 2: 139, 3: 7, 4: 2}
    assert all(currency_code(code.lower()) == code for code in ALL)
