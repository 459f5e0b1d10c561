"""The part of the store in memory that is about payments."""

from __future__ import annotations

from contextlib import AbstractContextManager

from convokit.domain.inbox import Position
from convokit.domain.payment import Payment
from convokit.stores.memory_desk import MemoryDesk


class MemoryPayments:
    """See :class:`convokit.ports.store_payments.PaymentStore`."""

    def _desk(self, practice_id: str, patience_ms: int | None = None) -> AbstractContextManager[MemoryDesk]:
        raise NotImplementedError

    def payment(self, practice_id: str, payment_id: str) -> Payment | None:
        """See :meth:`convokit.ports.store_payments.PaymentStore.payment`."""
        with self._desk(practice_id) as desk:
            return desk.payments.get(payment_id)

    def payment_charged(self, practice_id: str, provider: str, charge_id: str) -> Payment | None:
        """See :meth:`convokit.ports.store_payments.PaymentStore.payment_charged`."""
        with self._desk(practice_id) as desk:
            charged = (
                one
                for one in desk.payments.values()
                if one.provider == provider and any(charge.id == charge_id for charge in one.evidence.charges)
            )
            return next(charged, None)

    def payments(self, practice_id: str, conversation_id: str, *, limit: int = 200) -> tuple[Payment, ...]:
        """See :meth:`convokit.ports.store_payments.PaymentStore.payments`."""
        with self._desk(practice_id) as desk:
            return tuple(one for one in desk.payments.values() if one.conversation_id == conversation_id)[-limit:]

    def payments_between(
        self, practice_id: str, since_us: int, until_us: int, *, after: Position | None, limit: int
    ) -> tuple[tuple[Payment, ...], Position | None]:
        """See :meth:`convokit.ports.store_payments.PaymentStore.payments_between`."""
        with self._desk(practice_id) as desk:
            rows = sorted(((one.requested_us, row), one) for row, one in enumerate(desk.payments.values(), 1))
            asked = [(key, one) for key, one in rows if since_us <= one.requested_us < until_us]
            rest = [(key, one) for key, one in asked if after is None or key > after]
            shown = rest[:limit]
            return tuple(one for _, one in shown), shown[-1][0] if len(rest) > limit else None
