"""Amounts as Stripe counts them: its page "Supported currencies" (minor units, zero-decimal and special cases).

Mostly ISO 4217's own minor units. Where Stripe differs, it is said here; nothing is ever rounded.
"""

from __future__ import annotations

from typing import Final

from convokit.domain.money import EXPONENTS, Money

TAKEN: Final = frozenset(
    (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CLP CNY "
        "COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR "
        "ISK JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK "
        "MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD "
        "SHP SLE SOS SRD SZL THB TJS TND TOP TRY TTD TWD TZS UAH USD UYU UZS VND VUV WST XAF XCD XCG XOF XPF YER ZAR "
        "ZMW"
    ).split()
)
"""What clients may be asked for. Not the Ugandan shilling: Stripe's page lists it both without and with decimals."""

HUNDREDFOLD: Final = frozenset({"ISK"})
"""Whole units only, and yet counted in hundredths: 5 ISK are 500."""
WITHOUT_PARTS: Final = frozenset({"MGA"})
"""Has fifths by ISO 4217, written with two places, and is counted in whole units at Stripe: 5.00 MGA are 5."""
ENDING_IN_ZERO: Final = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
"""Three decimal places, of which the last must be 0."""


def units_of(money: Money) -> int | None:
    """The amount for Stripe; ``None`` where Stripe cannot be asked for exactly this."""
    if money.currency not in TAKEN:
        return None
    if money.currency in HUNDREDFOLD:
        return money.minor * 100
    if money.currency in WITHOUT_PARTS:
        return None if money.minor % 100 else money.minor // 100
    return None if money.currency in ENDING_IN_ZERO and money.minor % 10 else money.minor


def money_of(units: object, currency: object) -> Money:
    """An amount and a currency of Stripe's.

    Raises:
        ValueError: they are none, or not in a currency whose units are known here.
    """
    code = currency.upper() if isinstance(currency, str) else ""
    if type(units) is not int or not 0 <= units <= 10**15 or code not in TAKEN or code not in EXPONENTS:
        raise ValueError("an amount or a currency is missing or unknown")
    if code in HUNDREDFOLD:
        if units % 100:
            raise ValueError("a part of what has no parts")
        return Money(minor=units // 100, currency=code)
    return Money(minor=units * 100 if code in WITHOUT_PARTS else units, currency=code)
