"""The statements that erase a person. ``talks`` are the keys of their conversations as a JSON list."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from convokit.decisions import filing
from convokit.stores.sql import rows, schema, schema_payments, schema_push
from convokit.stores.sql.spelling import among, holds, json_text, third_part
from convokit.stores.sql.statement import Statement
from convokit.stores.sql.statements import columns, literally, only, param

COLUMNS: Final = (
    "address title client_id client_name patient_id patient_name ended unread ended_us last_seq last_text last_delivery"
    " awaiting_us failed client_email client_phone version"
).split()
"""What an erasure assigns to a conversation, ``change`` and ``candidates`` besides."""

_C: Final = schema.conversation
_E: Final = schema.entry
_F: Final = schema.fact
_J: Final = schema.job
_L: Final = schema.consent_line
_M: Final = schema.media
_O: Final = schema.owed
_P: Final = schema_payments.payment
_R: Final = schema.parked
_nothing: Final[sa.ColumnElement[str]] = sa.literal_column("''", sa.Text())
_no: Final[sa.ColumnElement[Any]] = sa.null()


def _of(table: sa.Table) -> sa.ColumnElement[bool]:
    return table.c.practice_pk == param("practice")


def _theirs(table: sa.Table) -> tuple[sa.ColumnElement[bool], ...]:
    return _of(table), among(table.c.conversation_pk, "talks")


_CLOSING: Final = ("'close'", "'expire'")


def _of_their_entries(column: sa.Column[Any]) -> sa.Select[Any]:
    return sa.select(column).where(_E.c.practice_pk == param("of_practice"), among(_E.c.conversation_pk, "talks"))


def _first(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    found = sa.select(only("1")).select_from(table).where(*conditions, literally(schema.BEGUN))
    return found.limit(only("1")).offset(only("0"))


_their_jobs = (
    _of(_J),
    among(json_text(_J.c.payload, "conversation_id"), "ids"),
    # What makes a link useless stays owed: an open link would be worse, and the job names nobody.
    sa.func.coalesce(json_text(_J.c.payload, "ask"), _nothing).not_in(list(map(sa.literal_column, _CLOSING))),
)

FIND: Final = Statement(
    sa.select(*columns(_C, rows.CONVERSATION)).where(
        _of(_C),
        sa.or_(
            _C.c.client_id == param("client"),
            _C.c.candidates != _nothing,
            sa.and_(_C.c.channel == sa.literal_column("'app'"), _C.c.address == param("app")),
            among(_C.c.address, "numbers"),
            among(_C.c.client_phone, "phones"),
        ),
    ),
    "practice client app numbers phones",
)
"""The client's conversations, those at their numbers, and all that have candidates."""
BEGUN: Final = Statement(_first(_O, *_theirs(_O)), "practice talks")
JOB_BEGUN: Final = Statement(_first(_J, *_their_jobs), "practice ids")
JOBS_OWED: Final = Statement(
    sa.select(sa.func.count()).select_from(_J).where(*_their_jobs, literally(schema.OWED)), "practice ids"
)
DROP_JOBS: Final = Statement(sa.delete(_J).where(*_their_jobs), "practice ids")
OWED: Final = Statement(sa.select(_O.c.key, _O.c.state).where(*_theirs(_O)), "practice talks")
SETTLE: Final = Statement(
    sa.update(_O).where(*_theirs(_O)).values(recipient=_nothing, state=only("2"), lease_us=_no), "practice talks"
)
_their_names = sa.select(_O.c.provider, _O.c.provider_id).where(
    _O.c.practice_pk == param("also_practice"), among(_O.c.conversation_pk, "also_talks")
)
DROP_PARKED: Final = Statement(
    sa.delete(_R).where(
        _of(_R),
        sa.or_(
            _R.c.entry_id.in_(_of_their_entries(_E.c.public_id)),
            sa.tuple_(_R.c.provider, _R.c.provider_id).in_(_their_names),
        ),
    ),
    "practice of_practice talks also_practice also_talks",
)
DROP_FACTS: Final = Statement(
    sa.delete(_F).where(_of(_F), _F.c.identity >= param("first"), _F.c.identity < param("last")),
    "practice first last",
)
_their_keys = sa.select(_O.c.key).where(_O.c.practice_pk == param("of_practice"), among(_O.c.conversation_pk, "talks"))
DROP_REPORTS: Final = Statement(
    sa.delete(_F).where(
        _of(_F),
        literally("identity >= 'dlr:'"),
        literally("identity < 'dlr;'"),
        third_part(_F.c.identity).in_(_their_keys),  # "dlr:<provider>:<key>:..."
    ),
    "practice of_practice talks",
)
DROP_REFERENCES: Final = Statement(
    sa.delete(_F).where(
        _of(_F),
        literally("identity >= 'ref:'"),
        literally("identity < 'ref;'"),
        _F.c.entry_pk.in_(_of_their_entries(_E.c.pk)),
    ),
    "practice of_practice talks",
)
BLANK_FACTS: Final = Statement(
    sa.update(_F)
    .where(_of(_F), _F.c.fingerprint != _nothing, _F.c.entry_pk.in_(_of_their_entries(_E.c.pk)))
    .values(fingerprint=param("erased")),
    "erased practice of_practice talks",
)
ENTRIES: Final = Statement(sa.select(_E.c.pk).where(*_theirs(_E)), "practice talks")
FILED: Final = Statement(
    sa.select(_E.c.conversation_pk)
    .where(*_theirs(_E), _E.c.event == sa.literal_column(f"'{filing.FILED}'"))
    .order_by(_E.c.pk),
    "practice talks",
)
"""The conversation's key of each transcript that was filed, in the order in which they were."""
DELIVERY: Final = Statement(
    sa.select(_E.c.delivery).where(_of(_E), _E.c.conversation_pk == param("talk"), _E.c.seq == param("at")),
    "practice talk at",
)
HOLD_BACK: Final = Statement(
    sa.update(_E)
    .where(_of(_E), _E.c.public_id == param("entry"))
    .values(
        reason=sa.literal_column("'cancelled'"),
        flags=sa.func.ltrim(_E.c.flags.concat(sa.literal_column("' left'", sa.Text()))),
    ),
    "delivery practice entry",
)
ERASE_ENTRIES: Final = Statement(
    sa.update(_E)
    .where(*_theirs(_E))
    .values(
        author_name=sa.case((_E.c.side == sa.literal_column("'client'"), _nothing), else_=_E.c.author_name),
        raw=_nothing,
        provider_id=_no,
        client_ref=_no,
        attachments=_nothing,
    ),
    "text practice talks",
)
PAYMENTS: Final = Statement(sa.update(_P).where(*_theirs(_P)).values(url=_no, page=_no), "title practice talks")
FILES: Final = Statement(
    sa.select(_M.c.attachment, _M.c.owner, _M.c.expires_us, _M.c.entry_id, _M.c.revoked).where(
        _of(_M),
        sa.or_(
            _M.c.entry_id.in_(_of_their_entries(_E.c.public_id)),
            _M.c.owner == param("whose"),
            _M.c.owner == sa.literal_column("'erased'"),
        ),
    ),
    "practice of_practice talks whose",
)
RELEASE_FILE: Final = Statement(
    sa.update(_M).where(_of(_M), _M.c.public_id == param("file")).values(entry_id=_no),
    "owner expires_us attachment practice file",
)
ERASE_CONVERSATION: Final = Statement(
    sa.update(_C).where(_of(_C), _C.c.public_id == param("talk")),
    f"{' '.join(COLUMNS)} change candidates practice talk",
)
DROP_CHOICES: Final = Statement(
    sa.delete(schema.client_choice).where(
        _of(schema.client_choice),
        sa.or_(schema.client_choice.c.client_id == param("client"), among(schema.client_choice.c.address, "numbers")),
    ),
    "practice client numbers",
)
DROP_NOTE: Final = Statement(
    sa.delete(schema.client_note).where(_of(schema.client_note), schema.client_note.c.client_id == param("client")),
    "practice client",
)
DROP_APPS: Final = Statement(
    sa.delete(schema_push.push_token).where(
        _of(schema_push.push_token), schema_push.push_token.c.client_id == param("client")
    ),
    "practice client",
)
DROP_CONSENT: Final = Statement(
    sa.delete(schema.consent).where(_of(schema.consent), schema.consent.c.address == param("number")),
    "practice number",
)
BLANK_LINES: Final = Statement(
    sa.update(_L)
    .where(_of(_L), _L.c.address == param("number"))
    .values(address=_nothing, evidence=_nothing, provider_id=_no),
    "practice number",
)
DROP_UNREADABLE: Final = Statement(
    sa.delete(schema.unreadable).where(_of(schema.unreadable), holds(schema.unreadable.c.body, "trace")),
    "practice trace",
)
