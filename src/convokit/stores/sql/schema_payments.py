"""The table of payments; a part of ``schema.py``, where the rules stand that hold for every table."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from convokit.stores.sql.schema import metadata

_KEY: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _number(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=null)


def _of(table: str) -> sa.Column[int]:
    return sa.Column(f"{table}_pk", _KEY, sa.ForeignKey(f"convokit_{table}.pk"), nullable=False)


payment: Final = sa.Table(
    "convokit_payment",
    metadata,
    sa.Column("pk", _KEY, primary_key=True),
    _of("practice"),
    _of("conversation"),
    _text("public_id"),
    _text("title"),
    _text("invoice", null=True),
    _number("minor"),
    _text("currency"),
    _text("provider"),
    _text("by_id"),
    _text("by_name"),
    _number("requested_us"),
    _number("expires_us"),
    _text("url", null=True),
    _text("provider_id", null=True),
    _text("entry_id", null=True),
    _text("evidence"),
    _text("state"),
    _number("paid_us", null=True),
    _text("page", null=True),
)
charge: Final = sa.Table(
    "convokit_charge",
    metadata,
    sa.Column("practice_pk", _KEY, sa.ForeignKey("convokit_practice.pk"), primary_key=True, autoincrement=False),
    sa.Column("provider", sa.Text(), primary_key=True),
    sa.Column("charge_id", sa.Text(), primary_key=True),
    _text("payment_id"),
    sqlite_with_rowid=False,
)
"""Of which of our payments a provider reported that it was paid, by its own id of what the client paid."""
_c = payment.c
sa.Index("convokit_payment_public", _c.practice_pk, _c.public_id, unique=True)
sa.Index("convokit_payment_of_conversation", _c.practice_pk, _c.conversation_pk, _c.pk)
sa.Index("convokit_payment_requested", _c.practice_pk, _c.requested_us, _c.pk)
