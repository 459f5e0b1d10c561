"""Run pytest in tox, on as many processes as are worth it: ``python tools/run_tests.py [ARGUMENTS OF PYTEST]``.

Where several interpreters run one after the other (``go.py test``), they share the work. ``CONVOKIT_ONCE_ON`` names the
first, which runs what takes long; ``CONVOKIT_COVERED_ON`` the one that runs all the rest, under coverage, which costs
as much as the tests themselves; the others run the core. Without these variables each runs everything, measured.
"""

from __future__ import annotations

import os
import subprocess
import sys

# Many tests wait for another process or a clock, so that more of them than there are cores are under way.
PROCESSES = min(2 * (os.cpu_count() or 1), 8)

LONG = [
    *(f"tests/{name}" for name in "architecture benchmarks docs e2e examples promises simulation".split()),
    *(f"tests/cli/test_cli_{name}.py" for name in ("demo",)),
    "tests/runtime/test_export.py",
    *(f"tests/stores/test_postgres_{name}.py" for name in "faults open partitions plans walls".split()),
    *(f"tests/transcripts/test_{name}.py" for name in "golden shared_fonts verifying".split()),
]
"""What takes long and is the same under every interpreter."""

CORE = [f"tests/{name}" for name in "decisions domain typing".split()]
"""What every interpreter runs."""

SHARE = "10"
"""One in so many rows of the contracts, where the work is shared, and of the desk on PostgreSQL; ``tox -e plugins`` and
``tox -e postgres`` run all of them."""


def plan() -> tuple[list[str], list[str]]:
    """What starts pytest here, and what it is to run."""
    first, covered = os.environ.get("CONVOKIT_ONCE_ON"), os.environ.get("CONVOKIT_COVERED_ON")
    here = os.environ.get("TOX_ENV_NAME")
    measured = ["coverage", "run", "-m", "pytest"]
    if first is None or covered is None:
        return measured, []
    os.environ["CONVOKIT_SHARE"] = SHARE
    if first == covered == here:
        return measured, []
    if here == "postgres":
        return ["pytest"], []
    if here == covered:
        return measured, [f"--ignore={path}" for path in LONG]
    return ["pytest"], [*LONG, *CORE] if here == first else CORE


def main(arguments: list[str]) -> int:
    """Run the tests; the exit code of pytest."""
    runner, chosen = plan()
    spread = [] if any(argument.startswith(("-n", "-p")) for argument in arguments) else ["-n", str(PROCESSES)]
    how = ["--dist", "worksteal", "--durations=25", *spread]
    return subprocess.call([sys.executable, "-m", *runner, *how, *(arguments or chosen)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
