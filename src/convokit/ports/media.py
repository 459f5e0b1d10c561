"""Where the bytes of files are kept.

A media store knows bytes and their digests, nothing of messages, names or types. Every call takes the practice first;
what one practice keeps, another one cannot reach, even if both keep the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import Protocol

from attrs import frozen


@frozen(kw_only=True)
class StoredFile:
    """Bytes that are kept: their SHA-256 in hex, which is their address, and how many they are."""

    address: str
    size: int


class MediaStore(Protocol):
    """Storage of bytes by practice and content. Blocking; several threads and processes may use it at once.

    Raises :class:`~convokit.errors.StorageError` ``media.full``, ``media.read_only`` or ``media.failed`` when it
    cannot; half a file is never kept and never found.
    """

    def put(self, practice_id: str, chunks: Iterable[bytes]) -> StoredFile:
        """Keep what ``chunks`` yields, synced when this returns. Never holds more than a chunk in memory.

        What ``chunks`` raises goes through, and leaves nothing behind. The same bytes again are written again.
        """
        ...

    def open(
        self, practice_id: str, address: str, *, start: int = 0, length: int | None = None
    ) -> Generator[bytes, None, None]:
        """Bytes from ``start`` on, at most ``length``, in chunks; opened before this returns.

        Raises:
            NotFound: ``media.unknown``.
        """
        ...

    def size(self, practice_id: str, address: str) -> int | None:
        """How many bytes are kept there; ``None``: nothing is."""
        ...

    def delete(self, practice_id: str, address: str) -> None:
        """Keep it no longer. Twice is fine."""
        ...

    def check(self) -> str:
        """Try whether something can be kept, and say in plain words where, for ``convokit doctor``."""
        ...

    def close(self) -> None:
        """Release everything. Twice is fine."""
        ...


@frozen(kw_only=True)
class MediaStoreOffer:
    """What ``convokit_media_stores`` returns: which URLs it opens, and how.

    ``schemes`` are the words before the colon (``"folder"``); ``open`` takes the whole URL and touches nothing yet.
    """

    name: str
    schemes: tuple[str, ...]
    open: Callable[[str], MediaStore]
    api: int = 1
