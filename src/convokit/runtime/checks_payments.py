"""The rules about payments, checked when a practice is added."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import evolve

from convokit.domain.money import currency_code
from convokit.domain.payment_rules import PROMPT_PLACEHOLDERS, RECEIPT_PLACEHOLDERS, PaymentRules
from convokit.errors import InvalidInput
from convokit.runtime.checks import is_storable, nothing_fills

EXPIRY_HOURS: Final = (1, 8_760)
WORDS_LENGTH: Final = 500
_FIELD: Final = "rules.payments"
_BRACES: Final = re.compile(r"\{[^{}]*\}?|\}")


def check_payments(given: object) -> PaymentRules:
    """The rules with their currencies in upper case.

    Raises:
        InvalidInput: ``rules.payments``; ``field`` names the setting.
    """
    if not isinstance(given, PaymentRules):
        raise _wrong("payments= is a convokit.PaymentRules", "", "PaymentRules")
    if type(given.accept_test) is not bool:
        raise _wrong("accept_test is True or False", "accept_test", "bool")
    least, most = EXPIRY_HOURS
    if type(given.expiry_hours) is not int or not least <= given.expiry_hours <= most:
        why = f"expiry_hours is a whole number from {least} to {most}"
        raise _wrong(why, "expiry_hours", f"{least}..{most}")
    _check_words(given.prompt, "prompt", PROMPT_PLACEHOLDERS)
    if "{link}" not in given.prompt:
        raise _wrong("without {link} nobody could pay", "prompt", "{link}")
    if given.receipt != "":
        _check_words(given.receipt, "receipt", RECEIPT_PLACEHOLDERS)
    return evolve(given, currencies=_currencies(given.currencies))


def _currencies(given: object) -> frozenset[str]:
    if not isinstance(given, frozenset):
        raise _wrong('currencies= is a set or list of codes, {"USD", "CAD"}', "currencies", "set of str")
    try:
        return frozenset(map(currency_code, given))
    except InvalidInput as error:
        raise _wrong(error.message, "currencies", error.limit or "") from None


def _check_words(template: object, name: str, known: Sequence[str]) -> None:
    """A message to clients: with nothing left to fill in."""
    if not isinstance(template, str) or not template.strip() or not is_storable(template):
        raise _wrong(f"{name} is text, and not empty", name, "str")
    if len(template) > WORDS_LENGTH:
        raise _wrong(f"{name} is too long", name, f"{WORDS_LENGTH} characters")
    for found in _BRACES.findall(template):
        if found not in known:
            raise nothing_fills(found, known, f"{_FIELD}.{name}")


def _wrong(why: str, name: str, limit: str) -> InvalidInput:
    return InvalidInput(_FIELD, why, field=f"{_FIELD}.{name}".rstrip("."), limit=limit)
