"""How a plugin offers a store."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from convokit.ports.store import Store


@frozen(kw_only=True)
class StoreOffer:
    """What ``convokit_stores`` returns: which URLs it opens, and how.

    ``schemes`` are the words before the colon (``"sqlite"``); ``open`` takes the whole URL, creates and migrates.
    """

    name: str
    schemes: tuple[str, ...]
    open: Callable[[str], Store]
    api: int = 1
