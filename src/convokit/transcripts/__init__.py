"""Transcripts as documents: how they look. What they say is :mod:`convokit.domain.transcript`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Final

from attrs import field, frozen

from convokit.domain.transcript import Transcript
from convokit.domain.transcript_record import Seal
from convokit.errors import InvalidInput, StorageError
from convokit.transcripts.disk import HALF, whole_file
from convokit.transcripts.font_shelf import FontShelf
from convokit.transcripts.pictures import Originals, Pictures, no_originals, no_pictures
from convokit.transcripts.text import render

__all__ = ["FORMATS", "HALF", "TranscriptDocument"]


@frozen
class TranscriptDocument:
    """A transcript that can be read, printed and filed. The same transcript gives the same bytes, anywhere.

    Attributes:
        transcript: what it says.
        pictures: the small pictures of photos, for PDF and HTML.
        originals: the files themselves, for a ZIP archive.
        fonts: for characters that the built-in fonts lack.
        seal: its signature, or ``None``.
    """

    transcript: Transcript
    pictures: Pictures = field(default=no_pictures, repr=False, eq=False)
    originals: Originals = field(default=no_originals, repr=False, eq=False)
    fonts: FontShelf = field(factory=FontShelf, repr=False, eq=False)
    seal: Seal | None = field(default=None, repr=False)

    def text(self) -> str:
        """Plain text, 80 columns, reads well in an e-mail."""
        return render(self.transcript)

    def pdf(self) -> bytes:
        """A PDF for the medical record: PDF/A-3, with :meth:`json` inside. Its dates are the conversation's."""
        # A second to import: only who wants a PDF pays it.
        from convokit.transcripts.pdf import render_pdf

        return render_pdf(self.transcript, self.record(), self.pictures, self.fonts)

    def json(self) -> str:
        """The canonical form: every record with its digest, one to a line. ``convokit transcript verify`` checks it."""
        return self.record().decode("ascii")

    def record(self) -> bytes:
        """:meth:`json` as bytes, ASCII."""
        from convokit.transcripts.record import render_record

        return render_record(self.transcript, self.seal)

    def html(self) -> str:
        """One HTML file without scripts, that fetches nothing and prints well."""
        from convokit.transcripts.html import render_html

        return render_html(self.transcript, self.pictures)

    def zip(self, into: IO[bytes]) -> None:
        """An archive with the PDF, HTML, text and JSON, and the files that were sent, written piece by piece."""
        from convokit.transcripts.archive import write_archive

        write_archive(self, into)

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write the transcript to ``path``, in the format of its suffix: one of :data:`FORMATS`.

        Returns the path.

        The file appears whole or not at all; one that is there already is replaced.

        Raises:
            InvalidInput: ``transcript.path`` when it is no path, ``transcript.format`` for any other suffix.
            StorageError: ``transcript.not_written`` when the folder is missing, full or not writable.
        """
        target = _path(path)
        make = _WRITERS.get(target.suffix.lower())
        if make is None:
            raise InvalidInput(
                "transcript.format",
                "a transcript is written in the format of the file's suffix",
                field="path",
                limit=", ".join(_WRITERS),
            )
        try:
            with whole_file(target) as file:
                make(self, file)
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


def _text(document: TranscriptDocument, file: IO[bytes]) -> None:
    file.write(document.text().encode("utf-8"))


def _html(document: TranscriptDocument, file: IO[bytes]) -> None:
    file.write(document.html().encode("utf-8"))


def _json(document: TranscriptDocument, file: IO[bytes]) -> None:
    file.write(document.record())


def _pdf(document: TranscriptDocument, file: IO[bytes]) -> None:
    from convokit.transcripts.pdf import write_pdf

    write_pdf(document, file)


_WRITERS: Final[Mapping[str, Callable[[TranscriptDocument, IO[bytes]], None]]] = {
    ".pdf": _pdf,
    ".html": _html,
    ".json": _json,
    ".txt": _text,
    ".zip": TranscriptDocument.zip,
}
FORMATS: Final = tuple(suffix.removeprefix(".") for suffix in _WRITERS)
"""What a transcript can be written as."""
