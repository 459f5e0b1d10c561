"""Lists that were drawn a moment ago: when something changes, every open dashboard asks for the same one at once."""

from __future__ import annotations

import gzip
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final

from attrs import define, field, frozen

MOST: Final = 256
"""Lists that are kept; a few dozen are in use even at a large practice."""


@frozen
class Drawn:
    """A list as it was drawn: since which change, in which minute; and the same compressed."""

    number: int
    minute: int
    html: str
    packed: bytes


@define(eq=False)
class _Place:
    lock: threading.Lock = field(factory=threading.Lock)
    drawn: Drawn | None = None


def packed(html: str) -> bytes:
    """HTML compressed, at the price that suits what is made anew all the time."""
    return gzip.compress(html.encode(), 3, mtime=0)


class Kept:
    """Drawn lists, each good for one change number and one minute (for the ages in it)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._places: OrderedDict[Hashable, _Place] = OrderedDict()

    def get(self, key: Hashable, *, needed: int, number: int, minute: int, draw: Callable[[], str]) -> Drawn:
        """The list of a key, at least as new as change ``needed``; drawn once, however many ask for it.

        Args:
            key: everything that the list depends on, the visitor's departments and language included.
            needed: the change that the asker was told of.
            number: the newest change that is known here; what is drawn now has it.
            minute: since the epoch.
        """
        place = self._place(key)
        with place.lock:
            found = place.drawn
            if found is None or found.number < max(needed, number) or found.minute != minute:
                html = draw()
                found = place.drawn = Drawn(max(needed, number), minute, html, packed(html))
            return found

    def _place(self, key: Hashable) -> _Place:
        with self._lock:
            place = self._places.pop(key, None) or _Place()
            self._places[key] = place
            if len(self._places) > MOST:
                self._places.popitem(last=False)
            return place
