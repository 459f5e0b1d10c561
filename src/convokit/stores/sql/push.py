"""The apps that are to be told: registered, found by their client, and dropped."""

from __future__ import annotations

import hashlib
import json
from typing import Final

import sqlalchemy as sa

from convokit.decisions.base import TokenLoss
from convokit.ports.push import PushToken
from convokit.stores.checks import id_taken
from convokit.stores.sql import schema_push
from convokit.stores.sql.database import Run, TakenError
from convokit.stores.sql.part import Part
from convokit.stores.sql.rows import Cells
from convokit.stores.sql.statement import Statement
from convokit.stores.sql.statements import columns, param

_T: Final = schema_push.push_token
_TOKEN: Final = "public_id transport value app keys registered_us".split()
_practice = _T.c.practice_pk == param("practice")
_one = (_practice, _T.c.public_id == param("token"))
_of_client = (_practice, _T.c.client_id == param("client"))

ONE: Final = Statement(sa.select(*columns(_T, _TOKEN)).where(*_one), "practice token")
KNOWN: Final = Statement(
    sa.select(_T.c.public_id).where(_practice, _T.c.transport == param("transport"), _T.c.digest == param("digest")),
    "practice transport digest",
)
OF_CLIENT: Final = Statement(
    sa.select(*columns(_T, _TOKEN)).where(*_of_client).order_by(_T.c.registered_us, _T.c.pk), "practice client"
)
REACH: Final = Statement(
    sa.select(_T.c.public_id).where(*_of_client).order_by(_T.c.registered_us, _T.c.pk), "practice client"
)
ADD: Final = Statement(sa.insert(_T), "practice_pk public_id client_id transport digest value app keys registered_us")
RENEW: Final = Statement(sa.update(_T).where(*_one), "client_id app keys registered_us practice token")
DROP: Final = Statement(sa.delete(_T).where(*_one, _T.c.client_id == param("client")), "practice token client")
DROP_LOST: Final = Statement(sa.delete(_T).where(*_one, _T.c.registered_us <= param("until")), "practice token until")


class Push(Part):
    """What is asked about the apps of clients."""

    def put_push_token(self, practice_id: str, client_id: str, token: PushToken, *, most: int) -> str:
        """See :meth:`convokit.ports.store_push.PushStore.put_push_token`."""
        practice, digest = self._key(practice_id), hashlib.sha256(token.value.encode()).hexdigest()
        given = (token.app, json.dumps(dict(token.keys), sort_keys=True), token.registered_us)
        with self._db.writing(practice) as run:
            row = run.one(KNOWN, (practice, token.transport, digest))
            kept = token.id if row is None else str(row[0])
            if row is not None:
                run.write(RENEW, (client_id, *given, practice, kept))
            else:
                place = (practice, kept, client_id, token.transport, digest, token.value)
                try:
                    run.count(ADD, (*place, *given))
                except TakenError as error:
                    raise id_taken() from error
            for old in run.all(REACH, (practice, client_id))[:-most]:
                run.write(DROP, (practice, old[0], client_id))
        return kept

    def push_token(self, practice_id: str, token_id: str) -> PushToken | None:
        """See :meth:`convokit.ports.store_push.PushStore.push_token`."""
        row = self._db.one(ONE, (self._key(practice_id), token_id))
        return None if row is None else _token_of(row)

    def push_tokens(self, practice_id: str, client_id: str) -> tuple[PushToken, ...]:
        """See :meth:`convokit.ports.store_push.PushStore.push_tokens`."""
        return tuple(map(_token_of, self._db.all(OF_CLIENT, (self._key(practice_id), client_id))))

    def drop_push_token(self, practice_id: str, client_id: str, token_id: str) -> bool:
        """See :meth:`convokit.ports.store_push.PushStore.drop_push_token`."""
        practice = self._key(practice_id)
        with self._db.writing(practice) as run:
            return run.count(DROP, (practice, token_id, client_id)) == 1


def _token_of(row: Cells) -> PushToken:
    return PushToken(
        id=row[0], transport=row[1], value=row[2], app=row[3], keys=json.loads(row[4]), registered_us=row[5]
    )


def reach_of(run: Run, practice: int, client_id: str) -> tuple[str, ...]:
    """The ids of a client's registrations."""
    return tuple(row[0] for row in run.all(REACH, (practice, client_id)))


def drop_lost(run: Run, practice: int, lost: TokenLoss) -> None:
    """Forget a registration under which nobody is reached, unless it was given again since."""
    run.write(DROP_LOST, (practice, lost.token_id, lost.until_us))
