"""Conversations begin, messages come and go, and are reported on and read."""

from __future__ import annotations

from typing import ClassVar

from attrs import field, frozen

from convokit.domain.attachment import Attachment
from convokit.domain.candidates import Candidate
from convokit.domain.delivery import Channel, Delivery
from convokit.outcomes import Outcome


@frozen(kw_only=True)
class ConversationStarted:
    """Staff start a conversation."""

    conversation_id: str
    at_us: int
    channel: Channel
    sender: str
    address: str
    client_id: str
    client_name: str
    client_email: str = field(default="", repr=False)
    client_phone: str = field(default="", repr=False)
    patient_id: str | None = None
    patient_name: str = ""
    title: str = ""
    department: str = ""
    by_id: str
    by_name: str
    urgency: int
    entry_id: str

    identity: ClassVar[str | None] = None


@frozen(kw_only=True)
class TextArrived:
    """A client wrote, by text or in the app.

    ``conversation_id``, ``entry_id``, ``answer_id`` and ``event_id`` are fresh ids, used as far as they are needed.
    ``client_*`` is what the host's directory says of the address, if anything; ``candidates`` if it names several.
    ``fingerprint`` tells a repetition from a reused provider id. ``raw`` is the text as it came, escaped, where it
    could not be stored as it was. ``department``: the one that the client chose in the app, if any. ``media`` says
    where the files are that wait to be fetched: the attachment's id, the URL, and the digest or nothing.
    """

    conversation_id: str
    entry_id: str
    answer_id: str
    event_id: str
    at_us: int
    channel: Channel
    sender: str
    address: str
    text: str = field(repr=False)
    provider: str
    provider_id: str
    fingerprint: str
    client_id: str | None = None
    client_name: str = ""
    client_email: str = field(default="", repr=False)
    client_phone: str = field(default="", repr=False)
    patient_id: str | None = None
    patient_name: str = ""
    candidates: tuple[Candidate, ...] = ()
    department: str | None = None
    gateway_answers_stop: bool = False
    gateway_answers_help: bool = False
    raw: str = field(default="", repr=False)
    flags: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    media: tuple[tuple[str, str, str], ...] = field(default=(), repr=False)

    @property
    def identity(self) -> str:
        """One provider message is one fact; a reused id with other content is another one."""
        again = f":{self.fingerprint}" if "same_id_other_content" in self.flags else ""
        return f"in:{self.provider}:{self.provider_id}{again}"


@frozen(kw_only=True)
class StaffReplied:
    """Staff write into a conversation. ``client_ref`` makes a repeated call the same message.

    ``seen_seq``: the newest entry they had seen; a client's message after it stays unread and unanswered.
    ``automatic``: a program wrote it and nobody waits for it, so it waits for the end of quiet hours; ``zone``: whose,
    an IANA name; empty: the practice's.
    """

    conversation_id: str
    entry_id: str
    at_us: int
    text: str = field(repr=False)
    by_id: str
    by_name: str
    client_ref: str | None = None
    fingerprint: str = ""
    seen_seq: int | None = None
    flags: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    automatic: bool = False
    zone: str = ""

    @property
    def identity(self) -> str | None:
        """The caller's reference, if it gave one."""
        return None if self.client_ref is None else f"ref:{self.client_ref}"


@frozen(kw_only=True)
class SendAgainAsked:
    """Staff press *Send again* on a failed or unsure text: a new attempt."""

    conversation_id: str
    entry_id: str
    at_us: int
    by_id: str

    identity: ClassVar[str | None] = None


@frozen(kw_only=True)
class UnsureLeft:
    """Staff press *Leave* on a failed or unsure text: a person decided not to send it again."""

    conversation_id: str
    entry_id: str
    at_us: int
    by_id: str

    identity: ClassVar[str | None] = None


@frozen(kw_only=True)
class DeliveryReported:
    """A provider reports on an attempt. ``delivery`` is ``None`` for an unknown word."""

    entry_id: str
    attempt: int
    at_us: int
    provider: str
    delivery: Delivery | None
    reason: str | None = None
    raw: str = ""
    event_id: str = ""

    @property
    def identity(self) -> str:
        """The provider's event id, else the content of the report."""
        event = self.event_id or f"{self.delivery}:{self.reason}:{self.raw}"
        return f"dlr:{self.provider}:{self.entry_id}.{self.attempt}:{event}"[:300]


@frozen(kw_only=True)
class EffectSettled:
    """Handing over an effect has come to an end. ``tries`` is the fence that was given when it was begun.

    ``repeats`` and ``looks_up``: what the carrier can do about an answer that never came (``Capabilities``).
    """

    key: str
    tries: int
    outcome: Outcome
    provider: str
    at_us: int
    repeats: bool = False
    looks_up: bool = False

    identity: ClassVar[str | None] = None


@frozen(kw_only=True)
class AppOpened:
    """The client opened the app: ours in this conversation, up to ``upto_seq`` (``None``: all), has been received."""

    conversation_id: str
    at_us: int
    upto_seq: int | None = None

    identity: ClassVar[str | None] = None


@frozen(kw_only=True)
class ThreadRead:
    """The client opened the conversation in the app. ``upto_seq``: the newest entry shown; ``None`` for all."""

    conversation_id: str
    at_us: int
    upto_seq: int | None = None

    identity: ClassVar[str | None] = None


@frozen(kw_only=True)
class StaffRead:
    """Staff opened the thread up to ``upto_seq``; newer messages stay unread."""

    conversation_id: str
    at_us: int
    upto_seq: int

    identity: ClassVar[str | None] = None


@frozen(kw_only=True)
class MarkedUnread:
    """Staff mark a conversation unread."""

    conversation_id: str
    at_us: int

    identity: ClassVar[str | None] = None
