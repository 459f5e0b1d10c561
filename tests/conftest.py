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


ONCE = (
    "architecture benchmarks cli/test_cli_demo.py docs e2e examples promises runtime/test_export.py simulation"
    " stores/test_postgres_faults.py stores/test_postgres_open.py stores/test_postgres_partitions.py"
    " stores/test_postgres_plans.py stores/test_postgres_walls.py"
).split()
"""Long, and the same under every interpreter: what runs on the first one only where several run side by side."""


TWICE = "media records stores testing transcripts".split()
"""What runs on the first interpreter and on the one whose lines are counted, but on none between them."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what another interpreter runs: CONVOKIT_ONCE_ON (by ``go.py test``) is the first, TOX_ENV_NAME we."""
    once_on, here = os.environ.get("CONVOKIT_ONCE_ON"), os.environ.get("TOX_ENV_NAME", "")
    if once_on is None or here == once_on or not here.startswith("py3"):
        return
    between = here != os.environ.get("CONVOKIT_COVERED_ON", here)
    folders = [Path(__file__).parent / name for name in (*ONCE, *(TWICE if between else ()))]
    elsewhere = {item for item in items if any(item.path.is_relative_to(folder) for folder in folders)}
    config.hook.pytest_deselected(items=list(elsewhere))
    items[:] = [item for item in items if item not in elsewhere]


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
