"""What holds for every test: how hypothesis searches, and how a run is repeated."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from hypothesis import settings

import convokit

settings.register_profile("local", deadline=None, print_blob=True)
settings.register_profile("ci", parent=settings.get_profile("local"), max_examples=200)
settings.register_profile("soak", parent=settings.get_profile("local"), max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "local"))


LONG = (
    "architecture benchmarks cli/test_cli_demo.py docs e2e examples promises runtime/test_export.py simulation"
    " stores/test_postgres_faults.py stores/test_postgres_open.py stores/test_postgres_partitions.py"
    " stores/test_postgres_plans.py stores/test_postgres_walls.py"
).split()
"""Long, and the same under every interpreter: only the first runs it, where several run one after the other."""

PLUGINS = "../plugins testing".split()
"""What runs only where the lines are counted."""

TWICE = "media records stores transcripts".split()
"""What runs on the first interpreter and where the lines are counted, but on none between them."""

ON_POSTGRES = [
    f"runtime/test_{name}.py" for name in "desk_inbox desk_isolation desk_payments filing path within".split()
]
"""What of the desk runs on PostgreSQL together with everything else; `tox -e postgres` alone runs all of it."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what another environment of ``go.py test`` runs; it names the first one and the one that counts."""
    first, counted = os.environ.get("CONVOKIT_ONCE_ON"), os.environ.get("CONVOKIT_COVERED_ON")
    here = os.environ.get("TOX_ENV_NAME", "")
    if first is None or first == counted == here:
        return
    if here == "postgres":
        named = _within(ON_POSTGRES, items)
        elsewhere = [item for item in items if item not in named]
    elif here.startswith("py3"):
        between = [*LONG, *PLUGINS, *TWICE]
        named = _within({first: PLUGINS, counted: LONG}.get(here, between), items)
        elsewhere = [item for item in items if item in named]
    else:
        return
    config.hook.pytest_deselected(items=elsewhere)
    gone = {*elsewhere}
    items[:] = [item for item in items if item not in gone]


def _within(names: list[str], items: list[pytest.Item]) -> set[pytest.Item]:
    folders = [(Path(__file__).parent / name).resolve() for name in names]
    return {item for item in items if any(item.path.is_relative_to(folder) for folder in folders)}


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Search somewhere else in every run; the seed in the header brings a run back.

    But not in CI: whether a change holds must not be luck. What the other runs find becomes a row in a table.
    """
    if config.getoption("hypothesis_seed") is None:
        elsewhere = 0 if os.environ.get("CONVOKIT_REQUIRE_ALL") else random.SystemRandom().getrandbits(32)
        config.option.hypothesis_seed = str(elsewhere)


def pytest_report_header(config: pytest.Config) -> str:
    return f"convokit: {Path(convokit.__file__).parent}, --hypothesis-seed={config.getoption('hypothesis_seed')}"
