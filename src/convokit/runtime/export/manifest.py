"""The manifest of an export: a line of JSON for each conversation, and what makes it possible to go on after a crash.

While the export runs, lines are added to ``manifest.partial.jsonl``; at its end all are written, sorted, to
``manifest.jsonl`` in one step. A line stands for a file that was whole when the line was written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import file_digest
from pathlib import Path
from types import TracebackType
from typing import IO, Final

from attrs import asdict, evolve, frozen

from convokit.errors import Conflict
from convokit.runtime.export.index import Index, Key
from convokit.transcripts.disk import HALF, lock, whole_file

MANIFEST: Final = "manifest.jsonl"
PARTIAL: Final = "manifest.partial.jsonl"

_LONGEST_LINE: Final = 16 * 1024
"""Bytes; a line of ours has less than a tenth of it."""


@frozen(kw_only=True)
class Row:
    """One exported conversation, or one that could not be.

    Attributes:
        practice, conversation: their ids.
        change: the practice's change number that the conversation had; what has changed since is written again.
        suffix: the format.
        file: its name in the folder; empty where there is none.
        bytes, sha256: of the file.
        entries, head: of the transcript; see :mod:`convokit.domain.transcript_record`.
        error: why it could not be written: the code of an error of convokit's, or the name of an exception; never its
            words, which may quote a message. A file of an earlier export stays, and its row with it.
    """

    practice: str
    conversation: str
    change: int
    suffix: str
    file: str = ""
    bytes: int = 0
    sha256: str = ""
    entries: int = 0
    head: str = ""
    error: str = ""

    @property
    def key(self) -> Key:
        """What the row is about."""
        return self.practice, self.conversation, self.suffix


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

    def _take_in(self, path: Path) -> int:
        """Take the rows of a manifest in; how many bytes they have, up to the first line that is none."""
        whole = 0
        for line, row in _rows(path):
            self._index.put(row.key, row.file, line)
            whole += len(line)
        return whole

    def has(self, row: Row) -> bool:
        """Whether the file of this conversation, as it is now, is there and whole."""
        known = self._known(row.key)
        return known is not None and known.change == row.change and not known.error and self._is_whole(known)

    def _known(self, key: Key) -> Row | None:
        line = self._index.get(key)
        return None if line is None else _row(line)

    def _is_whole(self, row: Row) -> bool:
        try:
            return measured(self._folder / row.file) == (row.bytes, row.sha256)
        except OSError:
            return False

    def add(self, rows: Iterable[Row]) -> None:
        """Add lines. What a conversation was called before is taken away first: it may name somebody who was erased."""
        for made in rows:
            known = self._known(made.key)
            row = _still_there(made, known) if made.error and known is not None else made
            if known is not None and known.file not in ("", row.file):
                (self._folder / known.file).unlink(missing_ok=True)
            line = _line(row)
            self._index.put(row.key, row.file, line)
            self._partial.write(line)
        self._partial.flush()

    def finish(self) -> Path:
        """Write the manifest in one step, sorted by practice and file. Returns its path."""
        target = self._folder / MANIFEST
        with whole_file(target) as file:
            file.writelines(self._index.lines())
        self._partial.truncate(0)
        return target

    def __enter__(self) -> Manifest:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Never taken away: whoever waits for its lock would then hold a file that the next export does not see.
        self._partial.close()
        self._index.close()


def measured(path: Path) -> tuple[int, str]:
    """How many bytes a file has, and their SHA-256 in hex; read in pieces, for an archive may be larger than memory."""
    with path.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
        return file.tell(), digest


def _still_there(row: Row, known: Row) -> Row:
    """A conversation that could not be written now, with its file of an earlier export."""
    return evolve(row, file=known.file, bytes=known.bytes, sha256=known.sha256, entries=known.entries, head=known.head)


def _line(row: Row) -> bytes:
    return json.dumps(asdict(row), sort_keys=True).encode("ascii") + b"\n"


def _rows(path: Path) -> Iterator[tuple[bytes, Row]]:
    """The rows of a manifest with their lines, up to the first line that is none."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        while line := file.readline(_LONGEST_LINE):
            row = _row(line)
            if row is None:
                return
            yield line, row


def _row(line: bytes) -> Row | None:
    try:
        row = Row(**json.loads(line))
    except (ValueError, TypeError):
        return None
    # A name from a file must not lead out of the folder, and only such values are ours.
    words = (row.practice, row.conversation, row.suffix, row.file, row.sha256, row.head, row.error)
    if not all(isinstance(word, str) for word in words) or not line.endswith(b"\n"):
        return None
    return row if row.file == Path(row.file).name else None
