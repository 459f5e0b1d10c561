"""The store contract: lists, pages, badges, changes, timelines; compared with a recount over random histories."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

from attrs import define, evolve, field
from hypothesis import given, settings
from hypothesis import strategies as st

from convokit.domain.conversation import Conversation, Entry, with_watermarks
from convokit.domain.delivery import Channel
from convokit.domain.departments import Department
from convokit.domain.inbox import BADGE_CAP, Badges, Position
from convokit.domain.instant import SECOND
from convokit.domain.rules import Rules
from convokit.errors import ConvokitError
from convokit.facts import Fact
from convokit.ports.store import Committed, Store
from convokit.ports.store_lists import Change
from convokit.testing.builders import ANA, Facts, practice
from convokit.testing.store_base import Desk, StoreCases

_CLIENTS: Final[tuple[tuple[Channel, str], ...]] = (
    ("sms", "+13035550123"),
    ("sms", "+13035550124"),
    ("app", "c17"),
    ("sms", "+13035550125"),
    ("app", "c18"),
)
_ACTS: Final = "arrived stopped replied ended restarted urgency read unread opened assigned moved".split()
Step = tuple[str, int, int, int]
_STEP: Final = st.tuples(st.sampled_from(_ACTS), st.integers(0, 4), st.integers(0, 3), st.integers(-3, 3))
HISTORIES: Final = st.lists(_STEP, min_size=1, max_size=40)
NAMES: Final = itertools.count()
Visible = tuple[str, ...] | None
VISIBLE: Final[tuple[Visible, ...]] = (None, ("", "lab"), ("dental",), ())


@define
class Recount:
    """What the lists must say, from the decisions alone."""

    conversations: dict[str, Conversation] = field(factory=dict)
    entries: dict[str, Entry] = field(factory=dict)

    def apply(self, desk: Desk, fact: Fact) -> None:
        """Commit to the store, and remember what was decided."""
        before, decision = desk.decided(fact)
        result = desk.commit(fact, (before, decision))
        assert isinstance(result, Committed)
        if decision.conversation is not None:
            known = evolve(decision.conversation, change=result.change)
            self.conversations[known.id] = known
        self.entries.update((entry.id, entry) for entry in decision.entries)

    def open(self) -> list[Conversation]:
        """Open conversations, in the order in which they were made."""
        return [c for c in self.conversations.values() if not c.ended]

    def in_order(self, found: list[Conversation], *keys: str) -> list[Conversation]:
        """Descending by these fields, later ones first where they agree."""
        made = {id_: row for row, id_ in enumerate(self.conversations)}
        return sorted(found, key=lambda c: (*(getattr(c, key) for key in keys), made[c.id]), reverse=True)

    def seen(self, visible: Visible) -> list[Conversation]:
        """What a reader who may see these departments sees."""
        return [c for c in self.conversations.values() if visible is None or c.department in visible]

    def badges(self, visible: Visible) -> Badges:
        """All counts."""
        active = [c for c in self.seen(visible) if not c.ended]
        by_urgency = tuple(sum(c.urgency == rank for c in active) for rank in range(4))
        ended = len(self.seen(visible)) - len(active)
        return Badges(
            active=len(active), unread=sum(c.unread > 0 for c in active), history=ended, by_urgency=by_urgency
        )

    def timeline(self, of: Conversation) -> list[Entry]:
        """A conversation's entries, as they are shown."""
        mine = [e for e in self.entries.values() if e.conversation_id == of.id]
        return [with_watermarks(e, of.opened_seq, of.read_seq) for e in sorted(mine, key=lambda e: e.seq)]


def _fact(desk: Desk, recount: Recount, act: str, client: int, rank: int) -> Fact | None:
    """The fact of a step, or ``None`` where nothing is there to act on."""
    channel, address = _CLIENTS[client]
    if act in ("arrived", "stopped"):
        text = "STOP" if act == "stopped" else f"text {rank}"
        return desk.facts.arrived(text, address=address, channel=channel)
    mine = [c for c in recount.conversations.values() if c.address == address]
    if not mine:
        return None
    target = mine[rank % len(mine)]
    made: dict[str, Callable[[], Fact]] = {
        "replied": lambda: desk.facts.replied(target.id),
        "ended": lambda: desk.facts.ended(target.id),
        "restarted": lambda: desk.facts.restarted(target.id),
        "urgency": lambda: desk.facts.urgency(target.id, rank),
        "read": lambda: desk.facts.staff_read(target.id, target.last_seq),
        "unread": lambda: desk.facts.marked_unread(target.id),
        "assigned": lambda: desk.facts.assigned(target.id, (None, "u1", "u2", "ü3")[rank]),
        "moved": lambda: desk.facts.moved(target.id, ("", "dental", "lab", "lab")[rank]),
        "opened": lambda: desk.facts.thread_read(target.id) if rank % 2 else desk.facts.app_opened(target.id),
    }
    return made[act]()


def departed(store: Store, name: str) -> Desk:
    """A fresh practice with departments."""
    rules = Rules(departments=[Department(id="dental", name="Dental"), Department(id="lab", name="Lab")])
    made = evolve(practice(name), rules=rules)
    store.put_practice(made)
    return Desk(store, made, Facts())


def live(desk: Desk, history: list[Step]) -> Recount:
    """Go through a history, and remember what was decided."""
    recount = Recount()
    for act, client, rank, hours in history:
        # The clock goes back and forth, and sometimes stands: order must not rest on it.
        desk.facts.now_us += (hours * 30 * 3600 - 1) * SECOND
        fact = _fact(desk, recount, act, client, rank)
        if fact is None:
            continue
        try:
            recount.apply(desk, fact)
        except ConvokitError:
            continue  # the wish did not fit the state: nothing happened
    return recount


class _Turn(Protocol):
    """Asks for a page."""

    def __call__(self, *, after: Position | None) -> tuple[tuple[Conversation, ...], Position | None]: ...


def _all_pages(turn: _Turn, limit: int) -> list[Conversation]:
    found: list[Conversation] = []
    position: Position | None = None
    while True:
        rows, position = turn(after=position)
        assert len(rows) == limit or position is None
        found += rows
        if position is None:
            return found


class ListCases(StoreCases):
    """Order is total, pages are whole, counts are exact."""

    def test_p09_every_list_equals_a_recount_over_random_histories(self, store: Store) -> None:
        @settings(max_examples=40, deadline=None)
        @given(HISTORIES, st.integers(1, 5))
        def check(history: list[Step], limit: int) -> None:
            name = f"p{next(NAMES)}"
            desk = departed(store, name)
            recount = live(desk, history)
            _check_lists(desk, recount, limit)
            _check_details(desk, recount)

        check()

    def test_badges_are_capped(self, desk: Desk) -> None:
        for number in range(BADGE_CAP + 3):
            open_one = desk.open(f"+1303556{number:04}")
            if number == 0:
                desk.put(desk.facts.urgency(open_one.id, 3))
        found = desk.store.badges(desk.id)
        more = BADGE_CAP + 1
        assert found == Badges(active=more, unread=more, history=0, by_urgency=(0, more, 0, 1))
        assert Badges.shown(found.active) == "99+"

    def test_a_position_past_the_end_is_an_empty_page(self, desk: Desk) -> None:
        desk.open()
        assert desk.store.history(desk.id, after=(2**63 - 1, 1), limit=5) == ((), None)

    def test_the_latest_at_an_address(self, desk: Desk) -> None:
        assert desk.store.latest_at(desk.id, "sms", ANA) is None
        older = desk.facts.arrived(sender="+13035550101")
        newer = desk.facts.arrived(sender="+13035550102")
        for fact in (older, newer):
            desk.put(fact)
        assert desk.store.latest_at(desk.id, "sms", ANA) == desk.conversation(newer.conversation_id)
        desk.put(desk.facts.ended(newer.conversation_id))
        assert desk.store.latest_at(desk.id, "sms", ANA) == desk.conversation(older.conversation_id)
        desk.put(desk.facts.ended(older.conversation_id))
        assert desk.store.latest_at(desk.id, "sms", ANA) == desk.conversation(newer.conversation_id)
        assert desk.store.latest_at(desk.id, "app", ANA) is None

    def test_entries_page_both_ways(self, desk: Desk) -> None:
        open_one = desk.open()
        for _ in range(6):
            desk.put(desk.facts.arrived())
        store = desk.store

        def seqs(entries: tuple[Entry, ...]) -> list[int]:
            return [entry.seq for entry in entries]

        assert seqs(store.entries(desk.id, open_one.id, limit=3)) == [1, 2, 3]
        assert seqs(store.entries(desk.id, open_one.id, after_seq=3, limit=3)) == [4, 5, 6]
        assert seqs(store.newest_entries(desk.id, open_one.id, limit=3)) == [5, 6, 7]
        assert seqs(store.newest_entries(desk.id, open_one.id, before_seq=5, limit=3)) == [2, 3, 4]
        assert store.entries(desk.id, "unknown") == ()
        assert store.entry(desk.id, "unknown") is None

    def test_app_messages_wait_until_the_app_was_opened(self, desk: Desk) -> None:
        first, other = (
            desk.facts.started(address="c17", channel="app"),
            desk.facts.started(address="c18", channel="app"),
        )
        text = desk.facts.started()
        for fact in (first, other, text):
            desk.put(fact)
            assert desk.store.app_waiting(desk.id, fact.address) == ()
            desk.put(desk.facts.replied(fact.conversation_id))
        assert desk.store.app_waiting(desk.id, "c17") == (first.conversation_id,)
        assert desk.store.app_waiting(desk.id, text.address) == ()
        desk.put(desk.facts.ended(first.conversation_id))
        assert desk.store.app_waiting(desk.id, "c17") == (first.conversation_id,)
        desk.put(desk.facts.app_opened(first.conversation_id))
        assert desk.store.app_waiting(desk.id, "c17") == ()
        assert desk.store.app_waiting(desk.id, "c18") == (other.conversation_id,)


def _check_lists(desk: Desk, recount: Recount, limit: int) -> None:
    for visible in VISIBLE:
        ended = [c for c in recount.seen(visible) if c.ended]
        turn = partial(desk.store.history, desk.id, visible=visible, limit=limit)
        assert _all_pages(turn, limit) == recount.in_order(ended, "ended_us")
        assert desk.store.badges(desk.id, visible=visible) == recount.badges(visible)
        listed = sorted((c.change, c.id) for c in recount.seen(visible))
        assert desk.store.changes(desk.id, since=0, limit=200, visible=visible) == tuple(
            Change(number=number, conversation_id=id_) for number, id_ in listed
        )
        assert desk.store.newest_change(desk.id) == max((c.change for c in recount.conversations.values()), default=0)
        for since in {number for number, _ in listed[:3]}:
            newer = desk.store.changes(desk.id, since=since, limit=2, visible=visible)
            assert [c.number for c in newer] == [number for number, _ in listed if number > since][:2]


def _check_details(desk: Desk, recount: Recount) -> None:
    for known in recount.conversations.values():
        assert desk.conversation(known.id) == known
        timeline = recount.timeline(known)
        assert list(desk.store.entries(desk.id, known.id)) == timeline
        assert [entry.seq for entry in timeline] == list(range(1, known.last_seq + 1))
        assert list(desk.store.newest_entries(desk.id, known.id, limit=2)) == timeline[-2:]
        assert desk.entry(timeline[-1].id) == timeline[-1]
    for client in ("c17", "c18"):
        waiting = {
            c.id
            for c in recount.conversations.values()
            for e in recount.timeline(c)
            if (c.channel, c.address) == ("app", client) and e.delivery is not None and e.seq > c.opened_seq
        }
        assert sorted(desk.store.app_waiting(desk.id, client)) == sorted(waiting)
        theirs = [c for c in recount.conversations.values() if (c.channel, c.address) == ("app", client)]
        begun = [c for c in recount.in_order(theirs, "last_us") if not c.ended]
        ended = [c for c in recount.in_order(theirs, "last_us") if c.ended]
        assert list(desk.store.app_conversations(desk.id, client, limit=50)) == [*begun, *ended]
        assert list(desk.store.app_conversations(desk.id, client, limit=1)) == [*begun, *ended][:1]
    for address in ("+13035550123", "+13035550124", "+13035550125"):
        assert desk.store.consent(desk.id, address).opted_out == any(
            line.action == "opt_out" for line in desk.store.ledger(desk.id, address)
        )
