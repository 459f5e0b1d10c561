"""What a payment provider must be able to do.

Like a texting carrier it is *sans-I/O*: ``ask`` and ``close`` are generators that yield
:class:`~convokit.ports.wire.HttpRequest` and are sent back the answer. The client pays on the provider's own page; no
card data ever reaches convokit or the host.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Protocol

from attrs import field, frozen

from convokit.domain.money import Money
from convokit.domain.payment import PaymentStatus
from convokit.outcomes import Outcome
from convokit.ports.sms import Unreadable, Unverified
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer

Asking = Generator[HttpRequest, HttpResponse | NoAnswer, Outcome]
"""The exchange with a provider that making, or closing, one link takes."""


@frozen(kw_only=True)
class PaymentCapabilities:
    """What a provider declares.

    Attributes:
        currencies: ISO 4217 codes that it takes; empty for every one.
        longest_hours: how long a link of it can work at most; ``None`` for as long as one likes. Behind a link of our
            own it is asked for another one then (:attr:`PaymentPrompt.page`), when a client comes.
        shortest_minutes: how long a link of it must work at least, with some minutes for queues; ``None`` for as short
            as one likes.
        closes: it can close a link before its time.
        expires: a link of it stops working by itself at :attr:`PaymentPrompt.expires_at`. Where it does not, convokit
            has it closed then, if it ``closes``.
    """

    currencies: frozenset[str] = frozenset()
    longest_hours: int | None = None
    shortest_minutes: int | None = None
    closes: bool = False
    expires: bool = False


@frozen(kw_only=True)
class PaymentPrompt:
    """One link to make.

    Attributes:
        id: our own id of the payment, unguessable and URL-safe. Put it where the report that it was paid brings it
            back.
        title: what the client reads that it is for, at most 200 characters.
        money: exactly what is to be paid, once.
        practice: the practice's name.
        expires_at: microseconds since the epoch, UTC; the link is to stop working then.
        invoice: the host's invoice number, if it gave one.
        callback_url: absolute URL for the reports of this practice, or ``None`` when the host has none.
        page: which link of this payment it is, counted from 1: the one before does not work any longer.
    """

    id: str
    title: str = field(repr=False)
    money: Money
    practice: str
    expires_at: int
    invoice: str | None = None
    callback_url: str | None = field(default=None, repr=False)
    page: int = 1

    @property
    def key(self) -> str:
        """The key by which a repeated request is the same one: of each link of the payment another."""
        return self.id if self.page == 1 else f"{self.id}.page{self.page}"


@frozen(kw_only=True)
class PaymentReport:
    """News of a payment, as a provider's plugin read it from a webhook.

    Attributes:
        payment_id: our own id (:attr:`PaymentPrompt.id`). Where the provider's news brings nothing of ours back, as
            that of refunds and disputes often does, it is empty, and ``charge_id`` says of which payment it is. News of
            somebody else's sale has neither: leave it out.
        charge_id: the provider's id of the client's payment, as the report ``"paid"`` had it for its ``movement_id``.
            If no payment of this practice and provider has it, it is somebody else's sale, and nothing is done.
        status: what happened. ``"refund_failed"``: a refund did not reach the client, and counts no more.
        movement_id: required for ``"paid"``, ``"refunded"`` and ``"refund_failed"``: the provider's id of the payment
            or the refund. Two ids are two payments. A provider that tells only the sum of all refunds gives the
            payment's id.
        money: required for ``"paid"`` and ``"refunded"``: what moved, never what was asked for.
        test: it comes from the provider's test mode.
        event_id: identity of the report, for recognising repetitions; empty: its content is its identity.
        raw: the provider's own word.
    """

    payment_id: str = ""
    charge_id: str = ""
    status: PaymentStatus
    movement_id: str = ""
    money: Money | None = None
    test: bool = False
    event_id: str = ""
    raw: str = field(default="", repr=False)


@frozen(kw_only=True)
class VerifiedReports:
    """The request is the provider's own. ``answer`` is sent after everything in ``reports`` is committed."""

    reports: tuple[PaymentReport, ...]
    answer: HttpResponse = HttpResponse(status=200)


PaymentReading = VerifiedReports | Unverified | Unreadable


class PaymentProvider(Protocol):
    """A payment provider, built for one practice and one set of settings."""

    def ask(self, prompt: PaymentPrompt) -> Asking:
        """Make a link: ``Accepted(provider_id=..., url=...)``, an https URL of at most 1,000 characters.

        Must not raise for anything a provider can do; must not sleep or do I/O. It may be asked again for one prompt.
        """
        ...

    def close(self, prompt_id: str, provider_id: str) -> Asking:
        """Close the link that was made under ``provider_id``; only asked where the capabilities say ``closes``."""
        ...

    def read_webhook(self, request: HttpRequest) -> PaymentReading:
        """Verify ``request`` on its raw bytes, then read it. Pure."""
        ...


@frozen(kw_only=True)
class PaymentProviderOffer:
    """What ``convokit_payment_providers`` returns: a recipe, not an instance.

    Attributes:
        name: how the host chooses it (``"stripe"``); unique over the payment providers of all enabled plugins.
        settings: a frozen attrs class; the practice's mapping is checked against it when the provider is chosen.
            Secrets in it are a :class:`~convokit.ports.secret.Secret`.
        build: makes the provider from an instance of ``settings``.
        api: the plugin interface version this was written for; this release speaks 1.
    """

    name: str
    settings: type[object]
    build: Callable[..., PaymentProvider]
    capabilities: PaymentCapabilities = PaymentCapabilities()
    api: int = 1
