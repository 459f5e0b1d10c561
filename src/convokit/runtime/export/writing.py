"""Writing transcripts of one store: in this process, or in a process of its own."""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from convokit.domain.redaction import Redaction, Redactor
from convokit.domain.rules import Practice
from convokit.errors import ConvokitError, NotFound, StorageError
from convokit.runtime.documents import Documents
from convokit.runtime.export.manifest import Journal, measured
from convokit.runtime.export.names import file_name
from convokit.runtime.export.place import Place
from convokit.runtime.export.rows import Row


@frozen
class Writer:
    """Writes transcripts into a folder."""

    documents: Documents
    folder: Path

    def write(self, row: Row) -> Row:
        """Write the transcript of a row's conversation; the row with what was written.

        A conversation that cannot be written is said to be so in its row and stops nothing. Of the store's own
        failures nothing is caught: they are not about one conversation.
        """
        if row.error:  # it could not even be looked at
            return row
        practice = self.documents.store.practice(row.practice)
        if practice is None:
            return evolve(row, error="practice.unknown")
        try:
            return self._written(practice, row)
        except Exception as error:  # a damaged conversation: whatever it makes the renderer raise
            return evolve(row, error=reason_of(error))

    def _written(self, practice: Practice, row: Row) -> Row:
        known = self.documents.store.conversation(practice.id, row.conversation)
        if known is None:
            raise NotFound("conversation.unknown", "no such conversation at this practice", field="conversation_id")
        redact = Redaction(phone_numbers="phone_numbers" in row.redacted, client_name="client_name" in row.redacted)
        document = self.documents.of(practice, known, internal_notes=row.internal_notes, redact=redact)
        # A name that is left out of the document does not stand on it either.
        name = file_name(practice, Redactor(redact, known).conversation(known), row.suffix)
        size, digest = measured(document.write(self.folder / name))
        return evolve(
            row,
            change=known.change,
            file=name,
            bytes=size,
            sha256=digest,
            entries=document.transcript.count,
            head=document.transcript.head,
        )


def reason_of(error: Exception) -> str:
    """Why one conversation cannot be written, without words that may quote a message.

    Raises:
        StorageError: it is no matter of one conversation: a full disk, a database that is away.
    """
    if isinstance(error, StorageError) and error.code != "storage.corrupt":
        raise error
    return error.code if isinstance(error, ConvokitError) else type(error).__name__


_writing: list[tuple[Writer, Journal]] = []
"""What a process that was started for writing does it with."""
_opened: Final = ExitStack()
"""What it has open, until it ends."""


def start_process(place: Place, folder: str) -> None:
    """Open the same things in a new process, and end with the one that started it, however that ends."""
    import multiprocessing
    from multiprocessing.connection import wait

    parent = multiprocessing.parent_process()
    if parent is not None:

        def end_with_parent() -> None:
            wait([parent.sentinel])
            os._exit(1)  # it was killed: nobody reads what we write any more

        threading.Thread(target=end_with_parent, daemon=True).start()
    documents = _opened.enter_context(place.opened())
    _writing.append((Writer(documents, Path(folder)), _opened.enter_context(Journal(Path(folder)))))


def write_there(rows: list[Row]) -> list[Row]:
    """:meth:`Writer.write` in a process that :func:`start_process` has made ready; each file is noted at once."""
    (writer, journal), *_ = _writing
    written = []
    for row in rows:
        written.append(writer.write(row))
        if not written[-1].error:
            journal.add(written[-1])
    return written
