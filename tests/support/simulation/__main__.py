"""Play days by hand."""

from __future__ import annotations

import argparse
import time

from simulation.day import day_of
from simulation.playing import first_broken, report, shrunk


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m simulation", description="Play practice days.")
    parser.add_argument("seed", type=int)
    parser.add_argument("--days", type=int, default=1)
    given = parser.parse_args()
    started = time.process_time()
    counts, broken = first_broken(map(day_of, range(given.seed, given.seed + given.days)))
    print(dict(counts), f"{time.process_time() - started:.1f} s of CPU")
    if broken is not None:
        print(report(shrunk(broken)))
    return broken is not None


if __name__ == "__main__":
    raise SystemExit(main())
