"""Payments are asked for, and reported on."""

from __future__ import annotations

from hashlib import sha256
from typing import ClassVar, Literal

from attrs import field, frozen

from convokit.domain.money import Money
from convokit.domain.payment import PaymentStatus
from convokit.outcomes import Outcome


@frozen(kw_only=True)
class PaymentRequested:
    """Staff ask a client for money, through ``provider``.

    ``link``: a link of ours, if the client is to get that; the provider's first page then lives until
    ``page_until_us``.
    """

    conversation_id: str
    payment_id: str
    entry_id: str
    at_us: int
    title: str
    invoice: str | None
    money: Money
    provider: str
    expires_us: int
    by_id: str
    by_name: str
    link: str | None = field(default=None, repr=False)
    page_until_us: int | None = None

    identity: ClassVar[str | None] = None


@frozen(kw_only=True)
class PaymentPageWanted:
    """A client opened our own link, and the provider's page behind it is over: another is to live until ``until_us``.

    ``closes``: the provider can close the old one.
    """

    payment_id: str
    at_us: int
    until_us: int
    closes: bool

    identity: ClassVar[str | None] = None


@frozen(kw_only=True)
class PaymentCancelled:
    """Staff take a request for money back."""

    payment_id: str
    entry_id: str
    at_us: int
    by_id: str
    by_name: str

    identity: ClassVar[str | None] = None


@frozen(kw_only=True)
class PaymentAsked:
    """Asking the provider to make a page, or to close it, has come to an end. ``tries`` is the fence.

    ``entry_id``: a fresh id, for the message with the link or the note that there is none. ``outlasts``: the page may
    not end by itself when the time of the request is over, and can be closed then. ``page``, ``until_us``: which page
    of the payment it is, and how long it lives.
    """

    key: str
    tries: int
    outcome: Outcome
    provider: str
    at_us: int
    payment_id: str
    ask: Literal["open", "close", "expire"]
    entry_id: str
    outlasts: bool = False
    page: int = 1
    until_us: int = 0

    identity: ClassVar[str | None] = None


@frozen(kw_only=True)
class PaymentReported:
    """A provider reports on a payment.

    Attributes:
        entry_id, flag_id, receipt_id: fresh ids, used as far as they are needed.
        event_id: the provider's id of the report: the same one again is the same report.
        movement_id: the provider's id of the payment or of the refund, failed ones too; empty for other statuses.
        money: what moved; of a refund of one ``movement_id`` all of it so far. ``None`` for other statuses.
        test: it comes from the provider's test mode, and this practice does not take such reports as real.
        raw: the provider's own word.
    """

    payment_id: str
    entry_id: str
    flag_id: str
    receipt_id: str
    at_us: int
    provider: str
    event_id: str
    status: PaymentStatus
    movement_id: str = ""
    money: Money | None = None
    test: bool = False
    raw: str = field(default="", repr=False)

    @property
    def identity(self) -> str:
        """The provider's event id with the content: one event may report two payments."""
        money = "" if self.money is None else self.money.text
        said = f"{self.event_id}:{self.status}:{self.movement_id}:{money}:{self.test}"
        return f"pay:{self.provider}:{self.payment_id}:{sha256(said.encode('utf-8', 'backslashreplace')).hexdigest()}"
