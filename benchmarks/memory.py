"""The memory of a kit with 1,000 practices beside one practice, idle; and how long it takes until it is open."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from harness import Check, Effort, Figure, Goal, Report, Work, compare, race

import convokit

_MOST_BYTES: Final = 50_000
_FEW: Final = "one practice"


def run(effort: Effort) -> Report:
    """Processes of their own: each opens the desk, works once, and asks every practice for its inbox."""
    practices, rounds = effort.of(1_000, 200, 4), effort.of(9, 5, 1)
    many = f"{practices:,} practices"
    with tempfile.TemporaryDirectory() as folder:
        urls = {_FEW: _filled(Path(folder) / "few.db", 1), many: _filled(Path(folder) / "many.db", practices)}
        found = {name: [_looked_at(url) for _ in range(rounds)] for name, url in urls.items()}
        times = race({name: partial(_opening, url) for name, url in urls.items()}, rounds=rounds * 5)
    each = (_middle(found[many]) - _middle(found[_FEW])) / (practices - 1)
    what = f"an idle kit takes at most {_MOST_BYTES // 1_000} kB more for each of {many}"
    figure: Figure = compare(times, many, _FEW, what=f"opening a desk of {many}", goal=Goal("<=", 1.2))
    # The few practices of a smoke run are less than what two processes differ by anyway.
    checks = () if effort.smoke else (Check(what=what, holds=each <= _MOST_BYTES),)
    return Report(figures=(figure,), checks=checks, notes=(f"{each / 1_000:.1f} kB a practice",))


def _middle(found: list[int]) -> int:
    return sorted(found)[len(found) // 2]


def _filled(path: Path, practices: int) -> str:
    url = f"sqlite:///{path}"
    with convokit.open(url) as kit:
        for number in range(practices):
            kit.add_practice(
                convokit.Practice(id=f"p{number}", name="Happy Paws", region="US", numbers=[f"+1303555{number:04d}"])
            )
    return url


@contextmanager
def _opening(url: str) -> Iterator[Work]:
    yield lambda _: convokit.open(url).close()


def _looked_at(url: str) -> int:
    """The memory of a process that has the desk open, in bytes."""
    ran = subprocess.run([sys.executable, __file__, url], capture_output=True, text=True, check=True)
    found: int = json.loads(ran.stdout)
    return found


def _idle(url: str, measure: Callable[[], int]) -> int:
    with convokit.open(url, plugins=["simulator"]) as kit:
        for practice in kit.practices():
            kit.webhook_path(practice.id)  # its carrier is chosen and made
            kit.practice(practice.id).inbox()
        kit.work()
        gc.collect()
        return measure()


def _resident() -> int:
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1_024
    raise RuntimeError


if __name__ == "__main__":
    print(_idle(sys.argv[1], _resident))
