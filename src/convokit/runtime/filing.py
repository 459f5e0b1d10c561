"""Filing transcripts: put together now, handed to the host's records, and how it went."""

from __future__ import annotations

import logging
from typing import Final

from attrs import evolve

from convokit.domain.conversation import Conversation
from convokit.domain.record_rules import RecordFormat
from convokit.domain.rules import Practice
from convokit.effects import FileTranscript, OwedJob
from convokit.facts import FilingSettled
from convokit.outcomes import Outcome, Refused, TryLater, Unsure
from convokit.plugins.faults import contain, log_fault
from convokit.ports.records import RecordDocument, Records
from convokit.runtime.circuits import LEFT_ALONE, Circuits, Use
from convokit.runtime.documents import Documents
from convokit.runtime.last_text import ON_ITS_WAY, is_too_early
from convokit.runtime.plugin_values import outcome_checked
from convokit.runtime.world import World
from convokit.transcripts import TranscriptDocument
from convokit.transcripts.characters import one_line
from convokit.transcripts.file_names import plain
from convokit.transcripts.wording import day_words

_TYPES: Final[dict[RecordFormat, str]] = {
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "txt": "text/plain; charset=utf-8",
}

_log = logging.getLogger("convokit")


class FilingPerformer:
    """Performs :class:`~convokit.effects.FileTranscript`."""

    def __init__(self, documents: Documents, records: Records | None, world: World, circuits: Circuits) -> None:
        self._documents = documents
        self._circuits = circuits
        self._records = records
        self._world = world

    def perform(self, practice: Practice, owed: OwedJob) -> FilingSettled:
        """See :class:`convokit.runtime.jobs.JobPerformer`."""
        job = _job_of(owed)
        if self._records is None:
            return self._settled(owed, TryLater(raw="no medical record is set up here"))
        try:
            if is_too_early(self._documents.store, owed, job.conversation_id, self._world.now_us()):
                return self._settled(owed, TryLater(raw=ON_ITS_WAY))
            document = self._made(practice, job)
        except Exception as error:  # the store is away, or a mistake of ours: nothing was handed over yet
            log_fault(_log, f"document {owed.key} of practice {practice.id} could not be put together", error)
            return self._settled(owed, TryLater(raw="the transcript could not be put together"))
        if document is None:
            return self._settled(owed, Refused(reason="cancelled", raw="there is nothing to file any more"))
        return self._settled(owed, self._handed_over(practice, self._records, document), document)

    def _handed_over(self, practice: Practice, records: Records, document: RecordDocument) -> Outcome:
        use = Use("records", "records", practice.id)
        if not self._circuits.begin(use):
            return TryLater(raw=LEFT_ALONE)
        outcome = self._filed(practice, records, document)
        self._circuits.tell(use, outcome)
        return outcome

    def _filed(self, practice: Practice, records: Records, document: RecordDocument) -> Outcome:
        try:
            outcome = outcome_checked(records.file(document))
        except BaseException as error:  # whatever a plugin raises
            contain(error)
            log_fault(_log, f"the records of practice {practice.id} raised", error)
            return Unsure(why=f"the records raised {type(error).__name__}")
        if isinstance(outcome, (Refused, Unsure)):
            # Not the records' own words: they may quote a name.
            what = f"refused ({outcome.reason})" if isinstance(outcome, Refused) else "gave no clear answer to"
            _log.error("practice %s: the medical record %s a transcript", practice.id, what)
        return outcome

    def _made(self, practice: Practice, job: FileTranscript) -> RecordDocument | None:
        """The document as it is now; ``None`` if there is no such conversation any more."""
        found = self._documents.store.conversation(practice.id, job.conversation_id)
        if found is None or found.is_erased:
            return None
        # As it stood: what came after it, and a restart, are not what was to be filed.
        then = evolve(found, ended=job.ended_us is not None, ended_us=job.ended_us)
        document = self._documents.of(practice, then, upto_seq=job.upto_seq)
        said = document.transcript
        return RecordDocument(
            id=job.document_id,
            practice_id=practice.id,
            conversation_id=found.id,
            client_id=found.client_id,
            patient_id=found.patient_id,
            title=_title(document, found),
            file_name=_file_name(document, found, job.format),
            content_type=_TYPES[job.format],
            content=_content(document, job.format),
            head=said.head,
            count=said.count,
            began=said.about.began,
            ended=said.about.ended,
        )

    def refused(self, practice: Practice, owed: OwedJob, reason: str, raw: str) -> FilingSettled:
        """See :class:`convokit.runtime.jobs.JobPerformer`."""
        return self._settled(owed, Refused(reason=reason, raw=raw))

    def abandoned(self, practice: Practice, owed: OwedJob) -> FilingSettled:
        """See :class:`convokit.runtime.jobs.JobPerformer`. It is tried again: the same id is the same document."""
        return self._settled(owed, Unsure(why="filing was interrupted"))

    def _settled(self, owed: OwedJob, outcome: Outcome, document: RecordDocument | None = None) -> FilingSettled:
        return FilingSettled(
            key=owed.key,
            tries=owed.tries,
            outcome=outcome,
            at_us=self._world.now_us(),
            conversation_id=_job_of(owed).conversation_id,
            entry_id=self._world.fresh_id("m"),
            head="" if document is None else document.head,
            count=0 if document is None else document.count,
        )


def _job_of(owed: OwedJob) -> FileTranscript:
    if not isinstance(owed.job, FileTranscript):
        raise TypeError(f"not a filing: {type(owed.job).__name__}")
    return owed.job


def _title(document: TranscriptDocument, found: Conversation) -> str:
    """``"Conversation with Ana Ruiz, Monday, March 2, 2026: Lab results"``."""
    who = f" with {one_line(found.client_name)}" if found.client_name else ""
    about = f": {one_line(found.title)}" if found.title else ""
    return f"Conversation{who}, {day_words(document.transcript.until)}{about}"


def _file_name(document: TranscriptDocument, found: Conversation, form: RecordFormat) -> str:
    """``"2026-03-02-1530_Bella_Ana-Ruiz.pdf"``: when it ended by the practice's clock, patient, client."""
    who = plain(found.patient_name), plain(found.client_name)
    return "_".join((f"{document.transcript.until:%Y-%m-%d-%H%M}", *(part for part in who if part))) + f".{form}"


def _content(document: TranscriptDocument, form: RecordFormat) -> bytes:
    match form:
        case "pdf":
            return document.pdf()
        case "html":
            return document.html().encode("utf-8")
        case "json":
            return document.json().encode("ascii")
        case "txt":
            return document.text().encode("utf-8")
