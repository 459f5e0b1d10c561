"""Files in memory: for tests and demos, and beside a store that forgets too."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Generator, Iterable

from convokit.errors import NotFound
from convokit.media.folder import CHUNK
from convokit.ports.media import StoredFile


class MemoryMediaStore:
    """A :class:`convokit.ports.media.MediaStore` in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: dict[tuple[str, str], bytes] = {}

    def put(self, practice_id: str, chunks: Iterable[bytes]) -> StoredFile:
        """See :meth:`convokit.ports.media.MediaStore.put`."""
        content = b"".join(chunks)
        address = hashlib.sha256(content).hexdigest()
        with self._lock:
            self._files[practice_id, address] = content
        return StoredFile(address=address, size=len(content))

    def open(
        self, practice_id: str, address: str, *, start: int = 0, length: int | None = None
    ) -> Generator[bytes, None, None]:
        """See :meth:`convokit.ports.media.MediaStore.open`."""
        with self._lock:
            found = self._files.get((practice_id, address))
        if found is None:
            raise NotFound("media.unknown", "nothing is kept under this address", field="address")
        end = len(found) if length is None else min(len(found), start + length)
        return (found[at : min(at + CHUNK, end)] for at in range(start, end, CHUNK))

    def size(self, practice_id: str, address: str) -> int | None:
        """See :meth:`convokit.ports.media.MediaStore.size`."""
        with self._lock:
            found = self._files.get((practice_id, address))
        return None if found is None else len(found)

    def delete(self, practice_id: str, address: str) -> None:
        """See :meth:`convokit.ports.media.MediaStore.delete`."""
        with self._lock:
            self._files.pop((practice_id, address), None)

    def check(self) -> str:
        """See :meth:`convokit.ports.media.MediaStore.check`."""
        with self._lock:
            return f"in memory, {len(self._files)} files, gone when the process ends"

    def close(self) -> None:
        """See :meth:`convokit.ports.media.MediaStore.close`."""
        with self._lock:
            self._files.clear()
