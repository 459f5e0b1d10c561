"""What a store does besides keeping rows: it tells of news. A part of :class:`convokit.ports.store.Store`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Heard = Callable[[str | None], None]
"""Gets the id of a practice of which something was committed; ``None``: perhaps of any."""


class NewsStore(Protocol):
    """News of commits, to spare waiting. It is never needed: whoever waits looks for himself now and then."""

    def listen(self, heard: Heard) -> Callable[[], None]:
        """Call ``heard`` soon after something was committed, here or, in some stores, in another process.

        In whichever thread; it must be quick and must not raise. News may come twice, late, or not at all. Returns
        what ends it.

        Raises:
            StorageError: ``storage.closed``.
        """
        ...
