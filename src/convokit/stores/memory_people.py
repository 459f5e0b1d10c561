"""The part of the store in memory that is about clients, their numbers and departments."""

from __future__ import annotations

from contextlib import AbstractContextManager

from convokit.domain.client_notes import ClientNote
from convokit.domain.conversation import Conversation
from convokit.domain.inbox import BADGE_CAP
from convokit.domain.number_health import NumberHealth
from convokit.stores import memory_lists
from convokit.stores.memory_desk import MemoryDesk


class MemoryPeople:
    """See :class:`convokit.ports.store_people.PeopleStore`."""

    def _desk(self, practice_id: str, patience_ms: int | None = None) -> AbstractContextManager[MemoryDesk]:
        raise NotImplementedError

    def number_health(self, practice_id: str, address: str) -> NumberHealth:
        """See :meth:`convokit.ports.store_people.PeopleStore.number_health`."""
        with self._desk(practice_id) as desk:
            return desk.health.get(address) or NumberHealth(address=address)

    def client_note(self, practice_id: str, client_id: str) -> ClientNote:
        """See :meth:`convokit.ports.store_people.PeopleStore.client_note`."""
        with self._desk(practice_id) as desk:
            return desk.notes.get(client_id) or ClientNote(client_id=client_id)

    def put_client_note(self, practice_id: str, note: ClientNote) -> bool:
        """See :meth:`convokit.ports.store_people.PeopleStore.put_client_note`."""
        with self._desk(practice_id) as desk:
            known = desk.notes.get(note.client_id) or ClientNote(client_id=note.client_id)
            if known.version != note.version - 1:
                return False
            desk.notes[note.client_id] = note
            return True

    def open_in_department(self, practice_id: str, department: str) -> int:
        """See :meth:`convokit.ports.store_people.PeopleStore.open_in_department`."""
        with self._desk(practice_id) as desk:
            found = sum(not c.ended and c.department == department for c in desk.conversations.values())
            return min(found, BADGE_CAP + 1)

    def app_conversations(self, practice_id: str, client_id: str, *, limit: int) -> tuple[Conversation, ...]:
        """See :meth:`convokit.ports.store.Store.app_conversations`."""
        with self._desk(practice_id) as desk:
            return memory_lists.app_conversations(desk, client_id, limit)
