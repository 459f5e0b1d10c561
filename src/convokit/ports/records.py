"""The host's medical records: where transcripts are filed."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, runtime_checkable

from attrs import field, frozen

from convokit.outcomes import Outcome


@frozen(kw_only=True)
class RecordDocument:
    """One document for the medical record.

    Attributes:
        id: our own id of this document, unique within the practice, and the same in every attempt.
        practice_id, conversation_id: where it comes from.
        client_id, patient_id: the host's ids, as the conversation has them now; ``None`` where it has none.
        title: for people: ``"Conversation with Ana Ruiz, Monday, March 2, 2026: Lab results"``.
        file_name: a name that every system takes and that sorts by day: ``"2026-03-02-1530_Bella_Ana-Ruiz.pdf"``.
        content_type: ``"application/pdf"``.
        content: the bytes.
        head, count: last digest of the transcript and number of its entries. Keep them apart from the document, and
            ``convokit transcript verify`` finds every change, a cut end included.
        began, ended: of the conversation, UTC; ``ended`` is ``None`` for one that was open.
    """

    id: str
    practice_id: str
    conversation_id: str
    client_id: str | None
    patient_id: str | None
    title: str = field(repr=False)
    file_name: str = field(repr=False)
    content_type: str
    content: bytes = field(repr=False)
    head: str
    count: int
    began: datetime
    ended: datetime | None


class Records(Protocol):
    """What ``convokit_records`` returns. Several threads may use it at once."""

    def file(self, document: RecordDocument) -> Outcome:
        """Put a document into the record. Blocks, for at most 100 seconds, and is called from worker threads only.

        **The same id is the same document.** Whoever gets it again replaces what is there, and never keeps two: an
        attempt of which nobody knows the end is made again, perhaps with newer contents (a text has been delivered
        meanwhile) or for another patient (staff have chosen the right one).

        Returns:
            ``Accepted``: it is there; ``provider_id``, of at most 200 characters, is the record's own id of it.
            ``Refused``: it never will be; ``reason`` is a category of :mod:`convokit.domain.reasons`.
            ``TryLater``: it is not there now, and another attempt may succeed.
            ``Unsure``: nobody can know. What ``file`` raises counts as this.
        """
        ...


@runtime_checkable
class CheckedRecords(Protocol):
    """Records that can say how they stand. ``convokit doctor`` asks."""

    def check(self) -> str:
        """Try whether something can be filed, and say in plain words where.

        Raises:
            ConvokitError: nothing can be filed.
        """
        ...
