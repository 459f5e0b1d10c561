"""The first tables: practices, conversations, timeline, facts, consent, effects owed, webhooks.

A migration never changes once it is released, so this one says for itself what the tables were; a test compares the
outcome of all migrations with ``schema.py``.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: Final = "0001"
down_revision: Final = None

# A column is a name and its kind: t text, i whole number, b bytes, k the table's own key, or the table it points to;
# "?" may be empty, "*" is part of a primary key of several columns.
_TABLES: Final = {
    "practice": "pk:k public_id:t change_no:i settings:t",
    "conversation": (
        "pk:k practice_pk:practice public_id:t channel:t sender:t address:t title:t client_id:t? client_name:t"
        " patient_id:t? patient_name:t team_member:t initiated_by:t ended:i urgency:i unread:i started_us:i"
        " ended_us:i? last_seq:i last_us:i last_text:t last_side:t last_delivery:i? last_message_seq:i opened_seq:i"
        " read_seq:i awaiting_us:i? failed:i department:t assignee_id:t? assignee_name:t client_email:t client_phone:t"
        " away_us:i? version:i change:i previous_id:t? candidates:t"
    ),
    "entry": (
        "pk:k practice_pk:practice conversation_pk:conversation public_id:t seq:i at_us:i kind:t side:t event:t?"
        " text:t author_id:t? author_name:t attempt:i delivery:i? reason:t? raw:t provider_id:t? client_ref:t?"
        " flags:t attachments:t"
    ),
    "fact": "practice_pk:practice* identity:t* entry_pk:entry? fingerprint:t",
    "consent": "practice_pk:practice* address:t* opted_out:i maybe:i since_us:i",
    "consent_line": (
        "pk:k practice_pk:practice address:t action:t source:t at_us:i actor:t? evidence:t provider_id:t? classifier:t?"
    ),
    "suppressed": "practice_pk:practice* digest:t* since_us:i",
    "number_health": "practice_pk:practice* address:t* reason:t since_us:i entry_id:t?",
    "client_note": ("practice_pk:practice* client_id:t* text:t version:i author_id:t author_name:t at_us:i"),
    "client_choice": "practice_pk:practice* address:t* client_id:t by_id:t by_name:t at_us:i",
    "owed": (
        "pk:k practice_pk:practice conversation_pk:conversation entry_pk:entry key:t kind:t attempt:i sender:t"
        " recipient:t because:t not_after_us:i? state:i tries:i owed_us:i due_us:i begun_us:i? lease_us:i?"
        " provider:t? provider_id:t?"
    ),
    "job": (
        "pk:k practice_pk:practice key:t kind:t payload:t state:i tries:i owed_us:i due_us:i begun_us:i? lease_us:i?"
    ),
    "due_work": "practice_pk:practice* kind:t* due_us:i planned_us:i",
    "day_report": (
        "practice_pk:practice* day:t* until:t state:t due_us:i at_us:i open_count:i refused:t reason:t? raw:t"
    ),
    "payment": (
        "pk:k practice_pk:practice conversation_pk:conversation public_id:t title:t invoice:t? minor:i currency:t"
        " provider:t by_id:t by_name:t requested_us:i expires_us:i url:t? provider_id:t? entry_id:t? evidence:t state:t"
        " paid_us:i?"
    ),
    "charge": "practice_pk:practice* provider:t* charge_id:t* payment_id:t",
    "parked": (
        "pk:k practice_pk:practice provider:t provider_id:t identity:t entry_id:t attempt:i at_us:i delivery:i?"
        " reason:t? raw:t event_id:t"
    ),
    "media": (
        "pk:k practice_pk:practice public_id:t owner:t entry_id:t? expires_us:i revoked:i address:t thumbnail:t"
        " attachment:t"
    ),
    "secret": "name:t* value:b",
    "endpoint": "practice_pk:practice* provider:t* token:t",
    "unreadable": "pk:k practice_pk:practice provider:t at_us:i body:b",
    "search_mark": "practice_pk:practice* change:i",
    "searched": "practice_pk:practice* conversation_pk:conversation* seq:i",
}
_UNIQUE: Final = {
    "practice": sa.UniqueConstraint("public_id", name="convokit_practice_public"),
    "endpoint": sa.UniqueConstraint("token", name="convokit_endpoint_token"),
}
# Name, table, columns ("-": descending), "unique" or nothing, condition.
_INDEXES: Final = (
    ("conversation_public", "conversation", "practice_pk public_id", True, ""),
    ("conversation_open_at", "conversation", "practice_pk channel address sender", True, "ended = 0"),
    ("conversation_ended_at", "conversation", "practice_pk channel address sender ended_us pk", False, "ended = 1"),
    ("conversation_latest_at", "conversation", "practice_pk channel address last_us pk", False, "ended = 1"),
    ("conversation_by_urgency", "conversation", "practice_pk -urgency -last_us -pk", False, "ended = 0"),
    ("conversation_by_time", "conversation", "practice_pk -last_us -pk", False, "ended = 0"),
    ("unread_by_urgency", "conversation", "practice_pk -urgency -last_us -pk", False, "ended = 0 AND unread > 0"),
    ("unread_by_time", "conversation", "practice_pk -last_us -pk", False, "ended = 0 AND unread > 0"),
    ("failed_by_time", "conversation", "practice_pk -last_us -pk", False, "ended = 0 AND failed > 0"),
    (
        "conversation_waiting",
        "conversation",
        "practice_pk awaiting_us pk",
        False,
        "ended = 0 AND awaiting_us IS NOT NULL",
    ),
    (
        "department_by_time",
        "conversation",
        "practice_pk department -last_us -pk",
        False,
        "ended = 0 AND department <> ''",
    ),
    (
        "assignee_by_time",
        "conversation",
        "practice_pk assignee_id -last_us -pk",
        False,
        "ended = 0 AND assignee_id IS NOT NULL",
    ),
    ("conversation_history", "conversation", "practice_pk -ended_us -pk", False, "ended = 1"),
    ("conversation_change", "conversation", "practice_pk change", False, ""),
    ("entry_public", "entry", "practice_pk public_id", True, ""),
    ("entry_order", "entry", "practice_pk conversation_pk seq", True, ""),
    ("consent_line_order", "consent_line", "practice_pk address pk", False, ""),
    ("owed_key", "owed", "practice_pk key", True, ""),
    ("owed_provider", "owed", "practice_pk provider provider_id", True, "provider_id IS NOT NULL"),
    ("owed_lane", "owed", "practice_pk conversation_pk pk", False, "state < 2"),
    ("owed_flight", "owed", "practice_pk recipient", False, "state = 1"),
    (
        "owed_automatic",
        "owed",
        "practice_pk recipient owed_us",
        False,
        "because IN ('away', 'confirmation', 'greeting', 'help')",
    ),
    ("owed_due", "owed", "due_us pk", False, "state = 0"),
    ("owed_lease", "owed", "lease_us pk", False, "state = 1"),
    ("job_key", "job", "practice_pk key", True, ""),
    ("job_due", "job", "due_us pk", False, "state = 0"),
    ("job_lease", "job", "lease_us pk", False, "state = 1"),
    ("due_work_due", "due_work", "due_us", False, ""),
    ("due_work_planned", "due_work", "planned_us", False, ""),
    ("payment_public", "payment", "practice_pk public_id", True, ""),
    ("payment_of_conversation", "payment", "practice_pk conversation_pk pk", False, ""),
    ("payment_requested", "payment", "practice_pk requested_us pk", False, ""),
    ("parked_once", "parked", "practice_pk provider provider_id identity", True, ""),
    ("parked_order", "parked", "practice_pk provider provider_id pk", False, ""),
    ("parked_claimed", "parked", "attempt pk", False, "attempt > 0"),
    ("unreadable_order", "unreadable", "practice_pk pk", False, ""),
    ("media_public", "media", "practice_pk public_id", True, ""),
    ("media_of_entry", "media", "practice_pk entry_id", False, "entry_id IS NOT NULL"),
    ("media_address", "media", "practice_pk address", False, ""),
    ("media_thumbnail", "media", "practice_pk thumbnail", False, "thumbnail <> ''"),
    ("media_staged", "media", "expires_us pk", False, "entry_id IS NULL"),
)


# PostgreSQL: every key leads with the practice, so that the tables can be partitioned or distributed by it, and texts
# are ordered by their code points, as everywhere else.
_WITHOUT_PRACTICE: Final = ("practice", "secret")
_SEARCH: Final = {"header": "conversation_pk:conversation*", "text": "entry_pk:entry* conversation_pk:conversation"}
_PRACTICE: Final = "nullif(nullif(current_setting('convokit.practice', true), ''), '*')::bigint"
# "coalesce": to the planner an equation would be a second condition on the practice, and it would expect so few rows
# that sorting them seems cheaper than reading an index in order.
_OWN: Final = f"coalesce(practice_pk = (SELECT {_PRACTICE}), false)"
_ACROSS: Final = "coalesce((SELECT current_setting('convokit.practice', true)) = '*', false)"
_FIND: Final = """
CREATE FUNCTION convokit_found_{name}s(asked text, below bigint, visible json, most bigint) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
DECLARE
  practice CONSTANT bigint := {practice};
  wanted CONSTANT tsquery := asked::tsquery;
BEGIN
  RETURN QUERY
  SELECT found.{key} FROM convokit_search_{name} AS found
  JOIN convokit_conversation AS talk ON talk.practice_pk = found.practice_pk AND talk.pk = found.conversation_pk
  WHERE found.practice_pk = practice AND found.body @@ wanted AND found.{key} < below
    AND (visible IS NULL OR talk.department IN (SELECT value FROM json_array_elements_text(visible)))
  ORDER BY found.{key} DESC LIMIT most;
END $$
"""


def upgrade() -> None:
    """Create tables and indexes."""
    if op.get_context().dialect.name == "postgresql":
        _in_postgres()
        return
    for table, columns in _TABLES.items():
        constraints = [_UNIQUE[table]] if table in _UNIQUE else []
        keyed = "*" in columns
        op.create_table(f"convokit_{table}", *map(_column, columns.split()), *constraints, sqlite_with_rowid=not keyed)
    _indexes()
    for name in ("header", "text"):
        op.execute(
            f"CREATE VIRTUAL TABLE convokit_search_{name}"
            " USING fts5(body, tokenize = 'ascii', detail = 'none', columnsize = 0)"
        )


def _indexes() -> None:
    for name, table, columns, unique, where in _INDEXES:
        condition = sa.text(where) if where else None
        op.create_index(
            f"convokit_{name}",
            f"convokit_{table}",
            [sa.text(f"{c[1:]} DESC") if c.startswith("-") else c for c in columns.split()],
            unique=unique,
            sqlite_where=condition,
            postgresql_where=condition,
        )


def _column(spec: str) -> sa.Column[object]:
    name, _, kind = spec.partition(":")
    points_to = kind.rstrip("?*")
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    types: dict[str, sa.types.TypeEngine[Any]] = {
        "t": sa.Text(),
        "i": sa.BigInteger(),
        "b": sa.LargeBinary(),
        "k": number,
    }
    keys = [] if points_to in types else [sa.ForeignKey(f"convokit_{points_to}.pk")]
    return sa.Column(
        name,
        types.get(points_to, number),
        *keys,
        primary_key=kind == "k" or kind.endswith("*"),
        nullable=kind.endswith("?"),
        autoincrement=kind == "k",
    )


# --- PostgreSQL --------------------------------------------------------------------------------------------------


def _in_postgres() -> None:
    for table, columns in _TABLES.items():
        constraints = [_UNIQUE[table]] if table in _UNIQUE else []
        _table(table, *_shape(table, columns), *constraints)
    for name, columns in _SEARCH.items():
        body = sa.Column("body", postgresql.TSVECTOR(), nullable=False)
        _table(f"search_{name}", *_shape(f"search_{name}", f"practice_pk:practice* {columns}"), body)
        # Written in batches, and read by people who wait: without a list of what is still to be sorted in.
        op.execute(
            f"CREATE INDEX convokit_search_{name}_words ON convokit_search_{name}"
            " USING gin (body) WITH (fastupdate = off)"
        )
    _indexes()
    tenants = [name for name in _TABLES if name not in _WITHOUT_PRACTICE]
    for table in (*tenants, *(f"search_{name}" for name in _SEARCH)):
        _wall(f"convokit_{table}")
    schema = op.get_bind().scalar(sa.text("SELECT quote_ident(current_schema())"))
    for name, columns in _SEARCH.items():
        key = columns.partition(":")[0]
        op.execute(f"CREATE POLICY convokit_search ON convokit_search_{name} FOR SELECT TO CURRENT_USER USING (true)")
        op.execute(_FIND.format(name=name, key=key, schema=schema, practice=_PRACTICE))
        op.execute(f"REVOKE ALL ON FUNCTION convokit_found_{name}s(text, bigint, json, bigint) FROM PUBLIC")


def _table(name: str, *items: sa.schema.SchemaItem) -> None:
    """A table, in as many parts as is wished; one that is looked into before the practice is known stays whole."""
    config = op.get_context().config
    parts: int = 0 if config is None else config.attributes.get("partitions", 0)
    if not parts or name in (*_WITHOUT_PRACTICE, "endpoint"):
        op.create_table(f"convokit_{name}", *items)
        return
    op.create_table(f"convokit_{name}", *items, postgresql_partition_by="HASH (practice_pk)")
    for part in range(parts):
        op.execute(
            f"CREATE TABLE convokit_{name}_{part} PARTITION OF convokit_{name}"
            f" FOR VALUES WITH (MODULUS {parts}, REMAINDER {part})"
        )


def _wall(table: str) -> None:
    """Rows of one practice are seen and written by who names that practice; all are seen by who says so."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY convokit_own ON {table} USING ({_OWN}) WITH CHECK ({_OWN})")
    op.execute(f"CREATE POLICY convokit_across ON {table} FOR SELECT USING ({_ACROSS})")


def _shape(table: str, columns: str) -> list[sa.schema.SchemaItem]:
    """Columns, the primary key and the foreign keys, all of them with the practice in front."""
    specs = [spec.partition(":")[::2] for spec in columns.split()]
    of_practice = "practice_pk" in dict(specs)
    items: list[sa.schema.SchemaItem] = []
    keys = ["practice_pk"] if of_practice else []
    for name, kind in specs:
        target = kind.rstrip("?*")
        types: dict[str, sa.types.TypeEngine[Any]] = {"t": sa.Text(collation="C"), "b": sa.LargeBinary()}
        items.append(
            sa.Column(
                name, types.get(target, sa.BigInteger()), nullable=kind.endswith("?"), autoincrement=target == "k"
            )
        )
        if (kind == "k" or kind.endswith("*")) and name not in keys:
            keys.append(name)
        if target == "practice":
            items.append(sa.ForeignKeyConstraint([name], ["convokit_practice.pk"]))
        elif target not in "tibk":
            there = [f"convokit_{target}.practice_pk", f"convokit_{target}.pk"]
            items.append(sa.ForeignKeyConstraint(["practice_pk", name], there))
    return [*items, sa.PrimaryKeyConstraint(*keys, name=f"convokit_{table}_pkey")]
