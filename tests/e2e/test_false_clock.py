"""The command's worker under clocks that are wrong (libfaketime): the reminder still comes once for each day."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command import unmeasured
from desks import ANA, HAPPY_PAWS, KIM
from mail_servers import Handler, Server
from needs import need
from scripted_mailer import FRONT, mailing

import convokit

pytest.importorskip("convokit_mail_smtp")


def seen(url: str) -> tuple[dict[str, str], str]:
    """What became of each day, and when the next reminder is due."""
    with convokit.open(url) as kit:
        state = kit.practice("happy-paws").end_of_day()
    assert state.next_at is not None
    return {str(report.day): report.state for report in state.days}, f"{state.next_at:%Y-%m-%d %H:%M}"


def run_worker(moment: str, url: str, settings: Path, until: tuple[dict[str, str], str]) -> None:
    """A worker whose clock starts at ``moment`` (UTC) and runs on, until everything is as it should be."""
    (faketime,) = need("faketime", package="faketime")
    # With "@" the clock runs on; without it, it would stand still, monotonic clocks included.
    command = [faketime, "-f", f"@{moment}", sys.executable, "-m", "convokit", "worker", "--db", url]
    running = subprocess.Popen(
        [*command, "--plugin", "smtp", "--settings", str(settings)],
        env={**unmeasured(), "TZ": "UTC", "FAKETIME_DONT_FAKE_MONOTONIC": "1"},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        wait = threading.Event()
        while seen(url) != until:
            assert running.poll() is None
            wait.wait(0.2)
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        errors = running.communicate(timeout=60)[1]
    assert "worker ended" in errors


def test_p21_t10_one_mail_a_day_although_the_clock_is_wrong(tmp_path: Path) -> None:
    need("faketime", package="faketime")
    handler = Handler()
    server = Server(handler)
    try:
        url = f"sqlite:///{tmp_path}/desk.db"
        with convokit.open(url, clock=lambda: datetime(2026, 3, 2, 15, tzinfo=UTC)) as kit:
            kit.add_practice(mailing(HAPPY_PAWS, end_of_day=convokit.EndOfDay(recipients=[FRONT])))
            kit.practice("happy-paws").start(client=ANA, by=KIM)
        settings = tmp_path / "settings.toml"
        settings.write_text(f'[smtp]\nhost = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\n', encoding="utf-8")
        monday = {"2026-03-02": "sent"}
        run_worker("2026-03-03 00:29:58", url, settings, (monday, "2026-03-03 17:30"))
        assert len(handler.delivered) == 1
        # The clock goes back, and the same moment comes again: it is looked at, and nothing is sent.
        run_worker("2026-03-03 00:20:00", url, settings, (monday, "2026-03-02 17:30"))
        run_worker("2026-03-03 00:29:58", url, settings, (monday, "2026-03-03 17:30"))
        assert len(handler.delivered) == 1
        # A year ahead: noted once. Then the clock is right, and Tuesday has its turn.
        run_worker("2027-03-10 15:00:00", url, settings, ({**monday, "2026-03-03": "missed"}, "2027-03-10 17:30"))
        assert len(handler.delivered) == 1
        run_worker("2026-03-04 00:29:58", url, settings, ({**monday, "2026-03-03": "sent"}, "2026-03-04 17:30"))
        assert len(handler.delivered) == 2
    finally:
        server.close()
