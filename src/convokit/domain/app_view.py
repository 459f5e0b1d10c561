"""What a client sees in the practice's app: their own conversations and messages, and nothing that is between staff."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from convokit.domain.attachment import Attachment
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.instant import to_datetime


@frozen(kw_only=True)
class AppConversation:
    """A conversation, as its client sees it.

    Attributes:
        department: the name of the department.
        team_member: the name that the practice shows.
        has_news: whether the newest message is the practice's and has not been read.
    """

    id: str
    title: str
    patient_name: str
    department: str
    team_member: str
    ended: bool
    last_text: str = field(default="", repr=False)
    last_us: int
    has_news: bool

    @property
    def last_message_at(self) -> datetime:
        """When the newest message came or went. UTC."""
        return to_datetime(self.last_us)


@frozen(kw_only=True)
class AppMessage:
    """A message, as the client sees it.

    Attributes:
        ours: whether the client wrote it.
        author: the name that the practice showed then; empty for the client's own.
        automatic: whether the desk wrote it by itself.
    """

    id: str
    seq: int
    at_us: int
    ours: bool
    author: str
    automatic: bool
    text: str = field(default="", repr=False)
    attachments: tuple[Attachment, ...] = ()

    @property
    def at(self) -> datetime:
        """When it was committed. UTC."""
        return to_datetime(self.at_us)


def app_conversation(known: Conversation, department: str) -> AppConversation:
    """A conversation without what only staff may know of it."""
    news = known.last_side == "practice" and known.last_message_seq > known.read_seq
    return AppConversation(
        id=known.id,
        title=known.title,
        patient_name=known.patient_name,
        department=department,
        team_member=known.team_member,
        ended=known.ended,
        last_text=known.last_text,
        last_us=known.last_us,
        has_news=news,
    )


def app_message(entry: Entry) -> AppMessage | None:
    """A message without what only staff may know of it; ``None`` for what is no message at all."""
    if entry.kind not in ("message", "automatic"):
        return None
    ours = entry.side == "client"
    return AppMessage(
        id=entry.id,
        seq=entry.seq,
        at_us=entry.at_us,
        ours=ours,
        author="" if ours else entry.author_name,
        automatic=entry.kind == "automatic",
        text=entry.text,
        attachments=entry.attachments,
    )
