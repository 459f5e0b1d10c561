"""Alembic, which is slow to import: only where there is something to migrate. The migrations serve every database."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

SCRIPTS: Final = Path(__file__).parent / "migrations"


def config() -> Config:
    """Alembic's configuration: no file, our scripts."""
    made = Config()
    made.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return made


def upgrade(connection: sa.Connection, *, partitions: int = 0) -> None:
    """Run the missing migrations on a connection, whose transaction is the caller's.

    ``partitions``: into how many parts new tables are divided by practice, on PostgreSQL; 0: none.
    """
    settings = config()
    settings.attributes["connection"] = connection
    settings.attributes["partitions"] = partitions
    command.upgrade(settings, "head")
