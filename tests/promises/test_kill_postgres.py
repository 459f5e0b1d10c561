"""T3 on PostgreSQL: writer, sessions and server are killed in the middle, and nothing is lost or doubled."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from postgres_cluster import Cluster, Place, new_cluster

from tests.promises.kill_harness import Harness
from tests.promises.test_kill import VIOLATIONS, check, run

END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"


def test_p01_p03_100_kills_of_the_writer(tmp_path: Path, postgres_place: Place) -> None:
    check(run(tmp_path, kills=100, url=postgres_place.url()), 100)


@pytest.mark.parametrize(("mutant", "violation"), [("ack-first", "lost"), ("repeat-unknown", "unmarked_doubles")])
def test_p01_p03_the_harness_catches_its_mutants(
    tmp_path: Path, postgres_place: Place, mutant: str, violation: str
) -> None:
    assert run(tmp_path, kills=30, mutant=mutant, url=postgres_place.url())[violation] > 0


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    """A server that may be killed."""
    cluster = new_cluster()
    yield cluster
    cluster.remove()


def outlive(folder: Path, url: str) -> None:
    """A process that writes and sends, whatever happens to its database."""
    Harness(folder=folder, mutant="none", random=random.Random(1), given_url=url).outlive()


def judged(folder: Path, place: Place, disturb: Any) -> dict[str, Any]:
    """What was counted after a process wrote while ``disturb`` ran."""
    harness = Harness(folder=folder, mutant="none", random=random.Random(1), given_url=place.url())
    harness.set_up()
    writer = multiprocessing.get_context("spawn").Process(target=outlive, args=(folder, place.url()))
    writer.start()
    try:
        disturb(harness)
    finally:
        (folder / "enough").touch()
        writer.join(120)
    assert writer.exitcode == 0
    return {**harness.judge(1), "troubles": harness.words("trouble")}


def wait_for_words(harness: Harness, word: str, more: int) -> None:
    """Until so many more of a word stand in the ledger."""
    wanted, deadline = harness.words(word) + more, time.monotonic() + 60
    while harness.words(word) < wanted and time.monotonic() < deadline:
        time.sleep(0.005)


def test_p01_p03_the_server_is_killed_and_started_again(tmp_path: Path, own_cluster: Cluster) -> None:
    place, seeded = own_cluster.migrated(), random.Random(1)

    def kill(harness: Harness) -> None:
        for _ in range(8):
            wait_for_words(harness, "acked", 5)
            time.sleep(seeded.uniform(0, harness.exchange_seconds))
            own_cluster.kill()
            own_cluster.start()
        wait_for_words(harness, "acked", 5)

    counted = judged(tmp_path, place, kill)
    assert {name: counted[name] for name in VIOLATIONS} == dict.fromkeys(VIOLATIONS, 0)
    assert counted["acknowledged"] >= 45
    assert counted["troubles"] > 0
    assert counted["unsure"] <= 8


def test_p01_p03_sessions_are_ended_between_statements(
    tmp_path: Path, postgres_place: Place, postgres_cluster: Cluster
) -> None:
    seeded = random.Random(1)

    def end(harness: Harness) -> None:
        wait_for_words(harness, "acked", 1)  # while it opens the desk, it may fail
        with postgres_cluster.connect() as admin:
            for _ in range(60):
                admin.execute(END, (postgres_place.name,))
                time.sleep(seeded.uniform(0, 5 * harness.exchange_seconds))
        wait_for_words(harness, "acked", 5)

    counted = judged(tmp_path, postgres_place, end)
    assert {name: counted[name] for name in VIOLATIONS} == dict.fromkeys(VIOLATIONS, 0)
    assert counted["acknowledged"] > 20
    assert counted["troubles"] > 0
