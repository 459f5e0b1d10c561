"""The end of a conversation, alone or with a last message, and what becomes of its transcript."""

from __future__ import annotations

from attrs import evolve

from convokit.decisions.base import Before, Decision
from convokit.decisions.filing import filing_of
from convokit.decisions.reply import reply
from convokit.domain.changed import changed
from convokit.domain.conversation import Conversation, Entry, EventKind
from convokit.domain.mail_rules import CLIENT
from convokit.domain.rules import Practice
from convokit.effects import SendMail
from convokit.errors import Conflict
from convokit.facts import ConversationEnded, RepliedAndEnded


def end(before: Before, fact: ConversationEnded | RepliedAndEnded, practice: Practice) -> Decision:
    """The conversation moves to the history; its transcript is owed to whom rules or caller name, and to the record.

    With a last message it is one decision: both are stored, or neither.

    Raises:
        Conflict: ``conversation.ended``; what a reply raises.
    """
    if isinstance(fact, ConversationEnded):
        return _ended(before, fact, practice)
    said = reply(before, fact.reply, practice)
    over = _ended(evolve(before, conversation=said.conversation), fact.end, practice)
    return evolve(
        said,
        conversation=changed(over.conversation or before.found, version=before.found.version + 1),
        entries=(*said.entries, *over.entries),
        jobs=(*said.jobs, *over.jobs),
    )


def _ended(before: Before, fact: ConversationEnded, practice: Practice) -> Decision:
    current = before.found
    if current.ended:
        raise Conflict("conversation.ended", "the conversation has ended already", field="conversation_id")
    recipients = practice.rules.mail.transcript_to if fact.mail_to is None else fact.mail_to
    entries = [_event(current, fact, 1, "ended", f"{fact.by_name} ended the conversation.")]
    if CLIENT in recipients and not current.client_email:
        words = "The transcript could not be mailed to the client: no e-mail address is known."
        entries.append(evolve(_event(current, fact, 2, "transcript_not_mailed", words), id=f"{fact.entry_id}-client"))
    after = evolve(
        current,
        version=current.version + 1,
        ended=True,
        ended_us=fact.at_us,
        awaiting_us=None,
        last_seq=entries[-1].seq,
    )
    filed = (filing_of(after, fact, practice),) if fact.records and practice.rules.records.on_end else ()
    jobs = (*_mails(current, fact, recipients), *filed)
    return Decision(conversation=after, entries=tuple(entries), jobs=jobs)


def _event(current: Conversation, fact: ConversationEnded, nth: int, event: EventKind, words: str) -> Entry:
    return Entry(
        id=fact.entry_id,
        conversation_id=current.id,
        seq=current.last_seq + nth,
        at_us=fact.at_us,
        kind="event",
        side="system",
        channel=current.channel,
        event=event,
        text=words,
        author_id=fact.by_id,
        author_name=fact.by_name,
    )


def _mails(current: Conversation, fact: ConversationEnded, recipients: tuple[str, ...]) -> tuple[SendMail, ...]:
    """One for the staff, who may see each other, and one for the client alone."""
    staff = tuple(address for address in recipients if address != CLIENT)
    client = (current.client_email,) if CLIENT in recipients and current.client_email else ()
    return tuple(
        SendMail(
            mail_id=f"{fact.entry_id}-{'client' if to_client else 'staff'}",
            because="transcript",
            to=to,
            conversation_id=current.id,
            to_client=to_client,
        )
        for to, to_client in ((staff, False), (client, True))
        if to
    )
