"""Payments: read by themselves, written with their conversation."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from attrs import evolve

from convokit.decisions.base import Before
from convokit.domain.inbox import Position
from convokit.domain.money import Money
from convokit.domain.payment import Evidence, Page, Payment
from convokit.stores.checks import unknown_payment
from convokit.stores.sql import owed, rows, schema, schema_payments
from convokit.stores.sql import statements as sql
from convokit.stores.sql.database import Run
from convokit.stores.sql.part import Part
from convokit.stores.sql.rows import Cells
from convokit.stores.sql.settings import json_converter
from convokit.stores.sql.statement import Put, Statement
from convokit.stores.sql.statements import columns, literally, only, param, reaches
from convokit.stores.sql.suppression import known_consent

_C: Final = schema.conversation
_O: Final = schema.owed
_P: Final = schema_payments.payment
_K: Final = schema_payments.charge
_PAYMENT: Final = (
    "public_id title invoice minor currency provider by_id by_name requested_us expires_us url provider_id entry_id"
    " evidence paid_us page"
).split()
_CHANGES: Final = "url provider_id entry_id evidence state paid_us page"

_found = sa.select(*columns(_P, _PAYMENT), _C.c.public_id).select_from(_P.join(_C, reaches(_P.c.conversation_pk, _C)))
ONE: Final = Statement(
    _found.where(_P.c.practice_pk == param("practice"), _P.c.public_id == param("payment")), "practice payment"
)
CHARGED: Final = Statement(
    _found.join(_K, sa.and_(_K.c.practice_pk == _P.c.practice_pk, _K.c.payment_id == _P.c.public_id)).where(
        _K.c.practice_pk == param("practice"), _K.c.provider == param("provider"), _K.c.charge_id == param("charge")
    ),
    "practice provider charge",
)
OF_CONVERSATION: Final = Statement(
    _found.where(_P.c.practice_pk == param("practice"), _P.c.conversation_pk == sql.conversation_named)
    .order_by(_P.c.pk.desc())
    .limit(param("most"))
    .offset(only("0")),
    "practice of_practice conversation most",
)
_between = (
    _found.add_columns(_P.c.pk)
    .where(_P.c.practice_pk == param("practice"), _P.c.requested_us < param("until"))
    .order_by(_P.c.requested_us, _P.c.pk)
    .limit(param("most"))
    .offset(only("0"))
)
BETWEEN: Final = Statement(_between.where(_P.c.requested_us >= param("since")), "practice until since most")
BETWEEN_AFTER: Final = Statement(
    _between.where(sa.tuple_(_P.c.requested_us, _P.c.pk) > sa.tuple_(param("since"), param("row"))),
    "practice until since row most",
)
ADD: Final = Statement(
    sa.insert(_P).values(conversation_pk=sql.conversation_named),
    "practice_pk of_practice conversation public_id title invoice minor currency provider by_id by_name"
    f" requested_us expires_us {_CHANGES}",
)
ADD_CHARGE: Final = Statement(Put(table=_K), "practice_pk provider charge_id payment_id")
CHANGE: Final = Statement(
    sa.update(_P).where(_P.c.practice_pk == param("practice"), _P.c.public_id == param("payment")),
    f"{_CHANGES} practice payment",
)
OWED_TEXT: Final = Statement(
    owed.EFFECTS.where(_O.c.practice_pk == param("practice"), _O.c.key == param("effect"), literally(schema.OWED)),
    "practice effect",
)
WITHDRAW: Final = Statement(
    sa.update(_O)
    .where(_O.c.practice_pk == param("practice"), _O.c.key == param("effect"), literally(schema.OWED))
    .values(state=only("2")),
    "practice effect",
)


class Payments(Part):
    """What is asked about payments."""

    def payment(self, practice_id: str, payment_id: str) -> Payment | None:
        """See :meth:`convokit.ports.store_payments.PaymentStore.payment`."""
        row = self._db.one(ONE, (self._key(practice_id), payment_id))
        return None if row is None else payment_of(row)

    def payment_charged(self, practice_id: str, provider: str, charge_id: str) -> Payment | None:
        """See :meth:`convokit.ports.store_payments.PaymentStore.payment_charged`."""
        row = self._db.one(CHARGED, (self._key(practice_id), provider, charge_id))
        return None if row is None else payment_of(row)

    def payments(self, practice_id: str, conversation_id: str, *, limit: int = 200) -> tuple[Payment, ...]:
        """See :meth:`convokit.ports.store_payments.PaymentStore.payments`."""
        practice = self._key(practice_id)
        found = self._db.all(OF_CONVERSATION, (practice, practice, conversation_id, limit))
        return tuple(map(payment_of, reversed(found)))

    def payments_between(
        self, practice_id: str, since_us: int, until_us: int, *, after: Position | None, limit: int
    ) -> tuple[tuple[Payment, ...], Position | None]:
        """See :meth:`convokit.ports.store_payments.PaymentStore.payments_between`."""
        practice = self._key(practice_id)
        statement, start = (BETWEEN, (since_us,)) if after is None else (BETWEEN_AFTER, after)
        found = self._db.all(statement, (practice, until_us, *start, limit + 1))
        shown = found[:limit]
        more = len(found) > limit
        return tuple(map(payment_of, shown)), (shown[-1][8], shown[-1][-1]) if more else None


def payment_of(row: Cells) -> Payment:
    """A payment from its columns, then its conversation's id."""
    evidence: Any = json_converter().loads(row[13], Evidence)
    page: Any = None if row[15] is None else json_converter().loads(row[15], Page)
    return Payment(
        id=row[0],
        conversation_id=row[16],
        title=row[1],
        invoice=row[2],
        money=Money(minor=row[3], currency=row[4]),
        provider=row[5],
        by_id=row[6],
        by_name=row[7],
        requested_us=row[8],
        expires_us=row[9],
        url=row[10],
        provider_id=row[11],
        entry_id=row[12],
        evidence=evidence,
        paid_us=row[14],
        page=page,
    )


def load_payment(run: Run, practice: int, payment_id: str) -> Before:
    """A payment, its conversation, the consent of its address, the message with its link and the text still owed."""
    row = run.one(ONE, (practice, payment_id))
    if row is None:
        return Before()
    payment = payment_of(row)
    known = run.one(sql.LOAD_BY_ID, (practice, payment.conversation_id))
    conversation = None if known is None else rows.conversation_of(known)
    address = "" if conversation is None else conversation.address
    loaded = Before(
        conversation=conversation,
        payment=payment,
        consent=known_consent(run.one, practice, address, run.one(sql.CONSENT, (address, practice))),
    )
    carrying = None if payment.entry_id is None else run.one(sql.LOAD_ENTRY, (practice, payment.entry_id))
    if carrying is None or conversation is None:
        return loaded
    entry = rows.entry_of_row(carrying[-len(rows.ENTRY) :], conversation.id, conversation.channel)
    text = run.one(OWED_TEXT, (practice, f"{entry.id}.{entry.attempt}"))
    return evolve(loaded, entry=entry, effect=None if text is None else rows.owed_of(text))


def write_payment(run: Run, practice: int, conversation_id: str, before: Payment | None, after: Payment) -> None:
    """Add a payment, or what changed of it.

    Raises:
        NotFound: ``payment.unknown``.
    """
    evidence = json_converter().dumps(after.evidence, sort_keys=True)
    known = frozenset() if before is None else {one.id for one in before.evidence.charges}
    for charge_id in sorted({one.id for one in after.evidence.charges} - known):
        run.write(ADD_CHARGE, (practice, after.provider, charge_id, after.id))
    page = None if after.page is None else json_converter().dumps(after.page, sort_keys=True)
    changes = (after.url, after.provider_id, after.entry_id, evidence, after.state, after.paid_us, page)
    if before is not None:
        if run.count(CHANGE, (*changes, practice, after.id)) != 1:
            raise unknown_payment()
        return
    asked = (after.id, after.title, after.invoice, after.money.minor, after.money.currency, after.provider)
    when = (after.by_id, after.by_name, after.requested_us, after.expires_us)
    run.write(ADD, (practice, practice, conversation_id, *asked, *when, *changes))


def withdraw(run: Run, practice: int, key: str) -> bool:
    """A text that is not to leave any more; ``False``: somebody has begun to hand it over."""
    return run.count(WITHDRAW, (practice, key)) == 1
