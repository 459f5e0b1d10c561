"""A desk with two practices behind a dashboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from dashboard_site import Site, dashboard_site
from starlette.testclient import TestClient


@pytest.fixture
def site() -> Iterator[Site]:
    with dashboard_site() as made:
        yield made


@pytest.fixture
def web(site: Site) -> TestClient:
    return site.client()
