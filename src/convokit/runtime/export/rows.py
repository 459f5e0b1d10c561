"""What a manifest says of one conversation, and how it is written and read: a line of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from attrs import asdict, field, frozen

from convokit.runtime.export.index import Key

__all__ = ["Key", "Row", "line_of", "row_of", "rows_in"]

_LONGEST_LINE: Final = 16 * 1024
"""Bytes; a line of ours has less than a tenth of it."""


def _words(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(given)


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
        internal_notes, redacted: how the file was made: with the notes of the staff, and what was left out of it.
        by: id of the member of staff of whom the thread says that they have this file; empty where it says nothing.
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
    internal_notes: bool = False
    redacted: tuple[str, ...] = field(default=(), converter=_words)
    by: str = ""
    error: str = ""

    @property
    def key(self) -> Key:
        """What the row is about."""
        return self.practice, self.conversation, self.suffix

    def is_of(self, wanted: Row) -> bool:
        """Whether it tells of a good file of the conversation as it is wanted now."""
        made, asked = (self.internal_notes, self.redacted), (wanted.internal_notes, wanted.redacted)
        return not self.error and self.change == wanted.change and made == asked


def line_of(row: Row) -> bytes:
    """The line of a row."""
    return json.dumps(asdict(row), sort_keys=True).encode("ascii") + b"\n"


def rows_in(path: Path) -> Iterator[tuple[bytes, Row]]:
    """The rows of a manifest with their lines, up to the first line that is none."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        while line := file.readline(_LONGEST_LINE):
            row = row_of(line)
            if row is None:
                return
            yield line, row


def row_of(line: bytes) -> Row | None:
    """The row of a line; ``None`` for what no export has written."""
    try:
        row = Row(**json.loads(line))
    except (ValueError, TypeError):
        return None
    # A name from a file must not lead out of the folder, and only such values are ours.
    words = (
        row.practice,
        row.conversation,
        row.suffix,
        row.file,
        row.sha256,
        row.head,
        row.by,
        row.error,
        *row.redacted,
    )
    if not all(isinstance(word, str) for word in words) or type(row.internal_notes) is not bool:
        return None
    if not line.endswith(b"\n"):
        return None
    return row if row.file == Path(row.file).name else None
