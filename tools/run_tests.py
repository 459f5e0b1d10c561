"""Run pytest in tox, on as many processes as are worth it: ``python tools/run_tests.py [ARGUMENTS OF PYTEST]``.

Coverage is measured under the interpreter that ``CONVOKIT_COVERED_ON`` names; without that variable under each.
Measuring costs as much as the tests themselves, and the lines are the same.
"""

from __future__ import annotations

import os
import subprocess
import sys

# Many tests wait for another process or a clock, so that more of them than there are cores are under way.
PROCESSES = 2 * (os.cpu_count() or 1)


def main(arguments: list[str]) -> int:
    """Run the tests; the exit code of pytest."""
    covered_on = os.environ.get("CONVOKIT_COVERED_ON")
    measured = covered_on is None or os.environ.get("TOX_ENV_NAME") == covered_on
    runner = ["coverage", "run", "-m", "pytest"] if measured else ["pytest"]
    spread = [] if any(argument.startswith(("-n", "-p")) for argument in arguments) else ["-n", str(min(PROCESSES, 8))]
    return subprocess.call(
        [sys.executable, "-m", *runner, "--dist", "worksteal", "--durations=25", *spread, *arguments]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
