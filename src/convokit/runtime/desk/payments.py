"""Asking a client for money in a conversation, and what became of it."""

from __future__ import annotations

import logging
from datetime import datetime
from decimal import Decimal
from typing import Final

from attrs import frozen

from convokit.decisions.base import unknown_payment
from convokit.decisions.payments import APP
from convokit.domain.conversation import Conversation
from convokit.domain.instant import to_micros
from convokit.domain.money import EXPONENTS, currency_code, parse_money
from convokit.domain.payment import Payment
from convokit.domain.people import Staff
from convokit.domain.senders import not_ready
from convokit.errors import ConfigurationError, Conflict, InvalidInput
from convokit.facts import PaymentCancelled, PaymentReported, PaymentRequested
from convokit.runtime.checks import check_id, check_label, check_staff
from convokit.runtime.desk.base import DeskBase
from convokit.runtime.payment_providers import PracticeProvider, page_until
from convokit.runtime.payments_report import PaymentsReport

INVOICE_LIMIT: Final = 64
_CHUNK: Final = 200

_log = logging.getLogger("convokit")


@frozen(kw_only=True)
class PaymentAvailability:
    """Whether a client can be asked for money now.

    Attributes:
        available: show the button, or gray it out.
        code: why not, as the code of the error that asking would raise; ``None`` when it is available.
        reason: the same in plain words for the front desk; empty when it is available.
        currencies: in which it can be asked, sorted.
    """

    available: bool
    code: str | None = None
    reason: str = ""
    currencies: tuple[str, ...] = ()


class DeskPayments(DeskBase):
    """Request, cancel, look, report."""

    def can_request_payment(self, conversation_id: str, *, currency: str | None = None) -> PaymentAvailability:
        """Whether :meth:`request_payment` would be taken, and if not, why, in words for the front desk.

        Raises:
            NotFound: ``conversation.unknown``.
            InvalidInput: ``amount.currency``.
        """
        known = self.conversation(conversation_id)
        wanted = None if currency is None else currency_code(currency)
        try:
            self._usable(known, wanted)
        except (Conflict, ConfigurationError) as error:
            return PaymentAvailability(available=False, code=error.code, reason=error.message)
        return PaymentAvailability(available=True, currencies=self._currencies())

    def request_payment(
        self,
        conversation_id: str,
        *,
        amount: Decimal | str | int,
        currency: str,
        by: Staff,
        title: str = "",
        invoice: str | None = None,
    ) -> Payment:
        """Ask the client for money. The provider makes a link, which the client gets as a message: by
        :meth:`Convokit.work`, so a moment later.

        Args:
            amount: exact: ``Decimal("84.50")``, ``"84.50"``, or a whole number of dollars (not cents). No float.
            currency: ISO 4217 code.
            title: what it is for, as the client reads it; default: the invoice.
            invoice: the host's invoice number; it comes back in every report.

        Raises:
            InvalidInput: ``amount...``, ``title.empty`` without title and invoice, ``invoice...``.
            Conflict: ``conversation.ended``, ``payments.currency``, ``client.opted_out``, ``sender...``.
            ConfigurationError: ``payments.no_provider``, or why the provider cannot be used.
            NotFound: ``conversation.unknown``.
        """
        stamp = self._stamp(conversation_id, by)
        money = parse_money(amount, currency)
        number = None if invoice is None else check_label(invoice, "invoice", most=INVOICE_LIMIT, empty=False)
        named = check_label(title or ("" if number is None else f"Invoice {number}"), "title", empty=False)
        found = self._usable(self.conversation(conversation_id), money.currency)
        payment_id = self._world.fresh_id("pay")
        link, now_us = self._providers.links.url(self.practice.id, payment_id), stamp["at_us"]
        wished_us = now_us + self.practice.rules.payments.expiry
        page_until_us = page_until(found.capabilities, now_us, wished_us)
        return self._payment_after(
            PaymentRequested(
                **stamp,
                payment_id=payment_id,
                title=named,
                invoice=number,
                money=money,
                provider=found.name,
                expires_us=page_until_us if link is None else wished_us,
                link=link,
                page_until_us=None if link is None else page_until_us,
            )
        )

    def cancel_payment(self, payment_id: str, *, by: Staff) -> Payment:
        """Take a request back. A link that was not sent yet is held back; one that was made is closed, if the provider
        can. A client who pays all the same is flagged (``"paid_late"``).

        Raises:
            Conflict: ``payment.settled``.
            NotFound: ``payment.unknown``.
        """
        staff, known = check_staff(by), self.payment(payment_id)
        fact = PaymentCancelled(
            payment_id=known.id,
            entry_id=self._world.fresh_id("m"),
            at_us=self._world.now_us(),
            by_id=staff.id,
            by_name=staff.name,
        )
        return self._payment_after(fact)

    def payment(self, payment_id: str) -> Payment:
        """One payment as it stands.

        Raises:
            NotFound: ``payment.unknown``.
        """
        found = self._store.payment(self.practice.id, check_id(payment_id, "payment_id"))
        if found is None or not self._sees_id(found.conversation_id):
            raise unknown_payment()
        return found.as_of(self._world.now_us())

    def payments(self, conversation_id: str) -> tuple[Payment, ...]:
        """The payments of a conversation, oldest first; of very many the newest 200.

        Raises:
            NotFound: ``conversation.unknown``.
        """
        now = self._world.now_us()
        known = self.conversation(conversation_id)
        return tuple(found.as_of(now) for found in self._store.payments(self.practice.id, known.id))

    def payments_report(self, since: datetime, until: datetime) -> PaymentsReport:
        """Payments that were asked for from ``since`` on and before ``until``, whatever became of them since.

        Raises:
            InvalidInput: ``time.naive``; ``payments.period`` when ``since`` is not before ``until``.
        """
        start, end = _moment(since, "since"), _moment(until, "until")
        if start >= end:
            raise InvalidInput("payments.period", "since= comes before until=", field="until")
        rows: list[Payment] = []
        after, more = None, True
        while more:
            page, after = self._store.payments_between(self.practice.id, start, end, after=after, limit=_CHUNK)
            rows += page
            more = after is not None
        now = self._world.now_us()
        visible = {one: self._sees_id(one) for one in {row.conversation_id for row in rows}}
        return PaymentsReport(rows=tuple(row.as_of(now) for row in rows if visible[row.conversation_id]))

    def app_payment_opened(self, payment_id: str, *, client_id: str | None = None) -> Payment:
        """The client opened the request in the practice's app.

        Args:
            client_id: if given, the conversation must be this client's.

        Raises:
            NotFound: ``payment.unknown``.
        """
        known = self.payment(payment_id)
        if client_id is not None and self.conversation(known.conversation_id).client_id != client_id:
            raise unknown_payment()
        fresh = self._world.fresh_id
        fact = PaymentReported(
            payment_id=known.id,
            entry_id=fresh("m"),
            flag_id=fresh("m"),
            receipt_id=fresh("m"),
            at_us=self._world.now_us(),
            provider=APP,
            event_id="opened",
            status="opened",
        )
        return self._payment_after(fact)

    def _payment_after(self, fact: PaymentRequested | PaymentCancelled | PaymentReported) -> Payment:
        done = self._take(fact)
        if done.decision.payment is not None and done.seen is None:
            return done.decision.payment.as_of(fact.at_us)
        return self.payment(fact.payment_id)

    def _usable(self, known: Conversation, currency: str | None) -> PracticeProvider:
        """The provider, if this client can be asked for money.

        Raises:
            Conflict, ConfigurationError: why not, in words for the front desk.
        """
        found = self._chosen()
        if known.ended:
            raise Conflict(
                "conversation.ended", "The conversation has ended; restart it first.", field="conversation_id"
            )
        if currency is not None and currency not in self._currencies():
            accepted = ", ".join(self._currencies()[:10])
            raise Conflict(
                "payments.currency", f"Payments in {currency} are not accepted.", field="currency", limit=accepted
            )
        if known.channel == "sms":
            unready = not_ready(self.practice, known.sender)
            if unready is not None:
                raise Conflict(unready.code, unready.reason, field="sender", limit="ready")
            if self._store.consent(self.practice.id, known.address).opted_out:
                why = "The client opted out of texts, so no payment link can be sent."
                raise Conflict("client.opted_out", why, field="conversation_id")
        return found

    def _chosen(self) -> PracticeProvider:
        try:
            found = self._providers.of(self.practice.id)
        except ConfigurationError as error:
            _log.error("practice %s cannot ask for money: %s", self.practice.id, error)
            why = "Payments are not set up correctly. Please tell your administrator."
            raise ConfigurationError(error.code, why, field=error.field) from error
        if found is None:
            why = "No payment provider is set up for this practice."
            raise ConfigurationError("payments.no_provider", why, field="plugins")
        return found

    def _currencies(self) -> tuple[str, ...]:
        """What the practice accepts and the provider takes."""
        accepted = self.practice.rules.payments.currencies or frozenset(EXPONENTS)
        taken = self._chosen().capabilities.currencies or frozenset(EXPONENTS)
        return tuple(sorted(accepted & taken))


def _moment(given: object, field: str) -> int:
    if not isinstance(given, datetime):
        raise InvalidInput("payments.period", f"{field}= is an aware datetime", field=field, limit="datetime")
    return to_micros(given, field)
