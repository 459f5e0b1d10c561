"""The manual's table of promises names the tests that there are."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

PROMISES = runpy.run_path(str(Path(__file__).resolve().parents[2] / "docs" / "promises.py"))
PAGE: str = PROMISES["PAGE"].read_text(encoding="utf-8")


def test_the_page_names_the_tests_that_there_are() -> None:
    assert PROMISES["renewed"](PAGE) == PAGE, "run: python docs/promises.py --write"


def test_every_promise_has_its_row() -> None:
    assert re.findall(r"^\| P(\d+) \|", PAGE, re.MULTILINE) == [str(number) for number in range(1, 25)]
    assert set(PROMISES["proofs"]()) <= set(range(1, 25))


def test_what_is_not_there_yet_claims_no_test() -> None:
    for row in re.findall(r"^\| P\d+ \|.*\| Not yet.*$", PAGE, re.MULTILINE):
        assert row.endswith(f"| {PROMISES['NONE']} |"), row
