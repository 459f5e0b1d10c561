"""What the database says when it cannot, as convokit's errors: a stable code, never a value that was stored."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final

from convokit.errors import ConvokitError, InvalidInput, StorageError

try:
    import resource
except ImportError:  # Windows has no such limits
    _LIMITED = False
else:
    _LIMITED = True

_WORDS: Final = {
    "storage.busy": "another process holds the database's lock; try again",
    "storage.full": "the disk, or the room that this process may use, is full; nothing was stored",
    "storage.read_only": "the database may not be written to; check the owner and the mount of the file and its folder",
    "storage.corrupt": "the database is damaged; restore it from a backup",
    "storage.not_a_database": "this file is not a database of convokit",
    "storage.io": "the operating system could not read or write the database",
    "storage.closed": "the store has been closed",
    "storage.forked": "this process was forked while the database was in use, and cannot use it; open it afterwards",
}
_CODES: Final = {
    sqlite3.SQLITE_BUSY: "storage.busy",
    sqlite3.SQLITE_LOCKED: "storage.busy",
    sqlite3.SQLITE_FULL: "storage.full",
    sqlite3.SQLITE_READONLY: "storage.read_only",
    sqlite3.SQLITE_CORRUPT: "storage.corrupt",
    sqlite3.SQLITE_NOTADB: "storage.not_a_database",
}
_NEAR: Final = 1 << 20


def storage_error(code: str) -> StorageError:
    """The error of a code, in its usual words."""
    return StorageError(code, _WORDS[code])


def translated(error: Exception, path: Path) -> ConvokitError:
    """What an exception of the driver means."""
    if isinstance(error, (UnicodeEncodeError, OverflowError)):
        return InvalidInput("storage.value", f"a value cannot be stored ({type(error).__name__})")
    code = getattr(error, "sqlite_errorcode", None)
    if not isinstance(code, int):
        return storage_error("storage.closed")
    if code == sqlite3.SQLITE_IOERR_WRITE and _at_size_limit(path):
        return storage_error("storage.full")
    return storage_error(_CODES.get(code & 0xFF, "storage.io"))


def _at_size_limit(path: Path) -> bool:
    """Whether a failed write ran into the process's limit on file sizes, which SQLite calls an I/O error."""
    if not _LIMITED:
        return False
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    files = (path, path.with_name(f"{path.name}-wal"))
    largest = max((os.stat(file).st_size for file in files if file.exists()), default=0)
    return limit != resource.RLIM_INFINITY and largest + _NEAR > limit


def unique_violation(error: sqlite3.IntegrityError) -> str:
    """The columns of the unique index that an insert or update would have broken; empty for other violations."""
    kinds = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
    return str(error) if error.sqlite_errorcode in kinds else ""
