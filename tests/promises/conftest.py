"""Worlds on the stores."""

from __future__ import annotations

from world_fixtures import postgres_cluster, postgres_place, store_url, w

__all__ = ["postgres_cluster", "postgres_place", "store_url", "w"]
