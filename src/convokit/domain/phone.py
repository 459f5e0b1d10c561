"""Phone numbers: from what somebody typed to E.164, or to a refusal that says why.

Characters are filtered and the length is bounded before the phonenumbers library sees anything, because its parser
takes exponential time on hostile input. That library is imported at first use (its import is slow), and only here.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from attrs import frozen

from convokit.errors import InvalidInput

MAX_LENGTH: Final = 40
"""Characters of an address, as typed."""

_CACHED: Final = 4096
_SHORTEST: Final = 7
"""Digits of the shortest full number; anything shorter from a provider is a short code."""

_DIALLED: Final = re.compile(r"\+?[0-9 ()./\-]*\Z", re.ASCII)
_SEPARATORS: Final = re.compile(r"[ ()./\-]")
_DASHES: Final = re.compile(r"[‐‑‒–—−]")
_DRAMA: Final = "+447700900"
"""Mobile numbers that Ofcom reserves for fiction: not valid, but meant for examples and tests, so let through."""

_KINDS: Final = {
    0: "landline",
    3: "not_mobile",
    4: "premium",
    5: "premium",
    8: "not_mobile",
    9: "not_mobile",
    10: "not_mobile",
}
"""Number types of the library that are refused: fixed line, toll-free, premium, shared cost, pager, UAN, voicemail."""

_MESSAGES: Final = {
    "characters": "a phone number has only digits, spaces and + ( ) . / -",
    "region_missing": "a number without country code needs a region: set Practice(region=...), or type it with +",
    "not_mobile": "this number cannot be texted (a short code, an emergency or a service number)",
    "premium": "premium-rate numbers are never texted",
    "landline": "this is a landline, which cannot receive texts",
    "invalid": "this is not a complete, valid phone number",
}


@frozen(kw_only=True)
class PhoneNumber:
    """A number that can be texted: ``e164`` (``+13035550100``), ``typed`` (what was given), ``region`` (``US``)."""

    e164: str
    typed: str
    region: str


def parse_number(
    raw: object, *, region: str | None, countries: frozenset[str] | None = None, field: str = "phone"
) -> PhoneNumber:
    """The number behind ``raw``.

    Args:
        raw: what was typed; anything that is not text is refused, not converted.
        region: ISO 3166 region for numbers without a country code, or ``None`` when the practice has none.
        countries: regions that may be texted; ``None`` allows every one.
        field: name of the argument for the error.

    Raises:
        InvalidInput: ``address.characters``, ``address.too_long`` (limit 40), ``address.region_missing``,
            ``address.not_mobile``, ``address.premium``, ``address.country``, ``address.landline``, ``address.invalid``.
    """
    if not isinstance(raw, str):
        raise InvalidInput("address.characters", f"a phone number is text, not {type(raw).__name__}", field=field)
    found = _look_up(raw[:MAX_LENGTH], region)
    if len(raw) > MAX_LENGTH and found.problem != "characters":
        raise InvalidInput("address.too_long", "a phone number has at most 40 characters", field=field, limit="40")
    if found.number is None:
        raise InvalidInput(f"address.{found.problem}", _MESSAGES[found.problem], field=field)
    if countries is not None and found.number.region not in countries:
        raise _other_country(found.number.region, countries, field)
    return found.number


def _other_country(region: str, countries: frozenset[str], field: str) -> InvalidInput:
    allowed = ", ".join(sorted(countries)) or "none"
    why = f"texting to {region} is not switched on; the countries of this practice are: {allowed}"
    return InvalidInput("address.country", why, field=field, limit=allowed)


def region_code(raw: object) -> str | None:
    """The ISO 3166 code of two letters, in upper case, of a region that has phone numbers; ``None`` if it is none."""
    if not isinstance(raw, str) or len(raw) != len("US") or not raw.isascii():
        return None
    import phonenumbers

    code = raw.upper()
    return code if code in phonenumbers.SUPPORTED_REGIONS else None


def inbound_address(raw: object, region: str | None) -> str:
    """The address that an inbound text came from. Never raises.

    E.164 for a number; for a short code or an alphanumeric sender the text itself without control characters, blanks
    at its ends and spare blanks, at most 40 characters (``""`` when nothing is left).
    """
    text = raw if isinstance(raw, str) else ""
    e164 = normalise_address(text, region)
    if e164 is not None:
        return e164
    visible = "".join(c for c in text[: 4 * MAX_LENGTH] if not unicodedata.category(c).startswith("C"))
    return " ".join(visible.split())[:MAX_LENGTH]


def normalise_address(raw: object, region: str | None) -> str | None:
    """E.164 of a number that a provider names, of whatever kind of line, or ``None`` (short codes, names, nonsense).

    A number of a plausible length is enough in ``region`` (carriers know newer ranges than we do); one that makes no
    sense there is tried as an international number written without ``+``, and must then be valid.
    """
    if not isinstance(raw, str) or len(raw) > MAX_LENGTH:
        return None
    here = _look_up(raw, region)
    if here.e164:
        return here.e164
    abroad = _look_up(f"+{raw.strip()}", None)
    return abroad.e164 if abroad.problem != "invalid" and abroad.e164 else None


@frozen
class _Found:
    """``number`` where it can be texted, else the ``problem``; ``e164`` also for numbers that are only plausible."""

    e164: str = ""
    problem: str = ""
    number: PhoneNumber | None = None


@lru_cache(maxsize=_CACHED)
def _look_up(raw: str, region: str | None) -> _Found:
    dialled = _western(raw).strip()
    if not _DIALLED.match(dialled):
        return _Found(problem="characters")
    digits = _SEPARATORS.sub("", dialled)
    if region is None and digits.startswith("00"):
        digits = f"+{digits[2:]}"
    if region is None and digits and not digits.startswith("+"):
        return _Found(problem="region_missing")
    return _judge(raw, digits, region)


def _western(text: str) -> str:
    """``text`` with full-width signs, other scripts' digits, blanks and dashes as ASCII; format characters go."""
    if text.isascii():
        return text
    folded = unicodedata.normalize("NFKC", text)
    digits = (str(unicodedata.decimal(c)) if c.isdecimal() else " " if c.isspace() else c for c in folded)
    return _DASHES.sub("-", "".join(c for c in digits if unicodedata.category(c) != "Cf"))


def _judge(typed: str, digits: str, region: str | None) -> _Found:
    """What the library says about at most 40 filtered characters."""
    import phonenumbers

    short = len(digits.removeprefix("+")) < _SHORTEST
    refused = _Found(problem="not_mobile" if short and digits.strip("+") else "invalid")
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return refused
    if short or phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return refused
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    drama = e164.startswith(_DRAMA)
    if not drama and not phonenumbers.is_valid_number(number):
        return _Found(e164=e164, problem="invalid")
    kind = "" if drama else _KINDS.get(phonenumbers.number_type(number), "")
    home = "GB" if drama else phonenumbers.region_code_for_number(number) or "001"
    return _Found(e164=e164, problem=kind, number=None if kind else PhoneNumber(e164=e164, typed=typed, region=home))
