"""Signed links to files: whoever has one may fetch that one file until it expires or is revoked, and nothing else."""

from __future__ import annotations

import re
from typing import Final, Literal

from attrs import frozen

from convokit.domain.attachment import Upload
from convokit.domain.instant import SECOND
from convokit.ports.store import Store
from convokit.runtime.link_key import LinkKey
from convokit.runtime.world import World

PATH: Final = "media"
"""The part of the path before the token."""

_TOKEN: Final = re.compile(r"([A-Za-z0-9._-]{1,64})\.([A-Za-z0-9_-]{1,128})\.([fs])\.([0-9a-f]{1,12})\.([0-9]{1,6})")

Size = Literal["full", "small"]


@frozen(kw_only=True)
class Link:
    """What a token says: a file of a practice, until when (seconds since the epoch), under which number."""

    practice_id: str
    file_id: str
    size: Size
    expires_s: int
    revoked: int


class Links:
    """Makes and reads links."""

    def __init__(self, store: Store, world: World, *, public_url: str | None) -> None:
        self._world = world
        self._front = None if public_url is None else f"{public_url.rstrip('/')}/{PATH}"
        self._key = LinkKey(store, world, kind=PATH)

    @property
    def are_possible(self) -> bool:
        """Whether there is a public URL to put into a link."""
        return self._front is not None

    def token(self, practice_id: str, upload: Upload, *, seconds: int, size: Size = "full") -> str:
        """A token for a file, from now on."""
        expires = self._world.now_us() // SECOND + seconds
        return self._key.signed(f"{practice_id}.{upload.id}.{size[0]}.{expires:x}.{upload.revoked}")

    def url(self, practice_id: str, upload: Upload, *, seconds: int, size: Size = "full") -> str:
        """The same as an absolute URL; without its host where there is no public URL."""
        return f"{self._front or f'/{PATH}'}/{self.token(practice_id, upload, seconds=seconds, size=size)}"

    def read(self, token: str) -> Link | None:
        """What a token says, if it is one of ours; whether it still holds is not judged here."""
        said = self._key.read(token)
        found = None if said is None else _TOKEN.fullmatch(said)
        if found is None:
            return None
        return Link(
            practice_id=found[1],
            file_id=found[2],
            size="full" if found[3] == "f" else "small",
            expires_s=int(found[4], 16),
            revoked=int(found[5]),
        )
