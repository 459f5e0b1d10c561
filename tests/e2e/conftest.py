"""Lets the end-to-end tests import the rigs beside them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_HERE = str(Path(__file__).resolve().parent)
if _HERE not in sys.path:
    sys.path.insert(0, _HERE)

from http_sink import HttpSink  # noqa: E402  the path above comes first


@pytest.fixture
def sink() -> Iterator[HttpSink]:
    """An HTTP server on a free loopback port that remembers every request."""
    with HttpSink() as server:
        yield server
