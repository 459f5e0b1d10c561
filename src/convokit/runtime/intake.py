"""Taking a file in: a piece at a time, by what it is and not by what it is called, and never more than it may have."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from typing import IO, BinaryIO, Final, cast

from attrs import evolve

from convokit.domain.attachment import LIMITS, TYPES, Attachment, clean_name, size_words
from convokit.errors import InvalidInput, StorageError
from convokit.media import pictures
from convokit.media.heic import HeicError, remove_words
from convokit.media.kinds import HEAD, media_type_of
from convokit.media.pdf import has_active_content
from convokit.ports.media import MediaStore, StoredFile
from convokit.runtime.checks import repair

CHUNK: Final = 256 * 1024
_LONGEST_GIVEN: Final = 1_000

Source = bytes | str | os.PathLike[str] | BinaryIO
"""A file as a host has it: its bytes, its path, or a stream that is open for reading bytes."""


def take_in(media: MediaStore, practice_id: str, file_id: str, name: str, chunks: Iterator[bytes]) -> Attachment:
    """Keep a file, and say what it is. Videos are never held in memory or copied twice.

    Raises:
        InvalidInput: ``file.empty``, ``file.kind``, ``file.too_large``, ``file.pixels``, ``file.damaged``,
            ``file.unreadable``.
        StorageError: ``media.full``, ``media.read_only``, ``media.failed``.
    """
    head, rest = _peek(chunks)
    media_type = media_type_of(head)
    kind, _ = TYPES[media_type]
    bounded = _bounded(rest, LIMITS[kind])
    found = Attachment(
        id=file_id,
        name=clean_name(name[:_LONGEST_GIVEN], media_type),
        kind=kind,
        media_type=media_type,
        size=0,
        sha256="",
    )
    if kind == "photo":
        return _photo(media, practice_id, found, bounded)
    if kind == "pdf":
        return _pdf(media, practice_id, found, bounded)
    if kind == "file":
        return _heic(media, practice_id, found, bounded)
    return _kept(found, media.put(practice_id, bounded))


def _photo(media: MediaStore, practice_id: str, found: Attachment, chunks: Iterator[bytes]) -> Attachment:
    with pictures.scratch() as given, pictures.scratch() as made:
        _spool(given, chunks)
        picture = pictures.convert(cast(BinaryIO, given), found.media_type, made)
        if picture.size > LIMITS["photo"]:
            raise _too_large(LIMITS["photo"])
        stored = media.put(practice_id, picture.chunks())
        small = media.put(practice_id, [picture.thumbnail])
    sized = evolve(found, width=picture.width, height=picture.height, thumbnail=small.address)
    return _kept(sized, stored)


def _pdf(media: MediaStore, practice_id: str, found: Attachment, chunks: Iterator[bytes]) -> Attachment:
    with pictures.scratch() as given:
        _spool(given, chunks)
        flags = ("active_content",) if has_active_content(cast(BinaryIO, given)) else ()
        return _kept(evolve(found, flags=flags), media.put(practice_id, _again(given)))


def _heic(media: MediaStore, practice_id: str, found: Attachment, chunks: Iterator[bytes]) -> Attachment:
    with pictures.scratch() as given:
        _spool(given, chunks)
        try:
            remove_words(cast(BinaryIO, given))
        except HeicError as error:
            why = f"the picture is damaged, so what it says of its place cannot be taken out ({error})"
            raise InvalidInput("file.damaged", why, field="file") from error
        return _kept(found, media.put(practice_id, _again(given)))


def _kept(found: Attachment, stored: StoredFile) -> Attachment:
    return evolve(found, size=stored.size, sha256=stored.address)


def _spool(file: IO[bytes], chunks: Iterator[bytes]) -> None:
    try:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
    except OSError as error:
        why = f"there is no room for the file while it is looked at ({type(error).__name__})"
        raise StorageError("media.full", why, field="media") from error


def _again(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    return iter(lambda: file.read(CHUNK), b"")


def _peek(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes of a file, and the whole of it."""
    first: list[bytes] = []
    have = 0
    for chunk in chunks:
        first.append(chunk)
        have += len(chunk)
        if have >= HEAD:
            break
    return b"".join(first)[:HEAD], chain(first, chunks)


def _bounded(chunks: Iterator[bytes], most: int) -> Iterator[bytes]:
    """The same, and not a chunk more is asked for once there are too many bytes."""
    have = 0
    for chunk in chunks:
        have += len(chunk)
        if have > most:
            raise _too_large(most)
        yield chunk


def _too_large(most: int) -> InvalidInput:
    return InvalidInput("file.too_large", "the file is too large", field="file", limit=size_words(most))


def chunks_of(source: object) -> Iterator[bytes]:
    """The bytes of a file, whatever the host has of it; a stream is read but not closed.

    Raises:
        InvalidInput: ``file.type``; ``file.path``: there is no such file, or it cannot be read; ``file.cut_short``:
            the stream broke off.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        return iter([bytes(source)])
    if isinstance(source, (str, os.PathLike)):
        return _from_path(source)
    if callable(getattr(source, "read", None)):
        return _from_stream(cast(BinaryIO, source))
    raise _wrong_type()


def _from_path(path: str | os.PathLike[str]) -> Iterator[bytes]:
    try:
        file = open(path, "rb")  # noqa: SIM115 - closed below; what goes wrong there is not the path's
    except (OSError, ValueError) as error:
        raise _unread("file.path", error) from error
    with file:
        yield from _from_stream(file, "file.path")


def _from_stream(stream: BinaryIO, code: str = "file.cut_short") -> Iterator[bytes]:
    while chunk := _read(stream, code):
        if not isinstance(chunk, bytes):
            raise _wrong_type()
        yield chunk


def _read(stream: BinaryIO, code: str) -> bytes:
    try:
        return stream.read(CHUNK)
    except OSError as error:  # a browser that went away in the middle
        raise _unread(code, error) from error


def _unread(code: str, error: Exception) -> InvalidInput:
    return InvalidInput(code, f"the file cannot be read ({type(error).__name__})", field="file")


def name_of(source: object) -> str:
    """What a path or a stream is called; empty for bytes."""
    path = source if isinstance(source, (str, os.PathLike)) else getattr(source, "name", "")
    with suppress(TypeError, ValueError):
        named = os.fspath(path) if isinstance(path, (str, os.PathLike)) else ""
        return repair(named if isinstance(named, str) else "")[0]
    return ""


def _wrong_type() -> InvalidInput:
    return InvalidInput(
        "file.type", "a file is bytes, a path, or a stream open for reading bytes", field="file", limit="bytes"
    )
