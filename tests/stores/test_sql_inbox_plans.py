"""Every combination of filters and orders of the active list reads indexes in order: nothing is scanned or sorted."""

import itertools
import sqlite3
from collections import Counter
from functools import cache

import pytest
from attrs import evolve

from convokit.domain.inbox import SORTS, InboxPosition, InboxQuery
from convokit.stores.sql import inbox, open_sqlite

FILTERS = {
    "unread": (None, True, False),
    "initiated_by": (None, "client", "practice"),
    "urgency": (None, 0, 3),
    "channel": (None, "sms"),
    "department": (None, "", "lab"),
    "assignee": (None, "", "u1"),
    "awaiting_reply": (None, True, False),
    "failed": (None, True, False),
    "visible": (None, ("", "lab")),
}
QUERIES = [InboxQuery(**dict(zip(FILTERS, values, strict=True))) for values in itertools.product(*FILTERS.values())]
PLACES = [
    None,
    *(InboxPosition(segment=segment, word=word, moment_us=7, row=7) for segment in range(4) for word in ("", "m")),
]


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """The steps of a shape's statement, asked of SQLite once."""
    path = tmp_path_factory.mktemp("plans") / "desk.db"
    open_sqlite(f"sqlite:///{path}").close()
    connection = sqlite3.connect(path)

    @cache
    def asked(shape):
        text = inbox.statement(shape).sqlite
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", (1,) * text.count("?"))]

    yield asked
    connection.close()


def shapes_of(query, sort):
    return [part.shape for place in PLACES for part in inbox.stretches(query, sort, place)]


@pytest.mark.parametrize("sort", SORTS)
def test_p09_every_combination_of_filters_reads_an_index_in_order(plan, sort):
    shapes = {shape for query in QUERIES for shape in shapes_of(query, sort)}
    assert shapes
    for shape in shapes:
        first, *others = plan(shape)
        assert first.startswith(f"SEARCH convokit_conversation USING INDEX convokit_{shape.index} (practice_pk=?"), (
            first
        )
        for column in (shape.equal, *(name.strip("-") for name in shape.order[: min(shape.begin, 1)])):
            assert column in first
        # All that is left is the list of departments that a reader may see.
        assert Counter(step.split()[0] for step in others) == (
            Counter({"LIST": 1, "SCAN": 1}) if shape.narrowed else Counter()
        ), others
        assert "TEMP B-TREE" not in " ".join(others)


def test_few_statements_serve_all_combinations():
    """SQLite keeps 256 prepared ones for a connection, and the rest of the store needs about a hundred."""
    shapes = {shape for sort in SORTS for query in QUERIES[::7] for shape in shapes_of(query, sort)}
    assert len(shapes) < 120


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (InboxQuery(), "conversation_by_time"),
        (InboxQuery(unread=True), "unread_by_time"),
        (InboxQuery(urgency=3), "conversation_by_urgency"),
        (InboxQuery(unread=True, urgency=3), "unread_by_urgency"),
        (InboxQuery(department="lab"), "department_by_time"),
        (InboxQuery(department=""), "conversation_by_time"),
        (InboxQuery(assignee="u1", department="lab"), "assignee_by_time"),
        (InboxQuery(failed=True, assignee="u1", unread=True), "failed_by_time"),
    ],
    ids=str,
)
def test_the_most_selective_filter_chooses_the_index(query, index):
    (part,) = inbox.stretches(query, "newest", None)
    assert part.shape.index == index


@pytest.mark.parametrize("sort", SORTS)
def test_a_filter_that_contradicts_a_segment_reads_nothing_for_it(sort):
    every = {"unread": True, "failed": True, "initiated_by": "client", "channel": "sms", "urgency": 1}
    query = evolve(InboxQuery(department="lab", assignee="u1", awaiting_reply=False), **every)
    assert len(list(inbox.stretches(query, sort, None))) == 1


def test_the_active_list_reads_the_table_of_conversations_alone():
    for sort in SORTS:
        for shape in shapes_of(InboxQuery(unread=True, department=""), sort):
            text = inbox.statement(shape).sqlite
            assert "JOIN" not in text
            assert text.count("FROM") == 1
