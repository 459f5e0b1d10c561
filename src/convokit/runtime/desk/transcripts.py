"""The conversation as a document: taken by somebody, or filed in the medical record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convokit.domain.conversation import Conversation
from convokit.domain.people import Staff
from convokit.domain.redaction import NOTHING_LEFT_OUT, Redaction
from convokit.errors import Conflict
from convokit.facts import FilingAsked, TranscriptTaken
from convokit.runtime.checks_transcripts import check_redaction
from convokit.runtime.desk.base import DeskBase

if TYPE_CHECKING:
    from convokit.transcripts import TranscriptDocument


class DeskTranscripts(DeskBase):
    """Takes transcripts, and files them."""

    @property
    def can_file_transcripts(self) -> bool:
        """Whether the host has set up a medical record: a plugin with ``convokit_records``, or ``records=``."""
        return self._steps.catalogue.records is not None

    def transcript(
        self,
        conversation_id: str,
        *,
        by: Staff | None = None,
        internal_notes: bool = False,
        redact: Redaction = NOTHING_LEFT_OUT,
    ) -> TranscriptDocument:
        """The conversation as a document; ``.write("bella.pdf")`` chooses by suffix.

        Args:
            by: who downloads it; the thread then says so (``transcript_downloaded``), the document itself does not.
            internal_notes: with the notes that staff wrote for each other.
            redact: what is left out; the transcript says that something was.

        Raises:
            NotFound: ``conversation.unknown``.
            InvalidInput: ``transcript.redact``; ``by.type``, ``staff.id...``, ``staff.name...``.
        """
        known = self.conversation(conversation_id)
        wanted, notes = check_redaction(redact), internal_notes is True
        document = self._documents.of(self.practice, known, internal_notes=notes, redact=wanted)
        if by is not None:
            self.transcript_taken(document, by=by)
        return document

    def transcript_taken(self, document: TranscriptDocument, *, by: Staff) -> Conversation:
        """Say in the thread who has a document that :meth:`transcript` made (``transcript_downloaded``).

        For whoever writes or sends it first, and says so when that went well.

        Raises:
            NotFound: ``conversation.unknown``.
            InvalidInput: ``by.type``, ``staff.id...``, ``staff.name...``.
        """
        said = document.transcript
        known = self.conversation(said.about.conversation_id)
        fact = TranscriptTaken(
            **self._stamp(known.id, by),
            head=said.head,
            count=said.count,
            internal_notes=said.about.internal_notes,
            redacted=said.about.redacted,
        )
        return self._after(self._take(fact))

    def file_transcript(self, conversation_id: str, *, by: Staff) -> Conversation:
        """File the transcript in the patient's medical record, as the conversation now stands; open or ended.

        It is owed from here on, and :meth:`Convokit.work` hands it over; the thread then says so
        (``transcript_filed``), or why not (``transcript_not_filed``). Asked for twice with nothing new in between, it
        is filed once.

        Raises:
            NotFound: ``conversation.unknown``.
            Conflict: ``records.none``: the host has set up no medical record; ``conversation.erased``.
        """
        known = self.conversation(conversation_id)
        if not self.can_file_transcripts:
            why = "there is no medical record to file in; the host sets one up with convokit_records, or records="
            raise Conflict("records.none", why, field="records")
        try:
            return self._after(self._take(FilingAsked(**self._stamp(known.id, by))))
        except Conflict as error:
            if error.code != "id.taken":
                raise
        return self.conversation(known.id)  # this very document is on its way already
