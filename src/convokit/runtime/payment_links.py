"""Links that go to clients: where a plugin says that they lead."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

LONGEST_LINK: Final = 1_000
_LINK: Final = re.compile(r"[!-~]+")
_LOCAL: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def link_checked(url: object) -> str | None:
    """A link that can be sent to a client: https (http on this machine only), plain ASCII; else ``None``."""
    if not isinstance(url, str) or len(url) > LONGEST_LINK or not _LINK.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        local = parts.scheme == "http" and parts.hostname in _LOCAL
        return url if parts.hostname and (parts.scheme == "https" or local) else None
    except ValueError:  # half an IPv6 address
        return None
