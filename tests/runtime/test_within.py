"""A host's own transaction carries our rows: both are committed, or both rolled back; nothing leaves before."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from attrs import define, field, frozen
from desks import ANA, BELLA, KIM, World, world
from postgres_cluster import APP, HOST, Cluster, Place

import convokit
from convokit import Delivery
from convokit.errors import Conflict, ConvokitError, StorageError
from convokit.plugins import hookimpl

INVOICES = "CREATE TABLE invoice (id INTEGER PRIMARY KEY, title TEXT NOT NULL)"


@define
class Listener:
    """A plugin of the host's that wants to hear of changes, once they are true."""

    desk: Any = None
    told: list[tuple[str, bool]] = field(factory=list)

    @hookimpl
    def convokit_changed(self, practice_id: str, conversation_id: str, change: int) -> None:
        known = {row.id for row in self.desk.inbox().items}
        self.told.append((conversation_id, conversation_id in known))


@frozen
class HostOf:
    """A host beside a desk: it has tables of its own in the same database, and a library to use them."""

    w: World
    listener: Listener
    begin: Callable[[], AbstractContextManager[Any]]
    """A transaction of the library's: what ``within`` gets. It commits at the end, and rolls back on an exception."""
    add: Callable[[Any, str], None]
    """An invoice of the host's own."""
    invoices: Callable[[], list[str]]


# --- SQLAlchemy ------------------------------------------------------------------------------------------------------


def alchemy(w: World, listener: Listener, engine: sa.Engine) -> HostOf:
    def add(connection: sa.Connection, title: str) -> None:
        connection.execute(sa.text("INSERT INTO invoice (title) VALUES (:title)"), {"title": title})

    def invoices() -> list[str]:
        with engine.connect() as connection:
            return list(connection.scalars(sa.text("SELECT title FROM invoice ORDER BY id")))

    return HostOf(w, listener, engine.begin, add, invoices)


# --- Django ----------------------------------------------------------------------------------------------------------


def from_django(w: World, listener: Listener, settings: dict[str, Any]) -> HostOf:
    import django
    from django.conf import settings as configured

    if not configured.configured:
        configured.configure(DATABASES={"default": settings}, USE_TZ=True)
        django.setup()
    from django.db import connections, transaction
    from django.db.backends.base.base import BaseDatabaseWrapper

    connections.settings = connections.configure_settings({"default": settings})
    with suppress(AttributeError):
        del connections["default"]  # another test's
    connection: BaseDatabaseWrapper = connections["default"]

    @contextmanager
    def begin() -> Iterator[BaseDatabaseWrapper]:
        with transaction.atomic():
            yield connection

    def add(connection: BaseDatabaseWrapper, title: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO invoice (title) VALUES (%s)", [title])

    def invoices() -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT title FROM invoice ORDER BY id")
            return [row[0] for row in cursor.fetchall()]

    return HostOf(w, listener, begin, add, invoices)


# --- the hosts -------------------------------------------------------------------------------------------------------


@contextmanager
def listening_world(url: str) -> Iterator[tuple[World, Listener]]:
    listener = Listener()
    with world(url, plugins=[listener]) as made:
        listener.desk = made.desk
        yield made, listener


@pytest.fixture(params=["alchemy on SQLite", "alchemy on PostgreSQL", "Django on PostgreSQL", "Django on SQLite"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HostOf]:
    library, _, database = request.param.partition(" on ")
    if database == "SQLite":
        with listening_world(f"sqlite:///{tmp_path}/desk.db") as (made, listener):
            own = sqlite3.connect(tmp_path / "desk.db")
            own.execute(INVOICES)
            own.close()
            yield from _hosted(library, made, listener, f"sqlite:///{tmp_path}/desk.db", {"NAME": tmp_path / "desk.db"})
        return
    place: Place = request.getfixturevalue("postgres_place")
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    hosts_tables(cluster, place)
    url = place.url(HOST).replace("postgresql:", "postgresql+psycopg:")
    settings = {"NAME": place.name, "HOST": "127.0.0.1", "PORT": place.port, "USER": HOST}
    with listening_world(place.url()) as (made, listener):
        yield from _hosted(library, made, listener, url, settings)


def hosts_tables(cluster: Cluster, place: Place) -> None:
    """The host has a role and tables of its own, and may act as the app's role."""
    for statement in (
        INVOICES.replace("INTEGER", "SERIAL"),
        f"ALTER TABLE invoice OWNER TO {HOST}",
        f"GRANT {APP} TO {HOST}",
    ):
        cluster.admin(statement, place.name)


def _hosted(library: str, made: World, listener: Listener, url: str, settings: dict[str, Any]) -> Iterator[HostOf]:
    if library == "alchemy":
        engine = sa.create_engine(url)
        yield alchemy(made, listener, engine)
        engine.dispose()
        return
    backend = "postgresql" if "postgresql" in url else "sqlite3"
    yield from_django(made, listener, {"ENGINE": f"django.db.backends.{backend}", **settings})
    from django.db import connections

    connections.close_all()


class OddError(Exception):
    """The host changes its mind."""


@contextmanager
def rolled_back(host: HostOf) -> Iterator[Any]:
    with suppress(OddError), host.begin() as connection, host.w.kit.within(connection):
        yield connection
        raise OddError


# --- both or nothing -------------------------------------------------------------------------------------------------


def test_both_commit(host: HostOf) -> None:
    with host.begin() as connection:
        host.add(connection, "1042")
        with host.w.kit.within(connection):
            talk = host.w.desk.start(client=ANA, patient=BELLA, channel="sms", by=KIM)
            sent = host.w.desk.send(talk.id, "Bella is well.", by=KIM)
            assert host.w.desk.message(sent.id).text == "Bella is well.", "inside, its own rows are seen"
        host.add(connection, "1043")
    assert host.invoices() == ["1042", "1043"]
    assert [entry.text for entry in host.w.desk.entries(talk.id) if entry.kind == "message"] == ["Bella is well."]
    assert host.w.kit.work().performed == 1
    assert host.w.desk.message(sent.id).delivery is Delivery.SENT


def test_both_roll_back(host: HostOf) -> None:
    with rolled_back(host) as connection:
        host.add(connection, "1042")
        talk = host.w.desk.start(client=ANA, channel="sms", by=KIM)
        host.w.desk.send(talk.id, "Bella is well.", by=KIM)
    assert host.invoices() == []
    assert host.w.desk.inbox().items == ()
    assert host.w.kit.work().performed == 0
    assert host.listener.told == []
    again = host.w.desk.start(client=ANA, channel="sms", by=KIM)
    assert host.w.desk.inbox().items[0].id == again.id


def test_a_new_practice_is_rolled_back_too_and_nothing_remembers_it(host: HostOf) -> None:
    other = convokit.Practice(id="other", name="Other", region="US", numbers=["+13035550177"])
    with rolled_back(host):
        host.w.kit.add_practice(other)
        desk = host.w.kit.practice("other")
        desk.start(client=ANA, channel="sms", by=KIM)
        assert host.w.kit.webhook_path("other")
    with pytest.raises(convokit.NotFound):
        host.w.kit.practice("other")
    host.w.kit.add_practice(other)
    talk = host.w.kit.practice("other").start(client=ANA, channel="sms", by=KIM)
    host.w.kit.practice("other").send(talk.id, "Hello", by=KIM)
    assert host.w.kit.work().performed == 1
    assert host.w.kit.store.endpoint(host.w.kit.webhook_path("other")) is not None


def test_a_call_that_fails_takes_back_itself_alone(host: HostOf) -> None:
    with host.begin() as connection:
        host.add(connection, "1042")
        with host.w.kit.within(connection):
            talk = host.w.desk.start(client=ANA, channel="sms", by=KIM)
            with pytest.raises(Conflict) as caught:
                host.w.desk.start(client=ANA, channel="sms", by=KIM)
            assert caught.value.code == "conversation.already_open"
            with pytest.raises(ConvokitError):
                host.w.desk.send(talk.id, "x" * 5000, by=KIM)
            sent = host.w.desk.send(talk.id, "Hello", by=KIM, client_ref="r1")
            assert host.w.desk.send(talk.id, "Hello", by=KIM, client_ref="r1").id == sent.id
        host.add(connection, "1043")
    assert host.invoices() == ["1042", "1043"]
    assert host.w.desk.message(sent.id).text == "Hello"


def test_p08_a_reference_that_collides_stores_nothing_and_breaks_nothing(host: HostOf) -> None:
    """A unique index refuses, in the middle of the host's transaction."""
    store = host.w.kit.store
    with host.begin() as connection, host.w.kit.within(connection):
        token = store.endpoint_for("happy-paws", "one", "the token").token
        with pytest.raises(Conflict) as caught:
            store.endpoint_for("happy-paws", "two", token)
        assert caught.value.code == "id.taken"
        host.add(connection, "1042")
    assert host.invoices() == ["1042"]


# --- nothing before the commit ---------------------------------------------------------------------------------------


def test_others_see_nothing_and_nothing_leaves_before_the_commit(host: HostOf) -> None:
    seen: list[Any] = []

    def look() -> None:
        seen.append((host.w.desk.inbox().items, host.w.kit.worker.due(), host.listener.told))

    with host.begin() as connection:
        with host.w.kit.within(connection):
            talk = host.w.desk.start(client=ANA, channel="sms", by=KIM)
            host.w.desk.send(talk.id, "Hello", by=KIM)
        other = threading.Thread(target=look)
        other.start()
        other.join(30)
        assert seen == [((), (), [])]
    assert [conversation for conversation, _ in host.listener.told] == [talk.id, talk.id]
    assert all(is_there for _, is_there in host.listener.told), "told when it could be read"


def test_what_only_a_commit_can_promise_is_refused(host: HostOf) -> None:
    w = host.w
    talk = w.desk.start(client=ANA, channel="sms", by=KIM)
    w.desk.send(talk.id, "Hello", by=KIM)
    request = convokit.HttpRequest(method="POST", url=f"http://h/{w.kit.webhook_path('happy-paws')}", body=b"")
    with host.begin() as connection, w.kit.within(connection):
        for call in (
            w.kit.work,
            lambda: w.kit.run(threads=1),
            lambda: w.kit.webhook(request),
            lambda: w.kit.front(request),
            lambda: w.desk.opt_out("+13035550123", by=KIM, reason="by phone"),
            lambda: w.desk.erase_client("c17", by=KIM, reason="asked"),
            lambda: w.kit.store.begin("happy-paws", "x", 1, 1),
            lambda: w.kit.store.begin_job("happy-paws", "x", 1, 1),
            lambda: w.kit.store.due(1, 1),
            w.kit.store.scrub,
        ):
            with pytest.raises(Conflict) as caught:
                call()
            assert caught.value.code == "within.not_here"
        host.add(connection, "1042")
    assert host.invoices() == ["1042"]
    assert w.kit.work().performed == 1


def test_other_threads_are_not_within(host: HostOf) -> None:
    found: list[Any] = []
    with host.begin() as connection, host.w.kit.within(connection):
        reader = threading.Thread(target=lambda: found.append(host.w.kit.worker.due()))
        reader.start()
        reader.join(30)
    assert found == [()]


# --- connections that will not do ------------------------------------------------------------------------------------


def code_of(kit: convokit.Convokit, connection: object) -> str:
    with pytest.raises(ConvokitError) as caught, kit.within(connection):
        pass
    return caught.value.code


def test_what_is_no_connection(host: HostOf) -> None:
    with closing(sqlite3.connect(":memory:")) as bare:
        for wrong in (None, "postgresql://x", object(), bare):
            assert code_of(host.w.kit, wrong) == "within.connection"


def test_a_store_in_memory_takes_part_in_nothing() -> None:
    engine = sa.create_engine("sqlite://")
    with world("memory:") as made, engine.connect() as connection:
        assert code_of(made.kit, connection) == "within.store"
    engine.dispose()


def test_a_connection_that_commits_each_statement(tmp_path: Path, postgres_place: Place) -> None:
    for url, kit_url in (
        (f"sqlite:///{tmp_path}/desk.db", f"sqlite:///{tmp_path}/desk.db"),
        (postgres_place.url().replace(":", "+psycopg:", 1), postgres_place.url()),
    ):
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with world(kit_url) as made, engine.connect() as connection:
            assert code_of(made.kit, connection) == "within.no_transaction"
        engine.dispose()


def test_a_connection_to_another_database(tmp_path: Path, postgres_place: Place, postgres_cluster: Cluster) -> None:
    other = postgres_cluster.migrated()
    for url, kit_url in (
        (f"sqlite:///{tmp_path}/other.db", f"sqlite:///{tmp_path}/desk.db"),
        (f"sqlite:///{tmp_path}/other.db", postgres_place.url()),
        (other.url().replace(":", "+psycopg:", 1), postgres_place.url()),
        (other.url().replace(":", "+psycopg:", 1), f"sqlite:///{tmp_path}/desk.db"),
    ):
        engine = sa.create_engine(url)
        with world(kit_url) as made, engine.begin() as connection:
            assert code_of(made.kit, connection) == "within.connection"
        engine.dispose()
    postgres_cluster.drop(other)


def test_commit_as_you_go_begins_a_transaction(tmp_path: Path, postgres_place: Place) -> None:
    for url, kit_url in (
        (f"sqlite:///{tmp_path}/desk.db", f"sqlite:///{tmp_path}/desk.db"),
        (postgres_place.url().replace(":", "+psycopg:", 1), postgres_place.url()),
    ):
        engine = sa.create_engine(url)
        with listening_world(kit_url) as (made, listener), engine.connect() as connection:
            with made.kit.within(connection):
                kept = made.desk.start(client=ANA, channel="app", by=KIM)
            connection.commit()
            with made.kit.within(connection):
                made.desk.set_urgency(kept.id, "urgent", by=KIM)
            connection.rollback()
            assert [(row.id, row.urgency) for row in made.desk.inbox().items] == [(kept.id, kept.urgency)]
            assert [conversation for conversation, _ in listener.told] == [kept.id], "told at the next transaction"
        engine.dispose()


# --- PostgreSQL alone ------------------------------------------------------------------------------------------------


@pytest.fixture
def on_postgres(postgres_place: Place, postgres_cluster: Cluster) -> Iterator[HostOf]:
    hosts_tables(postgres_cluster, postgres_place)
    with listening_world(postgres_place.url()) as (made, listener):
        yield from _hosted("alchemy", made, listener, postgres_place.url(HOST).replace(":", "+psycopg:", 1), {})


def test_p10_the_hosts_own_statements_have_its_own_role_and_settings(on_postgres: HostOf) -> None:
    names = "role search_path convokit.practice lock_timeout statement_timeout".split()
    asked = sa.text("SELECT current_user, " + ", ".join(f"current_setting('{name}', true)" for name in names))
    with on_postgres.begin() as connection:
        connection.execute(sa.text("SET LOCAL lock_timeout = '7s'"))
        before = tuple(connection.execute(asked).one())
        with on_postgres.w.kit.within(connection):
            talk = on_postgres.w.desk.start(client=ANA, channel="sms", by=KIM)
            with pytest.raises(Conflict):
                on_postgres.w.desk.start(client=ANA, channel="sms", by=KIM)
            on_postgres.w.desk.thread(talk.id)
            inside = tuple(connection.execute(asked).one())
        after = tuple(connection.execute(asked).one())
    assert inside == after == (*before[:3], "", *before[4:])
    assert (before[0], after[4]) == (HOST, "7s")


def test_p10_row_level_security_holds_for_a_host_that_is_a_superuser(
    on_postgres: HostOf, postgres_place: Place
) -> None:
    engine = sa.create_engine(postgres_place.url("postgres").replace(":", "+psycopg:", 1))
    with engine.begin() as connection, on_postgres.w.kit.within(connection):
        store: Any = on_postgres.w.kit.store
        with store._db.reading(store._key("happy-paws")) as run:
            (row,) = run.exchange(("SELECT current_user::text, row_security_active('convokit_entry')", ()))[0].rows
    assert row == (APP, True)
    engine.dispose()


def test_a_host_that_may_not_act_as_the_app_is_told_what_to_grant(
    postgres_place: Place, postgres_cluster: Cluster
) -> None:
    postgres_cluster.admin(f"REVOKE {APP} FROM {HOST}", postgres_place.name)
    engine = sa.create_engine(postgres_place.url(HOST).replace(":", "+psycopg:", 1))
    with world(postgres_place.url()) as made, engine.begin() as connection, made.kit.within(connection):
        with pytest.raises(StorageError) as caught:
            made.desk.start(client=ANA, channel="sms", by=KIM)
        assert (caught.value.code, f"GRANT {APP}" in caught.value.message) == ("storage.wrong_role", True)
        assert connection.scalar(sa.text("SELECT 1")) == 1
    engine.dispose()


def test_a_transaction_that_has_failed_can_only_be_rolled_back(on_postgres: HostOf) -> None:
    codes = []
    with suppress(sa.exc.DBAPIError), on_postgres.begin() as connection:
        with on_postgres.w.kit.within(connection):
            with suppress(sa.exc.DBAPIError):
                connection.execute(sa.text("SELECT 1 / 0"))
            try:
                on_postgres.w.desk.start(client=ANA, channel="sms", by=KIM)
            except StorageError as error:
                codes.append(error.code)
        codes.append(code_of(on_postgres.w.kit, connection))
        connection.execute(sa.text("SELECT 1"))
        codes.append("went on")
    assert codes == ["storage.host_transaction"] * 2


def test_a_practice_that_the_host_writes_to_keeps_others_waiting_and_no_longer_than_they_wish(
    on_postgres: HostOf,
) -> None:
    w, codes = on_postgres.w, []

    def write() -> None:
        try:
            w.kit.store.keep_unreadable("happy-paws", "carrier", b"?", 1, patience_ms=100)
        except StorageError as error:
            codes.append(error.code)

    with on_postgres.begin() as connection, w.kit.within(connection):
        w.desk.start(client=ANA, channel="sms", by=KIM)
        other = threading.Thread(target=write)
        other.start()
        other.join(30)
    assert codes == ["storage.busy"]
    write()
    assert codes == ["storage.busy"]


def test_a_host_with_snapshots_of_its_own_is_told_to_try_again(on_postgres: HostOf, postgres_place: Place) -> None:
    engine = sa.create_engine(postgres_place.url(HOST).replace(":", "+psycopg:", 1), isolation_level="REPEATABLE READ")
    with engine.begin() as connection:
        connection.execute(sa.text("SELECT 1 FROM invoice"))
        on_postgres.w.desk.start(client=ANA, channel="sms", by=KIM)
        with on_postgres.w.kit.within(connection), pytest.raises(StorageError) as caught:
            on_postgres.w.desk.start(client=ANA, channel="app", by=KIM)
        assert caught.value.code == "storage.contended"
    engine.dispose()


def test_the_worker_hears_of_what_a_host_commits(on_postgres: HostOf) -> None:
    rung = threading.Event()
    kit = on_postgres.w.kit
    end = kit.store.listen(lambda practice_id: rung.set() if practice_id == "happy-paws" else None)
    talk = on_postgres.w.desk.start(client=ANA, channel="app", by=KIM)
    while not rung.wait(0.2):
        on_postgres.w.desk.mark_unread(talk.id, by=KIM)
        on_postgres.w.desk.mark_read(talk.id, by=KIM)
    rung.clear()
    with on_postgres.begin() as connection, kit.within(connection):
        on_postgres.w.desk.set_urgency(talk.id, "urgent", by=KIM)
    assert rung.wait(30)
    end()
