"""Worlds on both stores, under the SQL scope guard."""

from __future__ import annotations

from sql_scope import known_statements, sql_scope_guard
from world_fixtures import store_url, w

__all__ = ["known_statements", "sql_scope_guard", "store_url", "w"]
