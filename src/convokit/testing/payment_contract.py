"""The contract of a payment provider, as tests that its author runs.

Subclass, and fill in rows, as for a carrier (:mod:`convokit.testing.sms_contract`)::

    class TestCoin(PaymentProviderContract):
        offer = coin_offer
        settings = {"key": "sk_0123456789", "signing_secret": "whsec_0123456789"}
        secrets = ("key", "signing_secret")
        asks = (AskRow(label="a link", shows="accepted", answers=[...], outcome=Accepted(...)), ...)
        callbacks = (CallbackRow(label="paid", shows="report: paid", request=..., reads=(PaymentReport(...),)), ...)
        signatures = (...)

        def make_paid(self, payment_id, money):
            return posted_json(CALLBACK_URL, {...})
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import ClassVar, Final, cast

import pytest
from attrs import evolve

from convokit.domain.money import Money
from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.ports.payments import PaymentProvider, PaymentProviderOffer, PaymentReport, VerifiedReports
from convokit.ports.wire import HttpRequest
from convokit.runtime.payment_links import link_checked
from convokit.runtime.payment_webhooks import report_checked
from convokit.testing.contract import Cases
from convokit.testing.exchange_cases import Exchange, ExchangeCases
from convokit.testing.provider_base import Offer, Shown
from convokit.testing.rows import PROMPT, AskRow, CallbackRow, Row
from convokit.testing.situations import PAYMENTS, Situation
from convokit.testing.webhook_cases import WebhookCases
from convokit.testing.wire import said

AMOUNTS: Final[Mapping[str, Money]] = {
    "one cent": Money(minor=1, currency="USD"),
    "dollars": Money(minor=8450, currency="USD"),
    "yen have no cents": Money(minor=500, currency="JPY"),
    "dinars have three places": Money(minor=12_500, currency="KWD"),
    "large": Money(minor=99_999_999, currency="USD"),
}


class PaymentProviderContract(ExchangeCases, WebhookCases):
    """Every promise of :class:`convokit.ports.payments.PaymentProvider`.

    Attributes:
        offer: what the plugin offers.
        asks: links that are asked for, or closed, and what the provider answers.
    """

    offer: ClassVar[PaymentProviderOffer]
    asks: ClassVar[tuple[AskRow, ...]] = ()

    def make_paid(self, payment_id: str, money: Money) -> HttpRequest:
        """The provider's callback (not signed) that says that this amount was paid for this payment of ours."""
        raise NotImplementedError(
            "fill in make_paid: return the callback, not signed, that says that money was paid for payment_id"
        )

    # --- the kind -----------------------------------------------------------------------------------------------------
    def the_offer(self) -> Offer:
        return self.offer

    def rows(self) -> tuple[Row, ...]:
        return self.asks

    def begin(self, provider: object, row: Row) -> Exchange:
        assert isinstance(row, AskRow)
        asked = cast("PaymentProvider", provider)
        return asked.ask(row.prompt) if row.closes is None else asked.close(row.prompt.id, row.closes)

    def private(self, row: Row) -> tuple[str, ...]:
        assert isinstance(row, AskRow)
        return (row.prompt.title,)

    def private_words(self) -> Iterator[str]:
        yield from (row.prompt.title for row in self.asks)

    def situations(self) -> Mapping[str, Situation]:
        return PAYMENTS

    def shown(self) -> Iterator[Shown]:
        for row in self.asks:
            yield from (Shown(label=row.label, situation=name, told=(row.outcome,)) for name in row.shows)
        for callback in self.callbacks:
            told = callback.reads or (None,) if callback.reads is not None else ()
            yield from (Shown(label=callback.label, situation=name, told=told) for name in callback.shows)

    def capabilities(self) -> Mapping[str, tuple[bool, bool]]:
        return {"closes": (self.offer.capabilities.closes, any(row.closes is not None for row in self.asks))}

    def read_of(self, reading: object) -> tuple[object, ...] | None:
        return reading.reports if isinstance(reading, VerifiedReports) else None

    def check_read(self, reads: Iterable[object]) -> None:
        for report in reads:
            assert report_checked(report) == report, f"convokit would have to repair {report!r}"

    def if_not_known(self, taken: int, row: Row) -> tuple[type[object], ...]:
        return (Unsure, TryLater)  # a link may be asked for again: it is the same one

    def is_as_good(self, told: object, row: Row) -> bool:
        # A link that cannot be sent to a client counts as none: convokit asks again.
        opens = isinstance(row, AskRow) and row.closes is None
        return told == row.outcome or (opens and isinstance(told, Accepted) and link_checked(told.url) is None)

    def cases(self) -> Mapping[str, Callable[[], Cases]]:
        return {**super().cases(), "amount": lambda: dict(self._amounts())}

    def _amounts(self) -> Iterator[tuple[str, Money]]:
        taken = self.offer.capabilities.currencies
        return ((label, money) for label, money in AMOUNTS.items() if not taken or money.currency in taken)

    def a_link(self) -> AskRow:
        """The first row in which a link is made."""
        return next(row for row in self.asks if row.closes is None and isinstance(row.outcome, Accepted))

    # --- tests --------------------------------------------------------------------------------------------------------
    def test_a_link_that_was_made_can_be_sent_to_a_client(self) -> None:
        for row in self.asks:
            if row.closes is None and isinstance(row.outcome, Accepted):
                assert row.outcome.url is not None, f"{row.label!r} makes no link"
                assert link_checked(row.outcome.url) == row.outcome.url
                assert row.outcome.provider_id, f"{row.label!r} has no id by which the link could be closed"

    def test_what_is_asked_for_is_shown(self) -> None:
        assert any(row.asks for row in self.asks if isinstance(row.outcome, Accepted)), "no accepted row has asks=..."

    def test_p08_our_id_goes_out_so_that_a_report_can_bring_it_back(self) -> None:
        told = set().union(*map(said, self.play(self.a_link()).requests))
        assert any(PROMPT.id in one for one in told), "a report could never be matched with its payment"

    def test_p08_asking_again_is_the_same_request(self) -> None:
        row = self.a_link()
        first, again = self.play(row).requests, self.play(row).requests
        assert first == again, "a repeated request would make a second link"
        other = self.play(evolve(row, prompt=evolve(row.prompt, id="pay_ffffffffffffffffffffffffffffffff"))).requests
        assert other != first, "two payments are one request"

    def test_p08_another_page_of_a_payment_is_another_request_that_brings_the_same_id_back(self) -> None:
        row = self.a_link()
        later = evolve(row, prompt=evolve(row.prompt, page=2))
        first, again = self.play(row).requests, self.play(later).requests
        assert again == self.play(later).requests, "a repeated request would make a third page"
        assert again != first, "the provider would answer with the page that is over"
        told = set().union(*map(said, again))
        assert any(PROMPT.id in one for one in told), "a report could never be matched with its payment"

    def test_p08_a_page_that_does_not_live_long_can_be_made_anew(self) -> None:
        if self.offer.capabilities.longest_hours is None:
            return
        rows = [row for row in self.asks if row.closes is None and isinstance(row.outcome, Accepted)]
        urls = {cast("Accepted", row.outcome).url for row in rows if row.prompt.page == 1}
        later = {cast("Accepted", row.outcome).url for row in rows if row.prompt.page > 1}
        assert later - urls, "no accepted row has a prompt with page=2 and a URL of its own"

    def test_p08_two_amounts_are_two_requests(self, amount: Money) -> None:
        row = self.a_link()
        if amount == row.prompt.money:
            return
        other = self.play(evolve(row, prompt=evolve(row.prompt, money=amount))).requests
        assert other != self.play(row).requests, "the amount is not asked for"

    def test_p08_what_was_paid_is_read_exactly(self, amount: Money) -> None:
        row = CallbackRow(label="paid", request=self.make_paid(PROMPT.id, amount), reads=())
        for signature in self.signatures:
            (report,) = self.read_of(self.read(signature, row)) or (None,)
            assert isinstance(report, PaymentReport)
            assert (report.payment_id, report.status, report.money) == (PROMPT.id, "paid", amount)
            assert report.movement_id

    def test_p08_money_that_moved_has_an_id_and_an_amount(self) -> None:
        reports = [report for row in self.callbacks for report in row.reads or () if isinstance(report, PaymentReport)]
        for report in reports:
            if report.status in ("paid", "refunded"):
                assert report.money is not None
            if report.status in ("paid", "refunded", "refund_failed"):
                assert report.movement_id

    def test_p08_a_report_without_our_id_names_a_payment_that_was_reported(self) -> None:
        reports = [report for row in self.callbacks for report in row.reads or () if isinstance(report, PaymentReport)]
        charges = {report.movement_id for report in reports if report.status == "paid"}
        for report in reports:
            if not report.payment_id:
                assert report.charge_id in charges, f"{report!r} could not be matched: no row of a payment has its id"

    def test_a_currency_that_is_not_taken_is_refused_without_a_request(self) -> None:
        if not self.offer.capabilities.currencies:
            return
        foreign = next(code for code in ("XPF", "UYI", "GNF") if code not in self.offer.capabilities.currencies)
        row = evolve(self.a_link(), prompt=evolve(PROMPT, money=Money(minor=500, currency=foreign)))
        with pytest.raises(StopIteration) as ended:
            next(self.begin(self.built(row.settings), row))
        assert isinstance(ended.value.value, Refused)
