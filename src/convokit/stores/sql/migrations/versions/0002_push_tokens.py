"""The apps that are to be told when a message waits.

A migration never changes once it is released, so this one says for itself what the table is; a test compares the
outcome of all migrations with ``schema.py``.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0002"
down_revision: Final = "0001"

_TABLE: Final = "convokit_push_token"
_TEXTS: Final = ("public_id", "client_id", "transport", "digest", "value", "app", "keys")
_INDEXES: Final = (
    ("public", ("practice_pk", "public_id"), True),
    ("known", ("practice_pk", "transport", "digest"), True),
    ("of_client", ("practice_pk", "client_id", "registered_us", "pk"), False),
)
# The same two walls as around every other table, see the first migration.
_PRACTICE: Final = "nullif(nullif(current_setting('convokit.practice', true), ''), '*')::bigint"
_OWN: Final = f"coalesce(practice_pk = (SELECT {_PRACTICE}), false)"
_ACROSS: Final = "coalesce((SELECT current_setting('convokit.practice', true)) = '*', false)"


def upgrade() -> None:
    """Create the table and its indexes."""
    if op.get_context().dialect.name == "postgresql":
        _in_postgres()
    else:
        number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
        op.create_table(
            _TABLE,
            sa.Column("pk", number, primary_key=True),
            sa.Column("practice_pk", number, sa.ForeignKey("convokit_practice.pk"), nullable=False),
            *(sa.Column(name, sa.Text(), nullable=False) for name in _TEXTS),
            sa.Column("registered_us", sa.BigInteger(), nullable=False),
        )
    for name, columns, unique in _INDEXES:
        op.create_index(f"{_TABLE}_{name}", _TABLE, list(columns), unique=unique)


def _in_postgres() -> None:
    """Keys lead with the practice, texts are ordered by their code points, and the rows are behind the wall."""
    items: tuple[sa.schema.SchemaItem, ...] = (
        sa.Column("pk", sa.BigInteger(), nullable=False, autoincrement=True),
        sa.Column("practice_pk", sa.BigInteger(), nullable=False, autoincrement=False),
        *(sa.Column(name, sa.Text(collation="C"), nullable=False) for name in _TEXTS),
        sa.Column("registered_us", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["practice_pk"], ["convokit_practice.pk"]),
        sa.PrimaryKeyConstraint("practice_pk", "pk", name=f"{_TABLE}_pkey"),
    )
    config = op.get_context().config
    parts: int = 0 if config is None else config.attributes.get("partitions", 0)
    if parts:
        op.create_table(_TABLE, *items, postgresql_partition_by="HASH (practice_pk)")
    else:
        op.create_table(_TABLE, *items)
    for part in range(parts):
        op.execute(
            f"CREATE TABLE {_TABLE}_{part} PARTITION OF {_TABLE} FOR VALUES WITH (MODULUS {parts}, REMAINDER {part})"
        )
    op.execute(f"ALTER TABLE {_TABLE} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {_TABLE} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY convokit_own ON {_TABLE} USING ({_OWN}) WITH CHECK ({_OWN})")
    op.execute(f"CREATE POLICY convokit_across ON {_TABLE} FOR SELECT USING ({_ACROSS})")
