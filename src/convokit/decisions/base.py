"""What a decision is made from, and what it says."""

from __future__ import annotations

from attrs import frozen

from convokit.domain.consent_ledger import Consent, ConsentEntry
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.delivery import Channel, Delivery
from convokit.effects import Effect, OwedEffect
from convokit.errors import NotFound


@frozen(kw_only=True)
class Needs:
    """What a fact's decision looks at; the store loads this and no more, however long the conversation is.

    Attributes:
        conversation_id: this conversation.
        at: the open conversation at this ``(channel, sender, address)``.
        or_ended: with ``at``: if none is open, the one that ended last.
        beside: with ``conversation_id``: also the open conversation at the same address.
        entry_id: this entry, and its conversation.
        effect_key: this owed effect, its entry and its conversation.
        consent: the consent of the address concerned.
        address: that address, where no conversation names it.
    """

    conversation_id: str | None = None
    at: tuple[Channel, str, str] | None = None
    or_ended: bool = False
    beside: bool = False
    entry_id: str | None = None
    effect_key: str | None = None
    consent: bool = False
    address: str | None = None


@frozen(kw_only=True)
class Before:
    """The state as loaded. ``open_beside`` is another open conversation at the same address."""

    conversation: Conversation | None = None
    open_beside: Conversation | None = None
    entry: Entry | None = None
    effect: OwedEffect | None = None
    consent: Consent | None = None

    @property
    def found(self) -> Conversation:
        """The conversation.

        Raises:
            NotFound: ``conversation.unknown``; the same for unknown and for another practice's.
        """
        if self.conversation is None:
            raise NotFound("conversation.unknown", "no such conversation at this practice", field="conversation_id")
        return self.conversation

    @property
    def found_entry(self) -> Entry:
        """The entry.

        Raises:
            NotFound: ``message.unknown``.
        """
        if self.entry is None:
            raise NotFound("message.unknown", "no such message at this practice", field="message_id")
        return self.entry

    @property
    def opted_out(self) -> bool:
        """Whether the address has opted out."""
        return self.consent is not None and self.consent.opted_out


@frozen(kw_only=True)
class DeliveryChange:
    """A message's delivery after the fact; ``attempt`` is one more for *send again*."""

    entry_id: str
    attempt: int
    delivery: Delivery
    reason: str | None = None
    raw: str = ""
    provider_id: str | None = None
    flags: tuple[str, ...] = ()


@frozen(kw_only=True)
class Settlement:
    """The end of one hand-over: ``again_us`` is when to try again, ``None`` when it is done.

    It holds only if the effect is still begun with ``tries``: the fence against a worker that woke up late.
    """

    key: str
    tries: int
    provider: str
    provider_id: str | None = None
    again_us: int | None = None


@frozen(kw_only=True)
class Decision:
    """What follows from a fact. The store commits all of it in one transaction, or nothing.

    ``conversation`` is the state after, with its version one up, or ``None`` when it stays as it is.
    """

    conversation: Conversation | None = None
    entries: tuple[Entry, ...] = ()
    deliveries: tuple[DeliveryChange, ...] = ()
    consent: tuple[ConsentEntry, ...] = ()
    effects: tuple[Effect, ...] = ()
    settlement: Settlement | None = None

    @property
    def changes_nothing(self) -> bool:
        """Whether nothing would be written but the fact itself."""
        return self == NOTHING


NOTHING = Decision()
"""The decision that nothing follows."""
