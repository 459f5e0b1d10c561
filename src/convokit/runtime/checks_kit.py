"""What is given when a kit is opened."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from convokit.errors import ConfigurationError

_LOCAL: Final = {"127.0.0.1", "localhost", "::1"}


def check_public_url(url: str | None) -> None:
    """Providers send messages of clients to it: https, except on this machine.

    Raises:
        ConfigurationError: ``public_url.scheme``, ``public_url.query``.
    """
    if url is None:
        return
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
    except ValueError:  # half an IPv6 address
        parts = urlsplit("")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
        raise ConfigurationError(
            "public_url.scheme", "public_url must be https (http only on this machine)", field="public_url"
        )
    if parts.query or parts.fragment:
        raise ConfigurationError("public_url.query", "public_url has no query and no fragment", field="public_url")


def check_callable(given: object, field: str, code: str) -> None:
    """A function.

    Raises:
        ConfigurationError: ``code``.
    """
    if not callable(given):
        raise ConfigurationError(code, f"{field}= is a function", field=field, limit="callable")
