"""What a practice decided, as one value: what it takes, and what its automatic answers say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convokit.domain.phone import region_code
from convokit.domain.rules import PLACEHOLDERS, Practice, Rules, filled, unknown_placeholder

PRACTICE = Practice(id="p", name="Happy Paws", phone="(303) 555-0199")


@pytest.mark.parametrize("given", [None, 5, [["US"]]])
def test_a_constructor_keeps_what_it_cannot_convert(given: object) -> None:
    rules = Rules(countries=given, stop_words=given)  # type: ignore[arg-type]
    assert (rules.countries, rules.stop_words) == (given, given)


def test_a_text_is_not_taken_for_a_list_of_letters() -> None:
    assert Rules(stop_words="basta").stop_words == "basta"  # the door refuses it
    assert Rules(stop_words=["basta"]).stop_words == {"basta"}
    assert Practice(id="p", name="P", numbers="24365").numbers == ("24365",)
    assert Practice(id="p", name="P", numbers=None).numbers is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("{practice}: bye", "Happy Paws: bye"),
        ("{phone} {phone}", "(303) 555-0199 (303) 555-0199"),
        ("Bye", "Bye"),
    ],
)
def test_an_answer_is_filled_in(template: str, shown: str) -> None:
    assert filled(template, PRACTICE, "+13035550100") == shown


def test_what_is_filled_in_is_not_read_again() -> None:
    odd = Practice(id="p", name="{phone}{0.__class__}")
    assert filled("{practice} {phone}", odd, "+13035550100") == "{phone}{0.__class__} +13035550100"


@pytest.mark.parametrize(
    ("template", "unknown"),
    [
        ("{practice} {phone} 100 %", None),
        ("{practise}", "{practise}"),
        ("{ practice }", "{ practice }"),
        ("{}", "{}"),
        ("{practice", "{practice"),
        ("practice}", "}"),
        ("{{practice}}", "{ }"),
        ("{prac{phone}tice}", "{prac tice}"),
    ],
)
def test_an_unknown_placeholder_is_found(template: str, unknown: str | None) -> None:
    assert unknown_placeholder(template) == unknown


@given(st.lists(st.sampled_from([*PLACEHOLDERS, "a", " ", "{", "}", "x{y}"])).map("".join))
def test_a_template_without_unknown_placeholders_leaves_no_brace(template: str) -> None:
    left = filled(template, PRACTICE, "")
    assert (unknown_placeholder(template) is None) == (not {*left} & {*"{}"})


@pytest.mark.parametrize(
    ("given", "code"),
    [("US", "US"), ("ca", "CA"), ("gB", "GB"), ("UK", None), ("001", None), ("", None), ("uſ", None), (None, None)],
)
def test_regions_are_iso_3166_codes_that_have_numbers(given: object, code: str | None) -> None:
    assert region_code(given) == code
