"""The manifest of an export: a line of JSON for each conversation, and what makes it possible to go on after a crash.

While the export runs, lines are added to ``manifest.partial.jsonl``; at its end all are written, sorted, to
``manifest.jsonl`` in one step. Each further process that writes has a journal of its own beside it, with a line for
each file as soon as it is there, which the next export takes over where this one is killed. A line stands for a file
that was whole when the line was written.
"""

from __future__ import annotations

import os
from hashlib import file_digest
from pathlib import Path
from types import TracebackType
from typing import IO, Final

from attrs import evolve

from convokit.errors import Conflict
from convokit.runtime.export.index import Index, Key
from convokit.runtime.export.rows import Row, line_of, row_of, rows_in
from convokit.transcripts.disk import HALF, lock, whole_file

MANIFEST: Final = "manifest.jsonl"
PARTIAL: Final = "manifest.partial.jsonl"

_JOURNAL: Final = "manifest.partial-*.jsonl"


class Manifest:
    """The manifest of a folder while an export runs. A context manager; one export at a time holds it."""

    def __init__(self, folder: Path) -> None:
        """Read what earlier exports have written.

        Raises:
            Conflict: ``export.running``: another export writes into this folder.
        """
        self._folder = folder
        self._partial: IO[bytes] = (folder / PARTIAL).open("ab+")
        try:
            lock(self._partial, wait=False)
        except OSError:
            self._partial.close()
            why = "another export is writing into this folder"
            raise Conflict("export.running", why, field="folder", limit="1 export per folder") from None
        for left in folder.glob(HALF):  # by an export that was killed; we are alone here now
            left.unlink(missing_ok=True)
        self._index = Index()
        self._take_in(folder / MANIFEST)
        # After it may stand a line that was being written when the machine or the process died.
        self._partial.truncate(self._take_in(folder / PARTIAL))
        self._take_over()

    def _take_in(self, path: Path) -> int:
        """Take the rows of a manifest in; how many bytes they have, up to the first line that is none."""
        whole = 0
        for line, row in rows_in(path):
            self._index.put(row.key, row.file, line)
            whole += len(line)
        return whole

    def _take_over(self) -> None:
        """Take over what the processes of a killed export have written; their journals have no order among them."""
        for journal in self._folder.glob(_JOURNAL):
            for _, row in rows_in(journal):
                known = self._known(row.key)
                if known is None or known.change <= row.change or self._is_whole(row):
                    self.add(row)
            journal.unlink(missing_ok=True)

    def whole(self, row: Row) -> Row | None:
        """What is said of this conversation's file, if it is there, whole, and made as it is wanted now."""
        known = self.good(row)
        return known if known is not None and self._is_whole(known) else None

    def good(self, row: Row) -> Row | None:
        """The same by what is written here alone, without a look at the file."""
        known = self._known(row.key)
        return known if known is not None and known.is_of(row) else None

    def _known(self, key: Key) -> Row | None:
        line = self._index.get(key)
        return None if line is None else row_of(line)

    def _is_whole(self, row: Row) -> bool:
        try:
            return measured(self._folder / row.file) == (row.bytes, row.sha256)
        except OSError:
            return False

    def add(self, made: Row) -> None:
        """Add a line. What a conversation was called before is taken away first: it may name who was erased."""
        known = self._known(made.key)
        row = _still_there(made, known) if made.error and known is not None else made
        if known is not None and known.file not in ("", row.file):
            (self._folder / known.file).unlink(missing_ok=True)
        line = line_of(row)
        self._index.put(row.key, row.file, line)
        self._partial.write(line)
        self._partial.flush()

    def finish(self) -> Path:
        """Write the manifest in one step, sorted by practice and file. Returns its path."""
        target = self._folder / MANIFEST
        with whole_file(target) as file:
            file.writelines(self._index.lines())
        self._partial.truncate(0)
        for journal in self._folder.glob(_JOURNAL):
            journal.unlink(missing_ok=True)
        return target

    def __enter__(self) -> Manifest:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Never taken away: whoever waits for its lock would then hold a file that the next export does not see.
        self._partial.close()
        self._index.close()


class Journal:
    """What one process of an export has written, a line for each file as soon as it is whole. A context manager."""

    def __init__(self, folder: Path) -> None:
        self._file: IO[bytes] = (folder / _JOURNAL.replace("*", str(os.getpid()))).open("ab")

    def add(self, row: Row) -> None:
        """Add a line; it outlives this process."""
        self._file.write(line_of(row))
        self._file.flush()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def measured(path: Path) -> tuple[int, str]:
    """How many bytes a file has, and their SHA-256 in hex; read in pieces, for an archive may be larger than memory."""
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
        return file.tell(), digest


def _still_there(row: Row, known: Row) -> Row:
    """A conversation that could not be written now, with its file of an earlier export."""
    return evolve(known, change=row.change, error=row.error)
