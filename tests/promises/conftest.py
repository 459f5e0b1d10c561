"""Worlds on all stores."""

from __future__ import annotations

from postgres_fixtures import postgres_cluster, postgres_place
from world_fixtures import store_url, w

__all__ = ["postgres_cluster", "postgres_place", "store_url", "w"]
