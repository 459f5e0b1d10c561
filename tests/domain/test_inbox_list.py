"""Places in the active list, filters, and the cursors that carry places."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_facts import conversation

from convokit.domain.inbox import (
    SORTS,
    Badges,
    InboxPosition,
    InboxQuery,
    check_limit,
    decode_cursor,
    decode_inbox_cursor,
    encode_cursor,
    encode_inbox_cursor,
    place_in_order,
    position_of,
)
from convokit.errors import InvalidInput


@pytest.mark.parametrize(
    ("sort", "changes", "place"),
    [
        ("newest", {}, (0, "", 5)),
        ("urgency", {"urgency": 3}, (0, "", 5)),
        ("urgency", {"urgency": 0}, (3, "", 5)),
        ("unread", {"unread": 2}, (0, "", 5)),
        ("unread", {}, (1, "", 5)),
        ("failed", {"failed": 1}, (0, "", 5)),
        ("failed", {}, (1, "", 5)),
        ("initiated_by", {"initiated_by": "client"}, (0, "", 5)),
        ("initiated_by", {}, (1, "", 5)),
        ("channel", {"channel": "app"}, (0, "", 5)),
        ("channel", {}, (1, "", 5)),
        ("department", {}, (0, "", 5)),
        ("department", {"department": "lab"}, (1, "lab", 5)),
        ("assignee", {"assignee_id": "u1"}, (0, "u1", 5)),
        ("assignee", {}, (1, "", 5)),
        ("awaiting_reply", {"awaiting_us": 3}, (0, "", 3)),
        ("awaiting_reply", {}, (1, "", 5)),
    ],
)
def test_the_place_of_a_conversation(sort, changes, place):
    found = position_of(conversation(last_us=5, **changes), sort, 7)
    assert (found.segment, found.word, found.moment_us, found.row) == (*place, 7)


@pytest.mark.parametrize("sort", SORTS)
def test_of_what_is_alike_the_later_row_comes_first_but_who_waits_longest_stays_on_top(sort):
    first, second = (position_of(conversation(awaiting_us=1, last_us=1), sort, row) for row in (1, 2))
    assert (place_in_order(sort, first) < place_in_order(sort, second)) == (sort == "awaiting_reply")


@pytest.mark.parametrize(
    ("query", "changes"),
    [
        (InboxQuery(unread=True), {"unread": 1}),
        (InboxQuery(initiated_by="client"), {"initiated_by": "client"}),
        (InboxQuery(urgency=3), {"urgency": 3}),
        (InboxQuery(channel="app"), {"channel": "app"}),
        (InboxQuery(department="lab"), {"department": "lab"}),
        (InboxQuery(assignee="u1"), {"assignee_id": "u1"}),
        (InboxQuery(awaiting_reply=True), {"awaiting_us": 1}),
        (InboxQuery(failed=True), {"failed": 1}),
        (InboxQuery(visible=("lab",)), {"department": "lab"}),
    ],
    ids=str,
)
def test_each_filter_asks_for_one_thing(query, changes):
    assert query.asks_for(conversation(**changes))
    assert not query.asks_for(conversation())


@pytest.mark.parametrize("query", [InboxQuery(), InboxQuery(department="", assignee="", failed=False, visible=("",))])
def test_nobody_and_the_default_department_can_be_asked_for(query):
    assert query.asks_for(conversation())


NUMBERS = st.integers(0, 2**63 - 1)


@given(st.sampled_from(SORTS), NUMBERS, NUMBERS, st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_cursor_leads_back_to_its_place(sort, moment_us, row, word):
    grouped = {"department": 1, "assignee": 0}.get(sort)
    word = word.replace("\x00", "x")[:128]
    place = InboxPosition(segment=grouped or 0, word="" if grouped is None else word, moment_us=moment_us, row=row)
    assert decode_inbox_cursor(sort, encode_inbox_cursor(sort, place)) == place


def cursor(*parts):
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


@pytest.mark.parametrize(
    "given_one",
    [
        "",
        "x",
        "é",
        "=" * 2000,
        cursor(),
        cursor("active.newest"),
        cursor("active.newest", 0, "", 1),
        cursor("active.newest", 0, "", 1, 1, 1),
        cursor("active.unread", 0, "", 1, 1),
        cursor("active.newest", -1, "", 1, 1),
        cursor("active.newest", 0, "", 2**63, 1),
        cursor("active.newest", 0, "", 1, True),
        cursor("active.newest", 0, "", 1.0, 1),
        cursor("active.newest", 0, "lab", 1, 1),
        cursor("active.newest", 0, None, 1, 1),
        cursor("active.newest", [], "", 1, 1),
        7,
        None,
    ],
)
def test_what_is_no_cursor_of_this_order_is_refused(given_one):
    with pytest.raises(InvalidInput) as refused:
        decode_inbox_cursor("newest", given_one)
    assert refused.value.code == "page.cursor"


@pytest.mark.parametrize("word", ["", "x" * 129, "\x00", "\ud800", 7])
def test_a_group_is_a_word_that_can_be_looked_for(word):
    with pytest.raises(InvalidInput):
        decode_inbox_cursor("department", cursor("active.department", 1, word, 1, 1))


def test_a_cursor_of_numbers_holds_numbers_only():
    assert decode_cursor("history", encode_cursor("history", (5, 7)), 2) == (5, 7)
    with pytest.raises(InvalidInput):
        decode_cursor("history", cursor("history", "5", 7), 2)


@pytest.mark.parametrize(("count", "shown"), [(0, "0"), (99, "99"), (100, "99+")])
def test_a_badge_says_when_there_are_more(count, shown):
    assert Badges.shown(count) == shown


@pytest.mark.parametrize("limit", [0, 201, -1, "5", 5.0, True, None])
def test_a_page_has_a_limit(limit):
    with pytest.raises(InvalidInput) as refused:
        check_limit(limit)
    assert (refused.value.code, check_limit(200)) == ("page.limit", 200)
