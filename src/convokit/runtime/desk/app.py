"""The practice's mobile app: what the client does there. The host authenticates the client; these calls trust it."""

from __future__ import annotations

from collections.abc import Sequence

from convokit.decisions.base import unknown_conversation
from convokit.domain.app_view import AppConversation, AppMessage, app_conversation, app_message
from convokit.domain.conversation import Conversation, Entry
from convokit.domain.inbox import Page, check_limit
from convokit.domain.people import Client, Patient
from convokit.errors import Conflict, NotFound
from convokit.facts import AppOpened, TextArrived, ThreadRead
from convokit.runtime.arriving import fingerprint
from convokit.runtime.checks import check_client, check_id, check_patient, check_seq, phone_of
from convokit.runtime.desk.channels import APP
from convokit.runtime.desk.files import Attachable
from convokit.runtime.desk.reading import DeskReading
from convokit.runtime.desk.writing import DeskWriting


class DeskApp(DeskReading, DeskWriting):
    """App messages in, app opened, thread read."""

    def app_message(
        self,
        client: Client,
        text: str,
        *,
        attachments: Sequence[Attachable] = (),
        client_ref: str | None = None,
        patient: Patient | None = None,
        department: str | None = None,
    ) -> Entry:
        """A client wrote in the app. Joins the open conversation, reopens a fresh one, or starts one.

        Args:
            text: may be empty if there are files.
            attachments: up to 10 uploads (of this client), paths or bytes; see :meth:`upload`.
            client_ref: the app's own id of the message; sent again, it is stored once.
            department: one of :meth:`app_departments` that the client chose for a new conversation. An open one goes
                on where it is; an ended one of another department is not reopened.

        Raises:
            InvalidInput: ``message.empty``, ``message.too_long``, ...; ``department.unknown``.
            Conflict: ``message.client_ref`` when the reference stands for another message.
        """
        who = check_client(client)
        pet = check_patient(patient)
        files = self._attached(None, attachments, who)
        clean, flags = self._checked_text(text, APP, files)
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
            fingerprint=fingerprint(who.id, clean, *(file.sha256 for file in files)),
            client_id=who.id,
            client_name=who.name,
            client_email=who.email or "",
            client_phone=phone_of(who, self.practice.region),
            patient_id=None if pet is None else pet.id,
            patient_name="" if pet is None else pet.name,
            department=self._chosen_in_app(department),
            raw=ascii(text) if flags else "",
            flags=flags,
            attachments=files,
        )
        return self._sent(fact, self._take(fact))

    def app_conversations(self, client_id: str, *, limit: int = 50) -> tuple[AppConversation, ...]:
        """A client's conversations in the app, as the app shows them: the open one, then those that ended.

        Nothing that is between staff is in them.

        Raises:
            InvalidInput: ``page.limit``.
        """
        found = self._store.app_conversations(
            self.practice.id, check_id(client_id, "client_id"), limit=check_limit(limit)
        )
        named = {one.id: one.name for one in self.departments()}
        return tuple(app_conversation(one, named.get(one.department, "")) for one in found if self._sees(one))

    def app_thread(
        self, conversation_id: str, *, client_id: str, before: str | None = None, limit: int = 50
    ) -> Page[AppMessage]:
        """The newest messages of a client's conversation in order, as the app shows them; ``next`` leads to older ones.

        Notes, and what the desk notes for staff, are never among them; so a page may have fewer than ``limit``.

        Raises:
            NotFound: ``conversation.unknown``; the same for another client's.
            Conflict: ``conversation.channel`` for a conversation by text.
            InvalidInput: ``page.limit``, ``page.cursor``.
        """
        known = self.conversation(conversation_id)
        if known.client_id != check_id(client_id, "client_id"):
            raise unknown_conversation()
        if known.channel != APP:
            raise Conflict("conversation.channel", "this conversation is by text", field="conversation_id")
        page = self.thread(known.id, before=before, limit=limit)
        shown = (app_message(entry) for entry in page.items)
        return Page(items=tuple(one for one in shown if one is not None), next=page.next)

    def app_opened(self, client_id: str) -> int:
        """The client opened the app: what waited for them has been received. How many conversations moved."""
        known = self._store.app_waiting(self.practice.id, check_id(client_id, "client_id"))
        waiting = tuple(conversation_id for conversation_id in known if self._sees_id(conversation_id))
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
