"""Links to pay by that go to clients: our own, and where a plugin says that they lead."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from convokit.ports.store import Store
from convokit.runtime.link_key import LinkKey
from convokit.runtime.world import World

LONGEST_LINK: Final = 1_000
PATH: Final = "pay"
"""The part of the path before the token."""

_LINK: Final = re.compile(r"[!-~]+")
_LOCAL: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_TOKEN: Final = re.compile(r"([A-Za-z0-9._-]{1,64})\.([A-Za-z0-9_-]{1,128})")
_DOTS: Final = 2


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


class PaymentLinks:
    """Our own links to payments: signed, so that nobody guesses one; whether one holds, the payment's state says."""

    def __init__(self, store: Store, world: World, *, public_url: str | None) -> None:
        self._front = None if public_url is None else f"{public_url.rstrip('/')}/{PATH}"
        self._key = LinkKey(store, world, kind=PATH)

    def url(self, practice_id: str, payment_id: str) -> str | None:
        """The link to a payment; ``None``: there is no public URL to put into it."""
        if self._front is None:
            return None
        return link_checked(f"{self._front}/{self._key.signed(f'{practice_id}.{payment_id}')}")

    def read(self, token: str) -> tuple[str, str] | None:
        """The practice and the payment of a token, if it is one of ours."""
        said = self._key.read(token)
        found = None if said is None else _TOKEN.fullmatch(said)
        return None if found is None else (found[1], found[2])


def is_for_payments(url: str) -> bool:
    """Whether a URL is one of our links: ``.../pay/<token>``. A webhook's token has no such dots in it."""
    try:
        *_, before, token = ("", *urlsplit(url).path.rstrip("/").split("/"))
    except ValueError:
        return False
    return before == PATH and token.count(".") >= _DOTS
