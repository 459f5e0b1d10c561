"""Facts and states for tests of decisions: sensible defaults, one keyword per thing that matters to the test."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from convokit.domain.conversation import Conversation, Entry
from convokit.domain.delivery import Delivery
from convokit.domain.instant import HOUR
from convokit.domain.rules import Practice
from convokit.effects import OwedEffect, SendText
from convokit.facts import (
    ConversationStarted,
    DeliveryReported,
    EffectSettled,
    StaffReplied,
    TextArrived,
)
from convokit.outcomes import Accepted

NOW = 1_800_000_000_000_000
OURS = "+13035550100"
ANA = "+13035550123"
PRACTICE = Practice(id="happy-paws", name="Happy Paws", time_zone="America/Denver", region="US", numbers=(OURS,))


def conversation(**changes: Any) -> Conversation:
    base = Conversation(
        id="c_1",
        channel="sms",
        sender=OURS,
        address=ANA,
        client_id="c17",
        client_name="Ana Ruiz",
        team_member="Dr. Kim",
        started_us=NOW - HOUR,
        last_us=NOW - HOUR,
        last_seq=1,
    )
    return evolve(base, **changes)


def outbound(**changes: Any) -> Entry:
    base = Entry(
        id="m_1",
        conversation_id="c_1",
        seq=1,
        at_us=NOW - HOUR,
        kind="message",
        side="practice",
        channel="sms",
        text="Bella's results are in.",
        delivery=Delivery.QUEUED,
    )
    return evolve(base, **changes)


def owed(**changes: Any) -> OwedEffect:
    base = OwedEffect(
        effect=SendText(entry_id="m_1", conversation_id="c_1", sender=OURS, to=ANA),
        practice="happy-paws",
        state="begun",
        tries=1,
        owed_us=NOW - HOUR,
        due_us=NOW - HOUR,
        begun_us=NOW - 1000,
        lease_us=NOW + HOUR,
    )
    return evolve(base, **changes)


def arrived(text: str = "Thanks!", **changes: Any) -> TextArrived:
    base = TextArrived(
        conversation_id="c_new",
        entry_id="m_in",
        answer_id="m_answer",
        event_id="m_event",
        at_us=NOW,
        channel="sms",
        sender=OURS,
        address=ANA,
        text=text,
        provider="sim",
        provider_id="p1",
        fingerprint="f1",
    )
    return evolve(base, **changes)


def started(**changes: Any) -> ConversationStarted:
    base = ConversationStarted(
        conversation_id="c_new",
        entry_id="m_start",
        at_us=NOW,
        channel="sms",
        sender=OURS,
        address=ANA,
        client_id="c17",
        client_name="Ana Ruiz",
        title="Lab results",
        by_id="u1",
        by_name="Dr. Kim",
        urgency=1,
    )
    return evolve(base, **changes)


def replied(text: str = "Bella is fine.", **changes: Any) -> StaffReplied:
    base = StaffReplied(conversation_id="c_1", entry_id="m_new", at_us=NOW, text=text, by_id="u1", by_name="Dr. Kim")
    return evolve(base, **changes)


def reported(delivery: Delivery | None = Delivery.DELIVERED, **changes: Any) -> DeliveryReported:
    base = DeliveryReported(entry_id="m_1", attempt=1, at_us=NOW, provider="sim", delivery=delivery, raw="word")
    return evolve(base, **changes)


def settled(outcome: Any = None, **changes: Any) -> EffectSettled:
    base = EffectSettled(
        key="m_1.1",
        tries=1,
        outcome=Accepted(provider_id="p9") if outcome is None else outcome,
        provider="sim",
        at_us=NOW,
    )
    return evolve(base, **changes)
