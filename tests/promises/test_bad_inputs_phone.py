"""PROMISES.md C, phone numbers: one row a test. The number of the row stands first."""

from __future__ import annotations

import phonenumbers
import pytest
from attrs import evolve
from desks import HAPPY_PAWS, KIM, World

import convokit
from convokit import Client, InvalidInput
from convokit.domain.phone import parse_number

TEL_BOMB = "tel:1;phone-context=" + "aa." * 25 + "aa!"

# row, input, the practice's region, code, limit
REFUSED: list[tuple[int, object, str | None, str, str | None]] = [
    (1, TEL_BOMB, "US", "address.characters", None),
    (2, "1" * 10_000_000, "US", "address.too_long", "40"),
    (3, "+353ks.123456789", "US", "address.characters", None),
    (6, "07700900123", None, "address.region_missing", None),
    (7, "999", "GB", "address.not_mobile", None),
    (7, "112", "GB", "address.not_mobile", None),
    (7, "24365", "US", "address.not_mobile", None),
    (8, "+1 900 555 0123", "US", "address.premium", None),
    (10, "+44 7700 900123", "US", "address.country", "US"),
    (12, "303555\x000123", "US", "address.characters", None),
    (12, b"3035550123", "US", "address.characters", None),
    (12, 3035550123, "US", "address.characters", None),
]
CASES = [*REFUSED, (4,)]


@pytest.mark.parametrize(
    ("row", "number", "region", "code", "limit"), REFUSED, ids=[f"c{row[0]:02}-{str(row[1])[:24]!r}" for row in REFUSED]
)
def test_p18_a_number_is_refused(
    w: World, row: int, number: object, region: str | None, code: str, limit: str | None
) -> None:
    w.kit.add_practice(evolve(HAPPY_PAWS, region=region))
    desk = w.kit.practice("happy-paws")
    with pytest.raises(InvalidInput) as refused:
        desk.start(client=Client(id="c1", name="A", phone=number), by=KIM, channel="sms")  # type: ignore[arg-type]
    assert (refused.value.code, refused.value.field, refused.value.limit) == (code, "client.phone", limit)
    if code in ("address.characters", "address.too_long", "address.region_missing"):
        with pytest.raises(InvalidInput) as nowhere:  # nor can it be opted out: nobody knows whose it is
            desk.opt_out(number, by=KIM, reason="by phone")  # type: ignore[arg-type]
        assert (nowhere.value.code, nowhere.value.field) == (code, "number")
    assert (desk.inbox().items, desk.changes(), w.kit.store.unsettled()) == ((), (), 0)


@pytest.mark.parametrize("number", [TEL_BOMB, "1" * 10_000_000, "+353ks.123456789", "303555\x000123"])
def test_p18_c01_the_parser_never_sees_what_is_not_a_number(number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def reached(*arguments: object) -> None:
        raise AssertionError("the parser was called")

    monkeypatch.setattr(phonenumbers, "parse", reached)
    with pytest.raises(InvalidInput):
        parse_number(number, region="US")


@pytest.mark.parametrize("typed", ["+٤٤٧٧٠٠٩٠٠١٢٣", "＋４４７７００９００１２３", "+44 7700 900123"])
def test_p18_c04_digits_of_other_scripts_are_the_same_number(w: World, typed: str) -> None:
    w.kit.add_practice(evolve(HAPPY_PAWS, rules=convokit.Rules(countries={"US", "GB"})))
    desk = w.kit.practice("happy-paws")
    started = desk.start(client=Client(id="c1", name="A", phone=typed), by=KIM, channel="sms")
    assert started.address == "+447700900123"
    assert parse_number(typed, region=None).typed == typed
