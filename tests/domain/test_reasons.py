"""The reason categories that every carrier's codes map into."""

from __future__ import annotations

import pytest

from convokit.domain.reasons import REASONS, reason

CATEGORIES = """opted_out landline invalid_number number_inactive unreachable_temporary recipient_blocked
carrier_filtered content_rejected media_problem sender_unregistered sender_invalid rate_limited expired
country_not_allowed account_problem gateway_error cancelled unknown""".split()


def test_the_table_has_every_category_once_under_its_own_name() -> None:
    assert list(REASONS) == CATEGORIES
    assert all(entry.category == name for name, entry in REASONS.items())


@pytest.mark.parametrize("category", CATEGORIES)
def test_each_advice_is_a_sentence_for_people(category: str) -> None:
    entry = reason(category)
    assert entry.advice[0].isupper()
    assert entry.advice.endswith(".")
    assert len(entry.advice) < 200
    assert "_" not in entry.advice


def test_lasting_reasons_are_about_the_number_itself() -> None:
    lasting = {name for name, entry in REASONS.items() if entry.lasting}
    assert lasting == {"landline", "invalid_number", "number_inactive"}
    assert all(REASONS[name].retry == "no" for name in lasting)


def test_a_category_that_is_not_in_the_table_is_unknown() -> None:
    assert reason("from_a_newer_plugin") is REASONS["unknown"]
    assert reason("landline").who == "staff"
