"""The store contract: the active list under every combination of filters and orders, compared with a plain recount."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from convokit.domain.conversation import Conversation
from convokit.domain.delivery import Channel
from convokit.domain.inbox import SORTS, InboxPosition, InboxQuery, Sort
from convokit.ports.store import Store
from convokit.testing.store_base import Desk, StoreCases
from convokit.testing.store_lists import HISTORIES, NAMES, VISIBLE, Step, departed, live

_BEGUN_BY: Final[tuple[Literal["practice", "client"] | None, ...]] = (None, None, "practice", "client")
_CHANNELS: Final[tuple[Channel | None, ...]] = (None, None, "app", "sms")
_MAYBE: Final = st.sampled_from((None, None, True, False))
_QUERIES: Final = st.builds(
    InboxQuery,
    unread=_MAYBE,
    initiated_by=st.sampled_from(_BEGUN_BY),
    urgency=st.sampled_from((None, None, None, 1, 3)),
    channel=st.sampled_from(_CHANNELS),
    department=st.sampled_from((None, None, "", "dental", "lab")),
    assignee=st.sampled_from((None, None, "", "u1", "ü3")),
    awaiting_reply=_MAYBE,
    failed=_MAYBE,
    visible=st.sampled_from((None, *VISIBLE)),
)
_ASKED: Final = st.lists(st.tuples(_QUERIES, st.sampled_from(SORTS)), min_size=8, max_size=8)

# What the words of convokit.domain.inbox.SORTS say, written down once more.
_KEYS: Final[dict[Sort, Callable[[Conversation], tuple[object, ...]]]] = {
    "newest": lambda c: (-c.last_us,),
    "urgency": lambda c: (-c.urgency, -c.last_us),
    "unread": lambda c: (c.unread == 0, -c.last_us),
    "failed": lambda c: (c.failed == 0, -c.last_us),
    "initiated_by": lambda c: (c.initiated_by != "client", -c.last_us),
    "channel": lambda c: (c.channel, -c.last_us),
    "department": lambda c: (c.department, -c.last_us),
    "assignee": lambda c: (c.assignee_id is None, c.assignee_id or "", -c.last_us),
    "awaiting_reply": lambda c: (c.awaiting_us is None, -c.last_us if c.awaiting_us is None else c.awaiting_us),
}


@frozen
class _Asked:
    """What every page of one list is asked with."""

    desk: Desk
    query: InboxQuery
    sort: Sort
    limit: int

    def page(self, after: InboxPosition | None) -> tuple[tuple[Conversation, ...], InboxPosition | None]:
        """One page."""
        return self.desk.store.inbox(self.desk.id, self.query, sort=self.sort, after=after, limit=self.limit)

    def all(self) -> list[Conversation]:
        """Every page, each full but the last."""
        found: list[Conversation] = []
        rows, position = self.page(None)
        while position is not None:
            assert len(rows) == self.limit
            found += rows
            rows, position = self.page(position)
        return [*found, *rows]


def _wanted(made: list[Conversation], asked: _Asked) -> list[Conversation]:
    """The list by plain sorting: later ones first where they agree, but of those who wait alike the first one."""
    fits = [c for c in made if not c.ended and _fits(c, asked.query)]
    waiting_first = asked.sort == "awaiting_reply"
    rows = {c.id: row if waiting_first and c.awaiting_us is not None else -row for row, c in enumerate(made)}
    return sorted(fits, key=lambda c: (*_KEYS[asked.sort](c), rows[c.id]))


def _fits(c: Conversation, query: InboxQuery) -> bool:
    if query.visible is not None and c.department not in query.visible:
        return False
    wanted = (query.unread, query.initiated_by, query.urgency, query.channel, query.department)
    is_so = (c.unread > 0, c.initiated_by, c.urgency, c.channel, c.department)
    more = (query.assignee, query.awaiting_reply, query.failed)
    more_is_so = (c.assignee_id or "", c.awaiting_us is not None, c.failed > 0)
    pairs = zip((*wanted, *more), (*is_so, *more_is_so), strict=True)
    return all(one is None or one == other for one, other in pairs)


class InboxCases(StoreCases):
    """Filters combine freely, every order is total, pages are whole."""

    def test_p09_every_filter_and_order_equals_a_recount_over_random_histories(self, store: Store) -> None:
        @settings(max_examples=60, deadline=None)
        @given(HISTORIES, _ASKED, st.integers(1, 5))
        def check(history: list[Step], asked: list[tuple[InboxQuery, Sort]], limit: int) -> None:
            desk = departed(store, f"i{next(NAMES)}")
            made = list(live(desk, history).conversations.values())
            for query, sort in asked:
                one = _Asked(desk, query, sort, limit)
                assert one.all() == _wanted(made, one)

        check()

    @pytest.mark.parametrize("sort", SORTS)
    def test_p09_each_order_pages_through_everything(self, store: Store, sort: Sort) -> None:
        desk = departed(store, "each")
        made = _one_of_each(desk)
        for limit in (1, 2, 200):
            one = _Asked(desk, InboxQuery(), sort, limit)
            assert one.all() == _wanted(made, one)

    @pytest.mark.parametrize("sort", SORTS)
    def test_a_place_past_the_end_is_an_empty_page(self, store: Store, sort: Sort) -> None:
        desk = departed(store, "end")
        _one_of_each(desk)
        end = InboxPosition(segment=9, word="", moment_us=0, row=0)
        assert _Asked(desk, InboxQuery(), sort, 5).page(end) == ((), None)

    @pytest.mark.parametrize(
        ("sort", "segment", "query"),
        [("department", 1, InboxQuery(department="lab")), ("assignee", 0, InboxQuery(assignee="u2"))],
    )
    def test_a_place_in_another_group_is_still_a_place_in_the_order(
        self, store: Store, sort: Sort, segment: int, query: InboxQuery
    ) -> None:
        desk = departed(store, "group")
        made = _one_of_each(desk)
        asked = _Asked(desk, query, sort, 50)
        everything = _wanted(made, asked)
        assert everything
        for word, shown in (("a", everything), ("z", [])):
            place = InboxPosition(segment=segment, word=word, moment_us=2**60, row=2**60)
            assert asked.page(place) == (tuple(shown), None)

    def test_a_page_is_not_disturbed_by_what_comes_on_top(self, desk: Desk) -> None:
        addresses = [f"+130355601{n:02}" for n in range(6)]
        ids = [desk.open(address).id for address in addresses][::-1]
        asked = _Asked(desk, InboxQuery(), "urgency", 3)
        first, position = asked.page(None)
        desk.put(desk.facts.arrived(address=addresses[-1]))
        desk.open("+13035560199")
        second, _ = asked.page(position)
        assert [c.id for c in (*first, *second)] == ids


def _one_of_each(desk: Desk) -> list[Conversation]:
    """Twelve conversations that differ in all that can be asked for, oldest first."""
    ids: list[str] = []
    for number in range(12):
        channel: Channel = "sms" if number % 2 else "app"
        address = f"+130355602{number:02}" if number % 2 else f"c{number}"
        arrived = desk.facts.arrived(address=address, channel=channel)
        begun = arrived if number % 3 else desk.facts.started(address=address, channel=channel)
        desk.put(begun)
        ids.append(begun.conversation_id)
        desk.put(desk.facts.moved(ids[-1], ("", "dental", "lab")[number % 3]))
        desk.put(desk.facts.assigned(ids[-1], (None, "u2", "u1", "u2")[number % 4]))
        desk.put(desk.facts.urgency(ids[-1], number % 4))
    for one in (ids[1], ids[7]):  # a reply after an opt-out is kept, and failed
        desk.put(desk.facts.opted_out(one, address=desk.conversation(one).address))
        desk.put(desk.facts.replied(one))
    return [desk.conversation(one) for one in ids]
