"""Worlds on the stores, as fixtures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from desks import World, world
from postgres_fixtures import postgres_cluster, postgres_place

__all__ = ["postgres_cluster", "postgres_place", "store_url", "w"]

STORES = os.environ.get("CONVOKIT_TEST_STORES", "memory sqlite").split()
"""The stores of every test that takes one; ``tox -e postgres`` runs them on PostgreSQL."""


@pytest.fixture(params=STORES)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return url_of(str(request.param), request, tmp_path)


def url_of(store: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new, empty desk."""
    if store == "postgres":
        return str(request.getfixturevalue("postgres_place").url())
    return "memory:" if store == "memory" else f"sqlite:///{tmp_path}/desk.db"


@pytest.fixture
def w(store_url: str) -> Iterator[World]:
    with world(store_url) as made:
        yield made
