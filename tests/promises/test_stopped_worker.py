"""Row 86: a worker that is stopped in the middle of a hand-over, past its lease, and then goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import convokit
from convokit.gateways.simulator import Simulator
from convokit.outcomes import Accepted, Outcome
from convokit.ports.sms import OutboundText

OURS = "+13035550100"
KIM = convokit.Staff(id="u1", name="Dr. Kim")
ANA = convokit.Client(id="c1", name="Ana", phone="+13035550123")
START = datetime(2026, 3, 2, 15, tzinfo=UTC)
LATER = START + timedelta(minutes=10)
"""Long after any lease that was given at the start."""


class Carrier(Simulator):
    """The text leaves, and is written down; then the machine may sleep, and wakes up with the answer."""

    def __init__(self, ledger: Path, *, sleeps: bool = False) -> None:
        super().__init__()
        self.ledger, self.sleeps = ledger, sleeps

    def take(self, text: OutboundText) -> Outcome:
        with self.ledger.open("a") as file:
            file.write(f"{text.id}\n")
        if self.sleeps:
            os.kill(os.getpid(), signal.SIGSTOP)
        return Accepted(provider_id="id-1")


def opened(folder: Path, now: datetime, *, sleeps: bool = False) -> convokit.Convokit:
    carrier = Carrier(folder / "ledger.txt", sleeps=sleeps)
    return convokit.open(f"sqlite:///{folder}/desk.db", plugins=[carrier], clock=lambda: now)


def owed(folder: Path) -> convokit.Entry:
    """A text that waits to be handed over."""
    with opened(folder, START) as kit:
        kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws", region="US", numbers=[OURS]))
        desk = kit.practice("happy-paws")
        return desk.send(desk.start(client=ANA, channel="sms", by=KIM).id, "Hello", by=KIM)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system stops no process")
def test_p03_case_86_a_worker_that_wakes_up_after_its_lease_settles_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    message = owed(tmp_path)
    worker = subprocess.Popen([sys.executable, __file__, str(tmp_path)], env={**os.environ, "PYTHONPATH": PATHS})
    try:
        _, status = os.waitpid(worker.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), "it came to an end instead"
        with opened(tmp_path, LATER) as kit:
            kit.work()
            assert kit.practice("happy-paws").message(message.id).delivery is convokit.Delivery.UNSURE
    finally:
        worker.send_signal(signal.SIGCONT)
    assert worker.wait(60) == 0
    with opened(tmp_path, LATER) as kit:
        kit.work()
        # The late answer settles nothing that was over. As evidence it tells that the carrier has the text.
        assert kit.practice("happy-paws").message(message.id).delivery is convokit.Delivery.SENT
        assert kit.store.unsettled() == 0
    assert (tmp_path / "ledger.txt").read_text() == f"{message.id}.1\n"


PATHS = os.pathsep.join(filter(None, sys.path))

if __name__ == "__main__":
    with opened(Path(sys.argv[1]), START, sleeps=True) as worker_of_its_own:
        worker_of_its_own.work()
