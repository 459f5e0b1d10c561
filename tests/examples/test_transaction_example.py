"""The example of one transaction, as its reader would run it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from command import environment

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "one_transaction.py"


def test_both_are_stored_or_neither(tmp_path: Path) -> None:
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
    assert ran.stdout.splitlines() == [
        "1043: the printer is on fire",
        "invoices: 1042",
        "messages: Invoice 1042 is ready.",
        "handed over: 1",
    ]
