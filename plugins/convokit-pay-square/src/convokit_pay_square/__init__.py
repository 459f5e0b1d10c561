"""Payments through Square: a payment link for each request, and everything that becomes of it."""

from __future__ import annotations

from attrs import frozen

from convokit.plugins import hookimpl
from convokit.ports.payments import Asking, PaymentCapabilities, PaymentPrompt, PaymentProviderOffer, PaymentReading
from convokit.ports.wire import HttpRequest
from convokit_pay_square.amounts import TAKEN
from convokit_pay_square.links import close_link, make_link
from convokit_pay_square.settings import SquareSettings
from convokit_pay_square.webhook import read_event

__all__ = ["SquarePayments", "SquareSettings", "convokit_payment_providers"]


@frozen
class SquarePayments:
    """A :class:`~convokit.ports.payments.PaymentProvider` of one location of a Square account."""

    settings: SquareSettings

    def ask(self, prompt: PaymentPrompt) -> Asking:
        """Make a payment link: one request, which may be repeated."""
        return make_link(self.settings, prompt)

    def close(self, prompt_id: str, provider_id: str) -> Asking:
        """Delete a payment link, and with it the order that it was for."""
        return close_link(self.settings, provider_id)

    def read_webhook(self, request: HttpRequest) -> PaymentReading:
        """Check the signature, then read an event."""
        return read_event(self.settings, request)


@hookimpl
def convokit_payment_providers() -> list[PaymentProviderOffer]:
    """Offer ``square``. Its links never end by themselves: convokit has them closed."""
    return [
        PaymentProviderOffer(
            name="square",
            settings=SquareSettings,
            build=SquarePayments,
            capabilities=PaymentCapabilities(currencies=TAKEN, closes=True),
        )
    ]
