"""Ending conversations, with a last message or without, and the end of the practice's day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from convokit.domain.conversation import Conversation
from convokit.domain.end_of_day import END_OF_DAY, EndOfDayState
from convokit.domain.inbox import check_limit
from convokit.domain.local_time import local_of
from convokit.domain.people import Staff
from convokit.errors import Conflict, InvalidInput
from convokit.facts import ConversationEnded, RepliedAndEnded
from convokit.runtime.checks_mail import check_recipients
from convokit.runtime.desk.files import Attachable
from convokit.runtime.desk.writing import DeskWriting


class DeskEnding(DeskWriting):
    """End, send and end, the reminder of what is open."""

    def end(self, conversation_id: str, *, by: Staff, mail_to: Iterable[str] | None = None) -> Conversation:
        """End a conversation; it moves to the history, and its transcript is mailed and filed.

        Both are owed in the same transaction, and :meth:`Convokit.work` hands them over; the thread then says so
        (``transcript_mailed``, ``transcript_filed``), or why not (``transcript_not_mailed``, ``transcript_unsure``,
        ``transcript_not_filed``). It is filed where the host has a medical record for it (``convokit_records``) and
        ``rules.records.on_end`` says so.

        Args:
            mail_to: who gets the transcript: addresses, and ``"client"`` for the client's own. Default: whom
                ``rules.mail.transcript_to`` names; ``()``: nobody.

        Raises:
            Conflict: ``conversation.ended``.
            InvalidInput: ``mail.recipients``, an ``email...`` code; ``mail.sender`` when the practice has no address
                to send from.
        """
        return self._after(self._take(self._end(conversation_id, by, mail_to)))

    def send_and_end(
        self,
        conversation_id: str,
        text: str,
        *,
        by: Staff,
        mail_to: Iterable[str] | None = None,
        attachments: Sequence[Attachable] = (),
        client_ref: str | None = None,
        seen_seq: int | None = None,
    ) -> Conversation:
        """Write a last message and end the conversation, in one act: both are stored, or neither.

        Args:
            mail_to: as in :meth:`end`.
            attachments, client_ref, seen_seq: as in :meth:`send`; the same reference again is the same message and the
                same end.

        Raises:
            InvalidInput, Conflict, NotFound: as :meth:`send` and :meth:`end`.
        """
        reply = self._reply(
            conversation_id, text, by=by, attachments=attachments, client_ref=client_ref, seen_seq=seen_seq
        )
        fact = RepliedAndEnded(reply=reply, end=self._end(conversation_id, by, mail_to))
        done = self._take(fact)
        if done.seen is None:
            return self._after(done)
        if done.seen.fingerprint != fact.fingerprint:
            raise Conflict("message.client_ref", "this reference stands for another message", field="client_ref")
        return self.conversation(conversation_id)

    def _end(self, conversation_id: str, by: Staff, mail_to: Iterable[str] | None) -> ConversationEnded:
        recipients: tuple[str, ...] | None = None
        if mail_to is not None:
            given = mail_to if isinstance(mail_to, (str, tuple, list)) else _listed(mail_to)
            recipients = check_recipients(given, "mail.recipients", "mail_to", or_client=True)
            if recipients and not self.practice.rules.mail.sender:
                why = "the practice has no address to send mails from; set rules.mail.sender"
                raise InvalidInput("mail.sender", why, field="rules.mail.sender")
        has_records = self._steps.catalogue.records is not None
        return ConversationEnded(**self._stamp(conversation_id, by), mail_to=recipients, records=has_records)

    def end_of_day(self, *, limit: int = 30) -> EndOfDayState:
        """When the next reminder of open conversations is due, and what became of the last ones, newest day first.

        Raises:
            InvalidInput: ``page.limit``.
        """
        plan = self._store.planned_work(self.practice.id, END_OF_DAY)
        reports = self._store.day_reports(self.practice.id, check_limit(limit))
        return EndOfDayState(next_at=None if plan is None else self._local(plan.due_us), days=reports)

    def _local(self, at_us: int) -> datetime:
        return local_of(at_us, ZoneInfo(self.practice.time_zone))


def _listed(given: Iterable[str]) -> object:
    try:
        return tuple(given)
    except TypeError:
        return None
