"""The statements of effects owed, and of the reports that name a provider's id."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from convokit.stores.sql import rows, schema
from convokit.stores.sql.statement import Statement
from convokit.stores.sql.statements import columns, literally, only, param

_P: Final = schema.practice
_C: Final = schema.conversation
_E: Final = schema.entry
_S: Final = schema.consent
_O: Final = schema.owed
_R: Final = schema.parked

_values = [*columns(_O, rows.OWED), _P.c.public_id, _C.c.public_id, _E.c.public_id]
_tables = (
    _O.join(_P, _P.c.pk == _O.c.practice_pk)
    .join(_C, _C.c.pk == _O.c.conversation_pk)
    .join(_E, _E.c.pk == _O.c.entry_pk)
)
_older = _O.alias("older")
_behind = sa.exists().where(
    _older.c.practice_pk == _O.c.practice_pk,
    _older.c.conversation_pk == _O.c.conversation_pk,
    _older.c.pk < _O.c.pk,
    literally(f"older.{schema.UNSETTLED}"),
)

DUE: Final = Statement(
    sa.select(*_values)
    .select_from(_tables)
    .where(literally(schema.OWED), _O.c.due_us <= param("now"), ~_behind)
    .order_by(_O.c.due_us, _O.c.pk)
    .limit(param("most"))
    .offset(only("0")),
    "now most",
)
ABANDONED: Final = Statement(
    sa.select(*_values)
    .select_from(_tables)
    .where(literally(schema.BEGUN), _O.c.lease_us <= param("now"))
    .order_by(_O.c.lease_us, _O.c.pk)
    .limit(param("most"))
    .offset(only("0")),
    "now most",
)
UNSETTLED: Final = Statement(sa.select(sa.func.count()).select_from(_O).where(literally(schema.UNSETTLED)), "")
IN_FLIGHT: Final = Statement(
    sa.select(sa.func.count())
    .select_from(_O)
    .where(
        _O.c.practice_pk == param("practice"),
        _O.c.recipient == param("address"),
        literally(schema.BEGUN),
        _O.c.lease_us > param("now"),
    ),
    "practice address now",
)

_by_key = (_O.c.practice_pk == param("practice"), _O.c.key == param("effect"))
_consent_of_recipient = sa.and_(_S.c.practice_pk == _O.c.practice_pk, _S.c.address == _O.c.recipient)
LOAD_EFFECT: Final = Statement(
    sa.select(*_values, *columns(_C, rows.CONVERSATION), *columns(_S, rows.CONSENT), *columns(_E, rows.ENTRY))
    .select_from(_tables.outerjoin(_S, _consent_of_recipient))
    .where(*_by_key),
    "practice effect",
)
CLAIM: Final = Statement(
    sa.select(*_values, *columns(_S, rows.CONSENT), _C.c.channel, *columns(_E, rows.ENTRY))
    .select_from(_tables.outerjoin(_S, _consent_of_recipient))
    .where(*_by_key, literally(schema.OWED), _O.c.due_us <= param("now"), ~_behind),
    "practice effect now",
)
BEGIN: Final = Statement(sa.update(_O).where(*_by_key), "state tries begun_us lease_us practice effect")
REOPEN: Final = Statement(
    sa.update(_O).where(*_by_key, _O.c.tries == param("fence"), literally(schema.BEGUN), _O.c.lease_us <= param("now")),
    "state due_us lease_us practice effect fence now",
)
_fenced = sa.update(_O).where(*_by_key, _O.c.tries == param("fence"), literally(schema.BEGUN))
SETTLE: Final = Statement(_fenced, "state lease_us provider provider_id practice effect fence")
SETTLE_AGAIN: Final = Statement(_fenced, "state due_us lease_us provider practice effect fence")
NAME: Final = Statement(
    sa.update(_O).where(*_by_key, _O.c.provider_id.is_(None)), "provider provider_id practice effect"
)
"""A provider's id that came after somebody else had settled the hand-over: its reports must still find the message."""

_its_entry = sa.select(_E.c.pk).where(_E.c.practice_pk == param("of_practice"), _E.c.public_id == param("entry"))
OWE: Final = Statement(
    insert(_O).values(
        entry_pk=_its_entry.scalar_subquery(), state=sa.literal_column("0"), tries=sa.literal_column("0")
    ),
    "practice_pk conversation_pk of_practice entry key kind attempt sender recipient because not_after_us"
    " owed_us due_us",
)

ATTEMPT_OF: Final = Statement(
    sa.select(_E.c.public_id, _O.c.attempt)
    .select_from(_O.join(_E, _E.c.pk == _O.c.entry_pk))
    .where(
        _O.c.practice_pk == param("practice"), _O.c.provider == param("provider"), _O.c.provider_id == param("known_as")
    ),
    "practice provider known_as",
)
PARK: Final = Statement(
    insert(_R).on_conflict_do_nothing(),
    "practice_pk provider provider_id identity entry_id attempt at_us delivery reason raw event_id",
)
PARKED: Final = Statement(
    sa.select(*columns(_R, rows.PARKED))
    .where(
        _R.c.practice_pk == param("practice"), _R.c.provider == param("provider"), _R.c.provider_id == param("known_as")
    )
    .order_by(_R.c.pk),
    "practice provider known_as",
)
