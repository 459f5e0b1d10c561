"""Somebody who looks at a practice's desk all day, and compares what they see with what they saw before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import attrs

from convokit.domain.delivery import Delivery
from convokit.domain.inbox import BADGE_CAP
from simulation.outside import SURGERY, Side, hold

if TYPE_CHECKING:
    from simulation.world import World

TROUBLE: Final = (Delivery.FAILED, Delivery.UNSURE)
_LEVELS: Final = 4


class Watch:
    """One practice's watcher. ``rows`` and ``entries`` are what it last saw, by id."""

    def __init__(self, world: World, side: Side) -> None:
        self._world, self._side = world, side
        self._since = 0
        self.rows: dict[str, Any] = {}
        self.threads: dict[str, list[Any]] = {}

    @property
    def _desk(self) -> Any:
        return self._world.idle()[0].kit.practice(self._side.id)

    @property
    def entries(self) -> list[Any]:
        """Every entry that was seen."""
        return [entry for thread in self.threads.values() for entry in thread]

    def troubled(self) -> list[Any]:
        """Texts that need a person."""
        return [entry for entry in self.entries if entry.side == "practice" and entry.delivery in TROUBLE]

    # --- all day long ------------------------------------------------------------------------------------------------
    def look(self) -> None:
        """Read what the change feed names."""
        desk = self._desk
        while changes := desk.changes(self._since, limit=50):
            numbers = [self._since, *(change.number for change in changes)]
            hold("changes", numbers == sorted(set(numbers)), f"change numbers do not rise: {numbers}")
            self._since = numbers[-1]
            for change in changes:
                self._read(desk, change.conversation_id)

    def _read(self, desk: Any, conversation_id: str) -> None:
        row, page = desk.conversation(conversation_id), desk.thread(conversation_id, limit=200)
        thread = list(page.items)
        while page.next is not None:
            page = desk.thread(conversation_id, limit=200, before=page.next)
            thread[:0] = page.items
        self._own(row, *thread)
        self._compare(row, thread)
        self.rows[row.id], self.threads[row.id] = row, thread

    def _own(self, *found: Any) -> None:
        for value in found:
            told = str(attrs.astuple(value, recurse=False))
            foreign = [side.mark for side in self._world.sides if side is not self._side and side.mark in told]
            hold("P10", not foreign, f"{self._side.id} sees something of {foreign}")

    def _compare(self, row: Any, thread: list[Any]) -> None:
        """The same entries in the same order as before, and new ones behind; no check moves back."""
        sequence = [entry.seq for entry in thread]
        hold("P9", sequence == list(range(1, row.last_seq + 1)), f"{row.id} up to {row.last_seq} shows {sequence}")
        before = self.threads.get(row.id, [])
        told = [_lasting(entry) for entry in thread[: len(before)]]
        hold("P9", told == [_lasting(entry) for entry in before], f"what {row.id} showed has changed")
        for old, new in zip(before, thread, strict=False):
            if old.delivery is not None:
                fine = (new.attempt, new.delivery) >= (old.attempt, old.delivery)
                words = f"{new.id}: {old.delivery.name} (attempt {old.attempt}) became {new.delivery.name}"
                hold("P5", fine, words)
                hold("P5", new.channel == "app" or new.delivery < Delivery.READ, f"{new.id}: a text was read")

    # --- now and then ------------------------------------------------------------------------------------------------
    def check(self) -> None:
        """Compare the lists with each other, with the threads and with the counts."""
        self.look()
        desk, size = self._desk, self._world.chance.choice((1, 3, 200))
        active, ended = _all(desk.inbox, size), _all(desk.history, size)
        self._lists(active, ended)
        for row in (*active, *ended):
            hold("changes", self.rows.get(row.id) == row, f"{row.id} changed, and the change feed does not say so")
        places = Counter((row.channel, row.sender, row.address) for row in active)
        hold("P2", max(places.values(), default=1) == 1, f"several open conversations at one address: {places}")
        order = [(row.urgency, row.last_us) for row in active]
        hold("inbox", order == sorted(order, reverse=True), "the inbox is not in order")
        self._filters(desk, active, size)
        self._badges(desk.badges(), active, ended)
        self._department(active, ended)
        for row in self.rows.values():
            self._sums(row, self.threads[row.id])

    def _lists(self, active: list[Any], ended: list[Any]) -> None:
        shown = Counter(row.id for row in (*active, *ended))
        hold(
            "inbox", shown == Counter([*self.rows]), f"the lists show {shown}, the change feed named {list(self.rows)}"
        )
        hold("inbox", not any(row.ended for row in active), "an ended conversation is in the inbox")
        hold("inbox", all(row.ended for row in ended), "an open conversation is in the history")

    def _filters(self, desk: Any, active: list[Any], size: int) -> None:
        yes = self._world.chance.random() < 0.5
        filters: dict[str, tuple[Any, Callable[[Any], bool]]] = {
            "unread": (yes, lambda row: (row.unread > 0) is yes),
            "failed": (yes, lambda row: (row.failed > 0) is yes),
            "awaiting_reply": (yes, lambda row: (row.awaiting_us is not None) is yes),
            "department": (SURGERY, lambda row: row.department == SURGERY),
            "channel": ("sms", lambda row: row.channel == "sms"),
        }
        names = self._world.chance.sample(sorted(filters), 2)
        asked = {name: filters[name][0] for name in names}
        shown = [row.id for row in _all(lambda **page: desk.inbox(**asked, **page), size)]
        wanted = [row.id for row in active if all(filters[name][1](row) for name in names)]
        hold("inbox", shown == wanted, f"{asked} shows {shown} and not {wanted}")

    def _department(self, active: list[Any], ended: list[Any]) -> None:
        """A desk that sees one department sees its conversations, and counts only these."""
        desk = self._world.idle()[0].kit.practice(self._side.id, departments=[SURGERY])
        active, ended = [[row for row in rows if row.department == SURGERY] for rows in (active, ended)]
        hold("inbox", _all(desk.inbox, 200) == active, "a department's inbox shows something else")
        self._badges(desk.badges(), active, ended)

    def _badges(self, badges: Any, active: list[Any], ended: list[Any]) -> None:
        levels = Counter(row.urgency for row in active)
        counted = (len(active), sum(row.unread > 0 for row in active), len(ended))
        shown = (badges.active, badges.unread, badges.history)
        hold("badges", shown == tuple(min(n, BADGE_CAP + 1) for n in counted), f"badges {shown}, counted {counted}")
        ranks = tuple(levels[rank] for rank in range(_LEVELS))
        hold("badges", tuple(badges.by_urgency) == ranks, f"badges {badges.by_urgency}, counted {ranks}")

    def _sums(self, row: Any, thread: list[Any]) -> None:
        """What a conversation's row says about its thread."""
        messages = [entry for entry in thread if entry.kind == "message"]
        last = messages[-1] if messages else None
        told = (row.last_message_seq, row.last_delivery)
        hold("inbox", told == ((last.seq, last.delivery) if last else (0, None)), f"{row.id} ends with {told}")
        troubled = sum(e.delivery in TROUBLE and "left" not in e.flags for e in thread)
        hold("P4", row.failed == troubled, f"{row.id} counts {row.failed} texts for a person, there are {troubled}")


def _lasting(entry: Any) -> tuple[Any, ...]:
    """What of an entry never changes."""
    return (entry.id, entry.seq, entry.at_us, entry.kind, entry.side, entry.event, entry.text, entry.author_id)


def _all(page_of: Any, size: int) -> list[Any]:
    found: list[Any] = []
    page = page_of(limit=size)
    while True:
        found += page.items
        if page.next is None:
            return found
        page = page_of(limit=size, after=page.next)
