"""The store contract: lists, pages, badges, changes, timelines; compared with a recount over random histories."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Final, Literal

from attrs import define, evolve, field
from hypothesis import given, settings
from hypothesis import strategies as st

from convokit.domain.conversation import Conversation, Entry, with_watermarks
from convokit.domain.delivery import Channel
from convokit.domain.inbox import BADGE_CAP, Badges, InboxQuery, Position
from convokit.domain.instant import SECOND
from convokit.errors import ConvokitError
from convokit.facts import Fact
from convokit.ports.store import Change, Committed, Store
from convokit.testing.builders import ANA, Facts, practice
from convokit.testing.store_base import Desk, StoreCases

_CLIENTS: Final[tuple[tuple[Channel, str], ...]] = (
    ("sms", "+13035550123"),
    ("sms", "+13035550124"),
    ("app", "c17"),
    ("sms", "+13035550125"),
    ("app", "c18"),
)
_ACTS: Final = "arrived stopped replied ended restarted urgency read unread opened".split()
_STEP: Final = st.tuples(st.sampled_from(_ACTS), st.integers(0, 4), st.integers(0, 3), st.integers(-3, 3))
_HISTORIES: Final = st.lists(_STEP, min_size=1, max_size=40)
_NAMES: Final = itertools.count()


@define
class _Recount:
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

    def badges(self) -> Badges:
        """All counts."""
        active = self.open()
        by_urgency = tuple(sum(c.urgency == rank for c in active) for rank in range(4))
        ended = len(self.conversations) - len(active)
        return Badges(
            active=len(active), unread=sum(c.unread > 0 for c in active), history=ended, by_urgency=by_urgency
        )

    def timeline(self, of: Conversation) -> list[Entry]:
        """A conversation's entries, as they are shown."""
        mine = [e for e in self.entries.values() if e.conversation_id == of.id]
        return [with_watermarks(e, of.opened_seq, of.read_seq) for e in sorted(mine, key=lambda e: e.seq)]


def _fact(desk: Desk, recount: _Recount, act: str, client: int, rank: int) -> Fact | None:
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
        "opened": lambda: desk.facts.thread_read(target.id) if rank % 2 else desk.facts.app_opened(target.id),
    }
    return made[act]()


def _live(desk: Desk, history: list[tuple[str, int, int, int]]) -> _Recount:
    recount = _Recount()
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


Turn = Callable[[Position | None, int], tuple[tuple[Conversation, ...], Position | None]]


def _all_pages(turn: Turn, limit: int) -> list[Conversation]:
    found: list[Conversation] = []
    position: Position | None = None
    while True:
        rows, position = turn(position, limit)
        assert len(rows) == limit or position is None
        found += rows
        if position is None:
            return found


class ListCases(StoreCases):
    """Order is total, pages are whole, counts are exact."""

    def test_p09_every_list_equals_a_recount_over_random_histories(self, store: Store) -> None:
        @settings(max_examples=40, deadline=None)
        @given(_HISTORIES, st.integers(1, 5))
        def check(history: list[tuple[str, int, int, int]], limit: int) -> None:
            name = f"p{next(_NAMES)}"
            store.put_practice(practice(name))
            desk = Desk(store, practice(name), Facts())
            recount = _live(desk, history)
            _check_lists(desk, recount, limit)
            _check_filters(desk, recount, limit)
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
        inbox = desk.store.inbox
        assert inbox(desk.id, InboxQuery(), by_urgency=True, after=(0, 0, 0), limit=5) == ((), None)
        assert inbox(desk.id, InboxQuery(), by_urgency=False, after=(0, 0), limit=5) == ((), None)
        assert desk.store.history(desk.id, after=(2**63 - 1, 1), limit=5) == ((), None)

    def test_a_position_of_another_urgency_is_still_a_place_in_the_order(self, desk: Desk) -> None:
        fact = desk.facts.started(urgency=1)
        desk.put(fact)
        for position, found in (((2, 0, 0), [fact.conversation_id]), ((1, 0, 0), []), ((0, 2**60, 2**60), [])):
            query = InboxQuery(urgency=1)
            rows, _ = desk.store.inbox(desk.id, query, by_urgency=True, after=position, limit=5)
            assert [c.id for c in rows] == found

    def test_a_page_is_not_disturbed_by_what_comes_on_top(self, desk: Desk) -> None:
        addresses = [f"+130355601{n:02}" for n in range(6)]
        ids = [desk.open(address).id for address in addresses][::-1]
        first, position = desk.store.inbox(desk.id, InboxQuery(), by_urgency=True, after=None, limit=3)
        desk.put(desk.facts.arrived(address=addresses[-1]))
        desk.open("+13035560199")
        second, _ = desk.store.inbox(desk.id, InboxQuery(), by_urgency=True, after=position, limit=3)
        assert [c.id for c in (*first, *second)] == ids

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


def _check_lists(desk: Desk, recount: _Recount, limit: int) -> None:
    ended = [c for c in recount.conversations.values() if c.ended]
    history = _all_pages(lambda after, size: desk.store.history(desk.id, after=after, limit=size), limit)
    assert history == recount.in_order(ended, "ended_us")
    assert desk.store.badges(desk.id) == recount.badges()
    listed = sorted((c.change, c.id) for c in recount.conversations.values())
    assert desk.store.changes(desk.id, since=0, limit=200) == tuple(
        Change(number=number, conversation_id=id_) for number, id_ in listed
    )
    for since in {number for number, _ in listed[:3]}:
        newer = desk.store.changes(desk.id, since=since, limit=2)
        assert [c.number for c in newer] == [number for number, _ in listed if number > since][:2]


def _queries() -> list[InboxQuery]:
    """Every combination of the filters."""
    who: tuple[Literal["practice", "client"] | None, ...] = (None, "practice", "client")
    channels: tuple[Channel | None, ...] = (None, "app", "sms")
    found = itertools.product((None, True, False), who, (None, 1, 3), channels)
    return [InboxQuery(unread=u, initiated_by=w, urgency=rank, channel=c) for u, w, rank, c in found]


def _check_filters(desk: Desk, recount: _Recount, limit: int) -> None:
    for number, query in enumerate(_queries()):
        wanted = [c for c in recount.open() if _fits(c, query)]
        by_urgency = bool(number % 2)
        order = ("urgency", "last_us") if by_urgency else ("last_us",)
        assert _inbox(desk, query, by_urgency, limit) == recount.in_order(wanted, *order)
    assert _inbox(desk, InboxQuery(), True, limit) == recount.in_order(recount.open(), "urgency", "last_us")


def _inbox(desk: Desk, query: InboxQuery, by_urgency: bool, limit: int) -> list[Conversation]:
    def turn(after: Position | None, size: int) -> tuple[tuple[Conversation, ...], Position | None]:
        return desk.store.inbox(desk.id, query, by_urgency=by_urgency, after=after, limit=size)

    return _all_pages(turn, limit)


def _fits(conversation: Conversation, query: InboxQuery) -> bool:
    if query.unread is not None and query.unread != (conversation.unread > 0):
        return False
    if query.initiated_by is not None and query.initiated_by != conversation.initiated_by:
        return False
    if query.urgency is not None and query.urgency != conversation.urgency:
        return False
    return query.channel is None or query.channel == conversation.channel


def _check_details(desk: Desk, recount: _Recount) -> None:
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
    for address in ("+13035550123", "+13035550124", "+13035550125"):
        assert desk.store.consent(desk.id, address).opted_out == any(
            line.action == "opt_out" for line in desk.store.ledger(desk.id, address)
        )
