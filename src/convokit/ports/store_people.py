"""What a store keeps of clients, their numbers and departments; a part of :class:`convokit.ports.store.Store`."""

from __future__ import annotations

from typing import Protocol

from convokit.domain.client_notes import ClientNote
from convokit.domain.number_health import NumberHealth


class PeopleStore(Protocol):
    """Each call is about one practice, and raises as the store does."""

    def number_health(self, practice_id: str, address: str) -> NumberHealth:
        """Whether a number can receive texts; "yes" where nothing is known of it.

        Written by ``commit``: a decision's ``health`` with a reason marks the number (``since_us`` stays that of the
        first mark), one without takes the mark away.
        """
        ...

    def client_note(self, practice_id: str, client_id: str) -> ClientNote:
        """The note about a client; version 0 if there is none."""
        ...

    def put_client_note(self, practice_id: str, note: ClientNote) -> bool:
        """Keep a note if the one that is stored has the version before; whether it was kept."""
        ...

    def open_in_department(self, practice_id: str, department: str) -> int:
        """How many open conversations a department has, other than the default one; counted no further than 100."""
        ...
