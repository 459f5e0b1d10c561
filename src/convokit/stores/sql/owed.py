"""The statements of effects owed, and of the reports that name a provider's id."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from convokit.domain.inbox import BADGE_CAP
from convokit.effects import PASSING
from convokit.stores.sql import rows, schema
from convokit.stores.sql.statement import Put, Statement
from convokit.stores.sql.statements import (
    columns,
    consent_of,
    conversation_named,
    is_not_among,
    literally,
    only,
    param,
    reaches,
)

_P: Final = schema.practice
_C: Final = schema.conversation
_E: Final = schema.entry
_S: Final = schema.consent
_O: Final = schema.owed
_R: Final = schema.parked

_values = [*columns(_O, rows.OWED), _P.c.public_id, _C.c.public_id, _E.c.public_id]
_tables = (
    _O.join(_P, _P.c.pk == _O.c.practice_pk)
    .join(_C, reaches(_O.c.conversation_pk, _C))
    .join(_E, reaches(_O.c.entry_pk, _E))
)
_older = _O.alias("older")
_passing: Final[list[sa.ColumnElement[str]]] = [sa.literal_column(f"'{because}'", sa.Text()) for because in PASSING]
_behind = sa.exists().where(
    _older.c.practice_pk == _O.c.practice_pk,
    _older.c.conversation_pk == _O.c.conversation_pk,
    _older.c.pk < _O.c.pk,
    literally(f"older.{schema.UNSETTLED}"),
    # The confirmation of an opt-out and the answer to HELP pass what nobody has begun, save one another.
    sa.not_(
        sa.and_(literally(f"older.{schema.OWED}"), _older.c.because.not_in(_passing), _O.c.because.in_(_passing)),
    ),
)

EFFECTS: Final = sa.select(*_values).select_from(_tables)
"""Owed texts, as :func:`convokit.stores.sql.rows.owed_of` reads them."""

_owed = EFFECTS.where(literally(schema.OWED), ~_behind)
_begun = EFFECTS.where(literally(schema.BEGUN))


def _page(found: sa.Select[tuple[object, ...]], order: sa.Column[int], names: str) -> Statement:
    return Statement(found.order_by(order, _O.c.pk).limit(param("most")).offset(only("0")), names, across=True)


DUE: Final = _page(_owed.where(_O.c.due_us <= param("now")), _O.c.due_us, "now most")
DUE_BUT: Final = _page(
    _owed.where(_O.c.due_us <= param("now"), is_not_among(_P.c.public_id, "but")), _O.c.due_us, "now but but most"
)
DUE_FAR: Final = _page(_owed.where(_O.c.due_us > param("far")), _O.c.due_us, "far most")
"""What is due later than anything can be: the clock went back. Apart from :data:`DUE`, for each to use the index."""

_clock_went_back = sa.or_(_O.c.lease_us > param("far"), _O.c.begun_us > param("ahead"))
ABANDONED: Final = _page(_begun.where(_O.c.lease_us <= param("now")), _O.c.lease_us, "now most")
ABANDONED_FAR: Final = _page(
    _begun.where(_O.c.lease_us > param("now"), _clock_went_back), _O.c.lease_us, "now far ahead most"
)
"""What was begun later than now. Only hand-overs that are running are looked at."""
UNSETTLED: Final = Statement(
    sa.select(sa.func.count()).select_from(_O).where(literally(schema.UNSETTLED)), "", across=True
)
IN_FLIGHT: Final = Statement(
    sa.select(sa.func.count())
    .select_from(_O)
    .where(
        _O.c.practice_pk == param("practice"),
        _O.c.recipient == param("address"),
        literally(schema.BEGUN),
    ),
    "practice address",
)

RECENT: Final = Statement(
    sa.select(_O.c.because, _O.c.owed_us)
    .where(
        _O.c.practice_pk == param("practice"),
        _O.c.recipient == param("address"),
        _O.c.owed_us > param("since"),
        _O.c.owed_us <= param("until"),
        literally(schema.AUTOMATIC),
    )
    .order_by(_O.c.owed_us.desc(), _O.c.pk.desc())
    .limit(param("most"))
    .offset(only("0")),
    "practice address since until most",
)
"""Automatic texts to a number, newest first."""

_by_key = (_O.c.practice_pk == param("practice"), _O.c.key == param("effect"))
_consent_of_recipient = sa.and_(_S.c.practice_pk == _O.c.practice_pk, _S.c.address == _O.c.recipient)
LOAD_EFFECT: Final = Statement(
    sa.select(*_values, *columns(_C, rows.CONVERSATION), *consent_of(_O.c.practice_pk), *columns(_E, rows.ENTRY))
    .select_from(_tables.outerjoin(_S, _consent_of_recipient))
    .where(*_by_key),
    "practice effect",
)
CLAIM: Final = Statement(
    sa.select(*_values, *consent_of(_O.c.practice_pk), _C.c.channel, *columns(_E, rows.ENTRY))
    .select_from(_tables.outerjoin(_S, _consent_of_recipient))
    .where(
        *_by_key,
        literally(schema.OWED),
        sa.or_(_O.c.due_us <= param("now"), _O.c.due_us > param("far")),
        ~_behind,
    ),
    "practice effect now far",
)
BEGIN: Final = Statement(sa.update(_O).where(*_by_key), "state tries begun_us lease_us practice effect")
LEASE: Final = Statement(
    sa.select(_O.c.tries, _O.c.begun_us, _O.c.lease_us).where(*_by_key, literally(schema.BEGUN)), "practice effect"
)
_fenced = sa.update(_O).where(*_by_key, _O.c.tries == param("fence"), literally(schema.BEGUN))
SETTLE: Final = Statement(_fenced, "state lease_us provider provider_id practice effect fence")
SETTLE_AGAIN: Final = Statement(_fenced, "state due_us lease_us provider practice effect fence")
NAME: Final = Statement(
    sa.update(_O).where(*_by_key, _O.c.provider_id.is_(None)), "provider provider_id practice effect"
)
"""A provider's id that came after somebody else had settled the hand-over: its reports must still find the message."""

_its_entry = sa.select(_E.c.pk).where(_E.c.practice_pk == param("of_practice"), _E.c.public_id == param("entry"))
_owe = sa.insert(_O).values(
    entry_pk=_its_entry.scalar_subquery(),
    state=sa.literal_column("0"),
    tries=sa.literal_column("0"),
    due_us=sa.literal_column("0"),
)
_what = " of_practice entry key kind attempt sender recipient because not_after_us owed_us"
OWE: Final = Statement(_owe, "practice_pk conversation_pk" + _what)
OWE_IN: Final = Statement(
    _owe.values(conversation_pk=conversation_named), "practice_pk of_practice conversation" + _what
)
"""The same for a conversation whose number nobody has been told yet."""

ATTEMPT_OF: Final = Statement(
    sa.select(_E.c.public_id, _O.c.attempt)
    .select_from(_O.join(_E, reaches(_O.c.entry_pk, _E)))
    .where(
        _O.c.practice_pk == param("practice"), _O.c.provider == param("provider"), _O.c.provider_id == param("known_as")
    ),
    "practice provider known_as",
)
PARK: Final = Statement(
    Put(table=_R),
    "practice_pk provider provider_id identity entry_id attempt at_us delivery reason raw event_id",
)
_of_name = (
    _R.c.practice_pk == param("practice"),
    _R.c.provider == param("carrier"),
    _R.c.provider_id == param("known_as"),
)
PARKED: Final = Statement(
    sa.select(*columns(_R, rows.PARKED)).where(*_of_name).order_by(_R.c.pk), "practice carrier known_as"
)
CLAIM_PARKED: Final = Statement(sa.update(_R).where(*_of_name), "entry_id attempt practice carrier known_as")
SETTLED_PARKED: Final = Statement(
    sa.select(*columns(_R, rows.PARKED), _P.c.public_id)
    .select_from(_R.join(_P, _P.c.pk == _R.c.practice_pk))
    .where(_R.c.attempt > sa.literal_column("0"))
    .order_by(_R.c.attempt, _R.c.pk)
    .limit(param("most"))
    .offset(only("0")),
    "most",
    across=True,
)
_nobodys = (
    sa.select(only("1"))
    .select_from(_R)
    .where(
        _R.c.practice_pk == param("practice"),
        _R.c.attempt == sa.literal_column("0"),
        _R.c.at_us < param("moment"),
    )
    .limit(only(str(BADGE_CAP + 1)))
    .offset(only("0"))
)
ORPHANS: Final = Statement(sa.select(sa.func.count()).select_from(_nobodys.subquery()), "practice moment")
_name_of_effect = sa.select(_O.c.provider_id).where(
    _O.c.practice_pk == param("of_practice"), _O.c.key == param("effect")
)
FORGET_PARKED: Final = Statement(
    sa.delete(_R).where(
        _R.c.practice_pk == param("practice"),
        _R.c.provider == param("provider"),
        _R.c.provider_id == _name_of_effect.scalar_subquery(),
        _R.c.event_id == param("event"),
        _R.c.raw == param("words"),
        _R.c.delivery.is_not_distinct_from(param("delivered")),
        _R.c.reason.is_not_distinct_from(param("because")),
    ),
    "practice provider of_practice effect event words delivered because",
)
