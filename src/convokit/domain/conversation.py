"""A conversation as it stands, and the entries of its timeline."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from attrs import field, frozen

from convokit.domain import urgency as levels
from convokit.domain.attachment import Attachment, files_words
from convokit.domain.candidates import Candidate
from convokit.domain.changed import changed
from convokit.domain.delivery import NOT_FOUND, QUIET, Channel, Delivery, Indicator, advance, indicator
from convokit.domain.instant import to_datetime

Side = Literal["practice", "client", "system"]
EntryKind = Literal["message", "automatic", "note", "event"]
EventKind = Literal[
    "started",
    "reopened",
    "restarted",
    "ended",
    "moved",
    "assigned",
    "urgency",
    "team_member",
    "several_clients",
    "client_chosen",
    "client_set",
    "patient_set",
    "opted_out",
    "opted_in",
    "maybe_opt_out",
    "maybe_dismissed",
    "payment_requested",
    "payment_paid",
    "payment_declined",
    "payment_expired",
    "payment_cancelled",
    "payment_partly_refunded",
    "payment_refunded",
    "payment_refund_failed",
    "payment_disputed",
    "payment_flagged",
    "payment_link_failed",
    "transcript_mailed",
    "transcript_not_mailed",
    "transcript_unsure",
    "transcript_filed",
    "transcript_not_filed",
    "transcript_downloaded",
    "erased",
]

PREVIEW = 120
"""Characters of the last message that the inbox shows."""

# Without slots: a frozen value with so many fields is then made in two thirds of the time, and lists make hundreds.


@frozen(kw_only=True, slots=False)
class Conversation:
    """One conversation. Times are microseconds since the epoch, UTC; the ``..._at`` properties are datetimes.

    Attributes:
        id: random, unguessable; always looked up together with the practice.
        channel, sender, address: fixed for life; ``address`` is an E.164 number, or the client's id on the app.
        urgency: rank of :mod:`convokit.domain.urgency`.
        unread: messages of the client that staff have not seen; at least 1 after *mark unread*.
        last_seq: sequence number of the newest timeline entry; the next one is one more.
        last_us, last_text, last_side, last_delivery, last_message_seq: the newest *message*; nothing else moves them.
        opened_seq, read_seq: app only: the client has received, has read, all of ours up to this sequence number.
        awaiting_us: since when the client has been waiting for an answer, or ``None``.
        failed: outbound texts that failed or are unsure, and that no person has sent again or left.
        department: id of a department of the practice; ``""`` is the default one.
        assignee_id, assignee_name: the member of staff who looks after it, or ``None`` and ``""``.
        client_email, client_phone: for search and mails; the number in E.164; ``""`` where unknown.
        away_us: the closed time of which the client was last told, named by the instant of its end (0: it has none);
            ``None`` before.
        version: for compare-and-set.
        change: number of the practice's change feed at the last change.
        previous_id: the ended conversation that this one follows.
        candidates: the clients who had the number when it began, where they were several; with ``client_id``
            ``None``, staff are to choose.
    """

    id: str
    channel: Channel
    sender: str
    address: str
    title: str = ""
    client_id: str | None = None
    client_name: str = ""
    patient_id: str | None = None
    patient_name: str = ""
    team_member: str = ""
    initiated_by: Literal["practice", "client"] = "practice"
    ended: bool = False
    urgency: int = levels.NORMAL
    unread: int = 0
    started_us: int
    ended_us: int | None = None
    last_seq: int = 0
    last_us: int
    last_text: str = field(default="", repr=False)
    last_side: Side = "system"
    last_delivery: Delivery | None = None
    last_message_seq: int = 0
    opened_seq: int = 0
    read_seq: int = 0
    awaiting_us: int | None = None
    failed: int = 0
    department: str = ""
    assignee_id: str | None = None
    assignee_name: str = ""
    client_email: str = field(default="", repr=False)
    client_phone: str = field(default="", repr=False)
    away_us: int | None = None
    version: int = 1
    change: int = 0
    previous_id: str | None = None
    candidates: tuple[Candidate, ...] = ()

    @property
    def last_message_at(self) -> datetime:
        """When the newest message came or went; the start if there is none. UTC."""
        return to_datetime(self.last_us)

    @property
    def is_erased(self) -> bool:
        """Whether the client was erased: nobody can be written to in it any more."""
        return not self.address

    @property
    def started_at(self) -> datetime:
        """When it began. UTC."""
        return to_datetime(self.started_us)

    @property
    def ended_at(self) -> datetime | None:
        """When it was ended, UTC, or ``None``."""
        return None if self.ended_us is None else to_datetime(self.ended_us)

    @property
    def awaiting_reply_since(self) -> datetime | None:
        """Since when the client has been waiting for an answer, UTC, or ``None``. Reading is not answering."""
        return None if self.awaiting_us is None else to_datetime(self.awaiting_us)

    @property
    def urgency_level(self) -> str:
        """``"low"``, ``"normal"``, ``"high"`` or ``"urgent"``."""
        return levels.level(self.urgency)


@frozen(kw_only=True, slots=False)
class Entry:
    """One entry of a conversation's timeline: a message, an automatic message, a note, or an event.

    Attributes:
        seq: position in the conversation, from 1, without gaps; the order everybody sees, whatever the clocks say.
        kind: ``"message"``; ``"automatic"`` for what convokit itself sent; ``"note"`` for what staff write for each
            other, which no client ever sees; ``"event"`` for the rest.
        event: what happened, for events, else ``None``.
        text: exactly as typed or received; for events what a person reads.
        author_id: the authenticated staff id, never editable; ``None`` for clients and the system.
        author_name: the name shown at the time.
        attempt: hand-overs so far, from 1; *send again* makes a new one.
        delivery: ``None`` for what is not sent by us. On the app the client's watermarks are joined in.
        reason: failure category of :mod:`convokit.domain.reasons`.
        raw: the provider's own words.
        attachments: the files that came with it, in order.
        flags: ``"same_id_other_content"``, ``"maybe_opt_out"``, ``"crossed"``, ``"left"``, ``"repaired"`` ...;
            ``"automatic_held"`` and ``"automatic_capped"``: why this message got no automatic answer; ``"late"``: the
            carrier's callback was lost, and it was asked for; ``"not_found"``: the carrier does not have this text;
            ``"answer_lost"``: it is being asked again; ``"quiet_hours"``: it waits for their end.
    """

    id: str
    conversation_id: str
    seq: int
    at_us: int
    kind: EntryKind
    side: Side
    channel: Channel
    event: EventKind | None = None
    text: str = field(default="", repr=False)
    author_id: str | None = None
    author_name: str = ""
    attempt: int = 1
    delivery: Delivery | None = None
    reason: str | None = None
    raw: str = field(default="", repr=False)
    provider_id: str | None = None
    client_ref: str | None = None
    flags: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    @property
    def at(self) -> datetime:
        """When it was committed here. UTC."""
        return to_datetime(self.at_us)

    @property
    def indicator(self) -> Indicator | None:
        """The check a person sees, or ``None`` for what was not sent by us."""
        if self.delivery is None:
            return None
        missing, quiet = NOT_FOUND in self.flags, QUIET in self.flags
        return indicator(
            channel=self.channel, delivery=self.delivery, reason=self.reason, not_found=missing, quiet=quiet
        )


def preview(text: str, files: tuple[Attachment, ...] = ()) -> str:
    """The first characters of a message on one line, for the inbox; what its files are, where it has no words."""
    return " ".join(text[: PREVIEW * 2].split())[:PREVIEW] or (files_words(files) if files else "")


def with_watermarks(entry: Entry, opened_seq: int, read_seq: int) -> Entry:
    """The entry as a person sees it: what the client's app has received or read is joined into its delivery."""
    if entry.channel != "app" or entry.delivery is None:
        return entry
    if entry.seq <= read_seq:
        return changed(entry, delivery=advance(entry.delivery, Delivery.READ))
    if entry.seq <= opened_seq:
        return changed(entry, delivery=advance(entry.delivery, Delivery.DELIVERED))
    return entry
