"""What a store must be able to do about payments. They are written by ``commit``, with their conversation."""

from __future__ import annotations

from typing import Protocol

from convokit.domain.inbox import Position
from convokit.domain.payment import Payment


class PaymentStore(Protocol):
    """The part of :class:`~convokit.ports.store.Store` that reads payments."""

    def payment(self, practice_id: str, payment_id: str) -> Payment | None:
        """One payment."""
        ...

    def payment_charged(self, practice_id: str, provider: str, charge_id: str) -> Payment | None:
        """The payment of which a provider reported that it was paid, under this id of its own."""
        ...

    def payments(self, practice_id: str, conversation_id: str, *, limit: int = 200) -> tuple[Payment, ...]:
        """The newest payments of a conversation, in the order in which they were asked for."""
        ...

    def payments_between(
        self, practice_id: str, since_us: int, until_us: int, *, after: Position | None, limit: int
    ) -> tuple[tuple[Payment, ...], Position | None]:
        """A page of payments asked for from ``since_us`` on and before ``until_us``, oldest first, and the position of
        its last row if more follow.
        """
        ...
