"""Attachments and secrets of the store in memory. :mod:`convokit.stores.memory` holds the lock around every call."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from attrs import evolve

from convokit.domain.attachment import Upload
from convokit.stores.checks import id_taken
from convokit.stores.memory_desk import MemoryDesk


class MemoryMedia:
    """What the desk and the worker ask about attachments."""

    def __init__(self) -> None:
        self._desks: dict[str, MemoryDesk] = {}
        self._secrets: dict[str, bytes] = {}

    def _open(self, patience_ms: int | None = None) -> AbstractContextManager[None]:
        """The store, alone."""
        raise NotImplementedError

    def _desk(self, practice_id: str, patience_ms: int | None = None) -> AbstractContextManager[MemoryDesk]:
        """The practice, alone."""
        raise NotImplementedError

    def add_media(self, practice_id: str, upload: Upload) -> None:
        """See :meth:`convokit.ports.store.Store.add_media`."""
        with self._desk(practice_id) as desk:
            if upload.id in desk.media:
                raise id_taken()
            desk.media[upload.id] = upload

    def media(self, practice_id: str, attachment_id: str) -> Upload | None:
        """See :meth:`convokit.ports.store.Store.media`."""
        with self._desk(practice_id) as desk:
            return desk.media.get(attachment_id)

    def revoke_links(self, practice_id: str, entry_id: str) -> int:
        """See :meth:`convokit.ports.store.Store.revoke_links`."""
        with self._desk(practice_id) as desk:
            found = [upload for upload in desk.media.values() if upload.entry_id == entry_id]
            desk.media.update((upload.id, evolve(upload, revoked=upload.revoked + 1)) for upload in found)
            return len(found)

    def expired_media(self, now_us: int, limit: int) -> tuple[tuple[str, Upload], ...]:
        """See :meth:`convokit.ports.store.Store.expired_media`."""
        with self._open():
            staged = [
                (desk.practice.id, upload)
                for desk in self._desks.values()
                for upload in desk.media.values()
                if upload.entry_id is None and upload.expires_us <= now_us
            ]
            return tuple(sorted(staged, key=lambda pair: pair[1].expires_us)[:limit])

    def drop_media(self, practice_id: str, upload: Upload, forget: Callable[[tuple[str, ...]], None]) -> bool:
        """See :meth:`convokit.ports.store.Store.drop_media`."""
        with self._desk(practice_id) as desk:
            known = desk.media.get(upload.id)
            if known is None or known.entry_id != upload.entry_id:
                return False
            others = {a for other in desk.media.values() if other.id != known.id for a in other.attachment.addresses}
            forget(tuple(address for address in known.attachment.addresses if address not in others))
            del desk.media[known.id]
            return True

    def secret(self, name: str, fresh: bytes) -> bytes:
        """See :meth:`convokit.ports.store.Store.secret`."""
        with self._open():
            return self._secrets.setdefault(name, fresh)
