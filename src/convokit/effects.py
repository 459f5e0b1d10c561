"""What must now be done in the outside world. Committed with the state that owes it, performed afterwards."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Final, Literal

from attrs import field, frozen

from convokit.domain.record_rules import RecordFormat

Because = Literal["reply", "away", "confirmation", "greeting", "help"]
"""Why a text is owed."""

AUTOMATIC: Final[tuple[Because, ...]] = ("away", "confirmation", "greeting", "help")
PASSING: Final[tuple[Because, ...]] = ("confirmation", "help")
"""What leaves although the client opted out, and before replies that nobody has begun to hand over."""


@frozen(kw_only=True)
class SendText:
    """A text is owed to a client.

    Attributes:
        entry_id, attempt: which message and which hand-over of it; together the effect's key.
        sender, to: E.164.
        because: ``"reply"`` of staff; ``"confirmation"`` of an opt-out and ``"help"`` pass the opt-out gate,
            ``"away"`` and ``"greeting"`` do not.
        not_after_us: it is dropped when not handed over by then, or ``None``.
    """

    entry_id: str
    conversation_id: str
    attempt: int = 1
    sender: str
    to: str
    because: Because = "reply"
    not_after_us: int | None = None

    @property
    def key(self) -> str:
        """Unique within the practice; travels to the provider and back in the callback URL."""
        return f"{self.entry_id}.{self.attempt}"

    @property
    def passes_opt_out(self) -> bool:
        """Whether it may leave although the client opted out: the one confirmation, and the answer to HELP."""
        return self.because in PASSING

    @property
    def automatic(self) -> bool:
        """Whether convokit sends it by itself: how many such texts a number gets in an hour is capped."""
        return self.because in AUTOMATIC


@frozen(kw_only=True)
class SendMail:
    """A mail is owed. What it says is put together when it is handed over.

    Attributes:
        mail_id: our id of the mail, the same in every attempt; the mailer makes the ``Message-ID`` of it.
        because: ``"transcript"`` of a conversation that ended, or ``"end_of_day"``: the open conversations.
        to: plain addresses.
        conversation_id: whose transcript.
        to_client: it goes to the client, who gets the messages and none of the practice's own notes of what happened.
        day: the local day whose reminder it is.
        not_after_us: it is dropped when not handed over by then, or ``None``.
    """

    kind: ClassVar[str] = "send_mail"

    mail_id: str
    attempt: int = 1
    because: Literal["transcript", "end_of_day"]
    to: tuple[str, ...] = field(repr=False)
    conversation_id: str | None = None
    to_client: bool = False
    day: date | None = None
    not_after_us: int | None = None

    @property
    def key(self) -> str:
        """Unique within the practice."""
        return f"{self.mail_id}.{self.attempt}"


@frozen(kw_only=True)
class AskPayment:
    """A payment provider is to make the page on which a client pays, or to close it.

    Attributes:
        ask: ``"close"``: staff took the request back; ``"expire"``: its time is over, and the link does not know.
        not_before_us: it is not done earlier.
        not_after_us: it is dropped when not done by then, or ``None``.
        page: which page of the payment it is: another one where the first does not live as long as the request.
        until_us: how long the page lives; ``None``: as long as the request.
        provider_id: the provider's id of the page to close; ``None``: of the newest.
    """

    kind: ClassVar[str] = "ask_payment"

    payment_id: str
    conversation_id: str
    ask: Literal["open", "close", "expire"] = "open"
    not_before_us: int = 0
    not_after_us: int | None = None
    page: int = 1
    until_us: int | None = None
    provider_id: str | None = None

    @property
    def key(self) -> str:
        """Unique within the practice."""
        which = f".{self.page}" if self.page > 1 else ""
        return f"{self.payment_id}.{self.ask}{which}"


@frozen(kw_only=True)
class FetchMedia:
    """A file that came with a text is to be fetched from the carrier.

    Attributes:
        attachment_id: the waiting attachment of the message ``entry_id``.
        url: where the carrier says that it is.
        sha256: the digest of its bytes in hex, or nothing where the carrier does not tell.
        not_after_us: it is given up when not fetched by then, or ``None``.
    """

    kind: ClassVar[str] = "fetch_media"

    attachment_id: str
    entry_id: str
    conversation_id: str
    url: str = field(repr=False)
    sha256: str = ""
    not_after_us: int | None = None

    @property
    def key(self) -> str:
        """Unique within the practice."""
        return f"{self.attachment_id}.fetch"


@frozen(kw_only=True)
class FileTranscript:
    """A transcript is to be filed in the medical record. It is put together when it is handed over.

    Attributes:
        document_id: our id of the document, the same in every attempt: a conversation up to one of its entries.
        upto_seq, ended_us: what the document is about: the conversation up to this entry, and when it had ended then.
        format: of the document, by suffix.
        because: ``"ended"``: it follows from the end of the conversation; ``"asked"``: staff asked for it.
        by_id, by_name: who ended it, or asked.
        not_after_us: it is dropped when not filed by then, or ``None``.
    """

    kind: ClassVar[str] = "file_transcript"

    document_id: str
    conversation_id: str
    upto_seq: int
    ended_us: int | None = None
    format: RecordFormat = "pdf"
    because: Literal["ended", "asked"] = "ended"
    by_id: str
    by_name: str
    not_after_us: int | None = None

    @property
    def key(self) -> str:
        """Unique within the practice."""
        return f"{self.document_id}.file"


@frozen(kw_only=True)
class LookUpText:
    """The carrier is to be asked whether it took a text whose answer was lost.

    Attributes:
        entry_id, attempt: which hand-over of which message.
        not_after_us: the question is given up when there was no answer by then; a person decides.
    """

    kind: ClassVar[str] = "look_up_text"

    entry_id: str
    conversation_id: str
    attempt: int
    not_after_us: int | None = None

    @property
    def text_key(self) -> str:
        """The key of the text that it is about."""
        return f"{self.entry_id}.{self.attempt}"

    @property
    def key(self) -> str:
        """Unique within the practice."""
        return f"{self.text_key}.look_up"


@frozen(kw_only=True)
class ReleaseText:
    """A text that a program wrote by itself is to be owed to the carrier once no quiet hours hold.

    Until then it is in no lane: what staff write meanwhile leaves before it.

    Attributes:
        entry_id: the message.
        zone: whose clocks say what is quiet: an IANA name; empty: the practice's.
    """

    kind: ClassVar[str] = "release_text"
    not_after_us: ClassVar[int | None] = None

    entry_id: str
    conversation_id: str
    zone: str = ""

    @property
    def key(self) -> str:
        """Unique within the practice."""
        return f"{self.entry_id}.release"


@frozen(kw_only=True)
class PollCarrier:
    """A carrier is to be asked, again and again, for what its callbacks did not tell. It never ends.

    Attributes:
        provider: which one.
        first_us: nothing from before this moment is asked for: it came before convokit did.
        since_us: from here on it is asked for the next time.
    """

    kind: ClassVar[str] = "poll_carrier"
    conversation_id: ClassVar[str | None] = None
    not_after_us: ClassVar[int | None] = None

    provider: str
    first_us: int
    since_us: int

    @property
    def key(self) -> str:
        """Unique within the practice."""
        return f"poll.{self.provider}"


@frozen(kw_only=True)
class SendPush:
    """One app of a client is to be told that a message waits.

    Attributes:
        token_id: which registration; what it says, and where it leads, is looked up when it is handed over.
        entry_id, seq: the newest message that waits, and where it stands in its conversation.
        not_after_us: it is dropped when not handed over by then, or ``None``.
    """

    kind: ClassVar[str] = "send_push"

    token_id: str
    entry_id: str
    conversation_id: str
    seq: int
    not_after_us: int | None = None

    @property
    def key(self) -> str:
        """Unique within the practice."""
        return f"{self.entry_id}.{self.token_id}.push"


Job = SendMail | AskPayment | FetchMedia | FileTranscript | LookUpText | ReleaseText | PollCarrier | SendPush
"""What is owed besides texts. It has no lane: a mail that cannot be handed over keeps no text waiting."""


JOBS: Final[dict[str, type[Job]]] = {
    kind.kind: kind
    for kind in (SendMail, AskPayment, FetchMedia, FileTranscript, LookUpText, ReleaseText, PollCarrier, SendPush)
}
"""The kinds of jobs by the name they are stored under."""

Effect = SendText | Job
"""Everything that can be owed."""


@frozen(kw_only=True)
class OwedEffect:
    """An effect as the store keeps it.

    Attributes:
        state: ``"owed"``; ``"begun"`` (being handed over, under a lease); ``"done"``.
        tries: how often its hand-over was begun; also the fence: only the holder of the newest may settle it.
        owed_us: when it was committed; ``due_us``: not before; ``lease_us``: the lease's end while begun.
        provider, provider_id: who took it and under which id.
    """

    effect: SendText
    practice: str
    state: Literal["owed", "begun", "done"]
    tries: int
    owed_us: int
    due_us: int
    begun_us: int | None = None
    lease_us: int | None = None
    provider: str | None = None
    provider_id: str | None = None

    @property
    def key(self) -> str:
        """The effect's key."""
        return self.effect.key


@frozen(kw_only=True)
class OwedJob:
    """A job as the store keeps it; its attributes mean what they mean in :class:`OwedEffect`."""

    job: Job
    practice: str
    state: Literal["owed", "begun", "done"]
    tries: int
    owed_us: int
    due_us: int
    begun_us: int | None = None
    lease_us: int | None = None

    @property
    def key(self) -> str:
        """The job's key."""
        return self.job.key


def entry_of(key: str) -> tuple[str, int]:
    """Entry id and attempt of a key; attempt 0 for text that is not a key (hostile callbacks)."""
    entry_id, dot, attempt = key.rpartition(".")
    return (
        (entry_id, int(attempt)) if dot and attempt.isascii() and attempt.isdigit() and len(attempt) < 6 else (key, 0)
    )
