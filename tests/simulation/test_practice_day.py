"""Whole days of two practices, with every misfortune: nothing lost, doubled, stuck, leaked or sent after an opt-out.

What a day is: ``tests/support/simulation``. A failure prints its seed and the few events that are enough for it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from simulation import tally
from simulation.day import FAULTS, KINDS, Day, day_of
from simulation.mutants import MUTANTS
from simulation.playing import Played, first_broken, player, report, shrunk

CI_DAYS = 200
MUTANT_DAYS = 300
"""Among so many the rarest mistake is noticed; most are on one of the first."""
SOAK_DAYS = 20_000
SOAK_PART = 1_000


def mutant_days() -> Iterator[Day]:
    return map(day_of, range(1, MUTANT_DAYS + 1))


def play(seeds: range) -> Played | None:
    """Play the days of these seeds and write down what was counted."""
    print(f"seeds {seeds.start} to {seeds.stop - 1}")
    counts, broken = first_broken(map(day_of, seeds))
    print(tally.write(f"practice-days-{seeds.start}", seeds, counts).read_text(encoding="utf-8"))
    assert broken is None, report(shrunk(broken))
    # The days must have been bad enough to prove something.
    assert counts["days"] == len(seeds)
    assert counts["acknowledged"] > 10 * len(seeds)
    assert counts["left"] > 3 * len(seeds)
    assert min(counts[name] for name in ("crashes", "unsure", "opt-outs", "SeenBefore", "Stale")) > len(seeds) / 50
    return broken


def test_p01_p02_p03_p04_p05_p06_p08_p09_p10_p24_practice_days() -> None:
    play(range(1, CI_DAYS + 1))


@pytest.mark.soak
@pytest.mark.parametrize("first", range(1, SOAK_DAYS, SOAK_PART))
def test_p01_p02_p03_p04_p05_p06_p08_p09_p10_p24_practice_days_long(first: int) -> None:
    play(range(first, first + SOAK_PART))


@pytest.mark.parametrize("mutant", MUTANTS)
def test_the_days_catch_their_mutants(mutant: str) -> None:
    wrong, promises = MUTANTS[mutant]
    _, broken = first_broken((day for day in mutant_days() if day.mails or "mail" not in mutant), mutant=wrong)
    assert broken is not None, "no day has noticed"
    assert broken.violation is not None
    assert broken.violation.promise in promises, report(broken)


def test_the_days_catch_a_carrier_that_only_claims_to_send_once() -> None:
    _, broken = first_broken(mutant_days(), lying=True)
    assert broken is not None
    assert broken.violation is not None
    assert broken.violation.promise == "P3"


def test_a_failure_is_shrunk_to_its_few_events_and_can_be_played_again() -> None:
    wrong, _ = MUTANTS["no-gate-at-begin"]
    _, broken = first_broken(mutant_days(), mutant=wrong)
    assert broken is not None
    small = shrunk(broken, mutant=wrong)
    assert len(small.day.events) <= 12
    assert f"seed {broken.day.seed} " in report(small)
    with player(mutant=wrong) as playing:
        again = playing.play(small.day)
    assert (str(again.violation), again.story) == (str(small.violation), small.story)


def test_a_seed_is_a_day_and_all_faults_and_events_take_part() -> None:
    days = [day_of(seed) for seed in range(1, 101)]
    assert days == [day_of(seed) for seed in range(1, 101)]
    assert {fault for day in days for fault in day.faults} == set(FAULTS)
    assert {event.kind for day in days for event in day.events} == set(KINDS)
    assert {day.store for day in days} == {"memory", "sqlite"}
    assert any(not day.faults for day in days)
