"""Texts as they are compared, and back to where they stood."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convokit.domain.folding import bare, folded, replaced


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("José", "jose"),
        ("Jose\u0301", "jose"),
        ("ÅNGSTRÖM Straße", "angstrom strasse"),
        ("O’Brien`s", "o'brien's"),
        ("ＡＢＣ", "abc"),
        ("Łódź", "lodz"),
    ],
)
def test_what_is_compared(text: str, plain: str) -> None:
    assert (folded(text), bare(text)) == (plain, plain)


def test_what_nobody_sees_and_kinds_of_digits_dashes_and_blanks_make_no_difference() -> None:
    assert bare("a\u200bb\u00adc ١٢–3\u22124\u00a05") == "abc 12-3-4 5"


def test_what_is_found_goes_with_its_accents_and_the_rest_stays() -> None:
    assert (
        replaced("Zoe\u0308\u0323! Zoë? zoe.", re.finditer("zoe", bare("Zoe\u0308\u0323! Zoë? zoe.")), "-")
        == "-! -? -."
    )


def test_a_character_that_is_several_goes_once() -> None:
    assert replaced("ﬀ ﬁ", re.finditer("f", bare("ﬀ ﬁ")), "-") == "- -"


@given(st.text())
def test_what_is_not_found_leaves_a_text_as_it_was(text: str) -> None:
    assert replaced(text, re.finditer("(?!)", bare(text)), "-") == text


@given(st.text())
def test_a_text_is_itself_however_it_is_compared(text: str) -> None:
    again = replaced(text, re.finditer("(?s).", bare(text)), "")
    assert bare(again) == ""
