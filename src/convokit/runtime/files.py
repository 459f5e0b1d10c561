"""The files of all practices: kept, found, read and dropped."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator
from contextlib import suppress

from convokit.domain.attachment import STAGED_FOR, Attachment, MediaLimits, Upload
from convokit.errors import ConfigurationError, NotFound, StorageError
from convokit.plugins.faults import contain, log_fault
from convokit.ports.media import MediaStore
from convokit.ports.store import Store
from convokit.runtime.gateways import Gateways
from convokit.runtime.intake import take_in
from convokit.runtime.media_links import Links, Size
from convokit.runtime.world import World

_log = logging.getLogger("convokit")


class Files:
    """Every thread may use it."""

    def __init__(self, store: Store, media: MediaStore | None, gateways: Gateways, links: Links, world: World) -> None:
        self._store = store
        self._media = media
        self._gateways = gateways
        self._world = world
        self.links = links

    @property
    def media(self) -> MediaStore:
        """The media store.

        Raises:
            ConfigurationError: ``media.none``.
        """
        if self._media is None:
            why = 'no media store: open the desk with media="folder:///files"'
            raise ConfigurationError("media.none", why, field="media")
        return self._media

    def close(self) -> None:
        """Close the media store."""
        if self._media is not None:
            self._media.close()

    def keep(self, practice_id: str, owner: str, name: str, chunks: Iterator[bytes]) -> Upload:
        """Take a file in as an upload of ``owner``; see :func:`convokit.runtime.intake.take_in` for the errors."""
        file = take_in(self.media, practice_id, self._world.fresh_id("f"), name, chunks)
        upload = Upload(attachment=file, owner=owner, expires_us=self._world.now_us() + STAGED_FOR)
        self._store.add_media(practice_id, upload)
        # Another upload with the same content may have been dropped, and its bytes with it, just before this row.
        if any(self.media.size(practice_id, address) is None for address in file.addresses):
            self.drop(practice_id, upload)
            raise StorageError(
                "media.failed", "the file was dropped while it was stored; upload it again", field="media"
            )
        return upload

    def find(self, practice_id: str, file_id: str) -> Upload | None:
        """An upload that is in a message, or not yet past its time."""
        try:
            found = self._store.media(practice_id, file_id)
        except NotFound:  # no such practice: to whoever asks it is the same
            return None
        if found is None or (found.entry_id is None and found.expires_us <= self._world.now_us()):
            return None
        return found

    def size(self, practice_id: str, upload: Upload, *, size: Size = "full") -> int:
        """How many bytes a file has, or its thumbnail.

        Raises:
            NotFound: ``media.unknown``.
        """
        found = self.media.size(practice_id, _address(upload, size))
        if found is None:
            raise _unknown()
        return found

    def open(
        self, practice_id: str, upload: Upload, *, size: Size = "full", start: int = 0, length: int | None = None
    ) -> Generator[bytes, None, None]:
        """The bytes of a file, or of its thumbnail.

        Raises:
            NotFound: ``media.unknown``.
        """
        return self.media.open(practice_id, _address(upload, size), start=start, length=length)

    def drop(self, practice_id: str, upload: Upload) -> bool:
        """Drop an upload and its bytes, unless it was put into a message since ``upload`` was read."""

        def forget(addresses: tuple[str, ...]) -> None:
            for address in addresses:
                self.media.delete(practice_id, address)

        return self._store.drop_media(practice_id, upload, forget)

    def sweep(self, limit: int) -> int:
        """Drop uploads of all practices that are in no message and past their time; how many."""
        dropped = 0
        for practice_id, upload in self._store.expired_media(self._world.now_us(), limit):
            try:
                dropped += self.drop(practice_id, upload)
            except BaseException as error:  # whatever a plugin raises: one upload must not stop the worker
                contain(error)
                log_fault(_log, f"an upload of practice {practice_id} could not be dropped", error)
        return dropped

    def limits(self, practice_id: str) -> MediaLimits | None:
        """What the practice's carrier takes with a text; ``None`` without a carrier, or if it takes nothing."""
        with suppress(ConfigurationError):
            carrier = self._gateways.of(practice_id)
            return None if carrier is None else carrier.capabilities.mms
        return None

    def link(self, practice_id: str, file: Attachment, *, seconds: int) -> str:
        """The URL of a file for so long.

        Raises:
            NotFound: ``media.unknown``.
        """
        found = self.find(practice_id, file.id)
        if found is None:
            raise _unknown()
        return self.links.url(practice_id, found, seconds=seconds)


def _address(upload: Upload, size: Size) -> str:
    return upload.attachment.sha256 if size == "full" else upload.attachment.thumbnail


def _unknown() -> NotFound:
    return NotFound("media.unknown", "nothing is kept under this address", field="address")
