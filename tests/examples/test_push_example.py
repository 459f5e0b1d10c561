"""The example of push runs as its reader would run it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from command import environment

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "wake_the_app.py"


def test_a_browser_is_told_and_the_page_acknowledges(tmp_path: Path) -> None:
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
        "the page:   POST registrations -> 201",
        "front desk: Sent, unread",
        "the phone:  Happy Paws - You have a new message.",
        "front desk: Sent, unread",
        "the page:   POST opened -> 200",
        "front desk: Received: the client opened the app",
        "the page:   POST read -> 200",
        "front desk: Read: the client opened the conversation",
    ]
