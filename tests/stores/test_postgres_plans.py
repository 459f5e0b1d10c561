"""Every statement is served by indexes that lead with the practice, in order, without sorting: PostgreSQL says so.

Asked as the app's role, behind row-level security. First whether it *can* be (other ways cost more than anything, and
the plan must serve whatever values come); then whether it *is*, for the lists, with nothing turned off.
"""

# ruff: noqa: S608 - names of our own tables

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sql_scope
from postgres_cluster import APP, Cluster, Place

from convokit.domain.inbox import SORTS, InboxPosition, InboxQuery
from convokit.stores.sql import inbox, lists
from convokit.stores.sql.postgres import words
from convokit.stores.sql.statement import Statement
from convokit.stores.sql.statements import param

WHOLE = {"statements.PRACTICES", "owed.UNSETTLED", "search.BEHIND", "owed.SETTLED_PARKED"}
"""All practices for the host, a number for a health page, what the worker asks when it has nothing else to do; and an
index of those rows alone that are asked for."""
TIES = {"owed.RECENT"}
"""Sorted among rows of the same microsecond only."""
FEW = {
    "erasing_statements": "an erasure may look at the whole practice; it is rare",
    "words.HEADERS": "the rows of one page, found by the function",
    "words.TEXTS": "the rows of one page, found by the function",
}

STATEMENTS = {
    **{name: one for name, one in sql_scope.statements().items() if not name.startswith("words.")},
    **{f"words.{name}": one for name, one in vars(words).items() if isinstance(one, Statement)},
}
PRACTICES = 8
EACH = 2_000

FILL = [
    "INSERT INTO convokit_practice (public_id, change_no, settings)"
    f" SELECT 'p' || n, 300, '' FROM generate_series(1, {PRACTICES}) n",
    "INSERT INTO convokit_conversation (columns) SELECT p.pk, 'c' || p.pk || '-' || n"
    "  , 'sms', '+1', '+1720' || n, '', 'k' || n % 150, '', NULL, '', '', 'client', (n % 3 = 0)::int, n % 4"
    "  , n % 2, n, CASE WHEN n % 3 = 0 THEN n END, 3, n, '', 'client', NULL, 3, 0, 0"
    "  , CASE WHEN n % 5 = 0 THEN n END, (n % 30 = 0)::int, CASE WHEN n % 7 = 0 THEN 'lab' ELSE '' END"
    "  , CASE WHEN n % 9 = 0 THEN 'u1' END, '', '', '', NULL, 1, n, NULL, ''"
    f" FROM convokit_practice p, generate_series(1, {EACH}) n",
    "INSERT INTO convokit_entry SELECT nextval('convokit_entry_pk_seq'), c.practice_pk, c.pk, 'm' || c.pk || '-' || n"
    "  , n, n, 'message', 'practice', NULL, 'x', NULL, '', 1, 2, NULL, '', NULL, NULL, '', ''"
    " FROM convokit_conversation c, generate_series(1, 3) n",
    "INSERT INTO convokit_owed SELECT nextval('convokit_owed_pk_seq'), e.practice_pk, e.conversation_pk, e.pk"
    "  , e.public_id || '.1', 'send_text', 1, '+1', '+1720' || e.pk % 300"
    "  , CASE WHEN e.pk % 9 = 0 THEN 'away' ELSE 'reply' END, NULL"
    "  , CASE WHEN e.pk % 100 = 0 THEN 0 WHEN e.pk % 101 = 0 THEN 1 ELSE 2 END, 1, e.pk, e.pk, e.pk, e.pk"
    "  , 'carrier', 'x' || e.pk"
    " FROM convokit_entry e WHERE e.seq < 3",
    "INSERT INTO convokit_job SELECT nextval('convokit_job_pk_seq'), c.practice_pk, 'j' || c.pk, 'send_mail', '{}'"
    "  , CASE WHEN c.pk % 100 = 0 THEN 0 WHEN c.pk % 101 = 0 THEN 1 ELSE 2 END, 1, c.pk, c.pk, c.pk, c.pk"
    " FROM convokit_conversation c",
    "INSERT INTO convokit_fact SELECT practice_pk, 'in:' || pk, pk, '' FROM convokit_entry",
    "INSERT INTO convokit_consent SELECT practice_pk, address, 0, 0, 0 FROM convokit_conversation",
    "INSERT INTO convokit_consent_line SELECT pk, practice_pk, address, 'opt_in', 'text', 1, NULL, '', NULL, NULL"
    " FROM convokit_conversation",
    "INSERT INTO convokit_parked SELECT pk, practice_pk, 'carrier', 'y' || pk, 'i', '', pk % 50, 1, NULL, NULL, '', ''"
    " FROM convokit_conversation",
    "INSERT INTO convokit_media SELECT pk, practice_pk, 'f' || pk, 'staff:u1', CASE WHEN pk % 50 > 0 THEN 'm' || pk END"
    "  , pk, 0, 'a' || pk, CASE WHEN pk % 2 = 0 THEN 't' || pk ELSE '' END, '' FROM convokit_conversation",
    "INSERT INTO convokit_payment SELECT pk, practice_pk, pk, 'y' || pk, '', NULL, 1, 'USD', 'p', 'u', '', pk, pk, NULL"
    "  , NULL, NULL, '', 'requested', NULL FROM convokit_conversation",
    "INSERT INTO convokit_searched SELECT practice_pk, pk, 3 FROM convokit_conversation",
    "INSERT INTO convokit_search_header SELECT practice_pk, pk, array_to_tsvector(ARRAY[practice_pk || 'ana'"
    "  , practice_pk || 'w' || pk % 90]) FROM convokit_conversation",
    "INSERT INTO convokit_search_text SELECT practice_pk, pk, conversation_pk, array_to_tsvector(ARRAY[practice_pk"
    "  || 'hello', practice_pk || 'w' || pk % 900]) FROM convokit_entry",
    "INSERT INTO convokit_endpoint SELECT pk, 'carrier' || n, 'token' || pk || '-' || n"
    " FROM convokit_practice, generate_series(1, 50) n",
    "INSERT INTO convokit_due_work SELECT pk, 'kind' || n, n % 5, n FROM convokit_practice, generate_series(1, 50) n",
    "INSERT INTO convokit_secret SELECT 'suppression:q' || n, '' FROM generate_series(1, 2000) n",
    "VACUUM ANALYZE",
]


@pytest.fixture(scope="module")
def full(postgres_cluster: Cluster) -> Iterator[Place]:
    """A year of some practices, in seconds."""
    place = postgres_cluster.migrated()
    fill(postgres_cluster, place)
    yield place
    postgres_cluster.drop(place)


def fill(cluster: Cluster, place: Place) -> None:
    with cluster.connect(place.name) as admin:
        listed = ", ".join(row[0] for row in admin.execute(_COLUMNS).fetchall())
        for statement in FILL:
            admin.execute(statement.replace("(columns)", f"({listed})"))


_OFF = ("enable_seqscan = off", "enable_bitmapscan = off", "enable_sort = off", "enable_incremental_sort = off")
_COLUMNS = (
    "SELECT column_name FROM information_schema.columns"
    " WHERE table_name = 'convokit_conversation' AND column_name <> 'pk' ORDER BY ordinal_position"
)


@pytest.fixture(scope="module")
def nodes(full: Place, postgres_cluster: Cluster) -> Iterator[Callable[[Statement], list[dict[str, Any]]]]:
    """The steps of a statement's generic plan."""
    with postgres_cluster.connect(full.name, APP, prepare_threshold=None) as connection:
        for setting in (*_OFF, "plan_cache_mode = force_generic_plan"):
            connection.execute(f"SET {setting}")

        def asked(statement: Statement) -> list[dict[str, Any]]:
            connection.execute(f"PREPARE asked AS {statement.postgres}")
            values = ", ".join(["NULL"] * len(statement._names))
            row = connection.execute(f"EXPLAIN (FORMAT JSON) EXECUTE asked{f'({values})' if values else ''}").fetchone()
            connection.execute("DEALLOCATE asked")
            assert row is not None
            return list(_steps(row[0][0]["Plan"]))

        yield asked


def _steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from _steps(part)


def whole(step: dict[str, Any]) -> str | None:
    """A table, or an index, that is read from end to end."""
    kind, name = step["Node Type"], step.get("Relation Name", "")
    if kind == "Seq Scan" and name.startswith("convokit_") and name != "convokit_practice":
        return f"all of {name}"
    if "Index" in kind and "Index Cond" not in step and "Filter" not in step.get("Index Name", ""):
        return f"all of {step.get('Index Name')}"
    return None


@pytest.mark.parametrize("name", sorted(STATEMENTS.keys() - WHOLE))
def test_no_statement_scans_or_sorts(nodes: Callable[[Statement], list[dict[str, Any]]], name: str) -> None:
    steps = nodes(STATEMENTS[name])
    if name.partition(".")[0] not in FEW:
        assert [found for step in steps if (found := whole(step))] == []
    if name not in TIES and name not in FEW:
        assert [step["Node Type"] for step in steps if "Sort" in step["Node Type"]] == []


@pytest.mark.parametrize(
    "name", sorted(name for name, one in STATEMENTS.items() if one.practice_at is not None and name not in WHOLE)
)
def test_p10_every_index_is_entered_by_the_practice(
    nodes: Callable[[Statement], list[dict[str, Any]]], name: str
) -> None:
    for step in nodes(STATEMENTS[name]):
        if "Index Cond" in step and step.get("Relation Name") not in ("convokit_practice", "convokit_secret"):
            assert "practice_pk = " in step["Index Cond"], step


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("statements.LOAD_OPEN_AT", "conversation_open_at"),
        ("statements.LOAD_ENDED_AT", "conversation_ended_at"),
        ("statements.LATEST_ENDED", "conversation_latest_at"),
        ("statements.ENTRIES", "entry_order"),
        ("statements.NEWEST_ENTRIES", "entry_order"),
        ("statements.LEDGER", "consent_line_order"),
        ("statements.SEEN", "fact_pkey"),
        ("lists.HISTORY", "conversation_history"),
        ("lists.HISTORY_AFTER", "conversation_history"),
        ("lists.CHANGES", "conversation_change"),
        ("lists.BADGES", "unread_by_time"),
        ("lists.BADGES", "conversation_history"),
        ("lists.BADGES", "conversation_by_urgency"),
        ("people.OPEN_IN_DEPARTMENT", "department_by_time"),
        ("jobs.DUE", "job_due"),
        ("jobs.DUE_BUT", "job_due"),
        ("jobs.ABANDONED", "job_lease"),
        ("jobs.CLAIM", "job_key"),
        ("media.ONE", "media_public"),
        ("media.EXPIRED", "media_staged"),
        ("payments.OF_CONVERSATION", "payment_of_conversation"),
        ("payments.BETWEEN_AFTER", "payment_requested"),
        ("owed.DUE", "owed_due"),
        ("owed.DUE_BUT", "owed_due"),
        ("owed.DUE", "owed_lane"),
        ("owed.ABANDONED", "owed_lease"),
        ("owed.CLAIM", "owed_key"),
        ("owed.IN_FLIGHT", "owed_flight"),
        ("owed.RECENT", "owed_automatic"),
        ("owed.CLAIM_PARKED", "parked_order"),
        ("owed.SETTLED_PARKED", "parked_claimed"),
        ("owed.ATTEMPT_OF", "owed_provider"),
        ("search.CHANGED", "conversation_change"),
    ],
)
def test_the_index_meant_for_it_is_used(
    nodes: Callable[[Statement], list[dict[str, Any]]], name: str, index: str
) -> None:
    assert f"convokit_{index}" in {step.get("Index Name") for step in nodes(STATEMENTS[name])}


@pytest.mark.parametrize("sort", SORTS)
def test_p09_every_combination_of_filters_reads_one_index_in_order(
    nodes: Callable[[Statement], list[dict[str, Any]]], sort: Any
) -> None:
    filters: dict[str, tuple[Any, ...]] = {
        "unread": (None, True),
        "urgency": (None, 3),
        "department": (None, "", "lab"),
        "assignee": (None, "u1"),
        "awaiting_reply": (None, True),
        "failed": (None, True),
        "visible": (None, ("", "lab")),
    }
    places = [None, *(InboxPosition(segment=n, word="m", moment_us=7, row=7) for n in range(4))]
    shapes = {
        part.shape
        for values in itertools.product(*filters.values())
        for place in places
        for part in inbox.stretches(InboxQuery(**dict(zip(filters, values, strict=True))), sort, place)
    }
    for shape in shapes:
        steps = nodes(inbox.statement(shape))
        read = {step["Index Name"] for step in steps if step.get("Relation Name") == "convokit_conversation"}
        assert len(read) == 1, (shape, read)
        assert not [step for step in steps if "Sort" in step["Node Type"] or whole(step)], shape


def test_a_condition_given_as_a_parameter_would_not_use_the_partial_index(
    nodes: Callable[[Statement], list[dict[str, Any]]],
) -> None:
    """Why the literals: the harness must see the mistake."""
    column = lists._C.c
    asked = lists._listed.where(column.ended == param("ended")).order_by(column.last_us.desc(), column.pk.desc())
    steps = nodes(Statement(asked, "practice ended"))
    assert any("Sort" in step["Node Type"] for step in steps)


@pytest.mark.parametrize("name", ["headers", "texts"])
def test_search_uses_its_index_although_it_is_behind_the_wall(
    full: Place, postgres_cluster: Cluster, name: str
) -> None:
    """``@@`` is not leakproof: asked by the app itself, the server would look at every row of the practice."""
    table, key = {
        "headers": ("convokit_search_header", "conversation_pk"),
        "texts": ("convokit_search_text", "entry_pk"),
    }[name]
    asked = (
        f"EXPLAIN (FORMAT JSON) SELECT {key} FROM {table} WHERE practice_pk = 7"
        f" AND body @@ '''7w7'''::tsquery ORDER BY {key} DESC LIMIT 50"
    )

    def index_used(role: str) -> bool:
        with postgres_cluster.connect(full.name, role) as connection:
            connection.execute("SET enable_seqscan = off")
            row = connection.execute(asked).fetchone()
        return f"{table}_words" in json.dumps(row)

    assert index_used("desk_owner")
    assert not index_used(APP)
    with postgres_cluster.connect(full.name, APP) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT set_config('convokit.practice', '7', true)")
        found = connection.execute(
            f"SELECT count(*) FROM convokit_found_{name}('''7w7''', 4611686018427387904, NULL, 100)"
        ).fetchone()
    assert found is not None
    assert found[0] > 0


@pytest.mark.parametrize(
    ("name", "values", "index"),
    [
        ("statements.LOAD_OPEN_AT", (7, "sms", "+17205", "+1"), "conversation_open_at"),
        ("statements.SEEN", (7, "in:99"), "fact_pkey"),
        ("statements.ENTRIES", (7, 7, "c7-5", 0, 200), "entry_order"),
        ("statements.NEWEST_ENTRIES", (7, 7, "c7-5", 2**62, 50), "entry_order"),
        ("lists.HISTORY", (7, 51), "conversation_history"),
        ("lists.CHANGES", (7, 1500, 50), "conversation_change"),
        ("owed.CLAIM", (7, "m5-1.1", 2**62, 2**62), "owed_key"),
        ("jobs.DUE", (2**62, 200), "job_due"),
        ("payments.BETWEEN", (7, 2**62, 0, 51), "payment_requested"),
    ],
)
def test_the_planner_chooses_it_of_its_own_accord(
    full: Place, postgres_cluster: Cluster, name: str, values: tuple[Any, ...], index: str
) -> None:
    assert f"convokit_{index}" in chosen(postgres_cluster, full, STATEMENTS[name], values)


@pytest.mark.parametrize("sort", ["urgency", "newest"])
def test_the_planner_chooses_the_index_of_an_inbox_page(full: Place, postgres_cluster: Cluster, sort: Any) -> None:
    for after in (None, InboxPosition(segment=0, word="", moment_us=900, row=900)):
        part = next(inbox.stretches(InboxQuery(), sort, after))
        values = (7, *part.values, 51)
        assert f"convokit_{part.shape.index}" in chosen(postgres_cluster, full, inbox.statement(part.shape), values)


def chosen(cluster: Cluster, place: Place, statement: Statement, values: tuple[Any, ...]) -> set[str]:
    """The indexes of the plan for these values; nothing is sorted, and nothing is read whole."""
    with cluster.connect(place.name, APP, prepare_threshold=None) as connection:
        connection.execute(f"PREPARE asked AS {statement.postgres}")
        literals = ", ".join("NULL" if value is None else f"'{value}'" for value in values)
        connection.execute("BEGIN")
        connection.execute("SELECT set_config('convokit.practice', '7', true)")
        row = connection.execute(f"EXPLAIN (FORMAT JSON) EXECUTE asked({literals})").fetchone()
    assert row is not None
    steps = list(_steps(row[0][0]["Plan"]))
    assert not [step for step in steps if "Sort" in step["Node Type"] or whole(step)]
    return {str(step.get("Index Name")) for step in steps}
