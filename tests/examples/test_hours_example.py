"""The example of conversation hours, as its reader would run it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from command import environment

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "hours_and_away.py"


def test_a_day_and_a_night_of_conversation_hours(tmp_path: Path) -> None:
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
        "Fri 16:31  Ana: Can Bella have her pills with food?",
        "           -> Thanks for writing to Happy Paws. We answer within the hour.",
        "Fri 16:32  Ana: The blue ones",
        "Fri 22:01  Ben: Max ate chocolate!",
        "           -> Happy Paws is closed. For emergencies call (303) 555-0199.",
        "Fri 22:02  Ben: About 20 grams",
        "The app would show: we answer from Saturday 09:00",
        "Reminder: Waits for the end of the quiet hours",
        "Sat 13:01  Ben: He is fine again",
        "           -> Happy Paws is closed. For emergencies call (303) 555-0199.",
        "           -> Max's check-up is due.",
        "Monday: 2 conversations wait for an answer",
    ]
    assert list(tmp_path.iterdir()) == []
