"""Programs that tests of the real world need, and what to do when one is missing."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest


def unavailable(reason: str) -> NoReturn:
    """Skip the test; fail it instead where ``CONVOKIT_REQUIRE_ALL=1`` promises that everything is installed."""
    if os.environ.get("CONVOKIT_REQUIRE_ALL") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def need(*programs: str, package: str) -> tuple[str, ...]:
    """The paths of ``programs``; skips (or fails) with the Debian ``package`` to install if one is missing."""
    # Daemons live in sbin, which is not on the PATH of every user.
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
    found = {program: shutil.which(program, path=path) for program in programs}
    missing = [program for program, where in found.items() if where is None]
    if missing:
        unavailable(f"{', '.join(missing)} not found: apt-get install -y --no-install-recommends {package}")
    return tuple(where for where in found.values() if where is not None)
