"""What waits to be handed over to the carriers, for the doctor, the worker and the health page."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from attrs import frozen

from convokit.domain.instant import to_datetime

if TYPE_CHECKING:
    from convokit.ports.store import Store

_EVER: Final = 2**62
_MOST: Final = 1000


@frozen(kw_only=True)
class Waiting:
    """Texts that are owed.

    Attributes:
        count: of all practices.
        since: when the oldest was written, UTC; ``None`` if nothing waits.
        tries: how often, at most, a hand-over of one of them was tried in vain.
        keys: of the first of each conversation, and of those under way; while all of them stay, nothing moves.
    """

    count: int
    since: datetime | None
    tries: int
    keys: frozenset[tuple[str, str]]

    def __str__(self) -> str:
        if self.since is None:
            return f"{self.count} texts wait to be handed over"
        wait, oldest = ("text waits", "") if self.count == 1 else ("texts wait", "the oldest ")
        tried = {0: "not tried yet", 1: "tried once in vain"}.get(self.tries, f"tried {self.tries} times in vain")
        return f"{self.count} {wait} to be handed over, {oldest}since {self.since:%Y-%m-%d %H:%M} UTC, {tried}"


def waiting(store: Store) -> Waiting:
    """What waits in a store now. Of very many conversations only the first thousand are looked at closely.

    Raises:
        StorageError: it cannot be read.
    """
    owed, begun = store.due(_EVER, _MOST), store.abandoned(_EVER, _MOST)
    since = min((one.owed_us for one in (*owed, *begun)), default=None)
    return Waiting(
        count=store.unsettled(),
        since=None if since is None else to_datetime(since),
        # The try that is under way may still come to something.
        tries=max((*(one.tries for one in owed), *(one.tries - 1 for one in begun)), default=0),
        keys=frozenset((one.practice, one.key) for one in (*owed, *begun)),
    )
