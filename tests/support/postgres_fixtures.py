"""A cluster for the tests of one process, and a new database for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from postgres_cluster import Cluster, Place, new_cluster


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """A running server; skips (or fails) where PostgreSQL is not installed."""
    cluster = new_cluster()
    yield cluster
    cluster.remove()


@pytest.fixture
def postgres_place(postgres_cluster: Cluster) -> Iterator[Place]:
    """A database with our tables and nothing in them."""
    place = postgres_cluster.migrated()
    yield place
    postgres_cluster.drop(place)
