"""The keys with which our own links are signed: each kind of link has one, random, and kept in the store."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from typing import Final

from convokit.ports.secret import Secret
from convokit.ports.store import Store
from convokit.runtime.within import is_within
from convokit.runtime.world import World

_SIGNATURE_BYTES: Final = 18


class LinkKey:
    """Signs what links of one kind say, and tells which are ours. Every thread may use it."""

    def __init__(self, store: Store, world: World, *, kind: str) -> None:
        self._store = store
        self._world = world
        self._name = f"{kind} links"
        self._prefix = f"convokit {kind} link 1\n".encode()
        self._key: Secret[bytes] | None = None

    def signed(self, said: str) -> str:
        """A token that says this: ``<said>.<signature>``."""
        return f"{said}.{self._sign(said)}"

    def read(self, token: str) -> str | None:
        """What a token says, if it is one of ours."""
        said, _, signature = token.rpartition(".")
        # Bytes: of text that is not ASCII compare_digest would raise.
        genuine = hmac.compare_digest(self._sign(said).encode(), signature.encode("utf-8", "replace"))
        return said if genuine else None

    def _sign(self, said: str) -> str:
        key = self._key or Secret(self._store.secret(self._name, self._world.fresh_key()))
        if not is_within():  # it may be rolled back
            self._key = key
        digest = hmac.new(key.reveal(), self._prefix + said.encode("utf-8", "replace"), hashlib.sha256).digest()
        return urlsafe_b64encode(digest[:_SIGNATURE_BYTES]).decode("ascii")
