"""Exact amounts of money: whole minor units of an ISO 4217 currency, never a float.

The number of minor units is ISO 4217's own ("List One", maintained by SIX for ISO; here as published on 2026-01-01):
none for the yen, two for the dollar, three for the Kuwaiti dinar. Codes without a minor unit there (gold, test codes,
special drawing rights) are no currencies that anybody pays with.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from attrs import frozen

from convokit.errors import InvalidInput

# fmt: off
_TWO: Final = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY"
    " COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS"
    " INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR"
    " MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP"
    " STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG"
)
# fmt: on
_BY_EXPONENT: Final = (
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
    (2, _TWO),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF UYW"),
)
EXPONENTS: Final[dict[str, int]] = {code: digits for digits, codes in _BY_EXPONENT for code in codes.split()}
"""Decimal places of every currency."""

LARGEST_MINOR: Final = 10**12 - 1
"""The largest amount, in minor units: 9,999,999,999.99 dollars."""

_MOST_DIGITS: Final = 30
_PLAIN: Final = re.compile(r"([0-9]{1,30})(?:\.([0-9]{1,30}))?", re.ASCII)


@frozen(kw_only=True)
class Money:
    """An exact amount.

    Attributes:
        minor: whole minor units: cents of a dollar, yen, a thousandth of a Kuwaiti dinar.
        currency: ISO 4217 code in upper case.
    """

    minor: int
    currency: str

    @property
    def amount(self) -> str:
        """The plain number with the currency's decimal places: ``"84.50"``, ``"500"``, ``"12.500"``."""
        digits = EXPONENTS[self.currency]
        if not digits:
            return str(self.minor)
        whole, part = str(self.minor)[:-digits], str(self.minor)[-digits:]
        return f"{whole or '0'}.{part.rjust(digits, '0')}"

    @property
    def text(self) -> str:
        """For people: ``"84.50 USD"``. No symbol: of "$" and "kr" there are many."""
        return f"{self.amount} {self.currency}"


def currency_code(given: object) -> str:
    """The code of a currency in upper case.

    Raises:
        InvalidInput: ``amount.currency``.
    """
    code = given.upper() if isinstance(given, str) and given.isascii() else ""
    if code not in EXPONENTS:
        why = "not a currency; use an ISO 4217 code of three letters (USD, EUR, JPY)"
        raise InvalidInput("amount.currency", why, field="currency", limit="ISO 4217")
    return code


def parse_money(amount: object, currency: object) -> Money:
    """An amount that somebody asks for: more than nothing, and nothing rounded.

    Args:
        amount: ``Decimal("84.50")``, ``"84.50"``, or a whole number of dollars (not cents): ``84``. A text has plain
            digits and a point: no sign, no symbol, no thousands separator.
        currency: ISO 4217 code, in any case.

    Raises:
        InvalidInput: ``amount.currency``, ``amount.float``, ``amount.type``, ``amount.format``, ``amount.precision``,
            ``amount.not_positive``, ``amount.too_large``.
    """
    code = currency_code(currency)
    whole, part = _digits(amount, EXPONENTS[code])
    minor = int(whole + part.ljust(EXPONENTS[code], "0"))
    if minor > LARGEST_MINOR:
        limit = Money(minor=LARGEST_MINOR, currency=code).text
        raise InvalidInput("amount.too_large", "the amount is too large", field="amount", limit=limit)
    if not minor:
        raise _not_positive()
    return Money(minor=minor, currency=code)


def _digits(amount: object, places: int) -> tuple[str, str]:
    """The digits before and behind the point, the latter at most ``places``."""
    if isinstance(amount, float):
        why = 'a float is not exact; give Decimal("84.50") or "84.50"'
        raise InvalidInput("amount.float", why, field="amount", limit="Decimal, str, int")
    if isinstance(amount, bool) or not isinstance(amount, (Decimal, str, int)):
        raise InvalidInput("amount.type", "an amount is a Decimal, a str or an int", field="amount", limit="Decimal")
    written = _of_decimal(amount) if isinstance(amount, Decimal) else _of_int(amount)
    found = _PLAIN.fullmatch(written)
    if found is None:
        why = "an amount has plain digits and perhaps a point: no sign, symbol or thousands separator"
        raise InvalidInput("amount.format", why, field="amount", limit="84.50")
    part = found[2] or ""
    # Zeros too: "84.500" is eighty-four thousand and a half to one reader, and 84.50 to another.
    if len(part) > places:
        why = f"this currency has {places} decimal places; nothing is rounded"
        raise InvalidInput("amount.precision", why, field="amount", limit=f"{places} decimal places")
    return found[1], part


def _of_int(amount: str | int) -> str:
    if isinstance(amount, str):
        return amount
    if amount < 0:
        raise _not_positive()
    return str(min(amount, LARGEST_MINOR + 1))  # too large is too large; the text of a huge number could fill memory


def _of_decimal(amount: Decimal) -> str:
    """Plain digits of a number, without zeros at the end: there is only one way to read a Decimal."""
    if not amount.is_finite():
        raise InvalidInput("amount.format", "an amount is a finite number", field="amount", limit="84.50")
    if amount.is_signed():
        raise _not_positive()
    # What is far too large or too fine is not written out: its digits could fill the memory.
    if amount.adjusted() > _MOST_DIGITS:
        return "9" * _MOST_DIGITS
    if amount.as_tuple()[2] < -_MOST_DIGITS:  # type: ignore[operator]  # a number, for it is finite
        return "0." + "0" * _MOST_DIGITS
    written = f"{amount:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def _not_positive() -> InvalidInput:
    return InvalidInput("amount.not_positive", "an amount to pay is more than nothing", field="amount", limit="> 0")
