"""A payment that staff ask a client for: what is asked, and everything that the provider has said of it.

Providers report more than once, late and in any order. So nothing here is "the last word": what was said is collected
(a union, which no order and no repetition changes), and the state is read off the collection. A decline does not stop a
later payment; a payment beats expiry and cancellation; what does not fit is flagged for a person and never "paid".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal

from attrs import evolve, field, frozen

from convokit.domain.instant import MINUTE, to_datetime
from convokit.domain.money import Money

PaymentState = Literal[
    "requested",
    "opened",
    "processing",
    "declined",
    "expired",
    "cancelled",
    "paid",
    "partly_refunded",
    "refunded",
    "disputed",
]
PaymentStatus = Literal[
    "opened", "processing", "declined", "expired", "cancelled", "paid", "refunded", "refund_failed", "disputed"
]
"""What a provider may report."""

UNSETTLED: Final[tuple[PaymentState, ...]] = ("opened", "processing", "declined", "expired", "cancelled")
"""The states before any money came, each beating those before it."""
SETTLED: Final = frozenset({"paid", "partly_refunded", "refunded", "disputed"})
"""The states after the money came."""

FLAGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "wrong_amount": "The provider reports a payment of another amount than was asked for.",
        "wrong_currency": "The provider reports another currency than was asked for.",
        "paid_twice": "The client paid more than once. Please refund what is too much.",
        "paid_late": "The client paid although the request had expired or was cancelled.",
        "payment_missing": "The provider reports a refund or a dispute, but no payment that fits this request.",
        "refund_too_large": "The provider reports a larger refund than was paid.",
        "refund_failed": "The client did not get a refund. If it was not made again, please refund in another way.",
        "test_event": "The provider reported from its test mode. No money moved.",
        "link_failed": "The payment link could not be made. Please cancel this request and ask again.",
    }
)
"""What a person must look at, in words for the front desk."""

_MOST: Final = 100
"""Payments, and refunds, that are kept of one request: the smallest ids, whatever the order in which they came."""


@frozen(kw_only=True, order=True)
class Movement:
    """Money that moved, as the provider said. ``id`` is the provider's, of the payment or of the refund."""

    id: str
    minor: int
    currency: str


@frozen(kw_only=True)
class Evidence:
    """Everything that was said of a payment, each thing once, sorted.

    Attributes:
        seen: what happened: reported statuses, ``"test"`` for a report from a test mode, ``"link_failed"``.
        charges: payments that the provider took. A second id is a second payment.
        refunds: the same id with a larger amount is the same refund, grown.
        failed: ids of refunds that came back to the practice: they count no more, whichever news came first.
    """

    seen: tuple[str, ...] = ()
    charges: tuple[Movement, ...] = ()
    refunds: tuple[Movement, ...] = ()
    failed: tuple[str, ...] = ()

    def joined(self, other: Evidence) -> Evidence:
        """Both together; in any order and any number of times the same."""
        return Evidence(
            seen=tuple(sorted({*self.seen, *other.seen})),
            charges=tuple(sorted({*self.charges, *other.charges})[:_MOST]),
            refunds=tuple(sorted({*self.refunds, *other.refunds})[:_MOST]),
            failed=tuple(sorted({*self.failed, *other.failed})[:_MOST]),
        )

    @property
    def standing(self) -> tuple[Movement, ...]:
        """The refunds that did not fail."""
        return tuple(one for one in self.refunds if one.id not in self.failed)


NOTHING_SAID: Final = Evidence()


def evidence_of(
    status: PaymentStatus, *, movement_id: str = "", money: Money | None = None, test: bool = False
) -> Evidence:
    """What one report says. From a test mode it says only that: no money moved."""
    if test:
        return Evidence(seen=("test",))
    if status == "refund_failed":
        return Evidence(failed=(movement_id,))
    if status not in ("paid", "refunded"):
        return Evidence(seen=(status,))
    moved = Movement(
        id=movement_id, minor=0 if money is None else money.minor, currency="" if money is None else money.currency
    )
    return Evidence(charges=(moved,)) if status == "paid" else Evidence(refunds=(moved,))


@frozen(kw_only=True)
class Page:
    """The provider's page behind a link of ours. Where it cannot live as long as the link, it is made anew.

    Attributes:
        link: our own link: what the client gets.
        number: which page it is, counted from 1; 0: the first is not made yet.
        url: where it is at the provider, or ``None`` until the first is made.
        until_us: it may be over after this.
        wanted: the newest page that was asked for. More than ``number``: it is being made.
        wanted_us: when that was asked for.
    """

    link: str = field(repr=False)
    number: int = 0
    url: str | None = field(default=None, repr=False)
    until_us: int
    wanted: int = 1
    wanted_us: int

    @property
    def is_wanted(self) -> bool:
        """Whether another page is being made, or could not be made."""
        return self.wanted > self.number


TIME_TO_PAY: Final = 5 * MINUTE
"""A client is not sent to a page that is over sooner than this, unless the whole request is."""


@frozen(kw_only=True)
class Payment:
    """A request for money. Times are microseconds since the epoch, UTC; the ``..._at`` properties are datetimes.

    Attributes:
        id: random, unguessable; always looked up together with the practice.
        title: what it is for, as the client reads it. invoice: the host's invoice number, or ``None``.
        money: what is asked for.
        provider: who takes the money.
        by_id, by_name: the member of staff who asked.
        expires_us: no longer payable after this, if the provider keeps to it.
        url: the link that the client gets, or ``None`` until the provider has made its page.
        provider_id: the provider's id of its newest page.
        entry_id: the message that carries the link, or ``None`` until there is one.
        evidence: everything that was said of it.
        paid_us: when we learned of the first payment that fits, or ``None``.
        page: the provider's page, where ``url`` is a link of ours; ``None``: it is the provider's own.
    """

    id: str
    conversation_id: str
    title: str
    invoice: str | None = None
    money: Money
    provider: str
    by_id: str
    by_name: str
    requested_us: int
    expires_us: int
    url: str | None = field(default=None, repr=False)
    provider_id: str | None = None
    entry_id: str | None = None
    evidence: Evidence = field(default=NOTHING_SAID, repr=False)
    paid_us: int | None = None
    page: Page | None = field(default=None, repr=False)

    @property
    def requested_at(self) -> datetime:
        """When staff asked. UTC."""
        return to_datetime(self.requested_us)

    @property
    def expires_at(self) -> datetime:
        """When the link stops working. UTC."""
        return to_datetime(self.expires_us)

    @property
    def paid_at(self) -> datetime | None:
        """When we learned of the payment, UTC, or ``None``."""
        return None if self.paid_us is None else to_datetime(self.paid_us)

    @property
    def received(self) -> Money:
        """What came in, in the currency that was asked for, refunds not taken off."""
        return self._total(self.evidence.charges)

    @property
    def refunded(self) -> Money:
        """What went back, in the currency that was asked for."""
        return self._total(self.evidence.standing)

    @property
    def state(self) -> PaymentState:
        """``"requested"``, ``"opened"``, ``"processing"``, ``"declined"``, ``"expired"``, ``"cancelled"``; ``"paid"``,
        ``"partly_refunded"``, ``"refunded"``, ``"disputed"``.

        A payment that was made twice and refunded once is paid.
        """
        if not self.has_fitting_charge:
            return next((state for state in reversed(UNSETTLED) if state in self.evidence.seen), "requested")
        if "disputed" in self.evidence.seen:
            return "disputed"
        left = self.received.minor - self.refunded.minor
        if not self.refunded.minor or left >= self.money.minor:
            return "paid"
        return "partly_refunded" if left > 0 else "refunded"

    @property
    def settled(self) -> bool:
        """Whether the money came, whatever became of it later."""
        return self.state in SETTLED

    @property
    def payable(self) -> bool:
        """Whether the client can still be expected to pay: neither paid nor at an end."""
        return self.state in ("requested", "opened", "processing", "declined")

    @property
    def flags(self) -> tuple[str, ...]:
        """What a person must look at, by the keys of :data:`FLAGS`; empty when everything fits."""
        return tuple(flag for flag, raised in self._flags() if raised)

    @property
    def advice(self) -> tuple[str, ...]:
        """The same in words for the front desk."""
        return tuple(FLAGS[flag] for flag in self.flags)

    @property
    def has_fitting_charge(self) -> bool:
        """Whether a payment of exactly what was asked for was reported."""
        wanted = (self.money.minor, self.money.currency)
        return any((charge.minor, charge.currency) == wanted for charge in self.evidence.charges)

    def joined(self, evidence: Evidence, at_us: int) -> Payment:
        """The payment after more was said, and when we learned it."""
        after = evolve(self, evidence=self.evidence.joined(evidence))
        if self.paid_us is None and after.has_fitting_charge:
            return evolve(after, paid_us=at_us)
        return after

    def as_of(self, now_us: int) -> Payment:
        """The payment as it is shown: past its time it has expired, whether or not the provider says so."""
        if now_us <= self.expires_us or not self.payable:
            return self
        return self.joined(Evidence(seen=("expired",)), now_us)

    def leads_to(self, now_us: int) -> str | None:
        """The provider's page that our own link leads to now; ``None``: there is none that can be paid by.

        A page that lives as long as the request is never too old.
        """
        page = self.page
        if page is None or page.is_wanted or not self.as_of(now_us).payable:
            return None
        return page.url if page.until_us >= min(now_us + TIME_TO_PAY, self.expires_us) else None

    def lacks_page(self, now_us: int) -> bool:
        """Whether the page behind our own link is over, and another may be made.

        Not while a payment is under way: the client could pay twice.
        """
        page, now = self.page, self.as_of(now_us)
        if page is None or page.is_wanted or not now.payable or now.state == "processing":
            return False
        return self.leads_to(now_us) is None

    def _flags(self) -> Iterable[tuple[str, bool]]:
        said = self.evidence
        moved = (*said.charges, *said.refunds)
        charged = {charge.id for charge in said.charges}
        wanted = self.money
        received, refunded = self.received.minor, self.refunded.minor
        fits = self.has_fitting_charge
        own = [charge.minor for charge in said.charges if charge.currency == wanted.currency]
        return (
            ("wrong_amount", any(minor != wanted.minor for minor in own)),
            ("wrong_currency", any(one.currency != wanted.currency for one in moved)),
            ("paid_twice", len(charged) > 1 and received - refunded > wanted.minor),
            ("paid_late", fits and not {"expired", "cancelled"}.isdisjoint(said.seen)),
            ("payment_missing", not fits and (bool(said.refunds) or "disputed" in said.seen)),
            ("refund_too_large", fits and refunded > received),
            ("refund_failed", bool(said.failed)),
            ("test_event", "test" in said.seen),
            ("link_failed", "link_failed" in said.seen and self.payable),
        )

    def _total(self, movements: Iterable[Movement]) -> Money:
        """The sum, each id once with its largest amount."""
        own = [one for one in movements if one.currency == self.money.currency]
        largest = {one.id: one.minor for one in sorted(own)}
        return Money(minor=sum(largest.values()), currency=self.money.currency)


def money_moved(before: Payment | None, after: Payment) -> bool:
    """Whether the host's books have something new to learn: money that came or went, a dispute, something odd."""
    known = ("requested", (), ()) if before is None else _booked(before)
    said = after.evidence
    return _booked(after) != known and bool(after.settled or said.charges or said.refunds or said.failed)


def _booked(payment: Payment) -> tuple[object, ...]:
    money = (*payment.evidence.charges, *payment.evidence.refunds, *payment.evidence.failed)
    return payment.state if payment.settled else "requested", money, payment.flags
