"""Which media store opens which URL: two are built in, plugins offer more."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from convokit.errors import ConfigurationError
from convokit.media.folder import FolderStore
from convokit.media.memory import MemoryMediaStore
from convokit.ports.media import MediaStore, MediaStoreOffer

_FOLDER: Final = "folder:///"


def _open_folder(url: str) -> MediaStore:
    path = url.removeprefix(_FOLDER)
    if not url.startswith(_FOLDER) or not path or "\x00" in path:
        why = "a folder of files is folder:///name (relative) or folder:////var/lib/name (absolute)"
        raise ConfigurationError("media.url", why, field="media", limit=_FOLDER)
    return FolderStore(Path(path))


BUILT_IN: Final = (
    MediaStoreOffer(name="folder", schemes=("folder",), open=_open_folder),
    MediaStoreOffer(name="memory", schemes=("memory",), open=lambda _: MemoryMediaStore()),
)


def media_url(given: str | None, store_url: str) -> str | None:
    """The URL of the media store: the host's, else beside the SQLite file, else in memory beside a store there."""
    if given is not None:
        return given
    scheme, _, path = store_url.partition(":")
    if scheme == "memory":
        return "memory:"
    return f"{_FOLDER}{path.removeprefix('///')}.media" if scheme == "sqlite" else None


def open_media(url: str | None, offered: Mapping[str, MediaStoreOffer]) -> MediaStore | None:
    """Open a media store by its URL; ``None`` where there is none, so that files are refused.

    Raises:
        ConfigurationError: ``media.url``, naming the known schemes, never the URL: it may hold a password.
    """
    if url is None:
        return None
    offers = {scheme: offer for offer in (*BUILT_IN, *offered.values()) for scheme in offer.schemes}
    scheme = url.partition(":")[0] if isinstance(url, str) else ""
    if scheme not in offers:
        known = ", ".join(f"{name}:" for name in sorted(offers))
        raise ConfigurationError(
            "media.url", f"no media store opens this URL; known: {known}", field="media", limit=known
        )
    return offers[scheme].open(url)
