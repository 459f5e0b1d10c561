"""The example of a move, as its reader would run it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from command import environment
from postgres_cluster import APP, OWNER, Cluster
from postgres_fixtures import postgres_cluster

import convokit

__all__ = ["postgres_cluster"]

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "move_to_postgresql.py"


def test_a_desk_is_moved_and_its_transcripts_end_as_before(tmp_path: Path, postgres_cluster: Cluster) -> None:
    with convokit.open(f"sqlite:///{tmp_path}/desk.db") as kit:
        kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws", region="US", numbers=["+13035550100"]))
        desk, kim = kit.practice("happy-paws"), convokit.Staff(id="u1", name="Dr. Kim")
        ana = convokit.Client(id="c17", name="Ana Ruiz", has_app=True)
        desk.send(desk.start(client=ana, channel="app", by=kim).id, "All good!", by=kim)
    place = postgres_cluster.empty()
    ran = subprocess.run(
        [
            *(sys.executable, "-W", "error", str(EXAMPLE)),
            *(f"sqlite:///{tmp_path}/desk.db", place.url(OWNER), place.url(), APP),
        ],
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    total, before, after = ran.stdout.splitlines()
    assert total.endswith("rows, 0 files, differences: 0")
    assert before.removeprefix("sqlite") == after.removeprefix("postgresql")
    assert "Ana Ruiz, 2 entries, ends in" in after
    postgres_cluster.drop(place)
