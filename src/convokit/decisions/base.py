"""What a decision is made from, and what it says."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from convokit.domain.attachment import Attachment
from convokit.domain.candidates import ClientChoice
from convokit.domain.consent_ledger import Consent, ConsentEntry
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.delivery import Channel, Delivery
from convokit.domain.end_of_day import DayReport
from convokit.domain.number_health import NumberHealth
from convokit.domain.payment import Payment
from convokit.domain.planned_work import WorkPlan
from convokit.effects import Because, Job, OwedEffect, OwedJob, SendText
from convokit.errors import InvalidInput, NotFound


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
        job_key: this owed job.
        payment_id: this payment, its conversation, the message with its link, and that text if it is still owed.
        day: the report of this day's reminder.
        consent: the consent of the address concerned.
        recent_us: with ``at``: the automatic texts to the address in the hour before this moment.
        address: that address, where no conversation names it.
        choice: with ``at``: whom staff chose last for the address.
        reach: of a conversation in the app: which apps of the client are to be told of a message.
    """

    conversation_id: str | None = None
    at: tuple[Channel, str, str] | None = None
    or_ended: bool = False
    beside: bool = False
    entry_id: str | None = None
    effect_key: str | None = None
    recent_us: int | None = None
    job_key: str | None = None
    payment_id: str | None = None
    day: date | None = None
    consent: bool = False
    address: str | None = None
    choice: bool = False
    reach: bool = False


def unknown_conversation() -> NotFound:
    """The same for unknown, for another practice's and for one of a department that the desk does not see."""
    return NotFound("conversation.unknown", "no such conversation at this practice", field="conversation_id")


def unknown_department() -> InvalidInput:
    """The practice has no such department, or the desk may not use it."""
    return InvalidInput("department.unknown", "no such department at this desk", field="department")


def unknown_payment() -> NotFound:
    """The same for unknown, for another practice's and for one of a department that the desk does not see."""
    return NotFound("payment.unknown", "no such payment at this practice", field="payment_id")


@frozen(kw_only=True)
class Before:
    """The state as loaded. ``open_beside`` is another open conversation at the same address.

    ``recent``: why and when automatic texts to the address were owed in the last hour, newest first.
    ``reach``: ids of the registrations of the client's apps; empty where they were not asked for.
    """

    conversation: Conversation | None = None
    open_beside: Conversation | None = None
    entry: Entry | None = None
    effect: OwedEffect | None = None
    job: OwedJob | None = None
    payment: Payment | None = None
    day: DayReport | None = None
    consent: Consent | None = None
    recent: tuple[tuple[Because, int], ...] | None = None
    choice: ClientChoice | None = None
    reach: tuple[str, ...] = ()

    @property
    def found(self) -> Conversation:
        """The conversation.

        Raises:
            NotFound: ``conversation.unknown``; the same for unknown and for another practice's.
        """
        if self.conversation is None:
            raise unknown_conversation()
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
    def found_payment(self) -> Payment:
        """The payment.

        Raises:
            NotFound: ``payment.unknown``.
        """
        if self.payment is None:
            raise unknown_payment()
        return self.payment

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


def flagged(entry: Entry, flag: str) -> DeliveryChange:
    """A message as it is, with one flag more."""
    return DeliveryChange(
        entry_id=entry.id,
        attempt=entry.attempt,
        delivery=entry.delivery if entry.delivery is not None else Delivery.QUEUED,
        reason=entry.reason,
        raw=entry.raw,
        provider_id=entry.provider_id,
        flags=(*entry.flags, flag),
    )


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
class FilesChange:
    """A message's files after the fact, all of them; ``taken``: those among them that were uploads until now."""

    entry_id: str
    attachments: tuple[Attachment, ...]
    taken: tuple[Attachment, ...] = ()


@frozen(kw_only=True)
class JobSettlement:
    """The end of one attempt at a job: ``again_us`` is when to try again, ``None`` when it is done.

    Fenced by ``tries`` as a :class:`Settlement` is. ``instead``: what is owed from then on, under the same key.
    """

    key: str
    tries: int
    again_us: int | None = None
    instead: Job | None = None


@frozen(kw_only=True)
class TokenLoss:
    """Nobody is reached under a registration that the app gave at ``until_us`` or before."""

    token_id: str
    until_us: int


@frozen(kw_only=True)
class Decision:
    """What follows from a fact. The store commits all of it in one transaction, or nothing.

    ``conversation`` is the state after, with its version one up, or ``None`` when it stays as it is. ``work`` is when
    planned work comes next, ``day`` what became of a day's reminder; it replaces the report of that day.
    ``health`` is what a number is like from now on; of one that was marked already, the moment stays the earlier one.
    ``choice`` is what staff chose for a shared number, to be remembered.
    ``payment`` is a payment of this conversation after the fact. ``withdrawn`` is the key of an owed text that is not
    to leave any more; it holds only while nobody has begun to hand it over. ``token_loss`` is a registration of an app
    that leads nowhere.
    """

    conversation: Conversation | None = None
    entries: tuple[Entry, ...] = ()
    deliveries: tuple[DeliveryChange, ...] = ()
    consent: tuple[ConsentEntry, ...] = ()
    effects: tuple[SendText, ...] = ()
    settlement: Settlement | None = None
    jobs: tuple[Job, ...] = ()
    job_settlement: JobSettlement | None = None
    files: FilesChange | None = None
    payment: Payment | None = None
    withdrawn: str | None = None
    work: WorkPlan | None = None
    day: DayReport | None = None
    health: NumberHealth | None = None
    choice: ClientChoice | None = None
    token_loss: TokenLoss | None = None

    @property
    def changes_nothing(self) -> bool:
        """Whether nothing would be written but the fact itself."""
        return self == NOTHING


NOTHING = Decision()
"""The decision that nothing follows."""
