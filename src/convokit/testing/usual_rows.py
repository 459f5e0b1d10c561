"""Rows that are the same for nearly every carrier of HTTP: its author adds them to those of the carrier's own."""

from __future__ import annotations

from typing import Final

from convokit.outcomes import Outcome, Refused, TryLater, Unsure
from convokit.ports.sms import OutboundFile
from convokit.testing.rows import Answer, SendRow
from convokit.testing.wire import answered

PHOTO: Final = OutboundFile(
    url="https://desk.example/media/secret-link",
    media_type="image/jpeg",
    size=7,
    sha256="0" * 64,
    name="Bella at home.jpg",
)
"""A picture that goes with a text."""


def said(label: str, shows: str, answer: Answer, outcome: Outcome) -> SendRow:
    """The row of one answer. ``shows``: one situation, or nothing."""
    return SendRow(label=label, shows=shows or (), answers=(answer,), outcome=outcome)


USUAL_SENDS: Final[tuple[SendRow, ...]] = (
    said("not let in", "wrong credentials", answered(401, "no"), Refused(reason="account_problem", raw="401 no")),
    said(
        "too many requests",
        "throttled, with Retry-After",
        answered(429, "no", {"Retry-After": "30"}),
        TryLater(raw="429 no", after=30),
    ),
    said(
        "too many requests, no more said",
        "throttled, without Retry-After",
        answered(429, "no"),
        TryLater(raw="429 no"),
    ),
    said("broken", "server error", answered(500, "oops"), Unsure(why="unexpected answer: 500 oops")),
    said("it took too long", "", answered(408, "timeout"), Unsure(why="unexpected answer: 408 timeout")),
    said("a login page", "HTML with 200", answered(200, "<html>"), Unsure(why="unexpected answer: 200 <html>")),
)
"""What a carrier, or a proxy before it, says in plain words and without an error number of its own."""
