"""What importing costs: whole processes, since a module is imported only once in each."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import nullcontext

from harness import Effort, Goal, Report, Side, compare, race

_BARE = "bare Python"
_PARTS = "import attrs, pluggy"
_OURS = "import convokit"
_DOOR = "import convokit, every promised name"
_CODE = {
    _BARE: "pass",
    _PARTS: _PARTS,
    _OURS: _OURS,
    _DOOR: "import convokit\nfor name in convokit.__all__: getattr(convokit, name)",
    "import sqlalchemy": "import sqlalchemy",
    "import fpdf": "import fpdf",
}


def run(effort: Effort) -> Report:
    """Import in turn: nothing, what we stand on, ourselves, and ourselves with every lazy name touched."""
    sides = {name: _process(code) for name, code in _CODE.items()}
    race(sides, rounds=1)  # writes the byte code
    times = race(sides, rounds=effort.of(25, 9, 1))
    return Report(
        figures=(
            compare(times, _OURS, _BARE, what=_OURS, goal=Goal("<=", 7)),
            compare(times, _OURS, _PARTS, what=_OURS, goal=Goal("<=", 1.7)),
            compare(times, _DOOR, _BARE, what=_DOOR),
            compare(times, _DOOR, _PARTS, what=_DOOR),
            compare(times, _OURS, "import sqlalchemy", what=_OURS),
            compare(times, _OURS, "import fpdf", what=_OURS),
        )
    )


def _process(code: str) -> Side:
    # Byte code may be written whatever the caller's environment says: recompiling is not what an import costs.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def work(_: int) -> object:
        return subprocess.run([sys.executable, "-c", code], env=environment, check=True)

    return lambda: nullcontext(work)
