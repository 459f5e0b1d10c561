"""P10: the second wall. Whatever a statement forgets, PostgreSQL shows and changes the rows of one practice only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import sql_scope
from postgres_cluster import APP, HOST, OWNER, Cluster, Place

from convokit.stores.builtin import open_store
from convokit.stores.sql import schema, suppression
from convokit.stores.sql.postgres import words
from convokit.stores.sql.postgres.walls import TENANTS
from convokit.stores.sql.statement import Statement
from convokit.testing.store_isolation import CALLS, World, world

OF_NOBODY = {"media.ADD_SECRET", "media.SECRET", "statements.PRACTICE", "statements.PRACTICES"} | {
    "statements.PRACTICE_KEY",
    "statements.PUT_PRACTICE",
}
"""Statements on the two tables that belong to no practice."""


@pytest.fixture(scope="module")
def filled(postgres_cluster: Cluster) -> Iterator[Place]:
    """Practices A and B with look-alike rows in every table."""
    place = postgres_cluster.migrated()
    store = open_store(place.url(), {})
    made = world(store)
    fill(made)
    store.close()
    yield place
    postgres_cluster.drop(place)


def fill(made: World) -> None:
    """What the look-alike rows of the isolation cases leave out."""
    store: Any = made.store
    CALLS["search"](made)
    store.keep_unreadable(made.b.id, "carrier", b"of b", 1)
    key = store._key(made.b.id)
    with store._db.writing(key) as run:
        run.write(suppression.SUPPRESS, (key, "digest of b", 1))


@pytest.fixture
def app(filled: Place, postgres_cluster: Cluster) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the app's role, in a transaction that is never committed."""
    with postgres_cluster.connect(filled.name, APP) as connection:
        connection.execute("BEGIN")
        yield connection
        connection.execute("ROLLBACK")


def key_of(connection: psycopg.Connection[Any], name: str) -> int:
    row = connection.execute("SELECT pk FROM convokit_practice WHERE public_id = %s", (name,)).fetchone()
    assert row is not None
    return int(row[0])


def scope(connection: psycopg.Connection[Any], practice: object) -> None:
    connection.execute("SELECT set_config('convokit.practice', %s, true)", (str(practice),))


def owners(connection: psycopg.Connection[Any], table: str) -> set[int]:
    return {row[0] for row in connection.execute(f"SELECT DISTINCT practice_pk FROM {table}").fetchall()}  # noqa: S608


@pytest.mark.parametrize("table", TENANTS)
def test_p10_a_statement_without_a_condition_sees_one_practice(app: psycopg.Connection[Any], table: str) -> None:
    b = key_of(app, "b")
    assert owners(app, table) == set(), "an empty setting shows no rows"
    scope(app, "*")
    assert b in owners(app, table), "the test needs a row of B in every table"
    for name in ("a", "b"):
        practice = key_of(app, name)
        scope(app, practice)
        assert owners(app, table) <= {practice}
    scope(app, "")
    assert owners(app, table) == set()


@pytest.mark.parametrize(
    "mutant",
    [
        "ALTER TABLE convokit_entry DISABLE ROW LEVEL SECURITY",
        "CREATE POLICY hole ON convokit_entry USING (practice_pk > 0)",
        "ALTER POLICY convokit_own ON convokit_entry USING (true)",
    ],
)
def test_p10_a_hole_in_the_wall_is_seen(filled: Place, postgres_cluster: Cluster, mutant: str) -> None:
    name = "mutant"
    postgres_cluster.admin(f"CREATE DATABASE {name} TEMPLATE {filled.name}")
    with postgres_cluster.connect(name, OWNER) as owner:
        owner.execute(mutant)
    with postgres_cluster.connect(name, APP) as connection:
        assert owners(connection, "convokit_entry") != set()
    postgres_cluster.drop(Place(name, filled.port))


@pytest.mark.parametrize("table", TENANTS)
@pytest.mark.parametrize("scoped", ["a", "*", ""])
def test_p10_a_statement_without_a_condition_changes_nothing_of_another_practice(
    app: psycopg.Connection[Any], table: str, scoped: str
) -> None:
    b = key_of(app, "b")
    scope(app, key_of(app, "a") if scoped == "a" else scoped)
    for statement in (f"UPDATE {table} SET practice_pk = practice_pk", f"DELETE FROM {table}"):  # noqa: S608
        app.execute("SAVEPOINT before")
        try:
            app.execute(statement)
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ForeignKeyViolation):
            app.execute("ROLLBACK TO before")  # of the ledger nothing is deleted; other rows stand on these
    scope(app, "*")
    assert b in owners(app, table)


def test_p10_a_row_for_another_practice_is_refused(app: psycopg.Connection[Any]) -> None:
    a, b = key_of(app, "a"), key_of(app, "b")
    insert = "INSERT INTO convokit_consent (practice_pk, address, opted_out, maybe, since_us) VALUES (%s, 'x', 0, 0, 0)"
    scope(app, a)
    app.execute(insert, (a,))
    for scoped, whose in ((a, b), ("*", b), ("", b)):
        scope(app, scoped)
        app.execute("SAVEPOINT before")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(insert, (whose,))
        app.execute("ROLLBACK TO before")


def test_p10_an_entry_cannot_hang_on_another_practices_conversation(app: psycopg.Connection[Any]) -> None:
    a = key_of(app, "a")
    scope(app, "*")
    row = app.execute("SELECT pk FROM convokit_conversation WHERE practice_pk <> %s LIMIT 1", (a,)).fetchone()
    scope(app, a)
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        app.execute("INSERT INTO convokit_searched VALUES (%s, %s, 1)", (a, row[0] if row else 0))


@pytest.mark.parametrize("function", ["convokit_found_headers", "convokit_found_texts"])
def test_p10_the_functions_of_search_look_at_the_practice_that_is_set(
    app: psycopg.Connection[Any], function: str
) -> None:
    """They run as the owner of the tables: they must not be a door beside the wall."""
    a, b = key_of(app, "a"), key_of(app, "b")
    asked = f"SELECT count(*) FROM {function}(%s, %s, NULL, 100)"  # noqa: S608
    everything = (f"'{b}\ue000':*", 2**62)
    scope(app, b)
    assert app.execute(asked, everything).fetchone() != (0,)
    for scoped in (a, "*", ""):
        scope(app, scoped)
        assert app.execute(asked, everything).fetchone() == (0,)


def test_p10_nobody_else_may_use_the_tables_or_functions(filled: Place, postgres_cluster: Cluster) -> None:
    with postgres_cluster.connect(filled.name, HOST) as other:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            other.execute("SELECT 1 FROM convokit_entry")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            other.execute("SELECT convokit_found_texts('x', 1, NULL, 1)")


def test_p10_the_setting_does_not_outlive_its_transaction(postgres_place: Place) -> None:
    """One connection in the pool, which everybody uses in turn."""
    store: Any = open_store(f"{postgres_place.url()}?convokit_connections=1", {})
    made = world(store)
    names = "convokit.practice statement_timeout lock_timeout idle_in_transaction_session_timeout".split()
    settings = "SELECT " + ", ".join(f"coalesce(current_setting('{name}', true), '')" for name in names)

    def now() -> list[str]:
        pool, wire = store._db._lend(1000)
        found = wire.exchange([(settings, ())], 5)[0].rows[0]
        pool.give_back(wire)
        return list(found)

    for call in (
        lambda: store.consent(made.b.id, "x"),
        lambda: store.due(2**60, 5),
        lambda: store.put_practice(made.a.practice),
        lambda: made.b.put(made.b.facts.arrived()),
        lambda: store.badges(made.b.id),
        lambda: CALLS["search"](made),
    ):
        call()
        assert now() == ["", "0", "0", "0"]
    store.close()


def test_p10_every_statement_says_whose_rows_it_is_about() -> None:
    """What says nothing would see nothing."""
    shared = {name: one for name, one in sql_scope.statements().items() if not name.startswith("words.")}
    own = {f"words.{name}": one for name, one in vars(words).items() if isinstance(one, Statement)}
    silent = {name for name, one in {**shared, **own}.items() if one.practice_at is None and not one.across}
    assert silent == OF_NOBODY
    assert not [name for name, one in shared.items() if one.across and "SELECT" not in one.postgres[:6]]


def test_p10_every_table_of_practices_is_behind_the_wall(filled: Place, postgres_cluster: Cluster) -> None:
    with postgres_cluster.connect(filled.name) as connection:
        found = connection.execute(
            "SELECT relname, relrowsecurity AND relforcerowsecurity, pg_get_userbyid(relowner) FROM pg_class"
            r" WHERE relname LIKE 'convokit\_%%' AND relkind = 'r'"
        ).fetchall()
    open_ones = {name for name, walled, _ in found if not walled}
    assert open_ones == {"convokit_practice", "convokit_secret", schema.VERSION_TABLE}
    assert {name for name, walled, _ in found if walled} == set(TENANTS)
    assert {owner for _, _, owner in found} == {OWNER}
