"""Opening and migrating a PostgreSQL database: new, known, older, newer, at once, killed in the middle, forked."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from postgres_cluster import APP, OWNER, Cluster, Place

import convokit
from convokit.errors import ConfigurationError, StorageError
from convokit.stores.builtin import open_store
from convokit.stores.sql import schema
from convokit.stores.sql.postgres import migrate, migrating
from convokit.testing.builders import Facts, practice, take

GLOBAL = {("convokit_practice", "public_id"), ("convokit_endpoint", "token")}
"""What is looked up before a practice is known, so that its key cannot lead with it."""


@pytest.fixture
def empty(postgres_cluster: Cluster) -> Iterator[Place]:
    """A database without a table."""
    place = postgres_cluster.empty()
    yield place
    postgres_cluster.drop(place)


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def said(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out.strip()


def refused(url: str) -> StorageError:
    with pytest.raises(StorageError) as caught:
        open_store(url, {}).close()
    return caught.value


def tables(cluster: Cluster, place: Place) -> set[str]:
    rows = cluster.admin("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'convokit%'", place.name)
    return {row[0] for row in rows}


# --- the tables ------------------------------------------------------------------------------------------------------


@pytest.fixture
def looked_at(postgres_place: Place) -> Iterator[sa.Inspector]:
    engine = sa.create_engine(postgres_place.url(OWNER).replace("postgresql:", "postgresql+psycopg:"))
    yield sa.inspect(engine)
    engine.dispose()


def test_the_migrations_make_the_tables_of_the_schema(looked_at: sa.Inspector) -> None:
    own = {"convokit_search_header", "convokit_search_text", schema.VERSION_TABLE}
    assert set(looked_at.get_table_names()) == set(schema.metadata.tables) | own
    for name, table in schema.metadata.tables.items():
        found = {column["name"]: column for column in looked_at.get_columns(name)}
        assert list(found) == [column.name for column in table.columns]
        for column in table.columns:
            there = found[column.name]
            assert there["nullable"] == column.nullable, (name, column.name)
            kind = sa.BigInteger if isinstance(column.type, sa.Integer) else type(column.type)
            assert isinstance(there["type"], kind), (name, column.name)
            if isinstance(there["type"], sa.Text):
                assert there["type"].collation == "C", "order must be the same in every database"
        indexes = {index["name"] for index in looked_at.get_indexes(name)} - {
            unique["name"] for unique in looked_at.get_unique_constraints(name)
        }
        assert indexes == {index.name for index in table.indexes}


def test_conditions_of_indexes_are_those_of_the_schema(looked_at: sa.Inspector, postgres_cluster: Cluster) -> None:
    place = str(looked_at.engine.url.database)
    rows = postgres_cluster.admin("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'", place)
    definitions = dict(rows)
    for table in schema.metadata.tables.values():
        for index in table.indexes:
            text = definitions[index.name]
            assert ("UNIQUE" in text) == index.unique
            where = index.dialect_options["postgresql"]["where"]
            assert (" WHERE " in text) == (where is not None), index.name
            columns = [str(column).rpartition(".")[2] for column in index.expressions]
            listed = text.partition("USING btree (")[2].partition(")")[0].split(", ")
            assert listed == [column.replace(" DESC", " DESC") for column in columns], index.name


def test_p10_every_key_leads_with_the_practice(looked_at: sa.Inspector) -> None:
    """So that the tables can be partitioned, or spread over machines, by it."""
    for name in looked_at.get_table_names():
        columns = {column["name"] for column in looked_at.get_columns(name)}
        if "practice_pk" not in columns:
            assert name in {"convokit_practice", "convokit_secret", schema.VERSION_TABLE}
            continue
        assert looked_at.get_pk_constraint(name)["constrained_columns"][0] == "practice_pk"
        for index in looked_at.get_indexes(name):
            key = tuple(index["column_names"])
            assert not index["unique"] or key[0] == "practice_pk" or (name, key[0]) in GLOBAL
        for foreign in looked_at.get_foreign_keys(name):
            target = foreign["referred_table"]
            assert foreign["constrained_columns"][0] == "practice_pk"
            assert target == "convokit_practice" or foreign["referred_columns"] == ["practice_pk", "pk"]


# --- migrating -------------------------------------------------------------------------------------------------------


def test_a_new_database_is_migrated_by_its_owner_and_used_by_another_role(empty: Place) -> None:
    found = refused(empty.url())
    assert (found.code, found.limit) == ("storage.older", schema.REVISIONS[-1])
    migrate(empty.url(OWNER), app_roles=(APP,))
    with convokit.open(empty.url()) as kit:
        kit.add_practice(practice())
        assert kit.practices() == (practice(),)
    migrate(empty.url(OWNER), app_roles=(APP,))
    with convokit.open(empty.url()) as kit:
        assert kit.practices() == (practice(),)


def test_one_role_that_owns_the_tables_migrates_when_it_opens(empty: Place) -> None:
    store = open_store(f"{empty.url(OWNER)}?convokit_role=owner", {})
    store.put_practice(practice())
    assert take(store, practice(), Facts().arrived())
    store.close()


def test_a_hosts_own_tables_and_schema_are_left_alone(empty: Place, postgres_cluster: Cluster) -> None:
    with postgres_cluster.connect(empty.name, OWNER) as owner:
        owner.execute("CREATE SCHEMA desk")
        owner.execute("CREATE TABLE conversation AS SELECT 7 AS id")
    option = "?options=-csearch_path%3Ddesk"
    migrate(f"{empty.url(OWNER)}{option}", app_roles=(APP,))
    store = open_store(f"{empty.url()}{option}", {})
    store.put_practice(practice())
    taken = Facts().arrived("Is the vaccine in?")
    take(store, practice(), taken)
    store.close()
    with postgres_cluster.connect(empty.name, OWNER) as owner:
        assert owner.execute("SELECT id FROM public.conversation").fetchall() == [(7,)]
        assert owner.execute("SELECT to_regclass('desk.convokit_entry') IS NOT NULL").fetchone() == (True,)


def test_p23_of_four_processes_one_migrates_and_the_others_wait(empty: Place, postgres_cluster: Cluster) -> None:
    code = """
        import sys
        from convokit.stores.sql.postgres import migrate
        migrate(sys.argv[1], app_roles=["desk_app"])
        print("done")
    """
    processes = [python(code, empty.url(OWNER)) for _ in range(4)]
    assert [said(process) for process in processes] == ["done"] * 4
    assert postgres_cluster.admin("SELECT version_num FROM convokit_version", empty.name) == [(schema.REVISIONS[-1],)]


def test_p23_a_migration_that_fails_leaves_nothing(
    empty: Place, postgres_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = migrating._upgrade

    def half(wrapped: Any, partitions: int) -> None:
        real(wrapped, partitions)
        raise RuntimeError

    monkeypatch.setattr(migrating, "_upgrade", half)
    with pytest.raises(RuntimeError):
        migrate(empty.url(OWNER))
    assert tables(postgres_cluster, empty) == set()
    monkeypatch.undo()
    migrate(empty.url(OWNER), app_roles=(APP,))
    open_store(empty.url(), {}).close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs kill -9")
def test_p23_killed_while_migrating_it_starts_from_nothing_again(empty: Place, postgres_cluster: Cluster) -> None:
    code = """
        import os, sys
        from convokit.stores.sql.postgres import migrating
        real = migrating._upgrade
        def killed(wrapped, partitions):
            real(wrapped, partitions)
            os._exit(9)
        migrating._upgrade = killed
        migrating.migrate(sys.argv[1])
    """
    process = python(code, empty.url(OWNER))
    process.communicate(timeout=120)
    assert process.returncode == 9
    migrate(empty.url(OWNER), app_roles=(APP,))  # it waits for the end of the dead session
    open_store(empty.url(), {}).close()


def test_p23_a_newer_schema_is_refused_untouched(postgres_place: Place, postgres_cluster: Cluster) -> None:
    postgres_cluster.admin("UPDATE convokit_version SET version_num = '9999'", postgres_place.name)
    assert refused(postgres_place.url()).code == "storage.newer"
    with pytest.raises(StorageError) as caught:
        migrate(postgres_place.url(OWNER), app_roles=(APP,))
    assert caught.value.code == "storage.newer"
    assert postgres_cluster.admin("SELECT version_num FROM convokit_version", postgres_place.name) == [("9999",)]


def test_p23_a_role_that_may_not_make_tables(empty: Place, postgres_cluster: Cluster) -> None:
    with pytest.raises(StorageError) as caught:
        migrate(empty.url(APP))
    assert caught.value.code == "storage.wrong_role"
    assert tables(postgres_cluster, empty) == set()
    with pytest.raises(StorageError) as caught:
        migrate(empty.url(OWNER), app_roles=["no_such_role"])
    assert caught.value.code == "storage.wrong_role"
    assert tables(postgres_cluster, empty) == set(), "all or nothing, the rights included"
    with pytest.raises(ConfigurationError) as wrong:
        migrate(empty.url(OWNER), app_roles=["x" * 64])
    assert (wrong.value.code, wrong.value.field) == ("migrate.role", "app_role")


def test_without_the_driver_the_message_says_what_to_install() -> None:
    code = """
        import sys
        sys.modules["psycopg"] = None
        import convokit
        try:
            convokit.open("postgresql://x@127.0.0.1/d")
        except convokit.ConfigurationError as error:
            print(error.code, error.limit)
    """
    assert said(python(code)) == "store.driver convokit-vet[postgres]"


def test_opening_a_file_imports_no_driver_of_postgresql(tmp_path: Any) -> None:
    code = """
        import sys, convokit
        convokit.open(sys.argv[1]).close()
        print({"psycopg"} & set(sys.modules))
    """
    assert said(python(code, f"sqlite:///{tmp_path}/desk.db")) == "set()"


# --- forks -----------------------------------------------------------------------------------------------------------

FORK = textwrap.dedent("""
    import os, sys, warnings
    from convokit.stores.builtin import open_store
    from convokit.testing.builders import *
    warnings.filterwarnings("ignore", category=DeprecationWarning)  # forking with threads is what is tested
    store = open_store(sys.argv[1], {})
    store.put_practice(practice())

    def write(prefix, texts):
        facts = Facts(prefix=prefix)
        for _ in range(texts):
            take(store, practice(), facts.arrived())
""")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("leave", ["os._exit(0)", "store.close(); os._exit(0)", "sys.exit()"])
def test_p22_parent_and_child_have_connections_of_their_own(postgres_place: Place, leave: str) -> None:
    code = f"""
        write("before", 3)
        child = os.fork()
        if child == 0:
            write("child", 5)
            {leave}
        write("beside", 5)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        write("after", 5)
        print(store.latest_at("happy-paws", "sms", ANA).last_seq)
        store.close()
    """
    assert said(python(FORK + textwrap.dedent(code), postgres_place.url())) == "18"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_p22_a_fork_in_the_middle_of_a_transaction_leaves_it_to_the_parent(postgres_place: Place) -> None:
    code = """
        with store._db.writing(store._key("happy-paws")) as run:
            run.next_change(1)
            child = os.fork()
            if child == 0:
                assert store.badges("happy-paws").active == 0
                os._exit(0)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
            run.next_change(1)
        write("after", 1)
        print(store.changes("happy-paws", since=0, limit=5)[0].number)
        store.close()
    """
    assert said(python(FORK + textwrap.dedent(code), postgres_place.url())) == "3"
