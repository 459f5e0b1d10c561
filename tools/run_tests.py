"""Run pytest in tox, on as many processes as are worth it: ``python tools/run_tests.py [ARGUMENTS OF PYTEST]``.

Where several interpreters run one after the other (``go.py test``), they share the work. ``CONVOKIT_ONCE_ON`` names the
first, which runs what takes long, some of the desk on PostgreSQL, the practice group on many processes and the browser;
``CONVOKIT_COVERED_ON`` the one that runs all the rest, under coverage, which costs as much as the tests themselves; the
others run the core. Without these variables each runs everything, measured.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field

CORES = os.cpu_count() or 1
# Many tests wait for another process or a clock, so that more of them than there are cores are under way.
PROCESSES = min(2 * CORES, 8)
# Each of them reads all test files, which takes half a minute where every line is counted.
PROCESSES_THAT_COUNT = min(CORES + 1, PROCESSES)

LONG = [
    *(f"tests/{name}" for name in "architecture benchmarks docs e2e examples promises simulation".split()),
    *(f"tests/cli/test_cli_{name}.py" for name in "demo filing".split()),
    "tests/plugins/test_overview.py",
    "tests/runtime/test_export.py",
    *(f"tests/stores/test_postgres_{name}.py" for name in "faults open partitions plans walls".split()),
    *(f"tests/stores/test_sql_{name}.py" for name in "fork inbox_plans open race".split()),
    *(f"tests/transcripts/test_{name}.py" for name in "golden shared_fonts verifying".split()),
]
"""What takes long and is the same under every interpreter."""

CORE = [f"tests/{name}" for name in "decisions domain typing".split()]
"""What every interpreter but the first runs."""

EXHAUSTIVE = [
    "tests/domain/test_payment_join.py::test_p08_all_sequences_up_to_six_end_the_same",
    "tests/decisions/test_delivery.py::test_p05_every_order_of_the_same_evidence_leaves_the_same_message",
]
"""What goes through all there is; other tests cover the same lines."""

DESK = ["tests/runtime", "tests/promises/test_opt_out_race.py"]
"""What runs on whichever stores ``CONVOKIT_TEST_STORES`` names."""

SHARE = "20"
"""One in so many rows of the contracts, where the work is shared, and of the desk on PostgreSQL and in memory;
``tox -e plugins`` and ``tox -e postgres`` run all of them."""

PYTEST = ["pytest"]
MEASURED = ["coverage", "run", "-m", "pytest"]


@dataclass(frozen=True)
class Run:
    """One run of pytest: what starts it, its arguments, and what it finds in its environment."""

    runner: list[str]
    arguments: list[str]
    environment: dict[str, str] = field(default_factory=dict)


def plan() -> list[Run]:
    """What pytest runs here, one after the other."""
    first, covered = os.environ.get("CONVOKIT_ONCE_ON"), os.environ.get("CONVOKIT_COVERED_ON")
    here = os.environ.get("TOX_ENV_NAME")
    if first is None or covered is None:
        return [Run(MEASURED, [])]
    shared = {"CONVOKIT_SHARE": SHARE}
    further = [
        Run(PYTEST, DESK, {**shared, "CONVOKIT_SHARE_ALL": "1", "CONVOKIT_TEST_STORES": "memory postgres"}),
        Run(PYTEST, ["-n", "0", "-m", "scale", "tests/scale"]),
        Run(PYTEST, ["-n", "2", "--dist", "loadfile", "-m", "browser", "tests/browser"]),
    ]
    if first == covered == here:
        return [Run(MEASURED, [], shared), *further]
    if here == covered:
        rest = [*(f"--ignore={path}" for path in LONG), *(f"--deselect={test}" for test in EXHAUSTIVE)]
        return [Run(MEASURED, rest, {**shared, "CONVOKIT_TEST_STORES": "sqlite"})]
    return [Run(PYTEST, LONG, shared), *further] if here == first else [Run(PYTEST, CORE, shared)]


def main(arguments: list[str]) -> int:
    """Run the tests; the exit code of the first pytest that did not end well."""
    runs = plan()[:1] if arguments else plan()
    return next(filter(None, [started(run, arguments) for run in runs]), 0)


def started(run: Run, given: list[str]) -> int:
    """One run; arguments that were given stand instead of its own."""
    arguments = given or run.arguments
    processes = PROCESSES_THAT_COUNT if run.runner is MEASURED else PROCESSES
    spread = [] if any(argument.startswith(("-n", "-p")) for argument in arguments) else ["-n", str(processes)]
    # Every process would rewrite the asserts of three hundred files first, which takes longer than many of their tests.
    # Whoever wants to see what an assert compared runs that one test.
    plain = ["--assert=plain"] if "CONVOKIT_SHARE" in run.environment else []
    how = ["--dist", "worksteal", "--durations=25", *plain, *spread]
    environment = {**os.environ, **run.environment}
    return subprocess.call([sys.executable, "-m", *run.runner, *how, *arguments], env=environment)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
