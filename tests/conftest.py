"""What holds for every test: how hypothesis searches, and how a run is repeated."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from canary import Listening
from copied_tables import Copied
from hypothesis import settings
from sampling import Sampling

import convokit

settings.register_profile("local", deadline=None, print_blob=True)
settings.register_profile("ci", parent=settings.get_profile("local"), max_examples=25)
settings.register_profile("soak", parent=settings.get_profile("local"), max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CONVOKIT_REQUIRE_ALL") else "local"))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Search somewhere else in every run; the seed in the header brings a run back.

    But not in CI: whether a change holds must not be luck. What the other runs find becomes a row in a table.
    """
    config.pluginmanager.register(Listening(), "canary")
    config.pluginmanager.register(Copied(), "copied_tables")
    config.pluginmanager.register(Sampling(), "sampling")
    if config.getoption("hypothesis_seed") is None:
        elsewhere = 0 if os.environ.get("CONVOKIT_REQUIRE_ALL") else random.SystemRandom().getrandbits(32)
        config.option.hypothesis_seed = str(elsewhere)


def pytest_report_header(config: pytest.Config) -> str:
    return f"convokit: {Path(convokit.__file__).parent}, --hypothesis-seed={config.getoption('hypothesis_seed')}"
