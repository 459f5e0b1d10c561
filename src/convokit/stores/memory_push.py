"""The part of the store in memory that is about the apps to be told."""

from __future__ import annotations

from contextlib import AbstractContextManager

from attrs import evolve

from convokit.ports.push import PushToken
from convokit.stores.checks import id_taken
from convokit.stores.memory_desk import MemoryDesk


class MemoryPush:
    """See :class:`convokit.ports.store_push.PushStore`."""

    def _desk(self, practice_id: str, patience_ms: int | None = None) -> AbstractContextManager[MemoryDesk]:
        raise NotImplementedError

    def put_push_token(self, practice_id: str, client_id: str, token: PushToken, *, most: int) -> str:
        """See :meth:`convokit.ports.store_push.PushStore.put_push_token`."""
        with self._desk(practice_id) as desk:
            place = (token.transport, token.value)
            known = next((one.id for _, one in desk.apps.values() if (one.transport, one.value) == place), None)
            if known is None and token.id in desk.apps:
                raise id_taken()
            kept = evolve(token, id=known or token.id)
            desk.apps.pop(kept.id, None)
            desk.apps[kept.id] = (client_id, kept)
            for old in desk.apps_of(client_id)[:-most]:
                del desk.apps[old.id]
            return kept.id

    def push_token(self, practice_id: str, token_id: str) -> PushToken | None:
        """See :meth:`convokit.ports.store_push.PushStore.push_token`."""
        with self._desk(practice_id) as desk:
            return desk.apps[token_id][1] if token_id in desk.apps else None

    def push_tokens(self, practice_id: str, client_id: str) -> tuple[PushToken, ...]:
        """See :meth:`convokit.ports.store_push.PushStore.push_tokens`."""
        with self._desk(practice_id) as desk:
            return desk.apps_of(client_id)

    def drop_push_token(self, practice_id: str, client_id: str, token_id: str) -> bool:
        """See :meth:`convokit.ports.store_push.PushStore.drop_push_token`."""
        with self._desk(practice_id) as desk:
            if token_id not in desk.apps or desk.apps[token_id][0] != client_id:
                return False
            del desk.apps[token_id]
            return True
