"""The join and the indicator table."""

from __future__ import annotations

import itertools
from functools import reduce

import pytest

from convokit.domain.delivery import DELIVERY_NAMES, Delivery, advance, indicator
from convokit.errors import InvalidInput

STATES = tuple(Delivery)


def last_word(current: Delivery, report: Delivery) -> Delivery:
    """The seeded mutant: the tick is the last callback (Chatwoot #14529)."""
    return report


def late_sent_clears_failed(current: Delivery, report: Delivery) -> Delivery:
    """The seeded mutant of Chatwoot PR 14149: a late ``sent`` clears ``failed``."""
    return report if current is Delivery.FAILED else advance(current, report)


def confluent(step: object, length: int) -> bool:
    """Whether all permutations and repetitions of the same reports, up to ``length``, end the same."""
    ends: dict[frozenset[Delivery], Delivery] = {}
    for size in range(1, length + 1):
        for sequence in itertools.product(STATES, repeat=size):
            end = reduce(step, sequence, Delivery.QUEUED)  # type: ignore[call-overload]
            if ends.setdefault(frozenset(sequence), end) is not end:
                return False
    return True


def test_p05_all_permutations_and_repetitions_up_to_six_end_the_same() -> None:
    assert sum(len(STATES) ** n for n in range(1, 7)) == 55_986
    assert confluent(advance, 6)


@pytest.mark.parametrize("mutant", [last_word, late_sent_clears_failed])
def test_p05_the_harness_catches_its_mutants(mutant: object) -> None:
    assert not confluent(mutant, 3)


def test_p05_idempotent_commutative_associative_monotone() -> None:
    for a, b, c in itertools.product(STATES, repeat=3):
        assert advance(a, a) is a
        assert advance(a, b) is advance(b, a)
        assert advance(advance(a, b), c) is advance(a, advance(b, c))
        assert advance(a, b) >= a


# PRODUCT table A12, both channels, and what stands beside it.
TABLE = [
    ("app", "queued", "clock", "gray"),
    ("app", "unsure", "one-check", "gray"),
    ("app", "sent", "one-check", "gray"),
    ("app", "failed", "one-check", "gray"),
    ("app", "delivered", "two-checks", "gray"),
    ("app", "read", "two-checks", "blue"),
    ("sms", "queued", "clock", "gray"),
    ("sms", "unsure", "unsure", "black"),
    ("sms", "sent", "one-check", "gray"),
    ("sms", "failed", "info", "black"),
    ("sms", "delivered", "two-checks", "gray"),
    ("sms", "read", "two-checks", "gray"),
]


@pytest.mark.parametrize(("channel", "delivery", "mark", "color"), TABLE)
def test_what_the_person_sees(channel: str, delivery: str, mark: str, color: str) -> None:
    shown = indicator(channel=channel, delivery=delivery)
    assert (shown.mark, shown.color) == (mark, color)
    assert shown.label
    assert indicator(channel=channel, delivery=DELIVERY_NAMES[delivery]) == shown


def test_the_table_is_complete() -> None:
    assert {(c, d) for c, d, _, _ in TABLE} == set(itertools.product(("app", "sms"), DELIVERY_NAMES))


def test_a_failure_says_why_and_what_to_do() -> None:
    shown = indicator(channel="sms", delivery="failed", reason="landline")
    assert shown.reason == "landline"
    assert shown.advice
    assert indicator(channel="sms", delivery="failed", reason="no such word").reason == "unknown"
    assert indicator(channel="sms", delivery="failed", reason=["landline"]).reason == "unknown"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("channel", "delivery", "code"),
    [
        ("fax", "sent", "message.channel"),
        (None, "sent", "message.channel"),
        ("sms", "gone", "message.delivery"),
        ("sms", None, "message.delivery"),
        ("app", -1, "message.delivery"),
        ("app", [], "message.delivery"),
    ],
)
def test_unknown_words_are_refused(channel: object, delivery: object, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        indicator(channel=channel, delivery=delivery)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert caught.value.limit
