"""Killing a worker in the middle of filing: each transcript is in the record once, and the thread says which (T3)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HARNESS = Path(__file__).with_name("filing_harness.py")
NONE = ("owed", "twice", "told_twice", "not_told", "told_another", "halves")


def run(folder: Path, *, lives: int, seed: int = 1, mutant: str = "none") -> dict[str, int]:
    given = [f"--lives={lives}", f"--seed={seed}", f"--mutant={mutant}"]
    done = subprocess.run(
        [sys.executable, str(HARNESS), str(folder), *given], capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stderr
    print(done.stdout)
    return dict(json.loads(done.stdout))


def check(counted: dict[str, int], lives: int) -> None:
    assert {name: counted[name] for name in NONE} == dict.fromkeys(NONE, 0)
    assert counted["files"] == counted["whole"] == counted["ended"] == 2 * lives
    assert counted["kills"] > lives * 3 / 4  # the harness must have done something


def test_p03_p04_sixty_kills_file_each_transcript_once(tmp_path: Path) -> None:
    check(run(tmp_path, lives=60), 60)


@pytest.mark.parametrize(("mutant", "violation"), [("other-names", "twice"), ("forgets", "not_told")])
def test_p03_p04_the_harness_catches_its_mutants(tmp_path: Path, mutant: str, violation: str) -> None:
    assert run(tmp_path, lives=30, mutant=mutant)[violation] > 0


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 7))
def test_p03_p04_long(tmp_path: Path, seed: int) -> None:
    check(run(tmp_path, lives=90, seed=seed), 90)
