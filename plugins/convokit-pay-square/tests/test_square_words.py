"""The tables: amounts, events, states, and reasons; the official SDK knows every word of them."""

from __future__ import annotations

import inspect
import re
import typing
from importlib.metadata import metadata

import pytest
from convokit_pay_square.amounts import TAKEN, money_of, shown
from convokit_pay_square.links import own_id_of
from convokit_pay_square.words import EVENTS, KEY_REUSED, PAYMENTS, REASONS, REFUNDS, SETTLED_DISPUTES, reason_of
from hypothesis import given
from hypothesis import strategies as st
from square.types.currency import Currency
from square.types.dispute_state import DisputeState
from square.types.error_code import ErrorCode
from square.types.payment import Payment
from square.types.payment_refund import PaymentRefund

from convokit.domain.money import LARGEST_MINOR, Money
from convokit.domain.reasons import REASONS as CATEGORIES


def words_of(kind: object) -> set[str]:
    return {word for one in typing.get_args(kind) for word in typing.get_args(one)}


@given(st.sampled_from(sorted(TAKEN)), st.integers(0, LARGEST_MINOR))
def test_p08_there_and_back_is_the_same(currency: str, minor: int) -> None:
    money = Money(minor=minor, currency=currency)
    assert money_of(shown(money)) == money


@pytest.mark.parametrize(
    "given_",
    [
        None,
        [],
        {},
        {"amount": 100},
        {"amount": 100, "currency": "usd"},
        {"amount": 100, "currency": "KWD"},
        {"amount": 100, "currency": ["USD"]},
        {"amount": "100", "currency": "USD"},
        {"amount": 1.0, "currency": "USD"},
        {"amount": True, "currency": "USD"},
        {"amount": -1, "currency": "USD"},
        {"amount": 10**16, "currency": "USD"},
    ],
)
def test_p08_what_is_no_amount_is_not_read(given_: object) -> None:
    with pytest.raises(ValueError, match="amount"):
        money_of(given_)


@pytest.mark.parametrize(
    ("note", "own_id"),
    [
        ("convokit:pay_1", "pay_1"),
        ("convokit:pay_1 1042", "pay_1"),
        ("convokit:pay_1 convokit:pay_2", "pay_1"),
        ("convokit:", None),
        ("convokit: pay_1", None),
        ("Convokit:pay_1", None),
        ("see convokit:pay_1", None),
        (f"convokit:{'x' * 201}", None),
        (["convokit:pay_1"], None),
        (None, None),
    ],
)
def test_our_id_in_a_note(note: object, own_id: str | None) -> None:
    assert own_id_of(note) == own_id


def test_the_sdk_knows_every_word() -> None:
    assert words_of(Currency) >= TAKEN
    assert words_of(ErrorCode) >= {*REASONS, KEY_REUSED}
    assert words_of(DisputeState) >= SETTLED_DISPUTES
    for kind, table, more in ((Payment, PAYMENTS, ()), (PaymentRefund, REFUNDS, ("PENDING",))):
        documented = inspect.getsource(kind).partition("status: ")[2].partition('"""')[2].partition('"""')[0]
        assert set(re.findall(r"\b[A-Z]{4,}\b", documented)) == {*table, *more}


def test_reasons_are_categories() -> None:
    assert set(REASONS.values()) <= set(CATEGORIES)
    assert (reason_of(401, ""), reason_of(403, "X"), reason_of(400, "X")) == (
        "account_problem",
        "account_problem",
        "unknown",
    )


def test_the_readme_lists_the_events_to_subscribe_to() -> None:
    readme = str(metadata("convokit-pay-square").json["description"])
    listed = readme.partition("choose these events:")[2].partition("\n\nOthers")[0]
    assert tuple(re.findall(r"^- `(.+)`$", listed, re.MULTILINE)) == EVENTS
