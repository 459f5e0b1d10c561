"""The benchmarks run, every one, and say what they should. How fast anything is, is not tested."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from postgres_cluster import binaries
from tree import ROOT

RUN = ROOT / "benchmarks" / "run.py"
PAGE = ROOT / "docs" / "explanation" / "speed.md"
NAMES = tuple(
    (
        "imports delivery observers phone inbound repeats inbox search transcripts export export_memory dashboard "
        "first_picture hanging postgres webhooks memory claims"
    ).split()
)
ON_POSTGRES = "postgres claims"
GOALS = re.compile(r"^\|[^|]+\| (?P<goals>[^|]+) \| (?P<names>[a-z_, ]+) \|$", re.MULTILINE)
NOT_HERE = {"WeasyPrint": {"≤ 0.4x"}}
"""Goals beside peers that are not installed."""


def goals() -> dict[str, set[str]]:
    """What the page's last table says, by the benchmark's name."""
    table = PAGE.read_text(encoding="utf-8").partition("## The goals in one place")[2]
    found: dict[str, set[str]] = {}
    for row in GOALS.finditer(table):
        for name in row["names"].split(", "):
            found.setdefault(name, set()).update(re.findall(r"[≤≥] [0-9.]+x", row["goals"]))
    return {name: of for name, of in found.items() if name != "measured by"}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, RUN, *arguments], capture_output=True, text=True, check=False, timeout=600)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("imports", ("import convokit", "≤ 7x", "≤ 1.7x")),
        ("delivery", ("advance", "≤ 2x", "≤ 1.5x", "deciding on a text that comes in", "deciding on a reply of staff")),
        ("observers phone", ("observers: 0", "observers: 20, in a host's transaction", "seen before", "never seen")),
        ("inbound", ("SQLite FULL on disk", "≥ 0.7x", "≥ 1.2x")),
        ("repeats", ("≥ 10x", "holds: the same delivery report again", "holds: the same inbound text again")),
        ("dashboard", ("first inbox page", "≤ 2x", "≤ 1.5x", "a first visit weighs at most 60 kB")),
        ("first_picture", ("holds: the first command of a fresh clone shows the dashboard within 20 seconds",)),
        ("search", ("inbox page of 50", "growth to 40 messages, practices: 4", "holds: the most frequent word")),
        (
            "inbox",
            (
                "≤ 1.8x",
                "≤ 0.5x",
                "≤ 3x",
                "≤ 1.3x",
                "growth to 6,000 conversations",
                "convokit_conversation_by_urgency (practice_pk=?)",
            ),
        ),
        ("transcripts", ("20 mixed messages, 2 photos as they came", "≤ 0.85x", "≤ 11x", "MiB more")),
        ("webhooks memory", ("a bare WSGI handler", "a bare ASGI handler", "Mandrill's view", "Mailgun's view")),
        ("postgres claims", ("inbound text, PostgreSQL", "SQLite FULL, workers: 2", "Procrastinate, tasks that")),
        ("hanging", ("mean", "p99", "≤ 2x", "holds: the carrier that hangs holds at most 4 threads")),
        ("export export_memory", ("≥ 1.7x", "holds: 40 as pdf, two processes")),
    ],
)
def test_it_runs_small_and_leaves_the_manual_alone(name: str, says: tuple[str, ...]) -> None:
    if name == ON_POSTGRES:
        binaries()
    before = PAGE.read_bytes()
    done = run("--quick", "--smoke", *name.split())
    assert (done.returncode, done.stderr) == (0, "")
    assert [words for words in says if words not in done.stdout] == []
    assert "DOES NOT HOLD" not in done.stdout
    gone = {goal for peer, of in NOT_HERE.items() if f"not installed: {peer}" in done.stdout for goal in of}
    for one in name.split():
        assert {goal for goal in goals().get(one, set()) - gone if f"{goal} " not in done.stdout} == set()
    assert PAGE.read_bytes() == before


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    done = run("outbound")
    assert done.returncode == 2
    known = ", ".join(NAMES)
    assert f"unknown: outbound; there are {known}" in done.stderr


def test_every_benchmark_is_in_the_table_of_goals() -> None:
    assert sorted(goals()) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_manual_has_a_place_for_every_table_and_names_its_command(name: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page.count(f"<!-- {name}: begin -->\n") == page.count(f"<!-- {name}: end -->") == 1
    assert f"python benchmarks/run.py {name}`" in page
