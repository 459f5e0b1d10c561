"""The rules about payments at the door, from code and from a file."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from desks import HAPPY_PAWS

import convokit
from convokit import PaymentRules

BAD: list[tuple[Any, str]] = [
    ("USD", ""),
    (PaymentRules(currencies="XYZ"), "currencies"),
    (PaymentRules(currencies=[840]), "currencies"),  # type: ignore[list-item]
    (PaymentRules(currencies=7), "currencies"),  # type: ignore[arg-type]
    (PaymentRules(expiry_hours=0), "expiry_hours"),
    (PaymentRules(expiry_hours=8_761), "expiry_hours"),
    (PaymentRules(expiry_hours=True), "expiry_hours"),
    (PaymentRules(expiry_hours=72.0), "expiry_hours"),  # type: ignore[arg-type]
    (PaymentRules(prompt=""), "prompt"),
    (PaymentRules(prompt="Please pay {amount}"), "prompt"),
    (PaymentRules(prompt="{link} {practise}"), "prompt"),
    (PaymentRules(prompt="{link} }"), "prompt"),
    (PaymentRules(prompt="{link} {0.__class__}"), "prompt"),
    (PaymentRules(prompt="{link}" + "x" * 500), "prompt"),
    (PaymentRules(prompt="{link}\ud83d"), "prompt"),
    (PaymentRules(prompt=None), "prompt"),  # type: ignore[arg-type]
    (PaymentRules(receipt=" "), "receipt"),
    (PaymentRules(receipt="{link}"), "receipt"),
    (PaymentRules(receipt=b""), "receipt"),  # type: ignore[arg-type]
    (PaymentRules(accept_test=1), "accept_test"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("given", "name"), BAD, ids=range(len(BAD)))
def test_p18_rules_that_cannot_work_are_refused_by_name(given: Any, name: str) -> None:
    with convokit.open("memory:") as kit, pytest.raises(convokit.InvalidInput) as caught:
        kit.add_practice(evolve(HAPPY_PAWS, rules=convokit.Rules(payments=given)))
    unfilled = "nothing is filled in for" in caught.value.message
    assert caught.value.code == ("template.field" if unfilled else "rules.payments")
    assert caught.value.field == f"rules.payments.{name}".rstrip(".")
    assert caught.value.limit


def test_good_rules_are_kept_with_their_currencies_in_upper_case() -> None:
    with convokit.open("memory:") as kit:
        rules = PaymentRules(currencies=["usd", "Jpy"], prompt="{link}", receipt="", expiry_hours=1)
        kept = kit.add_practice(evolve(HAPPY_PAWS, rules=convokit.Rules(payments=rules))).rules.payments
    assert kept == PaymentRules(currencies={"USD", "JPY"}, prompt="{link}", receipt="", expiry_hours=1)


def test_they_survive_the_store_and_a_file(tmp_path: Any) -> None:
    given = {"payments": {"currencies": ["USD"], "expiry_hours": 24, "accept_test": True}}
    rules = convokit.rules_from(given)
    assert rules.payments == PaymentRules(currencies={"USD"}, expiry_hours=24, accept_test=True)
    with convokit.open(f"sqlite:///{tmp_path}/desk.db") as kit:
        kit.add_practice(evolve(HAPPY_PAWS, rules=rules))
        assert kit.practice("happy-paws").practice.rules == rules
    with pytest.raises(convokit.ConfigurationError) as caught:
        convokit.rules_from({"payments": {"expiry_hour": 24}})
    assert (caught.value.code, caught.value.field) == ("rules.unknown", "rules.payments.expiry_hour")
