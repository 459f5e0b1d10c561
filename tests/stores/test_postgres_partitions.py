"""The tables divided by a hash of the practice: the same store, and a practice's statements go to one part alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from postgres_cluster import APP, OWNER, Cluster, Place

from convokit.errors import ConfigurationError
from convokit.ports.store import Store
from convokit.stores.builtin import open_store
from convokit.stores.sql import lists, owed, statements
from convokit.stores.sql.postgres import migrate
from convokit.stores.sql.statement import Statement
from convokit.testing.builders import Facts, practice, take
from convokit.testing.store_commits import CommitCases
from convokit.testing.store_effects import EffectCases
from convokit.testing.store_inbox import InboxCases
from convokit.testing.store_races import RaceCases
from convokit.testing.store_search import SearchCases

PARTS = 2


@pytest.fixture(scope="module")
def template(postgres_cluster: Cluster) -> Iterator[Place]:
    """A database whose tables are divided."""
    place = postgres_cluster.empty()
    migrate(place.url(OWNER), app_roles=(APP,), partitions=PARTS)
    yield place
    postgres_cluster.drop(place)


@pytest.fixture
def divided(template: Place, postgres_cluster: Cluster) -> Iterator[Place]:
    """A copy of it for one test."""
    place = Place(f"{template.name}copy", template.port)
    postgres_cluster.admin(f"CREATE DATABASE {place.name} OWNER {OWNER} TEMPLATE {template.name}")
    yield place
    postgres_cluster.drop(place)


class TestDividedStore(CommitCases, EffectCases, InboxCases, SearchCases, RaceCases):
    """The cases that touch most tables; the rest asks the same statements."""

    shared_between_processes = True
    place: Place

    @pytest.fixture(autouse=True)
    def _database(self, divided: Place) -> None:
        self.place = divided

    def make_store(self, tmp_path: Path) -> Store:
        return self.opener(tmp_path)()

    def opener(self, tmp_path: Path) -> Callable[[], Store]:
        return partial(open_store, self.place.url(), {})


def test_each_practice_has_its_part(divided: Place, postgres_cluster: Cluster) -> None:
    store = open_store(divided.url(), {})
    for number in range(12):
        made = practice(f"p{number}")
        store.put_practice(made)
        take(store, made, Facts().arrived())
    store.close()
    rows = postgres_cluster.admin(
        "SELECT tableoid::regclass::text, count(DISTINCT practice_pk) FROM convokit_entry GROUP BY 1", divided.name
    )
    assert sum(count for _, count in rows) == 12
    assert {name for name, _ in rows} == {f"convokit_entry_{part}" for part in range(PARTS)}


@pytest.mark.parametrize(
    "statement",
    [
        statements.LOAD_OPEN_AT,
        statements.ENTRIES,
        statements.LOAD_ENTRY,
        statements.SET_MESSAGE,
        statements.SEEN,
        lists.HISTORY,
        lists.CHANGES,
        owed.CLAIM,
        owed.LOAD_EFFECT,
        owed.SETTLE,
    ],
)
def test_a_statement_looks_into_one_part(divided: Place, postgres_cluster: Cluster, statement: Statement) -> None:
    with postgres_cluster.connect(divided.name, APP, prepare_threshold=None) as connection:
        connection.execute("SET plan_cache_mode = force_custom_plan")
        connection.execute(f"PREPARE asked AS {statement.postgres}")
        values = ["'1'"] * len(statement._names)
        for place, name in enumerate(statement._names):
            if "practice" in name:
                values[place] = "3"
        row = connection.execute(f"EXPLAIN (FORMAT JSON) EXECUTE asked({', '.join(values)})").fetchone()
    assert row is not None
    parts = {step.rpartition("_")[2] for step in _tables(row[0][0]["Plan"]) if step[-1].isdecimal()}
    assert len(parts) == 1, json.dumps(row[0])


def _tables(plan: dict[str, Any]) -> Iterator[str]:
    if "Relation Name" in plan:
        yield plan["Relation Name"]
    for part in plan.get("Plans", []):
        yield from _tables(part)


def test_the_parts_cannot_be_reached_past_the_wall(divided: Place, postgres_cluster: Cluster) -> None:
    parts = postgres_cluster.admin(
        "SELECT has_table_privilege('desk_app', oid, 'SELECT') FROM pg_class WHERE relispartition AND relkind = 'r'",
        divided.name,
    )
    assert set(parts) == {(False,)}


def test_a_number_of_parts_that_cannot_be(postgres_cluster: Cluster) -> None:
    for wrong in (-1, 5000):
        with pytest.raises(ConfigurationError) as caught:
            migrate(Place("nowhere", 1).url(OWNER), partitions=wrong)
        assert (caught.value.code, caught.value.limit) == ("migrate.partitions", "1024")
