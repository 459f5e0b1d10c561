"""Worlds on both stores, as fixtures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from desks import World, world


@pytest.fixture(params=["memory", "sqlite"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return "memory:" if request.param == "memory" else f"sqlite:///{tmp_path}/desk.db"


@pytest.fixture
def w(store_url: str) -> Iterator[World]:
    with world(store_url) as made:
        yield made
