"""Transcripts as documents: how they look. What they say is :mod:`convokit.domain.transcript`."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from convokit.domain.transcript import Transcript
from convokit.errors import InvalidInput, StorageError
from convokit.transcripts.text import render

__all__ = ["HALF", "TranscriptDocument"]

HALF: Final = ".convokit-*.tmp"
"""What files are called while they are written."""


@frozen
class TranscriptDocument:
    """A transcript that can be read, printed and filed. The same transcript gives the same bytes, anywhere.

    Attributes:
        transcript: what it says.
    """

    transcript: Transcript

    def text(self) -> str:
        """Plain text, 80 columns, reads well in an e-mail."""
        return render(self.transcript)

    def pdf(self) -> bytes:
        """A PDF for the medical record. The creation date in it is the conversation's end, not now."""
        # A second to import: only who wants a PDF pays it.
        from convokit.transcripts.pdf import render_pdf

        return render_pdf(self.transcript)

    def json(self) -> str:
        """The canonical form: every record with its digest, one to a line. ``convokit transcript verify`` checks it."""
        from convokit.transcripts.record import render_json

        return render_json(self.transcript)

    def html(self) -> str:
        """One HTML file without scripts, that fetches nothing and prints well."""
        from convokit.transcripts.html import render_html

        return render_html(self.transcript)

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write the transcript to ``path``, in the format of its suffix: ``.pdf``, ``.html``, ``.json`` or ``.txt``.

        Returns the path.

        The file appears whole or not at all; one that is there already is replaced.

        Raises:
            InvalidInput: ``transcript.path`` when it is no path, ``transcript.format`` for any other suffix.
            StorageError: ``transcript.not_written`` when the folder is missing, full or not writable.
        """
        target = _path(path)
        make = _FORMATS.get(target.suffix.lower())
        if make is None:
            raise InvalidInput(
                "transcript.format",
                "a transcript is written in the format of the file's suffix",
                field="path",
                limit=", ".join(_FORMATS),
            )
        content = make(self)
        try:
            _write_whole(target, content)
        except OSError as error:
            # The path may hold a patient's name: the reason is enough.
            reason = f"the transcript could not be written: {error.strerror}"
            raise StorageError("transcript.not_written", reason, field="path") from error
        return target


def _path(given: object) -> Path:
    try:
        target = Path(given)  # type: ignore[arg-type]  # whatever a caller without a type checker gives
        os.fsencode(target)
    except (TypeError, ValueError):
        target = Path("\0")
    if "\0" in str(target):
        raise InvalidInput("transcript.path", "the path of a transcript is text or a path", field="path", limit="path")
    return target


def _text_bytes(document: TranscriptDocument) -> bytes:
    return document.text().encode("utf-8")


def _html_bytes(document: TranscriptDocument) -> bytes:
    return document.html().encode("utf-8")


def _json_bytes(document: TranscriptDocument) -> bytes:
    return document.json().encode("ascii")


_FORMATS: Final[Mapping[str, Callable[[TranscriptDocument], bytes]]] = {
    ".pdf": TranscriptDocument.pdf,
    ".html": _html_bytes,
    ".json": _json_bytes,
    ".txt": _text_bytes,
}


def _write_whole(target: Path, content: bytes) -> None:
    """Write beside the target, sync, then rename: a crash leaves the old file or the new one."""
    beside = target.with_name(HALF.replace("*", secrets.token_hex(8)))
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # folders cannot be opened there, and renames are journalled
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
