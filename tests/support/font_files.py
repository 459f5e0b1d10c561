"""Fonts of Debian's packages, for what the built-in ones lack."""

from __future__ import annotations

from pathlib import Path

from needs import unavailable

_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/share/fonts-droid-fallback"))


def _font(name: str, package: str) -> Path:
    found = sorted(file for folder in _FOLDERS if folder.is_dir() for file in folder.rglob(name))
    if not found:
        unavailable(f"{name} not found: apt-get install -y --no-install-recommends {package}")
    return found[0]


def droid() -> Path:
    """Chinese, Japanese and more."""
    return _font("DroidSansFallbackFull.ttf", "fonts-droid-fallback")


def lohit() -> Path:
    """Devanagari."""
    return _font("Lohit-Devanagari.ttf", "fonts-lohit-deva")
