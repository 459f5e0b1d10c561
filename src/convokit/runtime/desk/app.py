"""The practice's mobile app: what the client does there. The host authenticates the client; these calls trust it."""

from __future__ import annotations

from convokit.domain.conversation import Conversation, Entry
from convokit.domain.people import Client, Patient
from convokit.errors import NotFound
from convokit.facts import AppOpened, TextArrived, ThreadRead
from convokit.runtime.checks import check_client, check_id, check_patient, check_seq, check_text
from convokit.runtime.desk.writing import APP, DeskWriting
from convokit.runtime.webhooks import fingerprint


class DeskApp(DeskWriting):
    """App messages in, app opened, thread read."""

    def app_message(
        self, client: Client, text: str, *, client_ref: str | None = None, patient: Patient | None = None
    ) -> Entry:
        """A client wrote in the app. Joins the open conversation, reopens a fresh one, or starts one.

        Args:
            client_ref: the app's own id of the message; sent again, it is stored once.

        Raises:
            InvalidInput: ``message.empty``, ``message.too_long``, ...
            Conflict: ``message.client_ref`` when the reference stands for another message.
        """
        who = check_client(client)
        pet = check_patient(patient)
        clean, flags = check_text(text, channel=APP, practice=self.practice)
        fresh = self._world.fresh_id
        entry_id = fresh("m")
        fact = TextArrived(
            conversation_id=fresh("c"),
            entry_id=entry_id,
            answer_id=fresh("m"),
            event_id=fresh("m"),
            at_us=self._world.now_us(),
            channel="app",
            sender=APP,
            address=who.id,
            text=clean,
            provider=APP,
            provider_id=f"{who.id}:{entry_id if client_ref is None else check_id(client_ref, 'client_ref')}",
            fingerprint=fingerprint(who.id, clean),
            client_id=who.id,
            client_name=who.name,
            patient_id=None if pet is None else pet.id,
            patient_name="" if pet is None else pet.name,
            raw=ascii(text) if flags else "",
            flags=flags,
        )
        return self._sent(fact, self._take(fact))

    def app_opened(self, client_id: str) -> int:
        """The client opened the app: what waited for them has been received. How many conversations moved."""
        waiting = self._store.app_waiting(self.practice.id, check_id(client_id, "client_id"))
        for conversation_id in waiting:
            self._take(AppOpened(conversation_id=conversation_id, at_us=self._world.now_us()))
        return len(waiting)

    def app_read(
        self, conversation_id: str, *, upto_seq: int | None = None, client_id: str | None = None
    ) -> Conversation:
        """The client opened the conversation in the app.

        Args:
            upto_seq: sequence number of the newest entry that was on the screen; default: all there is.
            client_id: if given, the conversation must be this client's.

        Raises:
            NotFound: ``conversation.unknown``.
            Conflict: ``conversation.channel`` for a conversation by text.
        """
        known = self.conversation(conversation_id)
        upto = check_seq(upto_seq, "upto_seq")
        if client_id is not None and known.client_id != client_id:
            raise NotFound("conversation.unknown", "no such conversation of this client", field="conversation_id")
        return self._after(self._take(ThreadRead(conversation_id=known.id, at_us=self._world.now_us(), upto_seq=upto)))
