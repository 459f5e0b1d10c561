"""When a provider is left alone, and how it is tried again: a pure function of what happened and when."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convokit.domain.circuit import (
    CLOSED,
    LONGEST_TRY,
    Circuit,
    CircuitRules,
    begun,
    failed,
    given_up,
    may_begin,
    worked,
)
from convokit.domain.instant import SECOND

RULES = CircuitRules(failures=3, pause=10 * SECOND, longest_pause=40 * SECOND)
NOW = 1_800_000_000 * SECOND


def failing(times: int, circuit: Circuit = CLOSED) -> Circuit:
    return reduce(lambda before, _: failed(before, NOW, RULES), range(times), circuit)


def test_it_opens_after_so_many_failures_in_a_row() -> None:
    assert failing(2) == Circuit(failures=2)
    assert failing(3) == Circuit(state="open", failures=3, pauses=1, since_us=NOW, until_us=NOW + RULES.pause)
    assert worked(failing(2), NOW) == CLOSED
    assert may_begin(failing(2), NOW, RULES)


def test_nothing_begins_until_the_pause_is_over_then_one_try() -> None:
    opened = failing(3)
    end = opened.until_us
    assert not may_begin(opened, end - 1, RULES)
    assert may_begin(opened, end, RULES)
    tried = begun(opened, end)
    assert (tried.state, tried.since_us) == ("half-open", end)
    assert not may_begin(tried, end + 1, RULES)
    # A try that never comes back does not close the door for ever.
    assert may_begin(tried, end + LONGEST_TRY, RULES)
    assert begun(tried, end + LONGEST_TRY).since_us == end


def test_what_the_try_comes_to() -> None:
    tried = begun(failing(3), NOW + RULES.pause)
    assert worked(tried, NOW + 1) == Circuit(since_us=NOW + 1)
    again = failed(tried, NOW, RULES)
    assert (again.state, again.pauses, again.until_us - NOW) == ("open", 2, 2 * RULES.pause)
    # Nothing was said about the provider: the next one may try at once.
    assert may_begin(given_up(tried, NOW), NOW, RULES)
    assert given_up(CLOSED, NOW) == begun(CLOSED, NOW) == worked(CLOSED, NOW) == CLOSED


def test_pauses_double_up_to_the_longest() -> None:
    circuit, pauses = failing(3), []
    for _ in range(4):
        pauses.append(circuit.until_us - NOW)
        circuit = failed(begun(circuit, NOW), NOW, RULES)
    assert [pause // SECOND for pause in pauses] == [10, 20, 40, 40]


def test_late_answers_of_what_began_before() -> None:
    opened = failing(3)
    assert failed(opened, NOW + 1, RULES) == Circuit(
        state="open", failures=4, pauses=1, since_us=NOW, until_us=opened.until_us
    )
    assert worked(opened, NOW + 1).state == "closed"


@pytest.mark.parametrize("back", [1, 3600 * SECOND, 10**9 * SECOND])
def test_a_clock_that_goes_back_holds_nobody_for_long(back: int) -> None:
    opened = failing(3)
    assert may_begin(opened, NOW - back, RULES) == (back > LONGEST_TRY)


@given(st.lists(st.sampled_from(["begin", "worked", "failed", "given up", "wait"])))
def test_it_always_comes_to_a_try(events: Iterable[str]) -> None:
    circuit, now = CLOSED, NOW
    for event in events:
        now += SECOND
        match event:
            case "begin" if may_begin(circuit, now, RULES):
                circuit = begun(circuit, now)
            case "worked":
                circuit = worked(circuit, now)
            case "failed":
                circuit = failed(circuit, now, RULES)
            case "given up":
                circuit = given_up(circuit, now)
            case _:
                now += 60 * SECOND
        longest = max(RULES.longest_pause, LONGEST_TRY)
        assert may_begin(circuit, now + longest, RULES)
        assert (circuit.state == "closed") == (circuit.until_us == 0)
