"""The life of a sender number: requested, verified with the carriers, ready, and perhaps suspended by them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from attrs import frozen

from convokit.domain.rules import Practice
from convokit.domain.sender_states import SenderState


@frozen(kw_only=True)
class NotReady:
    """Why no text leaves from a number.

    Attributes:
        code: of the error.
        reason: in plain words for the front desk.
        category: of :mod:`convokit.domain.reasons`, shown with a text that was owed when the number stopped.
    """

    code: str
    reason: str
    category: str


NOT_READY: Final[Mapping[SenderState, NotReady]] = MappingProxyType(
    {
        "requested": NotReady(
            code="sender.requested",
            reason="The practice's texting number has been ordered and is not there yet.",
            category="sender_unregistered",
        ),
        "verifying": NotReady(
            code="sender.verifying",
            reason="The carriers are still checking the practice's texting number.",
            category="sender_unregistered",
        ),
        "suspended": NotReady(
            code="sender.suspended",
            reason="The practice's texting number is suspended. Please tell your administrator.",
            category="sender_invalid",
        ),
    }
)


def sender_state(practice: Practice, number: str) -> SenderState:
    """The state of a number; ready unless the practice says otherwise."""
    return dict(practice.sender_states).get(number, "ready")


def not_ready(practice: Practice, number: str) -> NotReady | None:
    """Why no text leaves from ``number``, or ``None`` when it is ready."""
    if not practice.sender_states:
        return None
    return NOT_READY.get(sender_state(practice, number))
