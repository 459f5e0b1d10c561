"""Starting conversations and writing to clients."""

from __future__ import annotations

from typing import Final

from convokit.domain import urgency as levels
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.delivery import Channel
from convokit.domain.people import Client, Patient, Staff
from convokit.errors import Conflict, InvalidInput, NotFound
from convokit.facts import ConversationStarted, SendAgainAsked, StaffReplied, TextArrived, UnsureLeft
from convokit.runtime.checks import (
    check_client,
    check_id,
    check_label,
    check_patient,
    check_sender,
    check_seq,
    check_staff,
    check_text,
)
from convokit.runtime.desk.base import DeskBase
from convokit.runtime.steps import Done
from convokit.runtime.webhooks import fingerprint

APP: Final = "app"
"""The practice's end of an app conversation, where a sender number stands for texts."""


class DeskWriting(DeskBase):
    """Start, send, send again, leave."""

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
    ) -> Conversation:
        """Start a conversation. Its channel, sender number and address are fixed for life.

        Args:
            client: with ``phone`` for a conversation by text.
            channel: ``"app"`` or ``"sms"``.
            sender: one of the practice's numbers; default the first.

        Raises:
            InvalidInput: a bad value; an ``address...`` code when the number cannot be texted.
            Conflict: ``conversation.already_open``.
        """
        who, pet = check_client(client), check_patient(patient)
        own, address = self._addresses(who, channel, sender)
        fact = ConversationStarted(
            **self._stamp(self._world.fresh_id("c"), by),
            channel=channel,
            sender=own,
            address=address,
            client_id=who.id,
            client_name=who.name,
            patient_id=None if pet is None else pet.id,
            patient_name="" if pet is None else pet.name,
            title=check_label(title, "title"),
            urgency=levels.rank(urgency),
        )
        return self._after(self._take(fact))

    def _addresses(self, client: Client, channel: str, sender: str | None) -> tuple[str, str]:
        """The practice's and the client's end of a new conversation."""
        if channel == APP:
            return APP, client.id
        if channel != "sms":
            raise InvalidInput("conversation.channel", "unknown channel", field="channel", limit="app, sms")
        if client.phone is None:
            raise InvalidInput("client.phone", "a conversation by text needs client.phone", field="client.phone")
        if not self.practice.numbers:
            raise InvalidInput("practice.numbers", "this practice has no number to text from", field="practice.numbers")
        own = self.practice.numbers[0]
        if sender is not None:
            own = check_sender(sender, self.practice.region, "sender")
            if own not in self.practice.numbers:
                raise InvalidInput("sender.unknown", "not a number of this practice", field="sender")
        address = self._textable(client.phone, "client.phone")
        if address in self.practice.numbers:
            raise InvalidInput("address.own", "this is a number of the practice itself", field="client.phone")
        return own, address

    def send(
        self,
        conversation_id: str,
        text: str,
        *,
        by: Staff,
        client_ref: str | None = None,
        seen_seq: int | None = None,
    ) -> Entry:
        """Write to the client. A text is owed to the carrier from here on; :meth:`Convokit.work` hands it over.

        To a client who opted out nothing is owed: the message is kept and shown as failed (``opted_out``).

        Args:
            client_ref: the caller's own reference; the same one again is the same message, sent once.
            seen_seq: sequence number of the newest entry the writer had seen. A client's message that came after it
                stays unread and waiting; without it the reply answers everything.

        Raises:
            InvalidInput: ``message.empty``, ``message.too_long``, ...
            Conflict: ``conversation.ended``; ``message.client_ref`` when the reference stands for another message.
            NotFound: ``conversation.unknown``.
        """
        stamp = self._stamp(conversation_id, by)
        known = self.conversation(conversation_id)
        clean, flags = check_text(text, channel=known.channel, practice=self.practice)
        fact = StaffReplied(
            **stamp,
            text=clean,
            client_ref=None if client_ref is None else check_id(client_ref, "client_ref"),
            fingerprint=fingerprint(known.id, clean),
            seen_seq=check_seq(seen_seq, "seen_seq"),
            flags=flags,
        )
        return self._sent(fact, self._take(fact))

    def _sent(self, fact: StaffReplied | TextArrived, done: Done) -> Entry:
        """The message that a fact made, now or when it was first taken in."""
        if done.seen is None:
            return next(e for e in done.decision.entries if e.id == fact.entry_id)
        if done.seen.fingerprint != fact.fingerprint or done.seen.entry_id is None:
            raise Conflict("message.client_ref", "this reference stands for another message", field="client_ref")
        return self.message(done.seen.entry_id)

    def send_again(self, conversation_id: str, message_id: str, *, by: Staff) -> Entry:
        """Hand a failed or unsure text over once more, as a new attempt.

        Raises:
            Conflict: ``message.not_failed``, ``message.automatic``, ``conversation.ended``, ``client.opted_out``.
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
