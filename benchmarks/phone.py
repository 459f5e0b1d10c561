"""A phone number that was seen before, beside what phonenumbers takes for it; and one that is new."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from time import process_time
from typing import Final

import phonenumbers
from harness import Effort, Goal, Report, Side, Work, compare, race

from convokit.domain import phone

_NEW: Final = "new"
_KNOWN: Final = "known"
_RAW: Final = "phonenumbers: parse, judge, format"
_REGION: Final = "US"


def run(effort: Effort) -> Report:
    """Numbers as people type them: so many that all are remembered, and as many that nobody has seen in this round."""
    count = effort.of(2_000, 1_000, 20)
    known, new = ([f"(303) {prefix}-{number:04d}" for number in range(count)] for prefix in (555, 556))
    # In this order: to forget the new ones is to forget all, and then the known ones are seen for the first time.
    sides: dict[str, Side] = {
        _NEW: partial(_over, new, _ours, phone._look_up.cache_clear),
        _KNOWN: partial(_over, known, _ours, lambda: _all(known, _ours)),
        _RAW: partial(_over, known, _raw, lambda: None),
    }
    times = race(sides, rounds=effort.of(25, 9, 1), clock=process_time)
    seen = compare(times, _KNOWN, _RAW, what="phone number seen before", items=count, goal=Goal("<=", 0.05))
    return Report(figures=(seen, compare(times, _NEW, _RAW, what="phone number never seen", items=count)))


@contextmanager
def _over(numbers: list[str], ask: Callable[[str], object], first: Callable[[], object]) -> Iterator[Work]:
    first()
    yield lambda _: _all(numbers, ask)


def _all(numbers: list[str], ask: Callable[[str], object]) -> None:
    for number in numbers:
        ask(number)


def _ours(number: str) -> object:
    return phone.parse_number(number, region=_REGION)


def _raw(number: str) -> str:
    """What everybody asks of the library."""
    parsed = phonenumbers.parse(number, _REGION)
    if not phonenumbers.is_possible_number(parsed) or not phonenumbers.is_valid_number(parsed):
        raise ValueError(number)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
