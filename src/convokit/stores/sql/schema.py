"""The tables, once for every database. ``migrations/`` builds them; a test holds the two together.

Integer keys inside, random public ids at the door: a random text as the key would make each insert several times
slower and the file several times larger. Every index leads with the practice, save those of the worker, who serves
all practices. Truth values are 0 and 1: the conditions of partial indexes must read the same in every database, and
SQLite uses such an index only for a query that repeats its condition as a literal.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

OPEN: Final = "ended = 0"
ENDED: Final = "ended = 1"
UNREAD: Final = "ended = 0 AND unread > 0"
FAILED: Final = "ended = 0 AND failed > 0"
WAITING: Final = "ended = 0 AND awaiting_us IS NOT NULL"
ELSEWHERE: Final = "ended = 0 AND department <> ''"
ASSIGNED: Final = "ended = 0 AND assignee_id IS NOT NULL"
OWED: Final = "state = 0"
BEGUN: Final = "state = 1"
UNSETTLED: Final = "state < 2"
KNOWN: Final = "provider_id IS NOT NULL"
CLAIMED: Final = "attempt > 0"
AUTOMATIC: Final = "because IN ('away', 'confirmation', 'greeting', 'help')"
STAGED: Final = "entry_id IS NULL"
ATTACHED: Final = "entry_id IS NOT NULL"
HAS_THUMBNAIL: Final = "thumbnail <> ''"

VERSION_TABLE: Final = "convokit_version"
REVISIONS: Final = ("0001", "0002", "0003")
"""Every migration that this release knows, oldest first; a test compares it with ``migrations/versions``."""

metadata: Final = sa.MetaData()
_BIG: Final = sa.BigInteger()
_KEY: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # only "INTEGER" is SQLite's own row number


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _number(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, _BIG, nullable=null)


def _key() -> sa.Column[int]:
    return sa.Column("pk", _KEY, primary_key=True)


def _of(table: str, *, key: bool = False, null: bool = False) -> sa.Column[int]:
    target = sa.ForeignKey(f"convokit_{table}.pk")
    return sa.Column(f"{table}_pk", _KEY, target, primary_key=key, nullable=null, autoincrement=False)


def _index(name: str, *columns: sa.ColumnElement[int] | sa.Column[str], unique: bool = False, where: str = "") -> None:
    condition = sa.text(where) if where else None
    sa.Index(f"convokit_{name}", *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


practice = sa.Table(
    "convokit_practice",
    metadata,
    _key(),
    _text("public_id"),
    _number("change_no"),
    _text("settings"),
    sa.UniqueConstraint("public_id", name="convokit_practice_public"),
)

conversation = sa.Table(
    "convokit_conversation",
    metadata,
    _key(),
    _of("practice"),
    _text("public_id"),
    _text("channel"),
    _text("sender"),
    _text("address"),
    _text("title"),
    _text("client_id", null=True),
    _text("client_name"),
    _text("patient_id", null=True),
    _text("patient_name"),
    _text("team_member"),
    _text("initiated_by"),
    _number("ended"),
    _number("urgency"),
    _number("unread"),
    _number("started_us"),
    _number("ended_us", null=True),
    _number("last_seq"),
    _number("last_us"),
    _text("last_text"),
    _text("last_side"),
    _number("last_delivery", null=True),
    _number("last_message_seq"),
    _number("opened_seq"),
    _number("read_seq"),
    _number("awaiting_us", null=True),
    _number("failed"),
    _text("department"),
    _text("assignee_id", null=True),
    _text("assignee_name"),
    _text("client_email"),
    _text("client_phone"),
    _number("away_us", null=True),
    _number("version"),
    _number("change"),
    _text("previous_id", null=True),
    _text("candidates"),
)
_c = conversation.c
_index("conversation_public", _c.practice_pk, _c.public_id, unique=True)
_index("conversation_open_at", _c.practice_pk, _c.channel, _c.address, _c.sender, unique=True, where=OPEN)
_index("conversation_ended_at", _c.practice_pk, _c.channel, _c.address, _c.sender, _c.ended_us, _c.pk, where=ENDED)
_index("conversation_latest_at", _c.practice_pk, _c.channel, _c.address, _c.last_us, _c.pk, where=ENDED)
_index("conversation_by_urgency", _c.practice_pk, _c.urgency.desc(), _c.last_us.desc(), _c.pk.desc(), where=OPEN)
_index("conversation_by_time", _c.practice_pk, _c.last_us.desc(), _c.pk.desc(), where=OPEN)
_index("unread_by_urgency", _c.practice_pk, _c.urgency.desc(), _c.last_us.desc(), _c.pk.desc(), where=UNREAD)
_index("unread_by_time", _c.practice_pk, _c.last_us.desc(), _c.pk.desc(), where=UNREAD)
_index("failed_by_time", _c.practice_pk, _c.last_us.desc(), _c.pk.desc(), where=FAILED)
_index("conversation_waiting", _c.practice_pk, _c.awaiting_us, _c.pk, where=WAITING)
_index("department_by_time", _c.practice_pk, _c.department, _c.last_us.desc(), _c.pk.desc(), where=ELSEWHERE)
_index("assignee_by_time", _c.practice_pk, _c.assignee_id, _c.last_us.desc(), _c.pk.desc(), where=ASSIGNED)
_index("conversation_history", _c.practice_pk, _c.ended_us.desc(), _c.pk.desc(), where=ENDED)
_index("conversation_change", _c.practice_pk, _c.change)

entry = sa.Table(
    "convokit_entry",
    metadata,
    _key(),
    _of("practice"),
    _of("conversation"),
    _text("public_id"),
    _number("seq"),
    _number("at_us"),
    _text("kind"),
    _text("side"),
    _text("event", null=True),
    _text("text"),
    _text("author_id", null=True),
    _text("author_name"),
    _number("attempt"),
    _number("delivery", null=True),
    _text("reason", null=True),
    _text("raw"),
    _text("provider_id", null=True),
    _text("client_ref", null=True),
    _text("flags"),
    _text("attachments"),
)
_index("entry_public", entry.c.practice_pk, entry.c.public_id, unique=True)
_index("entry_order", entry.c.practice_pk, entry.c.conversation_pk, entry.c.seq, unique=True)

fact = sa.Table(
    "convokit_fact",
    metadata,
    _of("practice", key=True),
    sa.Column("identity", sa.Text(), primary_key=True),
    _of("entry", null=True),
    _text("fingerprint"),
    sqlite_with_rowid=False,
)

consent = sa.Table(
    "convokit_consent",
    metadata,
    _of("practice", key=True),
    sa.Column("address", sa.Text(), primary_key=True),
    _number("opted_out"),
    _number("maybe"),
    _number("since_us"),
    sqlite_with_rowid=False,
)

consent_line = sa.Table(
    "convokit_consent_line",
    metadata,
    _key(),
    _of("practice"),
    _text("address"),
    _text("action"),
    _text("source"),
    _number("at_us"),
    _text("actor", null=True),
    _text("evidence"),
    _text("provider_id", null=True),
    _text("classifier", null=True),
)
_index("consent_line_order", consent_line.c.practice_pk, consent_line.c.address, consent_line.c.pk)

suppressed = sa.Table(
    "convokit_suppressed",
    metadata,
    _of("practice", key=True),
    sa.Column("digest", sa.Text(), primary_key=True),
    _number("since_us"),
    sqlite_with_rowid=False,
)

number_health = sa.Table(
    "convokit_number_health",
    metadata,
    _of("practice", key=True),
    sa.Column("address", sa.Text(), primary_key=True),
    _text("reason"),
    _number("since_us"),
    _text("entry_id", null=True),
    sqlite_with_rowid=False,
)

client_note = sa.Table(
    "convokit_client_note",
    metadata,
    _of("practice", key=True),
    sa.Column("client_id", sa.Text(), primary_key=True),
    _text("text"),
    _number("version"),
    _text("author_id"),
    _text("author_name"),
    _number("at_us"),
    sqlite_with_rowid=False,
)

client_choice = sa.Table(
    "convokit_client_choice",
    metadata,
    _of("practice", key=True),
    sa.Column("address", sa.Text(), primary_key=True),
    _text("client_id"),
    _text("by_id"),
    _text("by_name"),
    _number("at_us"),
    sqlite_with_rowid=False,
)

owed = sa.Table(
    "convokit_owed",
    metadata,
    _key(),
    _of("practice"),
    _of("conversation"),
    _of("entry"),
    _text("key"),
    _text("kind"),
    _number("attempt"),
    _text("sender"),
    _text("recipient"),
    _text("because"),
    _number("not_after_us", null=True),
    _number("state"),
    _number("tries"),
    _number("owed_us"),
    _number("due_us"),
    _number("begun_us", null=True),
    _number("lease_us", null=True),
    _text("provider", null=True),
    _text("provider_id", null=True),
)
_o = owed.c
_index("owed_key", _o.practice_pk, _o.key, unique=True)
_index("owed_provider", _o.practice_pk, _o.provider, _o.provider_id, unique=True, where=KNOWN)
_index("owed_lane", _o.practice_pk, _o.conversation_pk, _o.pk, where=UNSETTLED)
_index("owed_flight", _o.practice_pk, _o.recipient, where=BEGUN)
_index("owed_automatic", _o.practice_pk, _o.recipient, _o.owed_us, where=AUTOMATIC)
_index("owed_due", _o.due_us, _o.pk, where=OWED)
_index("owed_lease", _o.lease_us, _o.pk, where=BEGUN)

job = sa.Table(
    "convokit_job",
    metadata,
    _key(),
    _of("practice"),
    _text("key"),
    _text("kind"),
    _text("payload"),
    _number("state"),
    _number("tries"),
    _number("owed_us"),
    _number("due_us"),
    _number("begun_us", null=True),
    _number("lease_us", null=True),
)
_index("job_key", job.c.practice_pk, job.c.key, unique=True)
_index("job_due", job.c.due_us, job.c.pk, where=OWED)
_index("job_lease", job.c.lease_us, job.c.pk, where=BEGUN)

due_work = sa.Table(
    "convokit_due_work",
    metadata,
    _of("practice", key=True),
    sa.Column("kind", sa.Text(), primary_key=True),
    _number("due_us"),
    _number("planned_us"),
    sqlite_with_rowid=False,
)
_index("due_work_due", due_work.c.due_us)
_index("due_work_planned", due_work.c.planned_us)

day_report = sa.Table(
    "convokit_day_report",
    metadata,
    _of("practice", key=True),
    sa.Column("day", sa.Text(), primary_key=True),
    _text("until"),
    _text("state"),
    _number("due_us"),
    _number("at_us"),
    _number("open_count"),
    _text("refused"),
    _text("reason", null=True),
    _text("raw"),
    sqlite_with_rowid=False,
)

parked = sa.Table(
    "convokit_parked",
    metadata,
    _key(),
    _of("practice"),
    _text("provider"),
    _text("provider_id"),
    _text("identity"),
    _text("entry_id"),
    _number("attempt"),
    _number("at_us"),
    _number("delivery", null=True),
    _text("reason", null=True),
    _text("raw"),
    _text("event_id"),
)
_p = parked.c
_index("parked_once", _p.practice_pk, _p.provider, _p.provider_id, _p.identity, unique=True)
_index("parked_order", _p.practice_pk, _p.provider, _p.provider_id, _p.pk)
_index("parked_claimed", _p.attempt, _p.pk, where=CLAIMED)

media = sa.Table(
    "convokit_media",
    metadata,
    _key(),
    _of("practice"),
    _text("public_id"),
    _text("owner"),
    _text("entry_id", null=True),
    _number("expires_us"),
    _number("revoked"),
    _text("address"),
    _text("thumbnail"),
    _text("attachment"),
)
_m = media.c
_index("media_public", _m.practice_pk, _m.public_id, unique=True)
_index("media_of_entry", _m.practice_pk, _m.entry_id, where=ATTACHED)
_index("media_address", _m.practice_pk, _m.address)
_index("media_thumbnail", _m.practice_pk, _m.thumbnail, where=HAS_THUMBNAIL)
_index("media_staged", _m.expires_us, _m.pk, where=STAGED)

secret = sa.Table(
    "convokit_secret",
    metadata,
    sa.Column("name", sa.Text(), primary_key=True),
    sa.Column("value", sa.LargeBinary(), nullable=False),
    sqlite_with_rowid=False,
)

endpoint = sa.Table(
    "convokit_endpoint",
    metadata,
    _of("practice", key=True),
    sa.Column("provider", sa.Text(), primary_key=True),
    _text("token"),
    sa.UniqueConstraint("token", name="convokit_endpoint_token"),
    sqlite_with_rowid=False,
)

unreadable = sa.Table(
    "convokit_unreadable",
    metadata,
    _key(),
    _of("practice"),
    _text("provider"),
    _number("at_us"),
    sa.Column("body", sa.LargeBinary(), nullable=False),
)
_index("unreadable_order", unreadable.c.practice_pk, unreadable.c.pk)
