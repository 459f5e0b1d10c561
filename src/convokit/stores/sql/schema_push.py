"""The table of the apps that are to be told; a part of ``schema.py``, where the rules stand that hold for every table.

A token may be longer than an index of PostgreSQL takes, so it is found by its digest.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from convokit.stores.sql.schema import metadata

_KEY: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


push_token: Final = sa.Table(
    "convokit_push_token",
    metadata,
    sa.Column("pk", _KEY, primary_key=True),
    sa.Column("practice_pk", _KEY, sa.ForeignKey("convokit_practice.pk"), nullable=False),
    _text("public_id"),
    _text("client_id"),
    _text("transport"),
    _text("digest"),
    _text("value"),
    _text("app"),
    _text("keys"),
    sa.Column("registered_us", sa.BigInteger(), nullable=False),
)
_c = push_token.c
sa.Index("convokit_push_token_public", _c.practice_pk, _c.public_id, unique=True)
sa.Index("convokit_push_token_known", _c.practice_pk, _c.transport, _c.digest, unique=True)
sa.Index("convokit_push_token_of_client", _c.practice_pk, _c.client_id, _c.registered_us, _c.pk)
