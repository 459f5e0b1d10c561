"""The example of a restore, as its reader would run it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from command import environment

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "restore_a_backup.py"


def test_nothing_leaves_a_second_time(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLE)],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    left, held, since, shown = ran.stdout.splitlines()
    assert (left, held, since) == ("left before the disk died: 1", "held back: 1", "left since: 0")
    assert shown.startswith("the front desk sees: ")
