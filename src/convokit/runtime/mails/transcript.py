"""The mail with the transcript of a conversation that has ended."""

from __future__ import annotations

import re
from typing import Final

from convokit.domain.conversation import Conversation
from convokit.domain.rules import Practice
from convokit.effects import SendMail
from convokit.ports.mail import MailAttachment, MailMessage
from convokit.runtime.documents import Documents
from convokit.transcripts import TranscriptDocument
from convokit.transcripts.characters import one_line

_NOT_PLAIN: Final = re.compile(r"[^A-Za-z0-9]+")
_LONGEST_NAME: Final = 60


def transcript_mail(documents: Documents, practice: Practice, mail: SendMail, sent_at: int) -> MailMessage | None:
    """The mail as it reads now, as text with the PDF beside it; ``None`` if there is no such conversation any more.

    The client's copy holds the messages, and says so; who opened, moved or renamed what is the practice's own.
    """
    of = mail.conversation_id
    found = None if of is None else documents.store.conversation(practice.id, of)
    if found is None:
        return None
    document = documents.of(practice, found, events=not mail.to_client)
    name = f"{_plain_name(document, found)}.pdf"
    return MailMessage(
        id=mail.mail_id,
        sender=practice.rules.mail.sender,
        sender_name=practice.rules.mail.sender_name or practice.name,
        recipients=mail.to,
        subject=_subject(practice, found, to_client=mail.to_client),
        text=f"{_greeting(practice, found, to_client=mail.to_client)}\n\n\n{document.text()}",
        sent_at=sent_at,
        attachments=(MailAttachment(name=name, content_type="application/pdf", content=document.pdf()),),
    )


def _subject(practice: Practice, found: Conversation, *, to_client: bool) -> str:
    about = _about(found)
    if to_client:
        return f"Your conversation with {one_line(practice.name)}{about}"
    client = one_line(found.client_name or found.address)
    return f"Transcript: {client}{about}"


def _about(found: Conversation) -> str:
    parts = [one_line(part) for part in (found.patient_name, found.title) if part]
    return f" ({', '.join(parts)})" if parts else ""


def _greeting(practice: Practice, found: Conversation, *, to_client: bool) -> str:
    if to_client:
        who = f"Hello {one_line(found.client_name)},\n\n" if found.client_name else "Hello,\n\n"
        return f"{who}here is your conversation with {one_line(practice.name)}. The same is attached as a PDF."
    return "This conversation has ended. Its transcript follows; the same is attached as a PDF."


def _plain_name(document: TranscriptDocument, found: Conversation) -> str:
    """A name that every system takes: ``transcript-2026-03-02-bella``."""
    day = document.transcript.until.date().isoformat()
    who = _NOT_PLAIN.sub("-", found.patient_name or found.client_name).strip("-").lower()
    return "-".join(part for part in ("transcript", day, who[:_LONGEST_NAME]) if part)
