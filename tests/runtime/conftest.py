"""Worlds on the stores, under the SQL scope guard."""

from __future__ import annotations

from sql_scope import known_statements, sql_scope_guard
from world_fixtures import postgres_cluster, postgres_place, store_url, w

__all__ = ["known_statements", "postgres_cluster", "postgres_place", "sql_scope_guard", "store_url", "w"]
