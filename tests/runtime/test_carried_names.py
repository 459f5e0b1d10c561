"""An engine with its queue in the desk's own database: names are committed with what they name, and cost no message."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from attrs import define, field, frozen
from desks import ANA, HAPPY_PAWS, KIM
from postgres_cluster import APP, HOST, OWNER, Cluster, Place

import convokit
from convokit import Delivery
from convokit.gateways.simulator import Simulator
from convokit.plugins import hookimpl
from convokit.ports.dispatcher import Dispatcher, DispatcherHealth, DispatcherOffer, NameWrite, Notice, Work


@frozen
class NoSettings:
    pass


@define
class Engine:
    """Its queue is a table beside the desk's; nothing reads it but the test."""

    work: Work
    url: str
    text: str
    told: list[Notice] = field(factory=list)
    raises: bool = False

    def writes(self, notices: Sequence[Notice]) -> Sequence[NameWrite]:
        if self.raises:
            raise RuntimeError("no name")
        return [NameWrite(text=self.text, values=(f"{one.queue} {one.kind}",)) for one in notices]

    def notify(self, notices: Sequence[Notice]) -> None:
        self.told.extend(notices)

    def run(self, *, threads: int, idle_seconds: float) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        return None

    def wait(self, seconds: float) -> bool:
        return True

    def health(self) -> DispatcherHealth:
        return DispatcherHealth(running=False, busy=0, words="a table")


@define(eq=False)
class Plugin:
    made: list[Engine] = field(factory=list)

    @hookimpl
    def convokit_dispatchers(self) -> list[DispatcherOffer]:
        return [DispatcherOffer(name="table", settings=NoSettings, build=self.build)]

    def build(self, settings: NoSettings, work: Work, url: str) -> Dispatcher:
        mark = "?" if url.startswith("sqlite") else "$1"
        self.made.append(Engine(work, url, f"INSERT INTO queue (name) VALUES ({mark})"))  # noqa: S608
        return self.made[-1]


@frozen
class Queued:
    kit: convokit.Convokit
    engine: Engine
    names: Callable[[], list[str]]
    host_url: str
    clients: Iterator[int] = field(factory=lambda: count(10))

    @property
    def desk(self) -> convokit.PracticeDesk:
        return self.kit.practice("happy-paws")

    def sent(self) -> str:
        """Send a text to somebody new; its id."""
        number = next(self.clients)
        client = convokit.Client(id=f"c{number}", name="Ana", phone=f"+13035550{number:03}")
        talk = self.desk.start(client=client, channel="sms", by=KIM)
        return self.desk.send(talk.id, "Hello", by=KIM).id


MAKE = "CREATE TABLE queue (name TEXT NOT NULL UNIQUE)"
READ = "SELECT name FROM queue ORDER BY name"


@pytest.fixture(params=["sqlite", "postgres"])
def q(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Queued]:
    names: Callable[[], list[str]]
    if request.param == "sqlite":
        file = tmp_path / "desk.db"
        with closing(sqlite3.connect(file)) as connection:
            connection.execute(MAKE)

        def names() -> list[str]:
            with closing(sqlite3.connect(file)) as connection:
                return [row[0] for row in connection.execute(READ)]

        url = host = f"sqlite:///{file}"
    else:
        cluster: Cluster = request.getfixturevalue("postgres_cluster")
        place: Place = request.getfixturevalue("postgres_place")
        with cluster.connect(place.name, OWNER) as connection:
            connection.execute(MAKE)
            connection.execute(f"GRANT ALL ON queue TO {APP}")
        cluster.admin(f"GRANT {APP} TO {HOST}")

        def names() -> list[str]:
            return [row[0] for row in cluster.admin(READ, place.name)]

        url, host = place.url(), place.url(HOST).replace("postgresql:", "postgresql+psycopg:")
    plugin = Plugin()
    with convokit.open(url, plugins=[Simulator(), plugin]) as kit:
        kit.add_practice(HAPPY_PAWS)
        (engine,) = plugin.made
        assert engine.url == url
        yield Queued(kit, engine, names, host)


def test_p04_names_are_committed_with_what_is_owed(q: Queued) -> None:
    q.sent()
    assert (q.names(), q.engine.told) == (["sends text"], [])


def test_p04_a_name_that_is_refused_costs_no_message(q: Queued, caplog: pytest.LogCaptureFixture) -> None:
    q.sent()
    sent = q.sent()  # the same name again, which the table refuses
    assert q.desk.message(sent).delivery is Delivery.QUEUED
    assert q.names() == ["sends text"]
    assert [notice.key for notice in q.engine.told] == [f"{sent}.1"], "it is told after the commit instead"
    assert "took no name" in caplog.text
    q.engine.text = q.engine.text.replace("queue", "no_such_queue")
    assert q.desk.message(q.sent()).delivery is Delivery.QUEUED
    assert len(q.engine.told) == 2


def test_p04_an_engine_that_raises_is_told_after_the_commit(q: Queued) -> None:
    q.engine.raises = True
    sent = q.sent()
    assert [notice.key for notice in q.engine.told] == [f"{sent}.1"]
    assert q.names() == []


def test_what_a_host_rolls_back_leaves_no_name(q: Queued) -> None:
    engine = sa.create_engine(q.host_url)
    with engine.connect() as connection, connection.begin() as transaction:
        with q.kit.within(connection):
            q.sent()
        transaction.rollback()
    assert (q.names(), q.engine.told) == ([], [])
    with engine.begin() as connection, q.kit.within(connection):
        q.sent()
    assert (q.names(), q.engine.told) == (["sends text"], [])
    with engine.begin() as connection, q.kit.within(connection):
        sent = q.sent()
    assert [notice.key for notice in q.engine.told] == [f"{sent}.1"]
    assert q.desk.message(sent).delivery is Delivery.QUEUED
    engine.dispose()


def test_p22_somebody_who_locks_the_queue_does_not_hold_up_messages(
    postgres_cluster: Cluster, postgres_place: Place, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with postgres_cluster.connect(postgres_place.name, OWNER) as connection:
        connection.execute(MAKE)
        connection.execute(f"GRANT ALL ON queue TO {APP}")
        plugin: Any = Plugin()
        with convokit.open(postgres_place.url(), plugins=[Simulator(), plugin]) as kit:
            kit.add_practice(HAPPY_PAWS)
            with connection.transaction():
                connection.execute("LOCK TABLE queue")
                desk = kit.practice("happy-paws")
                sent = desk.send(desk.start(client=ANA, channel="sms", by=KIM).id, "Hello", by=KIM)
            assert [notice.key for notice in plugin.made[0].told] == [f"{sent.id}.1"]
