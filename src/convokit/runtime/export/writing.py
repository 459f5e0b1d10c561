"""Writing transcripts of one store: in this process, or in a process of its own."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from convokit.domain.conversation import Entry
from convokit.domain.rules import Practice
from convokit.domain.transcript_building import build_transcript
from convokit.errors import ConvokitError, NotFound, StorageError
from convokit.ports.store import Store
from convokit.runtime.export.manifest import Row
from convokit.runtime.export.names import file_name
from convokit.transcripts import TranscriptDocument

_CHUNK: Final = 200


@frozen
class Writer:
    """Writes transcripts into a folder."""

    store: Store
    folder: Path

    def write(self, rows: list[Row]) -> list[Row]:
        """Write the transcript of each row's conversation; the rows with what was written.

        A conversation that cannot be written is said to be so in its row and stops nothing. Of the store's own
        failures nothing is caught: they are not about one conversation.
        """
        return [self._one(row) for row in rows]

    def _one(self, row: Row) -> Row:
        practice = self.store.practice(row.practice)
        if practice is None:
            return evolve(row, error="practice.unknown")
        try:
            return self._written(practice, row)
        except ConvokitError as error:
            if isinstance(error, StorageError) and error.code != "storage.corrupt":
                raise  # a full disk, a database that is away
            return evolve(row, error=error.code)
        except Exception as error:  # a damaged conversation: whatever it makes the renderer raise
            return evolve(row, error=type(error).__name__)

    def _written(self, practice: Practice, row: Row) -> Row:
        known = self.store.conversation(practice.id, row.conversation)
        if known is None:
            raise NotFound("conversation.unknown", "no such conversation at this practice", field="conversation_id")
        document = TranscriptDocument(build_transcript(practice, known, self._entries(practice.id, known.id)))
        name = file_name(practice, known, row.suffix)
        content = document.write(self.folder / name).read_bytes()
        return evolve(
            row,
            file=name,
            bytes=len(content),
            sha256=sha256(content).hexdigest(),
            entries=document.transcript.count,
            head=document.transcript.head,
        )

    def _entries(self, practice_id: str, conversation_id: str) -> Iterator[Entry]:
        seq = 0
        while chunk := self.store.entries(practice_id, conversation_id, after_seq=seq, limit=_CHUNK):
            yield from chunk
            seq = chunk[-1].seq


_writer: list[Writer] = []
"""The writer of a process that was started for writing."""


def start_process(url: str, folder: str) -> None:
    """Open the store in a new process, and end with the one that started it, however that ends."""
    import multiprocessing
    from multiprocessing.connection import wait

    from convokit.stores.builtin import open_store

    parent = multiprocessing.parent_process()
    if parent is not None:

        def end_with_parent() -> None:
            wait([parent.sentinel])
            os._exit(1)  # it was killed: nobody reads what we write any more

        threading.Thread(target=end_with_parent, daemon=True).start()
    _writer.append(Writer(open_store(url, {}), Path(folder)))


def write_there(rows: list[Row]) -> list[Row]:
    """:meth:`Writer.write` in a process that :func:`start_process` has made ready."""
    return _writer[0].write(rows)
