"""The manifest of an export: a line of JSON for each conversation, and what makes it possible to go on after a crash.

While the export runs, lines are added to ``manifest.partial.jsonl``; at its end all are written, sorted, to
``manifest.jsonl`` in one step. A line stands for a file that was whole when the line was written.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import IO, Final

from attrs import asdict, frozen

from convokit.errors import Conflict
from convokit.transcripts.disk import HALF, lock

MANIFEST: Final = "manifest.jsonl"
PARTIAL: Final = "manifest.partial.jsonl"

Key = tuple[str, str, str]
"""Practice, conversation, and the suffix of the file."""


@frozen(kw_only=True)
class Row:
    """One exported conversation, or one that could not be.

    Attributes:
        practice, conversation: their ids.
        change: the practice's change number that the conversation had; what has changed since is written again.
        suffix: the format.
        file: its name in the folder; empty where there is an error.
        bytes, sha256: of the file.
        entries, head: of the transcript; see :mod:`convokit.domain.transcript_record`.
        error: why there is no file: the code of an error of convokit's, or the name of an exception; never its words,
            which may quote a message.
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
        rows, whole = _read(folder / PARTIAL)
        self._partial.truncate(whole)  # a line that was being written when the machine or the process died
        self._known: dict[Key, Row] = {row.key: row for row in (*_read(folder / MANIFEST)[0], *rows)}

    def has(self, row: Row) -> bool:
        """Whether the file of this conversation, as it is now, is there and whole."""
        known = self._known.get(row.key)
        return known is not None and known.change == row.change and not known.error and self._is_whole(known)

    def _is_whole(self, row: Row) -> bool:
        try:
            content = (self._folder / row.file).read_bytes()
        except OSError:
            return False
        return len(content) == row.bytes and sha256(content).hexdigest() == row.sha256

    def add(self, rows: Iterable[Row]) -> None:
        """Add lines."""
        for row in rows:
            self._known[row.key] = row
            self._partial.write(_line(row))
        self._partial.flush()

    def finish(self) -> Path:
        """Write the manifest in one step, sorted by practice and file. Returns its path."""
        target = self._folder / MANIFEST
        beside = target.with_suffix(".tmp")
        rows = sorted(self._known.values(), key=lambda row: (row.practice, row.file, row.conversation, row.suffix))
        with beside.open("wb") as file:
            file.writelines(_line(row) for row in rows)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
        self._partial.truncate(0)
        return target

    def __enter__(self) -> Manifest:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Never taken away: whoever waits for its lock would then hold a file that the next export does not see.
        self._partial.close()


def _line(row: Row) -> bytes:
    return json.dumps(asdict(row), sort_keys=True).encode("ascii") + b"\n"


def _read(path: Path) -> tuple[list[Row], int]:
    """The rows of a manifest up to the first line that is none, and how many bytes they take."""
    rows: list[Row] = []
    whole = 0
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        return [], 0
    for line in lines:
        row = _row(line)
        if row is None:
            break
        rows.append(row)
        whole += len(line)
    return rows, whole


def _row(line: bytes) -> Row | None:
    try:
        row = Row(**json.loads(line))
    except (ValueError, TypeError):
        return None
    # A name from a file must not lead out of the folder.
    inside = isinstance(row.file, str) and row.file == Path(row.file).name
    return row if line.endswith(b"\n") and inside else None
