"""Phone numbers: what is taken, what is refused and why, and what never raises."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convokit.domain.phone import inbound_address, normalise_address, parse_number
from convokit.errors import InvalidInput

TEL_BOMB = "tel:1;phone-context=" + "aa." * 25 + "aa!"


@pytest.mark.parametrize(
    ("raw", "region", "e164", "home"),
    [
        ("(303) 555-0123", "US", "+13035550123", "US"),
        ("303.555.0123", "US", "+13035550123", "US"),
        ("+1 303 555 0123", None, "+13035550123", "US"),
        ("001 303 555 0123", None, "+13035550123", "US"),
        ("011 44 7400 123456", "US", "+447400123456", "GB"),
        ("07700900123", "GB", "+447700900123", "GB"),
        ("+٤٤٧٧٠٠٩٠٠١٢٣", None, "+447700900123", "GB"),
        ("＋４４　７７００－９００１２３", None, "+447700900123", "GB"),
        ("\u2066+1 303‑555–0123\u2069", None, "+13035550123", "US"),
        ("06 12 34 56 78", "FR", "+33612345678", "FR"),
        ("+883510000000091", None, "+883510000000091", "001"),
    ],
)
def test_numbers_that_can_be_texted(raw: str, region: str | None, e164: str, home: str) -> None:
    number = parse_number(raw, region=region)
    assert (number.e164, number.typed, number.region) == (e164, raw, home)


@pytest.mark.parametrize(
    ("raw", "region", "code"),
    [
        (TEL_BOMB, "US", "address.characters"),
        ("1" * 10_000_000, "US", "address.too_long"),
        ("1" * 41, None, "address.too_long"),
        ("+353ks.123456789", "IE", "address.characters"),
        ("+1303\x005550123", "US", "address.characters"),
        ("++13035550123", "US", "address.characters"),
        (b"+13035550123", "US", "address.characters"),
        (None, "US", "address.characters"),
        (13035550123, "US", "address.characters"),
        ("07700900123", None, "address.region_missing"),
        ("999", "GB", "address.not_mobile"),
        ("112", "GB", "address.not_mobile"),
        ("72345", "US", "address.not_mobile"),
        ("+1555", None, "address.not_mobile"),
        ("+1 800 555 0100", "US", "address.not_mobile"),
        ("+1 900 555 0100", "US", "address.premium"),
        ("020 7946 0000", "GB", "address.landline"),
        ("", "US", "address.invalid"),
        ("+", "US", "address.invalid"),
        ("( ) -", "US", "address.invalid"),
        ("+999123456789", "US", "address.invalid"),
        ("555 000 1111", "US", "address.invalid"),
        ("3035550123", "XX", "address.invalid"),
        ("303555012399", "US", "address.invalid"),
    ],
)
def test_p18_refused_with_its_code(raw: object, region: str | None, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_number(raw, region=region, field="client.phone")
    assert (refused.value.code, refused.value.field) == (code, "client.phone")
    assert refused.value.limit == ("40" if code == "address.too_long" else None)
    assert len(str(refused.value)) < 300


def test_a_country_outside_the_list_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_number("+447400123456", region="US", countries=frozenset({"US", "CA"}))
    assert (refused.value.code, refused.value.limit) == ("address.country", "CA, US")
    assert "GB" in refused.value.message
    assert parse_number("+13035550123", region=None, countries=frozenset({"US"})).region == "US"


def test_an_empty_country_list_allows_none() -> None:
    with pytest.raises(InvalidInput, match="none"):
        parse_number("+13035550123", region="US", countries=frozenset())


@pytest.mark.parametrize(
    ("raw", "region", "address"),
    [
        ("+13035550123", "US", "+13035550123"),
        ("13035550123", "US", "+13035550123"),
        ("13035550123", None, "+13035550123"),
        ("447400123456", "US", "+447400123456"),
        ("+15550001111", None, "+15550001111"),
        ("5550001111", "US", "+15550001111"),
        ("15550001111", None, None),
        ("+442079460000", "US", "+442079460000"),
        ("72345", "DE", None),
        ("AMAZON", "US", None),
        ("1" * 41, "US", None),
        (None, "US", None),
    ],
)
def test_addresses_that_providers_name(raw: object, region: str | None, address: str | None) -> None:
    assert normalise_address(raw, region) == address
    if address is not None:
        assert inbound_address(raw, region) == address


@pytest.mark.parametrize(
    ("raw", "kept"),
    [("72345", "72345"), ("  My\x00 Bank\u200b ", "My Bank"), (None, ""), (b"x", ""), ("x" * 1_000_000, "x" * 40)],
)
def test_short_codes_and_names_are_kept_clean(raw: object, kept: str) -> None:
    assert inbound_address(raw, "US") == kept


@given(st.text(max_size=60) | st.binary(max_size=20) | st.none(), st.sampled_from(["US", "GB", "DE", None, "XX"]))
def test_p18_no_foreign_exception(raw: object, region: str | None) -> None:
    assert len(inbound_address(raw, region)) <= 40
    try:
        code = parse_number(raw, region=region).e164
    except InvalidInput as refused:
        code = refused.code
    assert code.startswith(("+", "address."))


def test_importing_the_module_does_not_import_the_library() -> None:
    code = "import sys, convokit.domain.phone; print('phonenumbers' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"
