"""What staff know of a client: the note that only they see, who has a number, and which pet it is about."""

from __future__ import annotations

from convokit.domain.client_notes import NOTE_LENGTH, ClientNote
from convokit.domain.conversation import Conversation
from convokit.domain.people import Client, Patient, Staff
from convokit.errors import Conflict, InvalidInput, StorageError
from convokit.facts import ClientChosen, ClientSet, PatientSet
from convokit.runtime.checks import (
    check_client,
    check_id,
    check_patient,
    check_seq,
    check_staff,
    phone_of,
    repair,
)
from convokit.runtime.desk.base import DeskBase

_MOST_ROUNDS = 200


class DeskPeople(DeskBase):
    """Client notes, shared and unknown numbers, and the pet that is selected."""

    def client_note(self, client_id: str) -> ClientNote:
        """The note about a client, for staff only: no transcript and no view of the app has it. Version 0: none yet.

        It is the whole practice's, whatever departments this desk sees.
        """
        return self._store.client_note(self.practice.id, check_id(client_id, "client_id"))

    def set_client_note(
        self, client_id: str, text: str, *, by: Staff, expected_version: int | None = None
    ) -> ClientNote:
        """Write the note about a client; ``""`` takes it away.

        Args:
            text: at most 4,000 characters, lines included.
            expected_version: the version that was on the screen; without it, the last writer wins.

        Raises:
            InvalidInput: ``client_note.type``, ``client_note.too_long``.
            Conflict: ``client_note.changed``: somebody else has changed it since that version.
        """
        who, clean = check_id(client_id, "client_id"), _note(text)
        staff, expected = check_staff(by), check_seq(expected_version, "expected_version")
        for _ in range(_MOST_ROUNDS):
            known = self._store.client_note(self.practice.id, who)
            if expected is not None and known.version != expected:
                raise Conflict(
                    "client_note.changed",
                    f"{known.author_name} has changed the note" if known.version else "there is no note yet",
                    field="expected_version",
                    limit=str(known.version),
                )
            if known.text == clean:
                return known
            note = ClientNote(
                client_id=who,
                text=clean,
                version=known.version + 1,
                author_id=staff.id,
                author_name=staff.name,
                at_us=self._world.now_us(),
            )
            if self._store.put_client_note(self.practice.id, note):
                return note
        raise StorageError("storage.contended", "too many writers at one note; try again", limit="200 rounds")

    def choose_client(self, conversation_id: str, client_id: str, *, by: Staff) -> Conversation:
        """Say which of several clients with one number a conversation is with; remembered for the number.

        The conversation's address stays what it is. Possible in every state, and again when it was a mistake.

        Raises:
            InvalidInput: ``client.not_candidate``: not one of ``conversation.candidates``.
            NotFound: ``conversation.unknown``.
        """
        chosen = check_id(client_id, "client_id")
        return self._after(self._take(ClientChosen(**self._stamp(conversation_id, by), client_id=chosen)))

    def set_client(self, conversation_id: str, client: Client, *, by: Staff) -> Conversation:
        """Say which client of the host's a conversation by text is with: one whose number nobody knew, or another one
        than was thought. Remembered for the number, as by :meth:`choose_client`.

        The conversation's address stays what it is, whatever ``client.phone`` says. Another client's pet does not stay
        in it. Possible in every state.

        Raises:
            InvalidInput: ``client.type``, ``client.id...``, ``client.name...``, an ``email...`` code.
            Conflict: ``conversation.channel``: in the app a conversation is its client's for life;
                ``conversation.erased``.
            NotFound: ``conversation.unknown``.
        """
        who = check_client(client)
        fact = ClientSet(
            **self._stamp(conversation_id, by),
            client_id=who.id,
            client_name=who.name,
            client_email=who.email or "",
            client_phone=phone_of(who, self.practice.region),
        )
        return self._after(self._take(fact))

    def set_patient(self, conversation_id: str, patient: Patient | None, *, by: Staff) -> Conversation:
        """Select the pet that a conversation is about, or none; possible in every state.

        Its past-due reminders are those that are shown from now on.

        Raises:
            InvalidInput: ``patient.type``, ``patient.id...``, ``patient.name...``.
            Conflict: ``conversation.erased``.
            NotFound: ``conversation.unknown``.
        """
        pet = check_patient(patient)
        fact = PatientSet(
            **self._stamp(conversation_id, by),
            patient_id=None if pet is None else pet.id,
            patient_name="" if pet is None else pet.name,
        )
        return self._after(self._take(fact))


def _note(text: object) -> str:
    if not isinstance(text, str):
        raise InvalidInput("client_note.type", "a note is text", field="text", limit="str")
    clean = repair(text)[0].strip()
    if len(clean) > NOTE_LENGTH:
        why = f"the note has {len(clean):,} characters"
        raise InvalidInput("client_note.too_long", why, field="text", limit=f"{NOTE_LENGTH:,} characters")
    return clean
