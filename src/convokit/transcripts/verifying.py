"""Whether a transcript that was filed is whole and unchanged: its JSON, the PDF around it, or an archive."""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from base64 import b64decode
from collections import Counter
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
from convokit.transcripts.characters import one_line
from convokit.transcripts.font_shelf import FontShelf
from convokit.transcripts.html import render_html
from convokit.transcripts.pdf_metadata import is_sealed, producer_of, with_producer
from convokit.transcripts.record import LARGEST, check_json
from convokit.transcripts.sealing import check_seal
from convokit.transcripts.text import render
from convokit.transcripts.versions import data_words, decides_words, same_but_data

_PDF: Final = b"%PDF-"
_ZIP: Final = b"PK\x03\x04"
_EMBEDDED: Final = b"/Type /EmbeddedFile\n>>\nstream\n"
_LENGTH: Final = re.compile(rb"/Length ([0-9]{1,9})\n")
_JPEG: Final = re.compile(rb"/Filter /DCTDecode\n(?:/[^\n]*\n)*?/Length ([0-9]{1,9})\n(?:/[^\n]*\n)*?>>\nstream\n")
_SHOWN: Final = re.compile(rb'<img src="data:image/jpeg;base64,([A-Za-z0-9+/]+={0,2})"')
_PIECE: Final = 1 << 20
_MOST_TOLD: Final = 500
"""Characters of what a file says of itself that are repeated."""
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
    """Whether a transcript is whole and unchanged, and if not, where it differs, or what could not be compared.

    Pages that another version drew cannot be drawn again here. Then the verdict is neither: ``record_only``.

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
    found = _pages(content, verdict, transcript, record, fonts)
    return found or evolve(verdict, whole=False, why="the record inside is whole, but the file around it was changed")


def _pages(content: bytes, verdict: Verdict, transcript: Transcript, record: bytes, fonts: FontShelf) -> Verdict | None:
    """What the pages are beside a record that is whole; ``None``: not those that it gives."""
    if not is_sealed(content):
        return None
    from convokit.transcripts.pdf import render_pdf

    drawn = render_pdf(transcript, record, _pictures(content).get, fonts)
    if drawn == content:
        return evolve(verdict, notes=(*verdict.notes, "Its pages are those that its record gives."))
    told, here = producer_of(content), producer_of(drawn)
    if told in ("", here):
        return None
    if same_but_data(told, here) and with_producer(drawn, told) == content:
        note = f"Its pages are those that its record gives, though they were drawn with {data_words(told)}."
        return evolve(verdict, notes=(*verdict.notes, note))
    return _record_only(verdict, "the pages", told)


def _record_only(verdict: Verdict, what: str, told: str) -> Verdict:
    """The verdict on what could be changed and could not be compared: what is told of its making is a claim."""
    why = f"the record is whole, but {what} could not be compared with it, made with other versions or fonts"
    why = f"{why}: {one_line(told)[:_MOST_TOLD]}"
    return evolve(verdict, whole=False, record_only=True, why=why)


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
    names = archive.namelist()
    if not set(names) >= set(DOCUMENTS):
        raise InvalidInput("transcript.unreadable", "this archive has no transcript inside", field="file")
    record, pdf = _member(archive, DOCUMENTS[-1]), _member(archive, DOCUMENTS[0])
    verdict, transcript = _json(record, expected)
    if not verdict.whole or transcript is None:
        return verdict
    if _embedded(pdf) != record:
        return evolve(verdict, whole=False, why="transcript.pdf has another record inside than transcript.json")
    drawn = _pdf(pdf, expected, fonts)
    if drawn.outcome == "changed":
        return evolve(drawn, why=f"transcript.pdf: {drawn.why}")
    found = _beside(archive, names, transcript, drawn)
    if found.outcome == "changed":
        return found
    return _readable(archive, _parts(archive, transcript, found), transcript, found, file)


def _readable(
    archive: zipfile.ZipFile, parts: Parts, transcript: Transcript, found: Verdict, file: IO[bytes]
) -> Verdict:
    """Whether text and HTML are those that the record gives, and the archive the one that is made of all its parts."""
    told = producer_of(parts.pdf)
    other = [name for name, content in parts.readable if _member(archive, name) != content]
    if other and decides_words(told, transcript.about.time_zone):
        return _changed(found, f"{other[0]} is not what the record gives")
    if other:
        pages = [] if found.whole else ["the pages"]
        return _record_only(found, " and ".join((*pages, *other)), told)
    if found.record_only:  # what drew the pages otherwise may pack otherwise too
        note = "transcript.html and transcript.txt are those that its record gives."
        return evolve(found, notes=(*found.notes, note))
    if _made_again(archive, transcript, parts, file):
        return found
    return _changed(found, "the record is whole, but the archive around it was changed")


def _beside(archive: zipfile.ZipFile, names: list[str], transcript: Transcript, found: Verdict) -> Verdict:
    """Whether the files in an archive are those that were sent, and nothing else is in it."""
    known = dict(named_files(transcript))
    for name, times in Counter(names).items():
        if times > 1 or (name not in known and name not in DOCUMENTS):
            return _changed(found, f"{one_line(name)[:_MOST_TOLD]} is no part of it, or there twice")
        if name in known and _digest(archive, name) != known[name].sha256:
            return _changed(found, f"{name} is not the file that was sent")
    missing = len(known.keys() - set(names))
    return evolve(found, notes=(*found.notes, f"{missing} of its files are not in the archive.")) if missing else found


def _changed(verdict: Verdict, why: str) -> Verdict:
    return evolve(verdict, whole=False, record_only=False, why=why)


def _parts(archive: zipfile.ZipFile, transcript: Transcript, found: Verdict) -> Parts:
    """The documents of an archive as its record gives them; its PDF was looked at before."""
    pdf = _member(archive, DOCUMENTS[0])
    pictures = _pictures(pdf)
    if found.record_only:  # another version may embed a picture in another way
        pictures |= _shown(_member(archive, DOCUMENTS[1]))
    return Parts(
        pdf=pdf,
        html=render_html(transcript, pictures.get).encode("utf-8"),
        text=render(transcript).encode("utf-8"),
        record=_member(archive, DOCUMENTS[-1]),
    )


def _shown(page: bytes) -> dict[str, bytes]:
    """The JPEG files in a page of HTML, by digest; they count only where the record has that digest."""
    found = (b64decode(one[1]) for one in _SHOWN.finditer(page))
    return {sha256(picture).hexdigest(): picture for picture in found}


def _made_again(archive: zipfile.ZipFile, transcript: Transcript, parts: Parts, file: IO[bytes]) -> bool:
    """Whether an archive of the same parts has the same bytes."""
    held = {one.sha256: name for name, one in named_files(transcript) if name in archive.NameToInfo}

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
