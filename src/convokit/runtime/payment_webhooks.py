"""The webhook front of payment providers: verified, checked against the request, committed, and only then a 2xx."""

from __future__ import annotations

import logging
from typing import Final

from convokit.domain.money import EXPONENTS, Money
from convokit.domain.payment import UNSETTLED, Payment
from convokit.domain.rules import Practice
from convokit.errors import ConfigurationError
from convokit.facts import PaymentReported
from convokit.plugins.bounded import PluginFailed
from convokit.plugins.faults import contain, log_fault
from convokit.ports.payments import PaymentReport, VerifiedReports
from convokit.ports.sms import Unreadable, Unverified
from convokit.ports.store import Endpoint
from convokit.ports.wire import UNREADABLE, HttpRequest, HttpResponse
from convokit.runtime.payment_providers import PREFIX, PaymentProviders, PracticeProvider
from convokit.runtime.plugin_values import LONGEST_ID, answer_checked, words
from convokit.runtime.steps import Steps
from convokit.runtime.world import World

_PATIENCE_MS: Final = 1500
_MOVED: Final = ("paid", "refunded")
_STATUSES: Final = frozenset({*UNSETTLED, *_MOVED, "refund_failed", "disputed"})
_MOST: Final = 2**62

_log = logging.getLogger("convokit")

_NOT_FOUND: Final = HttpResponse(status=404)
_FORBIDDEN: Final = HttpResponse(status=403)
_BROKEN: Final = HttpResponse(status=500)
_LATER: Final = HttpResponse(status=503, headers=(("Retry-After", "5"),))


def is_for_payments(endpoint: Endpoint) -> bool:
    """Whether a webhook is a payment provider's."""
    return endpoint.provider.startswith(PREFIX)


class PaymentWebhooks:
    """Answers payment providers. Every thread may use it."""

    def __init__(self, steps: Steps, providers: PaymentProviders, world: World) -> None:
        self._steps = steps
        self._providers = providers
        self._world = world

    def answer(self, practice: Practice, endpoint: Endpoint, request: HttpRequest) -> HttpResponse:
        """Take a report in; ``endpoint`` is one of :func:`is_for_payments`."""
        try:
            found = self._providers.of(practice.id)
        except ConfigurationError as error:
            _log.error("practice %s cannot receive payments: %s", practice.id, error)
            return _LATER
        if found is None or f"{PREFIX}{found.name}" != endpoint.provider:
            return _NOT_FOUND
        who, read = f"payment provider {found.name} of practice {practice.id}", found.provider.read_webhook
        try:
            reading = self._steps.catalogue.calls.call(who, lambda: read(request))
        except PluginFailed as failed:
            log_fault(_log, f"payment provider {found.name} could not read a webhook", failed.error)
            return _LATER if failed.is_late else _BROKEN
        match reading:
            case VerifiedReports():
                return self._take_all(practice, found, request, reading)
            case Unverified():
                _log.warning("an unverified payment webhook for practice %s was refused", practice.id)
                return _FORBIDDEN
            case Unreadable():
                self._keep(practice, found, request)
                return answer_checked(reading.answer) or UNREADABLE
            case _:
                _log.error("gateway.contract: payment provider %s read a %s", found.name, type(reading).__name__)
                return _BROKEN

    def _take_all(
        self, practice: Practice, found: PracticeProvider, request: HttpRequest, reading: VerifiedReports
    ) -> HttpResponse:
        """Take in what is usable. If something is not, the request is kept, and the provider is to repeat it."""
        whole = True
        for report in reading.reports if isinstance(reading.reports, (tuple, list)) else (None,):
            try:
                checked = report_checked(report)
            except BaseException as error:  # whatever a plugin's value is
                contain(error)
                log_fault(_log, f"gateway.contract: payment provider {found.name} read an unusable report", error)
                whole = False
                continue
            self._report(practice, found, checked)
        if whole:
            return answer_checked(reading.answer) or HttpResponse(status=200)
        self._keep(practice, found, request)
        return _BROKEN

    def _report(self, practice: Practice, found: PracticeProvider, report: PaymentReport) -> None:
        known = self._known(practice, found, report)
        if known is None:
            return
        fresh = self._world.fresh_id
        fact = PaymentReported(
            payment_id=known.id,
            entry_id=fresh("m"),
            flag_id=fresh("m"),
            receipt_id=fresh("m"),
            at_us=self._world.now_us(),
            provider=found.name,
            event_id=report.event_id,
            status=report.status,
            movement_id=report.movement_id,
            money=report.money,
            test=report.test and not practice.rules.payments.accept_test,
            raw=report.raw,
        )
        self._steps.take(practice, fact, patience_ms=_PATIENCE_MS)

    def _known(self, practice: Practice, found: PracticeProvider, report: PaymentReport) -> Payment | None:
        """The payment that a report is about: by our own id, else by the provider's id of what the client paid."""
        store = self._steps.store
        if not report.payment_id:
            # Most are of what this practice sells at its counter, through the same account.
            return store.payment_charged(practice.id, found.name, report.charge_id)
        known = store.payment(practice.id, report.payment_id)
        if known is None or known.provider != found.name:
            # Something else that this practice sells through the same account, or an id that somebody made up.
            _log.warning("practice %s: %s reported on a payment that is not known", practice.id, found.name)
            return None
        return known

    def _keep(self, practice: Practice, found: PracticeProvider, request: HttpRequest) -> None:
        now = self._world.now_us()
        self._steps.store.keep_unreadable(
            practice.id, f"{PREFIX}{found.name}", request.body, now, patience_ms=_PATIENCE_MS
        )


def report_checked(report: object) -> PaymentReport:
    """A report as the port has it, with its strings bounded.

    Raises:
        TypeError: it is no report, or a field is not what the port says; money that moved without id or amount.
    """
    if not isinstance(report, PaymentReport) or report.status not in _STATUSES or type(report.test) is not bool:
        raise TypeError("not a report")
    named = (report.payment_id, report.charge_id, report.movement_id, report.event_id)
    if not all(isinstance(one, str) and len(one) <= LONGEST_ID for one in named):
        raise TypeError("an id is no text, or too long")
    if report.status == "refund_failed" and not report.movement_id:
        raise TypeError("it does not say which refund")
    if report.status in _MOVED and (not report.movement_id or report.money is None):
        raise TypeError("money moved without an id or an amount")
    return PaymentReport(
        payment_id=words(report.payment_id, LONGEST_ID),
        charge_id=words(report.charge_id, LONGEST_ID),
        status=report.status,
        movement_id=words(report.movement_id, LONGEST_ID),
        money=None if report.money is None else _money_checked(report.money),
        test=report.test,
        event_id=words(report.event_id, LONGEST_ID),
        raw=words(report.raw),
    )


def _money_checked(money: object) -> Money:
    if not isinstance(money, Money) or money.currency not in EXPONENTS:
        raise TypeError("not an amount in a known currency")
    if type(money.minor) is not int or not 0 <= money.minor <= _MOST:
        raise TypeError("not an amount in minor units")
    return money
