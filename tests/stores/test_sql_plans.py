"""Every listed read is served by an index, in order, without sorting: SQLite says so itself."""

import re
import sqlite3
from pathlib import Path

import pytest

from convokit.errors import ConfigurationError
from convokit.stores.sql import (
    jobs,
    lists,
    media,
    open_sqlite,
    owed,
    payments,
    people,
    push,
    schema,
    search,
    statements,
    work,
)
from convokit.stores.sql.sqlite import words
from convokit.stores.sql.statement import Statement
from convokit.stores.sql.statements import param

# What is a scan on purpose: all practices for the host, the count of everything unsettled for a health page, and the
# practices whose search is behind, for the worker when it has nothing else to do.
WHOLE = {"PRACTICES", "UNSETTLED", "BEHIND"}

STATEMENTS = {
    f"{module.__name__.rpartition('.')[2]}.{name}": statement
    for module in (statements, lists, owed, jobs, media, people, payments, push, search, work, words)
    for name, statement in vars(module).items()
    if isinstance(statement, Statement) and name not in WHOLE
}


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    path = tmp_path_factory.mktemp("plans") / "desk.db"
    open_sqlite(f"sqlite:///{path}").close()
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


def plan(database, statement):
    values = (1,) * statement.sqlite.count("?")
    return [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {statement.sqlite}", values)]


def is_whole(step):
    # The subqueries of the badges are scanned after their LIMIT; they have at most 100 rows.
    # The departments that a reader may see come as one JSON list; a virtual table with an index is not read whole.
    fine = ("SCAN anon_", "SCAN CONSTANT", "SCAN json_each", "SCAN convokit_search_")
    return step.startswith("SCAN") and not (step.startswith(fine) and not step.endswith("VIRTUAL TABLE INDEX 0:"))


@pytest.mark.parametrize("name", sorted(STATEMENTS))
def test_no_statement_scans_or_sorts(database, name):
    steps = plan(database, STATEMENTS[name])
    assert not [step for step in steps if is_whole(step) or "TEMP B-TREE" in step]


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("statements.LOAD_OPEN_AT", "conversation_open_at (practice_pk=? AND channel=? AND address=? AND sender=?)"),
        ("statements.LOAD_ENDED_AT", "conversation_ended_at (practice_pk=? AND channel=? AND address=? AND sender=?)"),
        ("statements.LATEST_ENDED", "conversation_latest_at (practice_pk=? AND channel=? AND address=?)"),
        ("statements.ENTRIES", "entry_order (practice_pk=? AND conversation_pk=? AND seq>?)"),
        ("statements.NEWEST_ENTRIES", "entry_order (practice_pk=? AND conversation_pk=? AND seq<?)"),
        ("lists.HISTORY", "conversation_history (practice_pk=?)"),
        ("lists.HISTORY_AFTER", "conversation_history (practice_pk=? AND ended_us<?)"),
        ("lists.CHANGES", "conversation_change (practice_pk=? AND change>?)"),
        ("lists.BADGES", "unread_by_time (practice_pk=?)"),
        ("lists.BADGES", "conversation_history (practice_pk=?)"),
        ("lists.BADGES", "conversation_by_urgency (practice_pk=? AND urgency=?)"),
        ("people.OPEN_IN_DEPARTMENT", "department_by_time (practice_pk=? AND department=?)"),
        ("jobs.DUE", "job_due (due_us<?)"),
        ("jobs.DUE_BUT", "job_due (due_us<?)"),
        ("jobs.DUE_FAR", "job_due (due_us>?)"),
        ("jobs.ABANDONED", "job_lease (lease_us<?)"),
        ("jobs.ABANDONED_FAR", "job_lease (lease_us>?)"),
        ("work.DUE", "due_work_due (due_us<?)"),
        ("work.DUE_AHEAD", "due_work_planned (planned_us>?)"),
        ("jobs.CLAIM", "job_key (practice_pk=? AND key=?)"),
        ("media.ONE", "media_public (practice_pk=? AND public_id=?)"),
        ("media.REVOKE", "media_of_entry (practice_pk=? AND entry_id=?)"),
        ("media.EXPIRED", "media_staged (expires_us<?)"),
        ("media.USES", "media_address (practice_pk=? AND address=?)"),
        ("media.SMALL_USES", "media_thumbnail (practice_pk=? AND thumbnail=?)"),
        ("payments.ONE", "payment_public (practice_pk=? AND public_id=?)"),
        ("payments.OF_CONVERSATION", "payment_of_conversation (practice_pk=? AND conversation_pk=?)"),
        ("payments.BETWEEN", "payment_requested (practice_pk=? AND requested_us>? AND requested_us<?)"),
        ("payments.BETWEEN_AFTER", "payment_requested (practice_pk=? AND requested_us"),
        ("payments.WITHDRAW", "owed_key (practice_pk=? AND key=?)"),
        ("push.ONE", "push_token_public (practice_pk=? AND public_id=?)"),
        ("push.KNOWN", "push_token_known (practice_pk=? AND transport=? AND digest=?)"),
        ("push.OF_CLIENT", "push_token_of_client (practice_pk=? AND client_id=?)"),
        ("push.REACH", "push_token_of_client (practice_pk=? AND client_id=?)"),
        ("owed.DUE", "owed_due (due_us<?)"),
        ("owed.DUE", "owed_lane (practice_pk=? AND conversation_pk=? AND pk<?)"),
        ("owed.DUE_BUT", "owed_due (due_us<?)"),
        ("owed.DUE_FAR", "owed_due (due_us>?)"),
        ("owed.ABANDONED", "owed_lease (lease_us<?)"),
        ("owed.ABANDONED_FAR", "owed_lease (lease_us>?)"),
        ("owed.CLAIM", "owed_key (practice_pk=? AND key=?)"),
        ("owed.IN_FLIGHT", "owed_flight (practice_pk=? AND recipient=?)"),
        ("owed.RECENT", "owed_automatic (practice_pk=? AND recipient=? AND owed_us>? AND owed_us<?)"),
        ("owed.CLAIM_PARKED", "parked_order (practice_pk=? AND provider=? AND provider_id=?)"),
        ("owed.SETTLED_PARKED", "parked_claimed (attempt>?)"),
        ("owed.FORGET_PARKED", "parked_order (practice_pk=? AND provider=? AND provider_id=?)"),
        ("search.CHANGED", "conversation_change (practice_pk=? AND change>?)"),
        ("search.NEW_ENTRIES", "entry_order (practice_pk=? AND conversation_pk=? AND seq>?)"),
        ("owed.ATTEMPT_OF", "owed_provider (practice_pk=? AND provider=? AND provider_id=?)"),
    ],
)
def test_the_index_meant_for_it_is_used(database, name, index):
    assert [step for step in plan(database, STATEMENTS[name]) if f"convokit_{index}" in step]


@pytest.mark.parametrize("narrowed", ["", "_NARROWED"])
@pytest.mark.parametrize("kind", ["header", "text"])
def test_search_reads_the_full_text_index_from_the_newest_row_and_looks_up_the_rest(database, kind, narrowed):
    first, *others = plan(database, STATEMENTS[f"words.{kind.upper()}S{narrowed}"])
    # "M" is the words, "<" the row that the last page ended with.
    assert re.match(rf"SCAN convokit_search_{kind} VIRTUAL TABLE INDEX \d+:.*(<.*M|M.*<)", first)
    assert "SEARCH convokit_searched USING PRIMARY KEY (practice_pk=? AND conversation_pk=?)" in others
    assert "SEARCH convokit_conversation USING INTEGER PRIMARY KEY (rowid=?)" in others


def test_a_condition_given_as_a_parameter_would_not_use_the_partial_index(database):
    """Why the literals: the harness must see the mistake."""
    column = schema.conversation.c
    asked = lists._listed.where(column.ended == param("ended")).order_by(column.last_us.desc())
    (first, *_) = plan(database, Statement(asked, "practice ended"))
    assert "by_time" not in first


def test_every_index_leads_with_the_practice_save_those_of_the_worker():
    others = {
        index.name
        for table in schema.metadata.tables.values()
        for index in table.indexes
        if next(iter(index.columns)).name != "practice_pk"
    }
    assert others == {
        "convokit_due_work_due",
        "convokit_due_work_planned",
        "convokit_job_due",
        "convokit_job_lease",
        "convokit_media_staged",
        "convokit_owed_due",
        "convokit_owed_lease",
        "convokit_parked_claimed",
    }


def test_parameters_in_another_order_than_the_statement_has_are_a_mistake_at_the_start():
    swapped = Statement(lists._listed.limit(param("most")).offset(0), "most practice")
    with pytest.raises(ConfigurationError):
        _ = swapped.sqlite


def test_the_migrations_make_the_tables_of_the_schema(tmp_path: Path):
    import sqlalchemy as sa

    def tables(connection):
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {name: " ".join(text.split()) for name, text in rows if name != schema.VERSION_TABLE}

    open_sqlite(f"sqlite:///{tmp_path}/desk.db").close()
    migrated, made = sa.create_engine(f"sqlite:///{tmp_path}/desk.db"), sa.create_engine("sqlite://")
    with migrated.connect() as one, made.connect() as other:
        schema.metadata.create_all(other)
        assert tables(one) == tables(other)
    migrated.dispose()
    made.dispose()
