"""A PostgreSQL of the tests' own, with the desk's tables and the queue's."""

from __future__ import annotations

import pytest
from convokit_engine_procrastinate.schema import TABLES, make
from postgres_cluster import APP, OWNER, Cluster, Place
from postgres_fixtures import postgres_cluster, postgres_place

__all__ = ["postgres_cluster", "postgres_place"]


@pytest.fixture
def queue_place(postgres_place: Place) -> Place:
    """A database with both, for one test."""
    assert make(postgres_place.url(OWNER), [APP])
    return postgres_place


@pytest.fixture(scope="session")
def _shared_place(postgres_cluster: Cluster) -> Place:
    place = postgres_cluster.empty()
    assert make(place.url(OWNER), [APP])
    return place


@pytest.fixture
def empty_queue(postgres_cluster: Cluster, _shared_place: Place) -> Place:
    """A database with an empty queue, and nothing else: the same one again and again."""
    postgres_cluster.admin(f"TRUNCATE {', '.join(TABLES)}", _shared_place.name)
    return _shared_place
