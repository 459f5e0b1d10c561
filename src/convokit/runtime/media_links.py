"""Signed links to files: whoever has one may fetch that one file until it expires or is revoked, and nothing else."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from typing import Final, Literal

from attrs import frozen

from convokit.domain.attachment import Upload
from convokit.domain.instant import SECOND
from convokit.ports.secret import Secret
from convokit.ports.store import Store
from convokit.runtime.within import is_within
from convokit.runtime.world import World

PATH: Final = "media"
"""The part of the path before the token."""

_NAME: Final = "media links"
_PREFIX: Final = b"convokit media link 1\n"
_TOKEN: Final = re.compile(r"([A-Za-z0-9._-]{1,64})\.([A-Za-z0-9_-]{1,128})\.([fs])\.([0-9a-f]{1,12})\.([0-9]{1,6})")
_SIGNATURE_BYTES: Final = 18

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
    """Makes and reads links. The key is random, and kept in the store."""

    def __init__(self, store: Store, world: World, *, public_url: str | None) -> None:
        self._store = store
        self._world = world
        self._front = None if public_url is None else f"{public_url.rstrip('/')}/{PATH}"
        self._key: Secret[bytes] | None = None

    @property
    def are_possible(self) -> bool:
        """Whether there is a public URL to put into a link."""
        return self._front is not None

    def token(self, practice_id: str, upload: Upload, *, seconds: int, size: Size = "full") -> str:
        """A token for a file, from now on."""
        expires = self._world.now_us() // SECOND + seconds
        said = f"{practice_id}.{upload.id}.{size[0]}.{expires:x}.{upload.revoked}"
        return f"{said}.{self._sign(said)}"

    def url(self, practice_id: str, upload: Upload, *, seconds: int, size: Size = "full") -> str:
        """The same as an absolute URL; without its host where there is no public URL."""
        return f"{self._front or f'/{PATH}'}/{self.token(practice_id, upload, seconds=seconds, size=size)}"

    def read(self, token: str) -> Link | None:
        """What a token says, if it is one of ours; whether it still holds is not judged here."""
        said, _, signature = token.rpartition(".")
        # Bytes: of text that is not ASCII compare_digest would raise.
        if not hmac.compare_digest(self._sign(said).encode(), signature.encode("utf-8", "replace")):
            return None
        found = _TOKEN.fullmatch(said)
        if found is None:
            return None
        return Link(
            practice_id=found[1],
            file_id=found[2],
            size="full" if found[3] == "f" else "small",
            expires_s=int(found[4], 16),
            revoked=int(found[5]),
        )

    def _sign(self, said: str) -> str:
        key = self._key or Secret(self._store.secret(_NAME, self._world.fresh_key()))
        if not is_within():  # it may be rolled back
            self._key = key
        digest = hmac.new(key.reveal(), _PREFIX + said.encode("utf-8", "replace"), hashlib.sha256).digest()
        return urlsafe_b64encode(digest[:_SIGNATURE_BYTES]).decode("ascii")
