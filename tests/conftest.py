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


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Search somewhere else in every run; the seed in the header brings a run back."""
    if config.getoption("hypothesis_seed") is None:
        config.option.hypothesis_seed = str(random.SystemRandom().getrandbits(32))


def pytest_report_header(config: pytest.Config) -> str:
    return f"convokit: {Path(convokit.__file__).parent}, --hypothesis-seed={config.getoption('hypothesis_seed')}"
