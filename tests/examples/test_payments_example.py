"""The example of payments runs as its reader would run it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from command import environment

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def played(name: str, folder: Path) -> list[str]:
    """What an example prints; any warning is an error."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / name)],
        cwd=folder,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout.splitlines()


def test_money_is_asked_for_paid_posted_and_reported(tmp_path: Path) -> None:
    assert played("payments.py", tmp_path) == [
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


def test_a_link_is_opened_days_later(tmp_path: Path) -> None:
    assert played("payment_link.py", tmp_path) == [
        "the link is ours: https://desk.example/hooks/pay/...",
        "within a day: 303 to https://pay.example/",
        "a messenger fetches a preview: 200 Pay 84.50 USD",
        "pages so far: 1",
        "Ana presses the button: 200 One moment",
        "her daughter does too: 200 One moment",
        "their browsers ask again: 303 to https://pay.example/",
        "pages so far: 2",
        "later: 200 Paid, and the desk shows paid",
    ]
