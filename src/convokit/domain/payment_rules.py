"""What a practice has decided about payments, and the words that clients get about them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, cast

from attrs import field, frozen

from convokit.domain.instant import HOUR
from convokit.domain.payment import Payment

PROMPT_PLACEHOLDERS: Final = ("{practice}", "{amount}", "{title}", "{link}")
RECEIPT_PLACEHOLDERS: Final = ("{practice}", "{amount}", "{title}")
"""What the words about payments may have filled in."""

_PLACEHOLDER: Final = re.compile("|".join(map(re.escape, PROMPT_PLACEHOLDERS)))


def _codes(given: Iterable[str]) -> frozenset[str]:
    # One code may be given as it is; a string taken as a list would be a currency per letter. What cannot be converted
    # stays as it is: add_practice refuses it by name, a constructor would raise a TypeError.
    try:
        return frozenset((given,) if isinstance(given, str) else given)
    except TypeError:
        return cast("frozenset[str]", given)


@frozen(kw_only=True)
class PaymentRules:
    """How a practice asks for money. Without a payment provider nobody can be asked.

    Attributes:
        currencies: ISO 4217 codes that may be asked for; empty means every currency that the provider takes.
        expiry_hours: how long a link works; without a public URL the provider may allow less.
        prompt: the message with the link; see :func:`payment_words`.
        receipt: the message when it is paid; empty sends none.
        accept_test: take reports from a provider's test mode as real, where nothing is (a training desk).
    """

    currencies: frozenset[str] = field(default=frozenset(), converter=_codes)
    expiry_hours: int = 72
    prompt: str = "{practice}: please pay {amount} for {title} here: {link}"
    receipt: str = "{practice}: we received {amount} for {title}. Thank you!"
    accept_test: bool = False

    @property
    def expiry(self) -> int:
        """How long a link works, in microseconds."""
        return self.expiry_hours * HOUR


USUAL_PAYMENTS: Final = PaymentRules()
"""The rules of a practice that has decided nothing about payments."""


def payment_words(template: str, practice_name: str, payment: Payment) -> str:
    """A message about a payment: practice, amount, title and link filled in."""
    # In one pass: a title may hold braces.
    names = {
        "{practice}": practice_name,
        "{amount}": payment.money.text,
        "{title}": payment.title,
        "{link}": payment.url or "",
    }
    return _PLACEHOLDER.sub(lambda found: names[found[0]], template)
