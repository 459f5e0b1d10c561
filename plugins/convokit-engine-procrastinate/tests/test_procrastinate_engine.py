"""The engine on a real queue: dead workers, broken connections, queues of their own, what it says of itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
from attrs import evolve
from convokit_engine_procrastinate.engine import ProcrastinateDispatcher
from convokit_engine_procrastinate.names import DEFER, packed
from convokit_engine_procrastinate.settings import ProcrastinateSettings
from postgres_cluster import Cluster, Place

from convokit.ports.dispatcher import Notice
from convokit.testing import ScriptedWork
from convokit.testing.dispatcher_contract import running
from convokit.testing.dispatcher_work import notice

Engine = Callable[..., ProcrastinateDispatcher]
NAMED = "SELECT queue_name, status::text FROM procrastinate_jobs WHERE task_name = 'convokit.perform' ORDER BY id"
END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"


@pytest.fixture
def work() -> ScriptedWork:
    return ScriptedWork()


@pytest.fixture
def engine(work: ScriptedWork, empty_queue: Place) -> Engine:
    def make(**settings: Any) -> ProcrastinateDispatcher:
        settings = {"sweep_seconds": 0.1, "silent_seconds": 1.0, **settings}
        return ProcrastinateDispatcher(ProcrastinateSettings(**settings), work, empty_queue.url())

    return make


def die_with(cluster: Cluster, place: Place, *notices: Notice) -> None:
    """Leave names behind as a worker does that fetched them and was killed."""
    names = packed(notices).replace("'", "''")
    cluster.admin(DEFER.replace("$1", f"'{names}'"), place.name)
    cluster.admin(
        "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat)"
        " VALUES (now() - interval '1 hour') RETURNING id)"
        " UPDATE procrastinate_jobs SET status = 'doing', worker_id = dead.id FROM dead WHERE status = 'todo'",
        place.name,
    )


def empties(cluster: Cluster, place: Place) -> bool:
    """Whether no name is left in the queue, soon."""
    with cluster.connect(place.name) as connection:
        for _ in range(400):
            if not connection.execute(NAMED).fetchall():
                return True
            connection.execute("SELECT pg_sleep(0.05)")
    return False


def test_p04_the_names_of_a_dead_worker_are_given_back(
    engine: Engine, work: ScriptedWork, postgres_cluster: Cluster, empty_queue: Place
) -> None:
    die_with(postgres_cluster, empty_queue, work.owe(notice("t1")))
    work.away = 1_000_000  # so that no sweep names it
    with running(engine()):
        work.wait_for(lambda: work.done == ["t1"])
        assert empties(postgres_cluster, empty_queue)


def test_p04_a_name_that_a_sweep_had_again_is_given_back_once(
    engine: Engine, work: ScriptedWork, postgres_cluster: Cluster, empty_queue: Place
) -> None:
    one = work.owe(notice("t1"))
    die_with(postgres_cluster, empty_queue, one)
    engine().notify([one])
    assert postgres_cluster.admin(NAMED, empty_queue.name) == [("convokit_sends", "doing"), ("convokit_sends", "todo")]
    with running(engine(queues="mails, renders")):  # it rescues for all and performs no text
        with postgres_cluster.connect(empty_queue.name) as connection:
            for _ in range(400):
                if connection.execute(NAMED).fetchall() == [("convokit_sends", "todo")]:
                    break
                connection.execute("SELECT pg_sleep(0.05)")
        assert postgres_cluster.admin(NAMED, empty_queue.name) == [("convokit_sends", "todo")]
    with running(engine()):
        work.wait_for(lambda: work.done == ["t1"])
        assert empties(postgres_cluster, empty_queue)


def test_p22_connections_that_break_are_made_again(
    engine: Engine, work: ScriptedWork, postgres_cluster: Cluster, empty_queue: Place
) -> None:
    running_one = engine()
    with running(running_one):
        work.wait_for(lambda: work.sweeps > 0)
        for number in range(3):
            with postgres_cluster.connect() as admin:
                admin.execute(END, (empty_queue.name,))
            running_one.notify([work.owe(notice(f"t{number}", lane=f"c{number}"))])
            work.wait_for(lambda number=number: f"t{number}" in work.done)  # type: ignore[misc]  # bound in the loop
    assert set(work.done) == {"t0", "t1", "t2"}


def test_p22_a_queue_that_is_away_costs_a_delay(engine: Engine, work: ScriptedWork) -> None:
    away = ProcrastinateDispatcher(ProcrastinateSettings(dsn="postgresql://nobody@127.0.0.1:9/desk"), work, "")
    away.notify([work.owe(notice("t1"))])
    health = away.health()
    assert health.problem == health.words
    assert "does not answer" in health.words
    with running(engine()):
        work.wait_for(lambda: work.done == ["t1"])


def test_one_sweep_is_for_all_workers(engine: Engine, work: ScriptedWork) -> None:
    with ExitStack() as at_work:
        for _ in range(3):
            at_work.enter_context(running(engine(sweep_seconds=60.0)))
        seen = engine()
        work.wait_for(lambda: "12 queue workers" in seen.health().words)
        work.wait_for(lambda: work.sweeps > 0)
    assert work.sweeps < 3


@pytest.mark.parametrize("queue", ["mails", "renders"])
def test_what_hangs_in_another_queue_leaves_threads_to_the_texts(
    engine: Engine, work: ScriptedWork, queue: Any
) -> None:
    for number in range(6):
        work.hang(f"m{number}")
        work.owe(evolve(notice(f"m{number}", lane=f"m{number}", practice=f"p{number}"), queue=queue))
    with running(engine(mails=64, renders=64), threads=3):
        work.wait_for(lambda: len(work.hanging) == 2)
        work.owe(notice("t1"))
        work.wait_for(lambda: work.done == ["t1"])
        assert len(work.hanging) == 2, "the text was done beside them, with the thread that is left"
        work.let_go()


def test_a_worker_may_serve_one_queue_alone(
    engine: Engine, work: ScriptedWork, postgres_cluster: Cluster, empty_queue: Place
) -> None:
    work.owe(notice("t1"))
    work.owe(evolve(notice("r1", lane="r1"), queue="renders"))
    with running(engine(queues="renders")):
        work.wait_for(lambda: work.done == ["r1"])
    assert postgres_cluster.admin(NAMED, empty_queue.name) == [("convokit_sends", "todo")]
    problem = engine().health().problem
    assert problem is not None
    assert "waiting: 1 sends, 0 mails, 0 renders (none of them in this process)" in problem
    assert problem.endswith("nobody performs what waits: start `convokit worker`")


def test_p11_a_burst_is_done_and_keeps_nobody_else_from_coming(engine: Engine, work: ScriptedWork) -> None:
    burst = [work.owe(notice(f"s{number}", lane=f"c{number}", practice="sick")) for number in range(130)]
    for one in burst:
        work.hang(one.key)
    with running(engine(sweep_seconds=1.0), threads=3):
        engine().notify(burst)
        work.wait_for(lambda: len(work.hanging) == 2)
        engine().notify([work.owe(notice("w1", practice="well"))])
        work.wait_for(lambda: work.done == ["w1"])
        work.let_go()
        work.wait_for(lambda: len(work.done) == 131)
    assert len(set(work.done)) == 131
