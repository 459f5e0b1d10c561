"""A transcript as a ZIP archive: every format, and the files that were sent, by names that every system takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC
from hashlib import sha256
from typing import IO, TYPE_CHECKING, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from attrs import frozen

from convokit.domain.attachment import TYPES
from convokit.domain.transcript import Transcript, TranscriptFile
from convokit.transcripts.pictures import Originals

if TYPE_CHECKING:
    from convokit.transcripts import TranscriptDocument

FOLDER: Final = "files"
"""Where the files stand in the archive."""

_NOT_PLAIN: Final = re.compile(r"[^A-Za-z0-9]+")
_LONGEST: Final = 40
_FIRST_YEAR: Final = 1980
"""ZIP has no earlier dates (APPNOTE 4.4.6)."""


DOCUMENTS: Final = tuple(f"transcript{suffix}" for suffix in (".pdf", ".html", ".txt", ".json"))
"""The formats in an archive."""

Date = tuple[int, int, int, int, int, int]


@frozen(kw_only=True)
class Parts:
    """The documents of an archive."""

    pdf: bytes
    html: bytes
    text: bytes
    record: bytes

    @property
    def readable(self) -> tuple[tuple[str, bytes], ...]:
        """Those for people that no library draws, with their names."""
        return ((DOCUMENTS[1], self.html), (DOCUMENTS[2], self.text))


def write_archive(document: TranscriptDocument, into: IO[bytes]) -> None:
    """Write the archive of a document."""
    parts = Parts(
        pdf=document.pdf(),
        html=document.html().encode("utf-8"),
        text=document.text().encode("utf-8"),
        record=document.record(),
    )
    write_parts(document.transcript, parts, document.originals, into)


def write_parts(transcript: Transcript, parts: Parts, originals: Originals, into: IO[bytes]) -> None:
    """Write an archive. A file that is not kept any more, or not as it was sent, is left out: the record names it."""
    at = transcript.until.astimezone(UTC)
    date = (max(at.year, _FIRST_YEAR), at.month, at.day, at.hour, at.minute, at.second)
    with ZipFile(into, "w") as archive:
        for name, content in zip(DOCUMENTS, (parts.pdf, parts.html, parts.text, parts.record), strict=True):
            _put(archive, name, date, [content])
        for name, file in named_files(transcript):
            if _is_kept(originals, file):
                _put(archive, name, date, originals(file.sha256) or (), stored=True)


def named_files(transcript: Transcript) -> Iterator[tuple[str, TranscriptFile]]:
    """The files of the messages with their names in the archive: number of the entry, of the file, and a plain name."""
    for line in transcript.lines:
        for number, file in enumerate(line.files, 1):
            if file.sha256:
                yield f"{FOLDER}/{line.seq:05}-{number}{_plain(file)}", file


def _plain(file: TranscriptFile) -> str:
    stem = _NOT_PLAIN.sub("-", file.name.rpartition(".")[0] or file.name).strip("-")[:_LONGEST].strip("-")
    suffix = TYPES[file.media_type][1] if file.media_type in TYPES else "bin"
    return f"{'-' if stem else ''}{stem}.{suffix}"


def _is_kept(originals: Originals, file: TranscriptFile) -> bool:
    """Whether the file is there and is what its digest says, which is looked at before half of it is in the archive."""
    content = originals(file.sha256)
    return content is not None and _digest_of(content) == file.sha256


def _digest_of(content: Iterable[bytes]) -> str:
    digest = sha256()
    for piece in content:
        digest.update(piece)
    return digest.hexdigest()


def _put(
    archive: ZipFile,
    name: str,
    date: Date,
    content: Iterable[bytes],
    *,
    stored: bool = False,
) -> None:
    info = ZipInfo(name, date)
    info.compress_type = ZIP_STORED if stored else ZIP_DEFLATED
    info.create_system = 3  # the same on every system
    info.external_attr = 0o644 << 16
    with archive.open(info, "w", force_zip64=stored) as file:
        for piece in content:
            file.write(piece)
