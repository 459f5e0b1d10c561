"""The example of erasing a person, as its reader would run it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from command import environment

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "erase_a_person.py"


def test_p20_a_person_is_erased_and_a_report_says_what_is_left(tmp_path: Path) -> None:
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
    first, *kept, last = ran.stdout.splitlines()
    assert first == "1 conversation, 5 entries, 1 file; 2 not sent"
    assert len(kept) == 5
    assert all(line.startswith("kept ") for line in kept)
    assert last == "a text to her: opted_out"
