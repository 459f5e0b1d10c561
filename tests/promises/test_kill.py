"""Killing the process at any moment loses no acknowledged text and sends none twice unmarked (T3)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HARNESS = Path(__file__).with_name("kill_harness.py")
VIOLATIONS = ("lost", "doubled", "unmarked_doubles", "said_sent_but_never_left", "not_settled")


def run(folder: Path, *, kills: int, seed: int = 1, mutant: str = "none", url: str | None = None) -> dict[str, Any]:
    where = [] if url is None else [f"--url={url}"]
    done = subprocess.run(
        [sys.executable, str(HARNESS), str(folder), f"--kills={kills}", f"--seed={seed}", f"--mutant={mutant}", *where],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    print(done.stdout)
    return dict(json.loads(done.stdout))


def check(counted: dict[str, Any], kills: int) -> None:
    assert {name: counted[name] for name in VIOLATIONS} == dict.fromkeys(VIOLATIONS, 0)
    # The harness must have done something: texts in and out in most lives, and kills inside hand-overs.
    assert counted["acknowledged"] > kills / 4
    assert counted["left"] > kills / 4
    assert counted["unsure"] > 0
    assert counted["unsure"] <= kills


def test_p01_p03_300_kills_lose_nothing_and_double_nothing_unmarked(tmp_path: Path) -> None:
    check(run(tmp_path, kills=300), 300)


@pytest.mark.parametrize(("mutant", "violation"), [("ack-first", "lost"), ("repeat-unknown", "unmarked_doubles")])
def test_p01_p03_the_harness_catches_its_mutants(tmp_path: Path, mutant: str, violation: str) -> None:
    assert run(tmp_path, kills=30, mutant=mutant)[violation] > 0


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 12))
def test_p01_p03_long(tmp_path: Path, seed: int) -> None:
    check(run(tmp_path, kills=1000, seed=seed), 1000)
