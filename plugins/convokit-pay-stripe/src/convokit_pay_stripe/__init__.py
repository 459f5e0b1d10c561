"""Payments through Stripe: a Checkout Session for each request, and everything that becomes of it."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from convokit.plugins import hookimpl
from convokit.ports.payments import Asking, PaymentCapabilities, PaymentPrompt, PaymentProviderOffer, PaymentReading
from convokit.ports.wire import HttpRequest
from convokit_pay_stripe.amounts import TAKEN
from convokit_pay_stripe.session import OWN_ID, close_session, make_session
from convokit_pay_stripe.settings import StripeSettings
from convokit_pay_stripe.webhook import read_event

__all__ = ["OWN_ID", "StripePayments", "StripeSettings", "convokit_payment_providers"]

LONGEST_HOURS: Final = 23
"""Stripe lets a session be open for 24 hours from when it is made. One is left for queues, and for clocks that differ:
a session that is asked for a second too long is refused."""
SHORTEST_MINUTES: Final = 40
"""Stripe keeps a session open for 30 minutes at least; ten are left for queues."""


@frozen
class StripePayments:
    """A :class:`~convokit.ports.payments.PaymentProvider` of one Stripe account."""

    settings: StripeSettings

    def ask(self, prompt: PaymentPrompt) -> Asking:
        """Make a Checkout Session: one request, which may be repeated."""
        return make_session(self.settings, prompt)

    def close(self, prompt_id: str, provider_id: str) -> Asking:
        """Expire a Checkout Session."""
        return close_session(self.settings, provider_id)

    def read_webhook(self, request: HttpRequest) -> PaymentReading:
        """Check the signature and its time, then read an event."""
        return read_event(self.settings, request)


@hookimpl
def convokit_payment_providers() -> list[PaymentProviderOffer]:
    """Offer ``stripe``."""
    return [
        PaymentProviderOffer(
            name="stripe",
            settings=StripeSettings,
            build=StripePayments,
            capabilities=PaymentCapabilities(
                currencies=TAKEN,
                longest_hours=LONGEST_HOURS,
                shortest_minutes=SHORTEST_MINUTES,
                closes=True,
                expires=True,
            ),
        )
    ]
