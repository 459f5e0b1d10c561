"""Worlds on both stores."""

from __future__ import annotations

from world_fixtures import store_url, w

__all__ = ["store_url", "w"]
