"""The provider's page behind a link of ours, which is made anew where it does not live as long as the link.

A migration never changes once it is released; a test compares the outcome of all of them with ``schema.py``.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0003"
down_revision: Final = "0002"


def upgrade() -> None:
    """Add the column; links that were made before are the provider's own."""
    # As in the first migration: texts are ordered by their code points.
    collation = "C" if op.get_context().dialect.name == "postgresql" else None
    op.add_column("convokit_payment", sa.Column("page", sa.Text(collation=collation), nullable=True))
