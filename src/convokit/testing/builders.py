"""Practices and facts for tests: sensible values, fresh ids, and a clock that moves by one second a fact."""

from __future__ import annotations

from attrs import define, field

from convokit.decisions import Before, Decision, decide, needs, needs_more
from convokit.domain.delivery import Channel, Delivery
from convokit.domain.instant import SECOND
from convokit.domain.rules import Practice
from convokit.facts import (
    AppOpened,
    AssigneeSet,
    ConsentRecorded,
    ConversationEnded,
    ConversationMoved,
    ConversationRestarted,
    ConversationStarted,
    DeliveryReported,
    EffectSettled,
    Fact,
    MarkedUnread,
    SendAgainAsked,
    StaffRead,
    StaffReplied,
    TextArrived,
    ThreadRead,
    UrgencySet,
)
from convokit.outcomes import Accepted, Outcome
from convokit.ports.store import CommitResult, Stale, Store

OURS = "+13035550100"
ANA = "+13035550123"
START = 1_800_000_000 * SECOND
PROVIDER = "carrier"
LEASE = 60 * SECOND


def practice(practice_id: str = "happy-paws") -> Practice:
    """A practice in Denver with one sender number."""
    return Practice(id=practice_id, name="Happy Paws", time_zone="America/Denver", region="US", numbers=(OURS,))


@define
class Facts:
    """Makes facts. ``prefix`` keeps the ids of several makers apart."""

    prefix: str = ""
    now_us: int = START
    _made: int = field(default=0, alias="made")

    def _next(self) -> str:
        self._made += 1
        self.now_us += SECOND
        return f"{self.prefix}{self._made}"

    def arrived(
        self,
        text: str = "Is Bella well?",
        *,
        address: str = ANA,
        sender: str = OURS,
        channel: Channel = "sms",
        provider_id: str | None = None,
    ) -> TextArrived:
        """A client wrote."""
        n = self._next()
        return TextArrived(
            conversation_id=f"c{n}",
            entry_id=f"m{n}",
            answer_id=f"a{n}",
            event_id=f"e{n}",
            at_us=self.now_us,
            channel=channel,
            sender=sender,
            address=address,
            text=text,
            provider=PROVIDER,
            provider_id=f"p{n}" if provider_id is None else provider_id,
            fingerprint=f"f:{text}",
            client_id=address if channel == "app" else None,
        )

    def started(self, *, address: str = ANA, channel: Channel = "sms", urgency: int = 1) -> ConversationStarted:
        """Staff start a conversation."""
        n = self._next()
        return ConversationStarted(
            conversation_id=f"c{n}",
            entry_id=f"m{n}",
            at_us=self.now_us,
            channel=channel,
            sender=OURS,
            address=address,
            client_id="c17",
            client_name="Ana Ruiz",
            by_id="u1",
            by_name="Dr. Kim",
            urgency=urgency,
        )

    def replied(
        self, conversation_id: str, text: str = "Bella is well.", *, client_ref: str | None = None
    ) -> StaffReplied:
        """Staff write."""
        n = self._next()
        return StaffReplied(
            conversation_id=conversation_id,
            entry_id=f"m{n}",
            at_us=self.now_us,
            text=text,
            by_id="u1",
            by_name="Dr. Kim",
            client_ref=client_ref,
            fingerprint=f"f:{text}",
        )

    def ended(self, conversation_id: str) -> ConversationEnded:
        """Staff end a conversation."""
        entry_id = f"m{self._next()}"
        return ConversationEnded(
            conversation_id=conversation_id, entry_id=entry_id, at_us=self.now_us, by_id="u1", by_name="Dr. Kim"
        )

    def restarted(self, conversation_id: str) -> ConversationRestarted:
        """Staff restart a conversation."""
        entry_id = f"m{self._next()}"
        return ConversationRestarted(
            conversation_id=conversation_id, entry_id=entry_id, at_us=self.now_us, by_id="u1", by_name="Dr. Kim"
        )

    def urgency(self, conversation_id: str, rank: int) -> UrgencySet:
        """Staff set the urgency."""
        entry_id = f"m{self._next()}"
        return UrgencySet(
            conversation_id=conversation_id,
            entry_id=entry_id,
            at_us=self.now_us,
            urgency=rank,
            by_id="u1",
            by_name="Dr. Kim",
        )

    def staff_read(self, conversation_id: str, upto_seq: int) -> StaffRead:
        """Staff opened the thread."""
        self._next()
        return StaffRead(conversation_id=conversation_id, at_us=self.now_us, upto_seq=upto_seq)

    def moved(self, conversation_id: str, department: str) -> ConversationMoved:
        """Staff hand a conversation to another department."""
        entry_id = f"m{self._next()}"
        return ConversationMoved(
            conversation_id=conversation_id,
            entry_id=entry_id,
            at_us=self.now_us,
            department=department,
            by_id="u1",
            by_name="Dr. Kim",
        )

    def assigned(self, conversation_id: str, assignee: str | None) -> AssigneeSet:
        """Staff assign a conversation."""
        entry_id = f"m{self._next()}"
        return AssigneeSet(
            conversation_id=conversation_id,
            entry_id=entry_id,
            at_us=self.now_us,
            assignee_id=assignee,
            assignee_name=assignee or "",
            by_id="u1",
            by_name="Dr. Kim",
        )

    def marked_unread(self, conversation_id: str) -> MarkedUnread:
        """Staff mark a conversation unread."""
        self._next()
        return MarkedUnread(conversation_id=conversation_id, at_us=self.now_us)

    def app_opened(self, conversation_id: str) -> AppOpened:
        """The client opened the app."""
        self._next()
        return AppOpened(conversation_id=conversation_id, at_us=self.now_us)

    def thread_read(self, conversation_id: str) -> ThreadRead:
        """The client read the conversation in the app."""
        self._next()
        return ThreadRead(conversation_id=conversation_id, at_us=self.now_us)

    def opted_out(self, conversation_id: str | None = None, *, address: str = ANA) -> ConsentRecorded:
        """Staff record an opt-out."""
        entry_id = f"m{self._next()}"
        return ConsentRecorded(
            address=address,
            entry_id=entry_id,
            at_us=self.now_us,
            action="opt_out",
            by_id="u1",
            by_name="Dr. Kim",
            reason="asked by phone",
            conversation_id=conversation_id,
        )

    def send_again(self, conversation_id: str, entry_id: str) -> SendAgainAsked:
        """Staff press *Send again*."""
        self._next()
        return SendAgainAsked(conversation_id=conversation_id, entry_id=entry_id, at_us=self.now_us, by_id="u1")

    def settled(self, key: str, tries: int = 1, outcome: Outcome | None = None) -> EffectSettled:
        """A hand-over came to an end; accepted, unless said otherwise."""
        n = self._next()
        told = Accepted(provider_id=f"x{n}") if outcome is None else outcome
        return EffectSettled(key=key, tries=tries, outcome=told, provider=PROVIDER, at_us=self.now_us)

    def reported(self, entry_id: str, delivery: Delivery | None = Delivery.DELIVERED) -> DeliveryReported:
        """The provider reports."""
        n = self._next()
        return DeliveryReported(
            entry_id=entry_id, attempt=1, at_us=self.now_us, provider=PROVIDER, delivery=delivery, event_id=f"r{n}"
        )


def decided(store: Store, at: Practice, fact: Fact) -> tuple[Before, Decision]:
    """What follows from a fact now, and the state that it follows from."""
    before = store.load(at.id, needs(fact))
    decision = decide(before, fact, at)
    more = needs_more(fact, before, decision)
    if more is None:
        return before, decision
    before = store.load(at.id, more)
    return before, decide(before, fact, at)


def take(store: Store, at: Practice, fact: Fact) -> CommitResult:
    """Load, decide and commit, again as long as somebody else was faster."""
    while True:
        before, decision = decided(store, at, fact)
        result = store.commit(at.id, before, fact, decision)
        if not isinstance(result, Stale):
            return result
