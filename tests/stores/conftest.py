"""Every test of the stores runs under the SQL scope guard."""

from __future__ import annotations

from sql_scope import known_statements, sql_scope_guard

__all__ = ["known_statements", "sql_scope_guard"]
