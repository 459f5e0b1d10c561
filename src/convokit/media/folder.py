"""Files in a folder: one folder a practice, one file a content, named by its SHA-256.

No name that anybody chose reaches the file system: a practice's folder is a digest of its id, and a file's name is the
digest of its bytes. A file is written under a random name, synced, renamed, and then its folder is synced: after a
power cut it is there whole, or not at all.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import time
from collections.abc import Generator, Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from convokit.errors import NotFound, StorageError
from convokit.ports.media import StoredFile

CHUNK: Final = 256 * 1024
_LEFT_OVER_SECONDS: Final = 24 * 3600
_ADDRESS: Final = re.compile(r"[0-9a-f]{64}")
_NEW: Final = "new"
_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_READ_ONLY: Final = {errno.EROFS, errno.EACCES, errno.EPERM}
_MAKE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class FolderStore:
    """A :class:`convokit.ports.media.MediaStore` in a folder, which is made when the first file comes."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self._swept: set[Path] = set()

    def put(self, practice_id: str, chunks: Iterable[bytes]) -> StoredFile:
        """See :meth:`convokit.ports.media.MediaStore.put`."""
        home = self._home(practice_id)
        try:
            new = home / _NEW
            self.root.parent.mkdir(parents=True, exist_ok=True)
            for folder in (self.root, home, new):  # one by one: mkdir would give parents other modes
                folder.mkdir(mode=0o700, exist_ok=True)
            self._sweep(new)
            draft = new / secrets.token_hex(16)
            try:
                stored = _write(draft, chunks)
                place = self._place(practice_id, stored.address)
                place.parent.mkdir(mode=0o700, exist_ok=True)
                draft.replace(place)
            except BaseException:
                with suppress(OSError):
                    draft.unlink(missing_ok=True)
                raise
            for folder in (place.parent, home, self.root):
                _sync_folder(folder)
        except OSError as error:
            raise _storage_error(error) from error
        return stored

    def open(
        self, practice_id: str, address: str, *, start: int = 0, length: int | None = None
    ) -> Generator[bytes, None, None]:
        """See :meth:`convokit.ports.media.MediaStore.open`."""
        if not _ADDRESS.fullmatch(address):
            raise _unknown()
        try:
            file = self._place(practice_id, address).open("rb")
        except FileNotFoundError:
            raise _unknown() from None
        except OSError as error:
            raise _storage_error(error) from error
        reading = _read(file, start, length)
        next(reading)  # inside its "with": closing it closes the file, even if nothing is ever read
        return reading

    def size(self, practice_id: str, address: str) -> int | None:
        """See :meth:`convokit.ports.media.MediaStore.size`."""
        if not _ADDRESS.fullmatch(address):
            return None
        try:
            return self._place(practice_id, address).stat().st_size
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _storage_error(error) from error

    def delete(self, practice_id: str, address: str) -> None:
        """See :meth:`convokit.ports.media.MediaStore.delete`."""
        if not _ADDRESS.fullmatch(address):
            return
        place = self._place(practice_id, address)
        try:
            place.unlink(missing_ok=True)
            if place.parent.exists():
                _sync_folder(place.parent)
        except OSError as error:
            raise _storage_error(error) from error

    def check(self) -> str:
        """See :meth:`convokit.ports.media.MediaStore.check`."""
        try:
            if not self.root.exists():  # who only looks makes none: a mistyped path would look like an empty folder
                return self._to_be_made()
            probe = self.root / secrets.token_hex(16)
            try:
                _write(probe, [b"convokit"])
            finally:
                probe.unlink(missing_ok=True)
            sizes = [path.stat().st_size for path in self.root.rglob("*") if path.is_file()]
        except OSError as error:
            raise _storage_error(error) from error
        return f"folder {self.root}, {len(sizes)} files, {sum(sizes) // 1024:,} KB"

    def _to_be_made(self) -> str:
        above = next(folder for folder in self.root.parents if folder.exists())
        if not os.access(above, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "")
        return f"folder {self.root}, which is not there: the first file makes it"

    def close(self) -> None:
        """See :meth:`convokit.ports.media.MediaStore.close`."""

    def _home(self, practice_id: str) -> Path:
        # A digest: ".." is a practice's id too, and two ids may differ in case only.
        return self.root / hashlib.sha256(practice_id.encode()).hexdigest()[:32]

    def _place(self, practice_id: str, address: str) -> Path:
        return self._home(practice_id) / address[:2] / address

    def _sweep(self, folder: Path) -> None:
        """What a process that died was writing, once for each practice and process."""
        if folder in self._swept:
            return
        self._swept.add(folder)
        old = time.time() - _LEFT_OVER_SECONDS
        for path in folder.iterdir():
            with suppress(OSError):
                if path.stat().st_mtime < old:
                    path.unlink()


def _write(path: Path, chunks: Iterable[bytes]) -> StoredFile:
    digest, size = hashlib.sha256(), 0
    with os.fdopen(os.open(path, _MAKE, 0o600), "wb", buffering=0) as file:
        for chunk in chunks:
            left = memoryview(chunk)
            while left:
                left = left[file.write(left) :]
            digest.update(chunk)
            size += len(chunk)
        os.fsync(file.fileno())
    return StoredFile(address=digest.hexdigest(), size=size)


def _read(file: BinaryIO, start: int, length: int | None) -> Generator[bytes, None, None]:
    with file:
        yield b""
        file.seek(start)
        left = length
        while left is None or left > 0:
            chunk = file.read(CHUNK if left is None else min(CHUNK, left))
            if not chunk:
                return
            left = None if left is None else left - len(chunk)
            yield chunk


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # a folder cannot be opened there, nor need it be
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unknown() -> NotFound:
    return NotFound("media.unknown", "nothing is kept under this address", field="address")


def _storage_error(error: OSError) -> StorageError:
    if error.errno in _FULL:
        return StorageError("media.full", "there is no room left for files", field="media")
    if error.errno in _READ_ONLY:
        return StorageError("media.read_only", "the folder of files cannot be written or read", field="media")
    return StorageError("media.failed", f"the folder of files failed ({type(error).__name__})", field="media")
