"""What SQLite says when it cannot, as convokit's errors."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final

from convokit.errors import ConvokitError, InvalidInput
from convokit.stores.sql.faults import storage_error

try:
    import resource
except ImportError:  # Windows has no such limits
    _LIMITED = False
else:
    _LIMITED = True

_CODES: Final = {
    sqlite3.SQLITE_BUSY: "storage.busy",
    sqlite3.SQLITE_LOCKED: "storage.busy",
    sqlite3.SQLITE_FULL: "storage.full",
    sqlite3.SQLITE_READONLY: "storage.read_only",
    sqlite3.SQLITE_CORRUPT: "storage.corrupt",
    sqlite3.SQLITE_NOTADB: "storage.not_a_database",
}
_NEAR: Final = 1 << 20


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


def is_taken(error: sqlite3.IntegrityError) -> bool:
    """Whether a unique index has the row already; there are other violations."""
    return error.sqlite_errorcode in (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
