"""Whether a transcript that was filed is whole and unchanged: its JSON, the PDF around it, or an archive."""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import zip_longest
from tempfile import TemporaryFile
from typing import IO, Final, cast

from attrs import evolve, frozen

from convokit.domain.transcript import Transcript
from convokit.domain.transcript_reading import read_transcript
from convokit.domain.transcript_record import Verdict
from convokit.errors import InvalidInput
from convokit.transcripts.archive import DOCUMENTS, Parts, named_files, write_parts
from convokit.transcripts.font_shelf import FontShelf
from convokit.transcripts.html import render_html
from convokit.transcripts.record import LARGEST, check_json
from convokit.transcripts.sealing import check_seal
from convokit.transcripts.text import render

_PDF: Final = b"%PDF-"
_ZIP: Final = b"PK\x03\x04"
_EMBEDDED: Final = b"/Type /EmbeddedFile\n>>\nstream\n"
_LENGTH: Final = re.compile(rb"/Length ([0-9]{1,9})\n")
_JPEG: Final = re.compile(rb"/Filter /DCTDecode\n(?:/[^\n]*\n)*?/Length ([0-9]{1,9})\n(?:/[^\n]*\n)*?>>\nstream\n")
_PRODUCER: Final = re.compile(rb"<pdf:Producer>([^<]{1,2000})</pdf:Producer>")
_PIECE: Final = 1 << 20
OTHERWISE: Final = "Its pages could not be compared with its record, for they were drawn with other versions:"
_HEADER: Final = 400
"""Bytes before an embedded stream in which its length stands."""


@frozen(kw_only=True)
class Expected:
    """What was kept elsewhere when a transcript was filed; ``None`` is not compared.

    Attributes:
        head, count: the last digest, in hex, and the number of entries.
        public_key: of the key that must have signed it, 32 bytes in hex.
    """

    head: str | None = None
    count: int | None = None
    public_key: str | None = None


NOTHING_EXPECTED: Final = Expected()


def verify(file: IO[bytes], expected: Expected = NOTHING_EXPECTED, fonts: FontShelf | None = None) -> Verdict:
    """Whether a transcript is whole and unchanged, and if not, where it differs.

    Args:
        file: open at its start, in the formats ``.json``, ``.pdf`` or ``.zip``; can be read again from there.
        fonts: those with which a PDF was made, if any but the built-in ones.

    Raises:
        InvalidInput: ``transcript.unreadable``: it is no transcript, or not in one of these formats;
            ``transcript.too_large``.
    """
    shelf = FontShelf() if fonts is None else fonts
    start = file.read(len(_PDF))
    file.seek(0)
    if start.startswith(_ZIP):
        return _archive(file, expected, shelf)
    content = _bounded(file)
    return _pdf(content, expected, shelf) if start == _PDF else _json(content, expected)[0]


def _bounded(file: IO[bytes]) -> bytes:
    content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise InvalidInput("transcript.too_large", "this file is too large", field="file", limit=f"{LARGEST} bytes")
    return content


def _json(content: bytes, expected: Expected) -> tuple[Verdict, Transcript | None]:
    """The verdict on a record, and the transcript in it where it is whole."""
    verdict = check_json(content, head=expected.head, count=expected.count)
    if not verdict.whole:
        return verdict, None
    document = cast("Mapping[str, object]", json.loads(content))
    try:
        transcript = read_transcript(document)
    except InvalidInput as error:
        return evolve(verdict, whole=False, why=f"it holds what no transcript holds: {error.field}"), None
    return check_seal(verdict, document.get("seal"), expected.public_key), transcript


# --- PDF ------------------------------------------------------------------------------------------------------------


def _pdf(content: bytes, expected: Expected, fonts: FontShelf) -> Verdict:
    """Its record, and whether these are the pages that are drawn from it."""
    record = _embedded(content)
    if record is None:
        raise InvalidInput("transcript.unreadable", "this PDF has no transcript of convokit inside", field="file")
    verdict, transcript = _json(record, expected)
    if not verdict.whole or transcript is None:
        return evolve(verdict, why=f"the record inside: {verdict.why}")
    from convokit.transcripts.pdf import render_pdf
    from convokit.transcripts.pdf_metadata import is_sealed

    if is_sealed(content):
        drawn = render_pdf(transcript, record, _pictures(content).get, fonts)
        if drawn == content:
            return evolve(verdict, notes=(*verdict.notes, "Its pages are those that its record gives."))
        other = _drawn_otherwise(content, drawn)
        if other:
            return evolve(verdict, notes=(*verdict.notes, f"{OTHERWISE} {other}."))
    return evolve(verdict, whole=False, why="the record inside is whole, but the file around it was changed")


def _embedded(content: bytes) -> bytes | None:
    """The record inside: our own files alone have to be read, as we write them."""
    at = content.find(_EMBEDDED)
    lengths = _LENGTH.findall(content[max(0, at - _HEADER) : at]) if at >= 0 else []
    if not lengths:
        return None
    start = at + len(_EMBEDDED)
    unpacking = zlib.decompressobj()
    try:
        record = unpacking.decompress(content[start : start + int(lengths[-1])], LARGEST)
    except zlib.error:
        return None
    return record if unpacking.eof else None


def _pictures(content: bytes) -> dict[str, bytes]:
    """The JPEG files inside, by digest."""
    found = (content[one.end() : one.end() + int(one[1])] for one in _JPEG.finditer(content))
    return {sha256(picture).hexdigest(): picture for picture in found}


def _drawn_otherwise(content: bytes, drawn: bytes) -> str:
    """What a file says it was drawn with, if that is not what draws it here."""
    told, here = _PRODUCER.search(content), _PRODUCER.search(drawn)
    if told is None or here is None or told[1] == here[1]:
        return ""
    return told[1].decode("utf-8", "replace")


# --- ZIP ------------------------------------------------------------------------------------------------------------


def _archive(file: IO[bytes], expected: Expected, fonts: FontShelf) -> Verdict:
    """Its record, its PDF, and whether it is the archive that is made of both and the files inside."""
    try:
        with zipfile.ZipFile(file) as archive:
            return _unpacked(archive, file, expected, fonts)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError):
        why = "this archive is damaged, or none of convokit"
        raise InvalidInput("transcript.unreadable", why, field="file") from None


def _unpacked(archive: zipfile.ZipFile, file: IO[bytes], expected: Expected, fonts: FontShelf) -> Verdict:
    names = set(archive.namelist())
    if not names >= set(DOCUMENTS):
        raise InvalidInput("transcript.unreadable", "this archive has no transcript inside", field="file")
    record, pdf = _member(archive, DOCUMENTS[-1]), _member(archive, DOCUMENTS[0])
    verdict, transcript = _json(record, expected)
    if not verdict.whole or transcript is None:
        return verdict
    if _embedded(pdf) != record:
        return evolve(verdict, whole=False, why="transcript.pdf has another record inside than transcript.json")
    drawn = _pdf(pdf, expected, fonts)
    if not drawn.whole:
        return evolve(drawn, why=f"transcript.pdf: {drawn.why}")
    known = dict(named_files(transcript))
    wrong = next((name for name in sorted(names & set(known)) if _digest(archive, name) != known[name].sha256), None)
    if wrong is not None:
        return evolve(drawn, whole=False, why=f"{wrong} is not the file that was sent")
    missing = len(set(known) - names)
    if missing:
        drawn = evolve(drawn, notes=(*drawn.notes, f"{missing} of its files are not in the archive."))
    if _made_again(archive, transcript, record, pdf, file):
        return drawn
    if any(note.startswith(OTHERWISE) for note in drawn.notes):
        return drawn  # what drew the pages otherwise packs otherwise too
    return evolve(drawn, whole=False, why="the record is whole, but the archive around it was changed")


def _made_again(archive: zipfile.ZipFile, transcript: Transcript, record: bytes, pdf: bytes, file: IO[bytes]) -> bool:
    """Whether an archive of the same parts has the same bytes."""
    held = {one.sha256: name for name, one in named_files(transcript) if name in archive.NameToInfo}
    parts = Parts(
        pdf=pdf,
        html=render_html(transcript, _pictures(pdf).get).encode("utf-8"),
        text=render(transcript).encode("utf-8"),
        record=record,
    )

    def original(digest: str) -> Iterator[bytes] | None:
        return _pieces(archive.open(held[digest])) if digest in held else None

    with TemporaryFile() as again:
        write_parts(transcript, parts, original, again)
        again.seek(0)
        file.seek(0)
        return all(one == other for one, other in zip_longest(_pieces(again), _pieces(file)))


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as file:
        return _bounded(file)


def _digest(archive: zipfile.ZipFile, name: str) -> str:
    digest = sha256()
    with archive.open(name) as file:
        for piece in _pieces(file):
            digest.update(piece)
    return digest.hexdigest()


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece
