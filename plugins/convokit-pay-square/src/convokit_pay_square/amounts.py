"""Amounts as Square counts them: its page "Working with monetary amounts", the smallest unit of a currency."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from convokit.domain.money import Money

TAKEN: Final = frozenset({"AUD", "CAD", "EUR", "GBP", "JPY", "USD"})
"""The currencies of the countries in which Square takes payments: cents and pence, and whole yen, as in ISO 4217.

A location takes its own country's only; Square refuses the others.
"""
_MOST: Final = 10**15


def shown(money: Money) -> dict[str, object]:
    """An amount as the API writes it."""
    return {"amount": money.minor, "currency": money.currency}


def money_of(given: object) -> Money:
    """An amount of the API's.

    Raises:
        ValueError: it is none, or not in a currency whose units are known here.
    """
    found = given if isinstance(given, Mapping) else {}
    minor, currency = found.get("amount"), found.get("currency")
    if type(minor) is not int or not 0 <= minor <= _MOST or not isinstance(currency, str) or currency not in TAKEN:
        raise ValueError("an amount or a currency is missing or unknown")
    return Money(minor=minor, currency=currency)
