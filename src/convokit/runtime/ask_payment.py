"""Having the provider make a page to pay on, or close it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from convokit.decisions.delivery import OURSELVES
from convokit.domain.payment import Payment
from convokit.domain.rules import Practice
from convokit.effects import AskPayment, OwedJob
from convokit.errors import ConfigurationError
from convokit.facts import PaymentAsked
from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.plugins.faults import contain, log_fault
from convokit.ports.payments import Asking, PaymentPrompt
from convokit.ports.store import Store
from convokit.runtime.circuits import LEFT_ALONE, Circuits, Use
from convokit.runtime.drivers import Exchange, Seen, drive
from convokit.runtime.payment_providers import PaymentProviders, PracticeProvider
from convokit.runtime.world import World

_NOT_NEEDED: Final = Refused(reason="cancelled", raw="the request is paid, cancelled or expired")

_log = logging.getLogger("convokit")


class PaymentAsker:
    """Does the jobs of the kind :class:`~convokit.effects.AskPayment`."""

    def __init__(
        self,
        store: Store,
        providers: PaymentProviders,
        world: World,
        exchange: Callable[[], Exchange],
        circuits: Circuits,
    ) -> None:
        self._store = store
        self._circuits = circuits
        self._providers = providers
        self._world = world
        self._exchange = exchange

    def perform(self, practice: Practice, owed: OwedJob) -> PaymentAsked:
        """See :meth:`convokit.runtime.jobs.JobPerformer.perform`."""
        try:
            found = self._providers.of(practice.id)
        except ConfigurationError as error:
            _log.error("practice %s cannot ask for money: %s", practice.id, error)
            found = None
        job = _job_of(owed)
        payment = self._store.payment(practice.id, job.payment_id)
        now_us = self._world.now_us()
        if payment is None or not _needed(job, payment, now_us):
            return self._told(owed, _NOT_NEEDED, OURSELVES)
        if now_us < job.not_before_us:
            return self._told(owed, TryLater(raw="the time of the link is not over"), OURSELVES)
        if found is None or found.name != payment.provider:
            return self._told(owed, TryLater(raw=f"payment provider {payment.provider} is not set up"), OURSELVES)
        able = found.capabilities
        outlasts = job.ask == "open" and able.closes and not (able.expires and payment.page is None)
        return self._told(owed, self._outcome(practice, job, payment, found), found.name, outlasts=outlasts)

    def refused(self, practice: Practice, owed: OwedJob, reason: str, raw: str) -> PaymentAsked:
        """See :meth:`convokit.runtime.jobs.JobPerformer.refused`."""
        return self._told(owed, Refused(reason=reason, raw=raw), OURSELVES)

    def abandoned(self, practice: Practice, owed: OwedJob) -> PaymentAsked:
        """See :meth:`convokit.runtime.jobs.JobPerformer.abandoned`: it is asked again."""
        return self._told(owed, Unsure(why="asking was interrupted"), OURSELVES)

    def _outcome(self, practice: Practice, job: AskPayment, payment: Payment, found: PracticeProvider) -> Outcome:
        if job.ask != "open" and not found.capabilities.closes:
            return Refused(reason="unknown", raw=f"{found.name} cannot close a link")
        use, seen = Use("payments", found.name, practice.id), Seen()
        if not self._circuits.begin(use):
            return TryLater(raw=LEFT_ALONE)
        outcome = self._asked(practice, job, payment, found, seen)
        self._circuits.tell(use, outcome, answered=seen.answered)
        return outcome

    def _asked(
        self, practice: Practice, job: AskPayment, payment: Payment, found: PracticeProvider, seen: Seen
    ) -> Outcome:
        try:
            asking = _asking(practice, job, payment, found)
        except BaseException as error:  # whatever a plugin raises
            contain(error)
            log_fault(_log, f"payment provider {found.name} raised", error)
            return Unsure(why=f"the payment provider raised {type(error).__name__}")
        outcome = drive(asking, seen.watching(self._exchange()))
        if job.ask == "open" and isinstance(outcome, Accepted) and outcome.url is None:
            return Unsure(why="gateway.contract: a link that cannot be sent to a client")
        return outcome

    def _told(self, owed: OwedJob, outcome: Outcome, provider: str, *, outlasts: bool = False) -> PaymentAsked:
        job = _job_of(owed)
        return PaymentAsked(
            key=owed.key,
            tries=owed.tries,
            outcome=outcome,
            provider=provider,
            at_us=self._world.now_us(),
            payment_id=job.payment_id,
            ask=job.ask,
            entry_id=self._world.fresh_id("m"),
            outlasts=outlasts,
            page=job.page,
            until_us=job.until_us or 0,
        )


def _needed(job: AskPayment, payment: Payment, now_us: int) -> bool:
    """Whether anybody still wants it: a link that is past its time is not made, and is closed."""
    match job.ask:
        case "open":
            return payment.as_of(now_us).payable
        case "expire":
            return payment.payable
        case "close":
            return True


def _asking(practice: Practice, job: AskPayment, payment: Payment, found: PracticeProvider) -> Asking:
    if job.ask != "open":
        return found.provider.close(payment.id, job.provider_id or payment.provider_id or "")
    prompt = PaymentPrompt(
        id=payment.id,
        title=payment.title,
        money=payment.money,
        practice=practice.name,
        expires_at=payment.expires_us if job.until_us is None else job.until_us,
        invoice=payment.invoice,
        callback_url=found.callback_url,
        page=job.page,
    )
    return found.provider.ask(prompt)


def _job_of(owed: OwedJob) -> AskPayment:
    assert isinstance(owed.job, AskPayment)  # noqa: S101 - the kit gives each performer its own kind
    return owed.job
