"""What holds for every test: how hypothesis searches, and how a run is repeated."""

from __future__ import annotations

import os
import random
import zlib
from pathlib import Path

import pytest
from canary import Listening
from copied_tables import Copied
from hypothesis import settings

import convokit

settings.register_profile("local", deadline=None, print_blob=True)
settings.register_profile("ci", parent=settings.get_profile("local"), max_examples=25)
settings.register_profile("soak", parent=settings.get_profile("local"), max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CONVOKIT_REQUIRE_ALL") else "local"))


SHARE = int(os.environ.get("CONVOKIT_SHARE", "1"))
"""Of the thousands of rows of the contracts, and of the tests of the desk on PostgreSQL, one in so many runs:
``tools/run_tests.py`` says where."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out rows of contracts, the same ones in every run and on every machine."""
    every = bool(os.environ.get("CONVOKIT_SHARE_ALL"))
    seen: set[object] = set()
    gone = set()
    for item in items:
        if SHARE > 1 and (every or "contract" in item.path.name):
            function = getattr(item, "function", item)
            # One row of each test is always there: no sentence of a contract is left out altogether.
            if not every and function not in seen:
                seen.add(function)
            elif zlib.crc32(item.nodeid.encode()) % SHARE:
                gone.add(item)
    config.hook.pytest_deselected(items=list(gone))
    items[:] = [item for item in items if item not in gone]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Search somewhere else in every run; the seed in the header brings a run back.

    But not in CI: whether a change holds must not be luck. What the other runs find becomes a row in a table.
    """
    config.pluginmanager.register(Listening(), "canary")
    config.pluginmanager.register(Copied(), "copied_tables")
    if config.getoption("hypothesis_seed") is None:
        elsewhere = 0 if os.environ.get("CONVOKIT_REQUIRE_ALL") else random.SystemRandom().getrandbits(32)
        config.option.hypothesis_seed = str(elsewhere)


def pytest_report_header(config: pytest.Config) -> str:
    return f"convokit: {Path(convokit.__file__).parent}, --hypothesis-seed={config.getoption('hypothesis_seed')}"
