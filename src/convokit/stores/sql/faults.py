"""What a database says when it cannot, in convokit's words: a stable code, never a value that was stored."""

from __future__ import annotations

from typing import Final

from convokit.errors import StorageError

WORDS: Final = {
    "storage.busy": "another process holds the database's lock; try again",
    "storage.full": "the disk, or the room that this process may use, is full; nothing was stored",
    "storage.read_only": "the database may not be written to; check the owner and the mount of the file and its folder",
    "storage.corrupt": "the database is damaged; restore it from a backup",
    "storage.not_a_database": "this file is not a database of convokit",
    "storage.io": "the operating system could not read or write the database",
    "storage.away": "the database cannot be reached, or lets nobody in now; its log says why",
    "storage.contended": "another transaction was in the way; try again",
    "storage.missing": "there is no such database",
    "storage.no_connection": "no connection is free: of this process, or of the server",
    "storage.timeout": "a statement took longer than it may",
    "storage.unknown": "the connection broke during the commit, and nobody could say since whether it is stored",
    "storage.wrong_role": "the role is not let in, or may not do this; the owner of the tables grants it",
    "storage.closed": "the store has been closed",
    "storage.forked": "this process was forked while the database was in use, and cannot use it; open it afterwards",
}


def storage_error(code: str) -> StorageError:
    """The error of a code, in its usual words."""
    return StorageError(code, WORDS[code])
