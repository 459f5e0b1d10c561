"""Every test of the stores runs under the SQL scope guard."""

from __future__ import annotations

from postgres_fixtures import postgres_cluster, postgres_place
from sql_scope import known_statements, sql_scope_guard

__all__ = ["known_statements", "postgres_cluster", "postgres_place", "sql_scope_guard"]
