"""Starting conversations and writing to clients."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from convokit.domain import urgency as levels
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.delivery import Channel
from convokit.domain.people import Client, Patient, Staff
from convokit.errors import Conflict, NotFound
from convokit.facts import (
    ConversationStarted,
    NoteWritten,
    SendAgainAsked,
    StaffReplied,
    TextArrived,
    UnsureLeft,
)
from convokit.runtime.arriving import fingerprint
from convokit.runtime.checks import (
    check_client,
    check_id,
    check_label,
    check_patient,
    check_seq,
    check_staff,
    phone_of,
)
from convokit.runtime.checks_quiet import check_automatic
from convokit.runtime.desk.channels import APP, DeskChannels
from convokit.runtime.desk.departments import DeskDepartments
from convokit.runtime.desk.files import Attachable, DeskFiles
from convokit.runtime.steps import Done


class DeskWriting(DeskChannels, DeskDepartments, DeskFiles):
    """Start, send, note, send again, leave."""

    def start(
        self,
        *,
        client: Client,
        by: Staff,
        channel: Channel = "app",
        patient: Patient | None = None,
        title: str = "",
        urgency: str = "normal",
        sender: str | None = None,
        department: str | None = None,
        anyway: bool = False,
    ) -> Conversation:
        """Start a conversation. Its channel, sender number and address are fixed for life.

        Args:
            client: with ``phone`` for a conversation by text.
            channel: ``"app"`` or ``"sms"``.
            sender: one of the practice's numbers; default the first.
            department: id of a department that this desk sees; default the default one.
            anyway: start a conversation by text although the carriers say that the number cannot receive texts.

        Raises:
            InvalidInput: a bad value; an ``address...`` code when the number cannot be texted.
            Conflict: ``conversation.already_open``; what :meth:`channels` tells: ``app.disabled``,
                ``app.not_selected``, ``app.not_installed``, ``sender.requested``, ``sender.verifying``,
                ``sender.suspended``, ``number.cannot_receive`` (not with ``anyway``).
        """
        who, pet = check_client(client), check_patient(patient)
        own, address = self._addresses(who, channel, sender)
        self._refuse_unreachable(who, channel, address, anyway=anyway)
        fact = ConversationStarted(
            **self._stamp(self._world.fresh_id("c"), by),
            channel=channel,
            sender=own,
            address=address,
            client_id=who.id,
            client_name=who.name,
            client_email=who.email or "",
            client_phone=phone_of(who, self.practice.region),
            patient_id=None if pet is None else pet.id,
            patient_name="" if pet is None else pet.name,
            title=check_label(title, "title"),
            department=self._department_for(department),
            urgency=levels.rank(urgency),
        )
        return self._after(self._take(fact))

    def send(
        self,
        conversation_id: str,
        text: str,
        *,
        by: Staff,
        attachments: Sequence[Attachable] = (),
        client_ref: str | None = None,
        seen_seq: int | None = None,
        automatic: bool = False,
        client_zone: str | None = None,
    ) -> Entry:
        """Write to the client. A text is owed to the carrier from here on; :meth:`Convokit.work` hands it over.

        To a client who opted out nothing is owed: the message is kept and shown as failed (``opted_out``).

        Args:
            text: may be empty if there are files.
            attachments: up to 10 uploads (of ``by``), paths or bytes; see :meth:`upload`. By text, what the carrier
                does not take with it goes as a link, which counts in the length of the text.
            client_ref: the caller's own reference; the same one again is the same message, sent once.
            seen_seq: sequence number of the newest entry the writer had seen. A client's message that came after it
                stays unread and waiting; without it the reply answers everything.
            automatic: a program sends it, and nobody waits for it: a reminder, news for many clients. It answers
                nothing, and by text it waits for the end of the practice's quiet hours.
            client_zone: with ``automatic``: the client's time zone, an IANA name; else the quiet hours are those of
                the practice's zone.

        Raises:
            InvalidInput: ``message.empty``, ``message.too_long``, ``message.too_many_files``, ``file.no_link``, and
                what :meth:`upload` refuses; ``automatic.type``, ``time.zone``.
            Conflict: ``upload.used``; ``conversation.ended``; ``sender.requested``, ``sender.verifying``,
                ``sender.suspended`` when no text leaves from the practice's number; ``message.client_ref`` when the
                reference stands for another message; with ``automatic`` by text ``client.maybe_opt_out``.
            NotFound: ``conversation.unknown``; ``upload.unknown``.
        """
        zone = check_automatic(automatic, client_zone)
        fact = self._reply(
            conversation_id, text, by=by, attachments=attachments, client_ref=client_ref, seen_seq=seen_seq
        )
        fact = evolve(fact, automatic=automatic, zone=zone)
        return self._sent(fact, self._take(fact))

    def _reply(
        self,
        conversation_id: str,
        text: str,
        *,
        by: Staff,
        attachments: Sequence[Attachable],
        client_ref: str | None,
        seen_seq: int | None,
    ) -> StaffReplied:
        """The fact of a reply, with everything that was given checked."""
        stamp = self._stamp(conversation_id, by)
        known = self.conversation(conversation_id)
        files = self._attached(known, attachments, by)
        clean, flags = self._checked_text(text, known.channel, files)
        return StaffReplied(
            **stamp,
            text=clean,
            client_ref=None if client_ref is None else check_id(client_ref, "client_ref"),
            fingerprint=fingerprint(known.id, clean, *(file.sha256 for file in files)),
            seen_seq=check_seq(seen_seq, "seen_seq"),
            flags=flags,
            attachments=files,
        )

    def note(self, conversation_id: str, text: str, *, by: Staff, client_ref: str | None = None) -> Entry:
        """Write a note for the staff into the thread, in every state, ended included. No client ever sees it.

        It is no message: it answers nothing, moves no conversation in the inbox, and stands in a transcript only where
        somebody asks for it. Search finds it.

        Args:
            client_ref: the caller's own reference; the same one again is the same note.

        Raises:
            InvalidInput: ``message.empty``, ``message.too_long`` (20,000 characters).
            NotFound: ``conversation.unknown``.
            Conflict: ``message.client_ref`` when the reference stands for something else.
        """
        stamp = self._stamp(conversation_id, by)
        known = self.conversation(conversation_id)
        clean, flags = self._checked_text(text, APP, ())
        fact = NoteWritten(
            **stamp,
            text=clean,
            flags=flags,
            client_ref=None if client_ref is None else check_id(client_ref, "client_ref"),
            fingerprint=fingerprint("note", known.id, clean),
        )
        return self._sent(fact, self._take(fact))

    def _sent(self, fact: StaffReplied | TextArrived | NoteWritten, done: Done) -> Entry:
        """The message that a fact made, now or when it was first taken in."""
        if done.seen is None:
            return next(e for e in done.decision.entries if e.id == fact.entry_id)
        if done.seen.fingerprint != fact.fingerprint or done.seen.entry_id is None:
            raise Conflict("message.client_ref", "this reference stands for another message", field="client_ref")
        return self.message(done.seen.entry_id)

    def send_again(self, conversation_id: str, message_id: str, *, by: Staff) -> Entry:
        """Hand a failed or unsure text over once more, as a new attempt.

        Raises:
            Conflict: ``message.not_failed``, ``message.automatic``, ``conversation.ended``, ``client.opted_out``,
                ``sender.requested``, ``sender.verifying``, ``sender.suspended``.
            NotFound: ``conversation.unknown``, ``message.unknown``.
        """
        return self._on_message(SendAgainAsked, conversation_id, message_id, by)

    def leave(self, conversation_id: str, message_id: str, *, by: Staff) -> Entry:
        """Decide that a failed or unsure text is not sent again; it no longer counts as needing a person.

        Raises:
            Conflict: ``message.not_failed``.
            NotFound: ``conversation.unknown``, ``message.unknown``.
        """
        return self._on_message(UnsureLeft, conversation_id, message_id, by)

    def _on_message(
        self, kind: type[SendAgainAsked] | type[UnsureLeft], conversation_id: str, message_id: str, by: Staff
    ) -> Entry:
        staff = check_staff(by)
        entry = self.message(message_id)
        if entry.conversation_id != self.conversation(conversation_id).id:
            raise NotFound("message.unknown", "no such message in this conversation", field="message_id")
        now = self._world.now_us()
        self._take(kind(conversation_id=entry.conversation_id, entry_id=entry.id, at_us=now, by_id=staff.id))
        return self.message(entry.id)
