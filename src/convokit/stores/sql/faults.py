"""What a database says when it cannot, in convokit's words: a stable code, never a value that was stored."""

from __future__ import annotations

from typing import Final

from convokit.errors import StorageError

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


def storage_error(code: str) -> StorageError:
    """The error of a code, in its usual words."""
    return StorageError(code, _WORDS[code])
