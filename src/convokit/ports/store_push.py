"""What a store keeps of the apps that are to be told; a part of :class:`convokit.ports.store.Store`."""

from __future__ import annotations

from typing import Protocol

from convokit.ports.push import PushToken


class PushStore(Protocol):
    """Each call is about one practice, and raises as the store does."""

    def put_push_token(self, practice_id: str, client_id: str, token: PushToken, *, most: int) -> str:
        """Keep a registration of a client's app; its id.

        One that is known by its transport and value stays what it is, with its id, and is the client's from now on:
        whoever signed in last on a phone is told there. Of more than ``most`` of a client the oldest are dropped.
        A decision's ``token_loss`` drops one, unless the app gave it again since.
        """
        ...

    def push_token(self, practice_id: str, token_id: str) -> PushToken | None:
        """One registration."""
        ...

    def push_tokens(self, practice_id: str, client_id: str) -> tuple[PushToken, ...]:
        """Those of a client, the one that was given last at the end. :meth:`load` gives their ids as ``reach``."""
        ...

    def drop_push_token(self, practice_id: str, client_id: str, token_id: str) -> bool:
        """Forget a registration of this client; whether there was one."""
        ...
