"""The latest changes of one practice, and who may hear of which."""

from __future__ import annotations

from collections import OrderedDict, deque
from itertools import takewhile
from typing import Final

from attrs import frozen

REMEMBERED: Final = 1_000
"""Changes that are kept for whoever comes back; who was away for longer is told to look at everything again."""

_PLACES: Final = 5_000


@frozen(kw_only=True)
class News:
    """A conversation changed. ``departments``: where it is now, and where it was before."""

    number: int
    conversation_id: str
    departments: frozenset[str]


@frozen(kw_only=True)
class Told:
    """What a visitor is told: the newest change number, and which conversations; ``None``: look at everything again."""

    number: int
    ids: tuple[str, ...] | None


class Feed:
    """The changes of a practice from a number on. Used under the hub's lock."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._first = number
        self._news: deque[News] = deque(maxlen=REMEMBERED)
        self._places: OrderedDict[str, str] = OrderedDict()
        self._told: dict[tuple[int, tuple[str, ...] | None], Told] = {}

    def add(self, number: int, conversation_id: str, department: str) -> None:
        """A conversation changed; it is in this department now."""
        before = self._places.pop(conversation_id, department)
        self._places[conversation_id] = department
        if len(self._places) > _PLACES:
            self._places.popitem(last=False)
        if len(self._news) == REMEMBERED:
            self._first = self._news[0].number
        self._news.append(
            News(number=number, conversation_id=conversation_id, departments=frozenset({before, department}))
        )
        self.number = max(self.number, number)
        self._told.clear()

    def after(self, since: int, visible: tuple[str, ...] | None) -> Told | None:
        """What changed after a number for somebody who sees these departments; ``None`` when nothing did.

        A conversation that left a visitor's departments is named once more: their list has to let go of it.
        """
        if since >= self.number:
            return None
        found = self._told.get((since, visible))
        if found is None:
            found = self._told[since, visible] = self._tell(since, visible)
        return found

    def _tell(self, since: int, visible: tuple[str, ...] | None) -> Told:
        if since < self._first:
            return Told(number=self.number, ids=None)
        # From the newest back: two hundred watchers who know all but the last change look at one entry each.
        fresh = list(takewhile(lambda one: one.number > since, reversed(self._news)))
        seen = [one.conversation_id for one in fresh if visible is None or not one.departments.isdisjoint(visible)]
        return Told(number=self.number, ids=tuple(dict.fromkeys(reversed(seen))))
