"""How a store forgets a person; a part of :class:`convokit.ports.store.Store`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from convokit.domain.erasure import Erased, Erasure


class ErasingStore(Protocol):
    """Raises as the store does."""

    def erase_client(self, practice_id: str, erasure: Erasure, fresh_id: Callable[[], str]) -> Erased:
        """Erase what the practice knows of a client, in one transaction. Called again, it finds what is left.

        :mod:`convokit.domain.erasure` says which conversations those are and what of them stays. Gone are as well:
        entries' texts, raw words, authors of the client's side and files, titles and links of payments, jobs, parked
        reports, the note, the choices, the health of the numbers, what search knows, and what was kept of requests
        that could not be read if it holds a number or an e-mail address of theirs. Ledger lines of the numbers lose
        address and evidence. A number that is opted out then stays so, by its digest under ``erasure.key``, until a
        newer line of the ledger says otherwise: :meth:`~convokit.ports.store.Store.consent`, ``load`` and the gate of
        ``begin`` keep to it.

        ``fresh_id`` makes the id of an event for each conversation.

        Raises:
            StorageError: ``erasure.in_flight``: something of theirs is just being handed over; nothing was erased.
        """
        ...

    def scrub(self) -> None:
        """Leave no copy of what was erased, neither in the database's file nor beside it, such as in a log of writes.

        It may take as long as copying the database.

        Raises:
            StorageError: ``storage.busy``: somebody is reading old copies; ``storage.full``. Call it again.
        """
        ...
