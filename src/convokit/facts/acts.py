"""What staff do to a conversation as a whole, and to consent."""

from __future__ import annotations

from typing import ClassVar, Literal

from attrs import field, frozen

from convokit.facts.texts import StaffReplied


@frozen(kw_only=True)
class StaffAct:
    """What staff do to a conversation, and the event that tells of it: ``entry_id`` is the event's fresh id."""

    conversation_id: str
    entry_id: str
    at_us: int
    by_id: str
    by_name: str

    identity: ClassVar[str | None] = None


@frozen(kw_only=True)
class ConversationEnded(StaffAct):
    """Staff end a conversation.

    ``mail_to``: who gets the transcript, as :attr:`convokit.domain.mail_rules.MailRules.transcript_to` writes it;
    ``None``: whom the rules name. ``records``: there is a medical record to file it in.
    """

    mail_to: tuple[str, ...] | None = field(default=None, repr=False)
    records: bool = False


@frozen(kw_only=True)
class NoteWritten(StaffAct):
    """Staff write a note for each other; ``entry_id`` is the note's. ``client_ref`` makes a repeated call the same."""

    text: str = field(repr=False)
    flags: tuple[str, ...] = ()
    client_ref: str | None = None
    fingerprint: str = ""

    @property
    def identity(self) -> str | None:  # type: ignore[override]  # the other acts have none
        """The caller's reference, if it gave one."""
        return None if self.client_ref is None else f"ref:{self.client_ref}"


@frozen(kw_only=True)
class TranscriptTaken(StaffAct):
    """Staff download a transcript.

    ``head`` and ``count`` say which: the last digest and the number of its entries. ``internal_notes``: it holds the
    notes of the staff; ``redacted``: what was left out, in the words of its record.
    """

    head: str
    count: int
    internal_notes: bool = False
    redacted: tuple[str, ...] = ()


@frozen(kw_only=True)
class FilingAsked(StaffAct):
    """Staff ask for the transcript to be filed, as it now stands."""


@frozen(kw_only=True)
class RepliedAndEnded:
    """Staff write a last message and end the conversation, in one act."""

    reply: StaffReplied
    end: ConversationEnded

    @property
    def conversation_id(self) -> str:
        """The conversation of both."""
        return self.reply.conversation_id

    @property
    def at_us(self) -> int:
        """When both happen."""
        return self.end.at_us

    @property
    def identity(self) -> str | None:
        """The reply's: who repeats the call gets the same message, and one end."""
        return self.reply.identity

    @property
    def fingerprint(self) -> str:
        """The reply's, and that it was the last one."""
        return f"{self.reply.fingerprint}:end"


@frozen(kw_only=True)
class ConversationRestarted(StaffAct):
    """Staff restart an ended conversation."""


@frozen(kw_only=True)
class UrgencySet(StaffAct):
    """Staff set the urgency."""

    urgency: int


@frozen(kw_only=True)
class ConsentRecorded:
    """Staff record what a client asked: an opt-out, an opt-in, or that a "maybe" did not mean it."""

    address: str
    entry_id: str
    at_us: int
    action: Literal["opt_out", "opt_in", "dismiss"]
    by_id: str
    by_name: str
    reason: str = field(repr=False)
    conversation_id: str | None = None

    identity: ClassVar[str | None] = None


@frozen(kw_only=True)
class TeamMemberRenamed(StaffAct):
    """Staff edit the name that the client sees; the recorded author never changes."""

    name: str


@frozen(kw_only=True)
class AssigneeSet(StaffAct):
    """Staff assign a conversation to one of them, or to nobody (``None``, ``""``)."""

    assignee_id: str | None
    assignee_name: str


@frozen(kw_only=True)
class ConversationMoved(StaffAct):
    """Staff hand a conversation to another department."""

    department: str


@frozen(kw_only=True)
class ClientChosen(StaffAct):
    """Staff say which of several clients with one number a conversation is with."""

    client_id: str


@frozen(kw_only=True)
class ClientSet(StaffAct):
    """Staff say which client of the host's a conversation by text is with, whoever had the number before."""

    client_id: str
    client_name: str
    client_email: str = field(repr=False)
    client_phone: str = field(repr=False)


@frozen(kw_only=True)
class PatientSet(StaffAct):
    """Staff say which pet a conversation is about, or that it is about none (``None``, ``""``)."""

    patient_id: str | None
    patient_name: str


PeopleFact = TeamMemberRenamed | AssigneeSet | ConversationMoved | ClientChosen | ClientSet | PatientSet
"""Who looks after a conversation, and whose it is."""
