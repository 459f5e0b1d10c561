"""The statements of conversations, entries, facts, consent and webhooks. Those of the lists stand in ``lists.py``,
those of effects owed in ``owed.py``.

The conditions of partial indexes are repeated as literals: SQLite uses such an index for no other query. Every
statement is for one practice; its key is the parameter ``practice`` (or the column's name, where it is inserted).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import sqlalchemy as sa

from convokit.stores.sql import rows, schema
from convokit.stores.sql.spelling import Spelled
from convokit.stores.sql.statement import Put, Statement

_P: Final = schema.practice
_C: Final = schema.conversation
_E: Final = schema.entry
_F: Final = schema.fact
_S: Final = schema.consent
_L: Final = schema.consent_line


def columns(table: sa.Table, names: list[str] | tuple[str, ...]) -> list[sa.Column[object]]:
    """Columns of a table by name."""
    return [table.c[name] for name in names]


def param(name: str) -> sa.BindParameter[object]:
    """A parameter."""
    return sa.bindparam(name)


def literally(condition: str) -> sa.TextClause:
    """The condition of a partial index, word for word."""
    return sa.text(condition)


def only(count: str) -> sa.ColumnElement[int]:
    """A fixed LIMIT, as a literal."""
    return sa.literal_column(count, sa.Integer())


_BETWEEN: Final = "\x1f\x1e"


def is_not_among(name: sa.ColumnElement[str], among: str) -> sa.ColumnElement[bool]:
    """Whether a name is none of those in the parameter ``among``, which :func:`names` makes and which is given twice.

    A list has no parameter that all databases know, and a statement with a number of them could not be compiled once.
    """
    between = sa.literal_column(f"'{_BETWEEN}'", sa.Text())
    all_of_them = sa.bindparam(among, type_=sa.Text())
    return sa.func.replace(all_of_them, between.concat(name).concat(between), sa.literal_column("''")) == all_of_them


def names(given: Collection[str]) -> str:
    """The parameter of :func:`is_not_among`."""
    return "".join(f"{_BETWEEN}{name}{_BETWEEN}" for name in sorted(given))


def reaches(key: sa.Column[int], table: sa.Table) -> sa.ColumnElement[bool]:
    """Whether a row is the one that a key leads to. The practice is said too: PostgreSQL's keys begin with it."""
    return sa.and_(table.c.practice_pk == key.table.c.practice_pk, table.c.pk == key)


def consent_of(practice: sa.Column[int]) -> list[sa.ColumnElement[Any]]:
    """The columns of a consent, and the key of its practice's digests, as :data:`rows.CONSENT_CELLS` counts them."""
    whose, secret = _P.alias("whose"), schema.secret
    # By a subquery, not a join: behind row-level security PostgreSQL enters an index by a value, not by what `||` of
    # a column gives.
    of_practice = sa.literal_column("'suppression:'", sa.Text()).concat(whose.c.public_id)
    named = sa.select(of_practice).where(whose.c.pk == practice).correlate(practice.table).scalar_subquery()
    key = sa.select(secret.c.value).where(secret.c.name == named).correlate(practice.table).scalar_subquery()
    return [*columns(_S, rows.CONSENT), key]


# --- practices ---------------------------------------------------------------------------------------------------

PRACTICE_KEY: Final = Statement(sa.select(_P.c.pk).where(_P.c.public_id == param("named")), "named")
PRACTICE_NAME: Final = Statement(sa.select(_P.c.public_id).where(_P.c.pk == param("practice")), "practice")
PRACTICE: Final = Statement(sa.select(_P.c.settings).where(_P.c.public_id == param("named")), "named")
PRACTICES: Final = Statement(sa.select(_P.c.settings).order_by(_P.c.public_id), "")
PUT_PRACTICE: Final = Statement(
    Put(table=_P, key="public_id", replaces="settings", fixed={"change_no": sa.literal_column("0", sa.BigInteger())}),
    "public_id settings",
)
NEXT_CHANGE: Final = Statement(
    sa.update(_P)
    .where(_P.c.pk == param("practice"))
    .values(change_no=_P.c.change_no + sa.literal_column("1"))
    .returning(_P.c.change_no),
    "practice",
)

CHANGE_NUMBER: Final = Spelled(
    "{0}",
    "(SELECT change_no FROM convokit_practice WHERE pk = {0})",
    sa.bindparam("counted", type_=sa.BigInteger()),
)
"""The number that the transaction counted up to. Its parameter is what ``Run.count_up`` returned: SQLite has told it by
then, and would rewrite the row the long way round for a subquery; PostgreSQL is asked for it where it is.
"""

# --- what a decision needs ---------------------------------------------------------------------------------------

_with_consent = sa.and_(_S.c.practice_pk == _C.c.practice_pk, _S.c.address == _C.c.address)
_loaded = [*columns(_C, rows.CONVERSATION), *consent_of(_C.c.practice_pk)]
_at = (
    _C.c.practice_pk == param("practice"),
    _C.c.channel == param("channel"),
    _C.c.address == param("address"),
    _C.c.sender == param("sender"),
)
_AT: Final = "practice channel address sender"
LOAD_BY_ID: Final = Statement(
    sa.select(*_loaded)
    .select_from(_C.outerjoin(_S, _with_consent))
    .where(_C.c.practice_pk == param("practice"), _C.c.public_id == param("conversation")),
    "practice conversation",
)
LOAD_OPEN_AT: Final = Statement(
    sa.select(*_loaded).select_from(_C.outerjoin(_S, _with_consent)).where(*_at, literally(schema.OPEN)), _AT
)
LOAD_ENDED_AT: Final = Statement(
    sa.select(*columns(_C, rows.CONVERSATION))
    .where(*_at, literally(schema.ENDED))
    .order_by(_C.c.ended_us.desc(), _C.c.pk.desc())
    .limit(only("1"))
    .offset(only("0")),
    _AT,
)
LOAD_ENTRY: Final = Statement(
    sa.select(*_loaded, *columns(_E, rows.ENTRY))
    .select_from(_E.join(_C, reaches(_E.c.conversation_pk, _C)).outerjoin(_S, _with_consent))
    .where(_E.c.practice_pk == param("practice"), _E.c.public_id == param("entry")),
    "practice entry",
)

# --- one conversation, its entries -------------------------------------------------------------------------------

CONVERSATION: Final = Statement(
    sa.select(*columns(_C, rows.CONVERSATION)).where(
        _C.c.practice_pk == param("practice"), _C.c.public_id == param("conversation")
    ),
    "practice conversation",
)
_anywhere = _at[:3]
OPEN_FROM_ANY: Final = Statement(
    sa.select(*columns(_C, rows.CONVERSATION)).where(*_anywhere, literally(schema.OPEN)), "practice channel address"
)
LATEST_ENDED: Final = Statement(
    sa.select(*columns(_C, rows.CONVERSATION))
    .where(*_anywhere, literally(schema.ENDED))
    .order_by(_C.c.last_us.desc(), _C.c.pk.desc())
    .limit(only("1"))
    .offset(only("0")),
    "practice channel address",
)

_shown = sa.select(
    *columns(_E, rows.ENTRY), *columns(_C, ("public_id", "channel", "opened_seq", "read_seq"))
).select_from(_E.join(_C, reaches(_E.c.conversation_pk, _C)))
ENTRY: Final = Statement(
    _shown.where(_E.c.practice_pk == param("practice"), _E.c.public_id == param("entry")), "practice entry"
)
# The conversation is looked up first, by itself: only then do both databases read its entries in their order.
_wanted = sa.select(_C.c.pk).where(_C.c.practice_pk == param("of_practice"), _C.c.public_id == param("conversation"))
_thread = _shown.where(_E.c.practice_pk == param("practice"), _E.c.conversation_pk == _wanted.scalar_subquery())
ENTRIES: Final = Statement(
    _thread.where(_E.c.seq > param("after")).order_by(_E.c.seq).limit(param("most")).offset(only("0")),
    "practice of_practice conversation after most",
)
NEWEST_ENTRIES: Final = Statement(
    _thread.where(_E.c.seq < param("before")).order_by(_E.c.seq.desc()).limit(param("most")).offset(only("0")),
    "practice of_practice conversation before most",
)

# --- the one write -----------------------------------------------------------------------------------------------

SEEN: Final = Statement(
    sa.select(_E.c.public_id, _F.c.fingerprint)
    .select_from(_F.outerjoin(_E, reaches(_F.c.entry_pk, _E)))
    .where(_F.c.practice_pk == param("practice"), _F.c.identity == param("identity")),
    "practice identity",
)
ADD_FACT: Final = Statement(Put(table=_F), "practice_pk identity entry_pk fingerprint")
ADD_FACT_OF: Final = Statement(
    Put(
        table=_F,
        fixed={
            "entry_pk": sa.select(_E.c.pk)
            .where(_E.c.practice_pk == param("of_practice"), _E.c.public_id == param("entry"))
            .scalar_subquery()
        },
    ),
    "practice_pk identity of_practice entry fingerprint",
)
"""The same for an entry whose number nobody has been told yet."""
ADD_CONVERSATION: Final = Statement(
    sa.insert(_C).values(change=CHANGE_NUMBER),
    " ".join("counted" if name == "change" else name for name in ["practice_pk", *rows.CONVERSATION[1:]]),
)
ADD_ENTRY: Final = Statement(sa.insert(_E), " ".join(["practice_pk", "conversation_pk", *rows.ENTRY]))
conversation_named: Final = (
    sa.select(_C.c.pk)
    .where(_C.c.practice_pk == param("of_practice"), _C.c.public_id == param("conversation"))
    .scalar_subquery()
)
ADD_ENTRY_TO: Final = Statement(
    sa.insert(_E).values(conversation_pk=conversation_named),
    " ".join(["practice_pk", "of_practice", "conversation", *rows.ENTRY]),
)
"""The same for a conversation whose number nobody has been told yet."""
_one = (
    _C.c.practice_pk == param("practice"),
    _C.c.public_id == param("conversation"),
    _C.c.version == param("expected"),
)
_SET: Final = sa.update(_C).where(*_one).values(change=CHANGE_NUMBER).returning(_C.c.pk)
_WHERE: Final = " counted practice conversation expected"
SET_QUIET: Final = Statement(_SET, " ".join(rows.QUIET) + _WHERE)
SET_MESSAGE: Final = Statement(_SET, " ".join(rows.MESSAGE) + _WHERE)
SET_QUIET_TURN: Final = Statement(_SET, " ".join(rows.QUIET_TURN) + _WHERE)
SET_MESSAGE_TURN: Final = Statement(_SET, " ".join(rows.MESSAGE_TURN) + _WHERE)
SET_EVERYTHING: Final = Statement(_SET, " ".join(rows.EVERYTHING) + _WHERE)
SET_DELIVERY: Final = Statement(
    sa.update(_E).where(_E.c.practice_pk == param("practice"), _E.c.public_id == param("entry")),
    "attempt delivery reason raw provider_id flags practice entry",
)

# --- consent -----------------------------------------------------------------------------------------------------

CONSENT: Final = Statement(
    sa.select(*consent_of(_P.c.pk))
    .select_from(_P.outerjoin(_S, sa.and_(_S.c.practice_pk == _P.c.pk, _S.c.address == param("address"))))
    .where(_P.c.pk == param("practice")),
    "address practice",
)
SET_CONSENT: Final = Statement(
    Put(table=_S, key="practice_pk address", replaces=" ".join(rows.CONSENT)),
    "practice_pk address opted_out maybe since_us",
)
ADD_CONSENT_LINE: Final = Statement(sa.insert(_L), " ".join(["practice_pk", *rows.CONSENT_LINE]))
LEDGER: Final = Statement(
    sa.select(*columns(_L, rows.CONSENT_LINE))
    .where(_L.c.practice_pk == param("practice"), _L.c.address == param("address"))
    .order_by(_L.c.pk),
    "practice address",
)

# --- webhooks ----------------------------------------------------------------------------------------------------

_K: Final = schema.endpoint
_practice_of_endpoint = _K.join(_P, _P.c.pk == _K.c.practice_pk)
ENDPOINT: Final = Statement(
    sa.select(_P.c.public_id, _K.c.provider).select_from(_practice_of_endpoint).where(_K.c.token == param("token")),
    "token",
    across=True,
)
ENDPOINT_FOR: Final = Statement(
    sa.select(_K.c.token).where(_K.c.practice_pk == param("practice"), _K.c.provider == param("provider")),
    "practice provider",
)
ADD_ENDPOINT: Final = Statement(sa.insert(_K), "practice_pk provider token")
ADD_UNREADABLE: Final = Statement(sa.insert(schema.unreadable), "practice_pk provider at_us body")
