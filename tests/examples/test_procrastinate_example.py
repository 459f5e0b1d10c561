"""The example of an engine, as its reader would run it, on a database of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from command import environment
from postgres_cluster import OWNER, Cluster
from postgres_fixtures import postgres_cluster

__all__ = ["postgres_cluster"]

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "run_with_procrastinate.py"


def test_two_workers_share_the_work(postgres_cluster: Cluster, tmp_path: Path) -> None:
    pytest.importorskip("convokit_engine_procrastinate")
    place = postgres_cluster.empty()
    ran = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLE), place.url(OWNER), place.url()],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    postgres_cluster.drop(place)
    # On a busy machine psycopg says here that it closed a connection whose query it could not cancel.
    assert (ran.returncode, "Traceback" in ran.stderr) == (0, False), ran.stderr
    assert ran.stdout.splitlines() == [
        "owed: 5",
        "0 queue workers alive; waiting: 5 sends, 0 mails, 0 renders (none of them in this process)",
        *["Sent, not yet delivered"] * 5,
    ]
