"""Transcripts wait a moment for the last text: both are owed at once, and nobody wants to read that it waits."""

from __future__ import annotations

from typing import Final

from convokit.domain.delivery import Delivery
from convokit.domain.instant import MINUTE
from convokit.effects import OwedJob
from convokit.ports.store import Store

WAIT_FOR_TEXT: Final = 2 * MINUTE
"""How long a transcript waits for the last text to leave."""

ON_ITS_WAY: Final = "the last text is still on its way out"


def is_too_early(store: Store, owed: OwedJob, conversation_id: str | None, now_us: int) -> bool:
    """Whether a transcript would say that the last text waits to be sent, only because both are owed at once."""
    known = None if conversation_id is None else store.conversation(owed.practice, conversation_id)
    waits = known is not None and known.channel == "sms" and known.last_delivery is Delivery.QUEUED
    return waits and owed.owed_us <= now_us < owed.owed_us + WAIT_FOR_TEXT
