"""The example of payments runs as its reader would run it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from command import environment

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "payments.py"


def test_money_is_asked_for_paid_posted_and_reported(tmp_path: Path) -> None:
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
        "Payments in EUR are not accepted.",
        "event     Dr. Kim started the conversation.",
        "event     Dr. Kim asked for 84.50 USD: Invoice 1042.",
        "message   Happy Paws: please pay 84.50 USD for Invoice 1042 here:",
        "event     The payment of 84.50 USD was declined: Invoice 1042. The client can try again.",
        "event     84.50 USD paid: Invoice 1042.",
        "automatic Happy Paws: we received 84.50 USD for Invoice 1042. Thank you!",
        "invoice 1042: paid, 84.50 USD received",
        "1042 partly_refunded 84.50 10.00 USD",
    ]
