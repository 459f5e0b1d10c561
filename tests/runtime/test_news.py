"""News of commits spare the worker and the readers of the change feed their waiting; nothing depends on them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from desks import ANA, KIM, World, world
from postgres_cluster import Cluster, Place
from world_fixtures import url_of

import convokit
from convokit import Delivery
from convokit.errors import InvalidInput

LONG = 25.0
"""Seconds that nobody should have to wait."""


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with world(url_of(request.param, request, tmp_path)) as made:
        yield made


@contextmanager
def running(w: World, idle_seconds: float) -> Iterator[None]:
    worker = threading.Thread(target=lambda: w.kit.run(threads=2, idle_seconds=idle_seconds), daemon=True)
    worker.start()
    try:
        yield
    finally:
        w.kit.stop()
        worker.join(30)
    assert not worker.is_alive()


def soon(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + LONG
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def test_an_idle_worker_hands_over_at_once_what_is_owed(each: World) -> None:
    with running(each, 10 * LONG):
        talk = each.desk.start(client=ANA, channel="sms", by=KIM)
        for number in range(3):
            sent = each.desk.send(talk.id, f"text {number}", by=KIM)
            assert soon(lambda sent=sent: each.desk.message(sent.id).delivery is Delivery.SENT)


def test_a_reader_of_the_change_feed_hears_of_a_change_at_once(each: World) -> None:
    each.desk.start(client=ANA, channel="app", by=KIM)
    (first,) = each.desk.changes()
    found: list[Any] = []
    started = time.monotonic()
    reader = threading.Thread(target=lambda: found.extend(each.desk.changes(since=first.number, wait=60)))
    reader.start()
    time.sleep(0.1)
    each.desk.set_urgency(first.conversation_id, "urgent", by=KIM)
    reader.join(LONG)
    assert [change.conversation_id for change in found] == [first.conversation_id]
    assert time.monotonic() - started < LONG


def test_a_change_that_is_there_already_is_not_waited_for(each: World) -> None:
    talk = each.desk.start(client=ANA, channel="app", by=KIM)
    started = time.monotonic()
    assert [change.conversation_id for change in each.desk.changes(wait=60)] == [talk.id]
    assert time.monotonic() - started < LONG


def test_when_nothing_changes_nothing_is_found(each: World) -> None:
    assert each.desk.changes(wait=0.05) == ()


@pytest.mark.parametrize("wait", [-1, 61, "1", None, True, float("nan")])
def test_a_wait_that_cannot_be(w: World, wait: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        w.desk.changes(wait=wait)
    assert (caught.value.code, caught.value.limit) == ("changes.wait", "60")


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_without_news_it_only_takes_longer(
    store: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world(url_of(store, request, tmp_path)) as made:
        monkeypatch.setattr(made.kit.store, "listen", lambda heard: lambda: None)
        with running(made, 0.05):
            talk = made.desk.start(client=ANA, channel="sms", by=KIM)
            sent = made.desk.send(talk.id, "text", by=KIM)
            assert soon(lambda: made.desk.message(sent.id).delivery is Delivery.SENT)
        reader = threading.Timer(0.1, lambda: made.desk.set_urgency(talk.id, "urgent", by=KIM))
        newest = made.desk.changes()[-1].number
        reader.start()
        assert made.desk.changes(since=newest, wait=LONG)
        reader.join()


def test_postgres_tells_other_processes_and_after_a_restart_too(
    postgres_cluster: Cluster, postgres_place: Place
) -> None:
    """Two kits stand for two processes: they share nothing but the database."""
    with world(postgres_place.url()) as made, convokit.open(postgres_place.url()) as other:
        rung = threading.Event()
        end = other.store.listen(lambda practice_id: rung.set() if practice_id == made.desk.practice.id else None)
        talk = made.desk.start(client=ANA, channel="app", by=KIM)
        for number in range(2):
            urgency = iter(["low", "high"] * 1000)

            def heard(urgency: Any = urgency) -> bool:
                made.desk.set_urgency(talk.id, next(urgency), by=KIM)
                return rung.wait(0.2)

            assert soon(heard), number
            rung.clear()
            with postgres_cluster.connect() as admin:
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' OR query = ''"
                )
        end()
