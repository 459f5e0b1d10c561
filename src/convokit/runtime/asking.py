"""Asking a carrier what it knows: for one text whose answer was lost, and for everything since a moment."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from attrs import frozen

from convokit.decisions.asking import BELIEVED_AFTER
from convokit.decisions.base import Needs
from convokit.domain.delivery import Delivery
from convokit.domain.instant import DAY
from convokit.domain.phone import inbound_address
from convokit.domain.rules import Practice
from convokit.effects import LookUpText, OwedEffect, OwedJob, PollCarrier
from convokit.errors import ConfigurationError, ConvokitError, StorageError
from convokit.facts import CarrierPolled, PollWanted, TextLookedUp
from convokit.outcomes import Accepted, Outcome, Refused, TryLater
from convokit.plugins.faults import log_fault
from convokit.ports.sms import DeliveryReport, Event, InboundText
from convokit.ports.sms_asking import (
    MOST_REQUESTS,
    LookedUp,
    LooksUp,
    Polled,
    PollResult,
    Polls,
    UncertainText,
)
from convokit.ports.store import Store
from convokit.runtime.arriving import PATIENCE_MS, Arriving
from convokit.runtime.asking_values import looked_up_checked, polled_checked
from convokit.runtime.drivers import Exchange, ask
from convokit.runtime.gateways import Gateways, PracticeGateway
from convokit.runtime.perform import Performer
from convokit.runtime.steps import Steps
from convokit.runtime.world import World

LOOK_BACK: Final = DAY
"""How far behind what was asked for already a carrier is asked again: reports on a text may come a day later."""

_NOT_NEEDED: Final = Refused(reason="cancelled", raw="it is known by now what became of the text")
_NO_CARRIER: Final = "no carrier is set up that can be asked"

_log = logging.getLogger("convokit")


@frozen
class Carriers:
    """The carriers that can be asked."""

    gateways: Gateways
    exchange: Callable[[], Exchange]

    def of(self, practice: Practice, provider: str) -> PracticeGateway | None:
        """The practice's carrier, if it is this one and can be had now."""
        try:
            found = self.gateways.of(practice.id)
        except ConfigurationError as error:
            _log.error("practice %s cannot ask its carrier: %s", practice.id, error)
            return None
        return found if found is not None and found.provider == provider else None


class TextAsker:
    """Does the jobs of the kind :class:`~convokit.effects.LookUpText`."""

    def __init__(
        self, store: Store, carriers: Carriers, performer: Performer, arriving: Arriving, world: World
    ) -> None:
        self._store = store
        self._carriers = carriers
        self._performer = performer
        self._arriving = arriving
        self._world = world

    def perform(self, practice: Practice, owed: OwedJob) -> TextLookedUp:
        """See :meth:`convokit.runtime.jobs.JobPerformer.perform`."""
        before = self._store.load(practice.id, Needs(effect_key=_look_up_of(owed).text_key))
        effect, entry = before.effect, before.entry
        if effect is None or entry is None or effect.provider_id is not None or entry.delivery is not Delivery.UNSURE:
            return self._told(owed, _NOT_NEEDED)
        carrier = self._carriers.of(practice, effect.provider or "")
        if carrier is None or not isinstance(carrier.gateway, LooksUp):
            return self._told(owed, TryLater(raw=_NO_CARRIER))
        text = UncertainText(
            id=effect.key,
            sender=effect.effect.sender,
            to=effect.effect.to,
            text=entry.text,
            begun_us=effect.begun_us or effect.owed_us,
            now_us=self._world.now_us(),
        )
        return self._answered(practice, owed, effect, carrier, self._asked(carrier.gateway, text))

    def _asked(self, gateway: LooksUp, text: UncertainText) -> LookedUp:
        try:
            question = gateway.look_up(text)
        except (Exception, SystemExit) as error:  # whatever a plugin raises
            log_fault(_log, "a gateway raised when it was asked for a text", error)
            return TryLater(raw=type(error).__name__)
        return ask(question, self._carriers.exchange(), looked_up_checked, _later, most=MOST_REQUESTS)

    def _answered(
        self, practice: Practice, owed: OwedJob, effect: OwedEffect, carrier: PracticeGateway, answer: LookedUp
    ) -> TextLookedUp:
        if isinstance(answer, TryLater):
            return self._told(owed, answer)
        mine = next((report for report in answer.reports if self._is_free(practice, carrier, report)), None)
        if mine is not None:
            # What the carrier would have answered, and what it would have reported since.
            self._performer.settle(practice, effect, Accepted(provider_id=mine.provider_id), carrier.provider)
            self._arriving.report_on_known(practice, carrier, mine)
            return self._told(owed, Accepted(provider_id=mine.provider_id))
        since_us = self._world.now_us() - (effect.begun_us or effect.owed_us)
        if 0 <= since_us < BELIEVED_AFTER:
            return self._told(owed, TryLater(raw="the carrier does not have it yet"))
        return self._told(owed, Refused(reason="unknown", raw="the carrier does not have it"), absent=True)

    def _is_free(self, practice: Practice, carrier: PracticeGateway, report: DeliveryReport) -> bool:
        """Whether the text that is reported on belongs to no other message."""
        known = report.provider_id
        return known is not None and self._store.attempt_of(practice.id, carrier.provider, known) is None

    def refused(self, practice: Practice, owed: OwedJob, reason: str, raw: str) -> TextLookedUp:
        """See :meth:`convokit.runtime.jobs.JobPerformer.refused`."""
        return self._told(owed, Refused(reason=reason, raw=raw))

    def abandoned(self, practice: Practice, owed: OwedJob) -> TextLookedUp:
        """See :meth:`convokit.runtime.jobs.JobPerformer.abandoned`. Asking again harms nobody."""
        return self._told(owed, TryLater(raw="asking was interrupted"))

    def _told(self, owed: OwedJob, outcome: Outcome, *, absent: bool = False) -> TextLookedUp:
        job = _look_up_of(owed)
        return TextLookedUp(
            key=owed.key,
            tries=owed.tries,
            outcome=outcome,
            at_us=self._world.now_us(),
            conversation_id=job.conversation_id,
            entry_id=job.entry_id,
            attempt=job.attempt,
            absent=absent,
        )


class CarrierPoller:
    """Does the jobs of the kind :class:`~convokit.effects.PollCarrier`, and has them owed."""

    def __init__(self, steps: Steps, carriers: Carriers, arriving: Arriving, world: World) -> None:
        self._steps = steps
        self._carriers = carriers
        self._arriving = arriving
        self._world = world

    def begins(self, practice_id: str, carrier: PracticeGateway) -> bool:
        """A practice uses a carrier in this process: from its very first use on it is polled. Whether that is noted."""
        if not carrier.capabilities.polls:
            return True
        try:
            practice = self._steps.store.practice(practice_id)
            if practice is not None:
                fact = PollWanted(provider=carrier.provider, at_us=self._world.now_us())
                self._steps.take(practice, fact, patience_ms=PATIENCE_MS)
        except StorageError as error:  # whoever needs the carrier now is not kept waiting for it
            _log.warning("practice %s: polling could not be begun: %s", practice_id, error)
            return False
        return True

    def perform(self, practice: Practice, owed: OwedJob) -> CarrierPolled:
        """See :meth:`convokit.runtime.jobs.JobPerformer.perform`."""
        job, now_us = _poll_of(owed), self._world.now_us()
        carrier = self._carriers.of(practice, job.provider)
        if carrier is None or not isinstance(carrier.gateway, Polls) or not carrier.capabilities.polls:
            return self._told(owed, Refused(reason="account_problem", raw=_NO_CARRIER))
        since_us = min(max(job.first_us, job.since_us - LOOK_BACK), now_us)
        answer = self._asked(carrier.gateway, practice.numbers, since_us, now_us)
        if isinstance(answer, TryLater):
            return self._told(owed, answer)
        try:
            self._take(practice, carrier, answer)
        except StorageError as error:
            return self._told(owed, TryLater(raw=error.code))
        until_us = min(max(answer.until_us, since_us), now_us)
        return self._told(owed, Accepted(), until_us=until_us, more=job.since_us < until_us < now_us)

    def _asked(self, gateway: Polls, numbers: tuple[str, ...], since_us: int, until_us: int) -> PollResult:
        try:
            question = gateway.poll(numbers, since_us, until_us)
        except (Exception, SystemExit) as error:  # whatever a plugin raises
            log_fault(_log, "a gateway raised when it was polled", error)
            return TryLater(raw=type(error).__name__)
        return ask(question, self._carriers.exchange(), polled_checked, _later, most=MOST_REQUESTS)

    def _take(self, practice: Practice, carrier: PracticeGateway, answer: Polled) -> None:
        """What is new, of this practice's numbers. An account may serve others too."""
        for event in sorted(answer.events, key=_written_at):
            try:
                if isinstance(event, InboundText):
                    self._text(practice, carrier, event)
                else:
                    self._arriving.report_on_known(practice, carrier, event)
            except StorageError:
                raise
            except ConvokitError as error:  # one event that cannot be taken in must not keep back those behind it
                _log.error(
                    "practice %s: %s told what cannot be taken in: %s", practice.id, carrier.provider, error.code
                )

    def _text(self, practice: Practice, carrier: PracticeGateway, event: InboundText) -> None:
        ours = inbound_address(event.to, practice.region) in practice.numbers
        if not ours or self._arriving.knows(practice, carrier, event.provider_id):
            return
        if self._arriving.text(practice, carrier, event, late=True):
            _log.warning("practice %s: a callback of %s was lost, and asked for", practice.id, carrier.provider)

    def refused(self, practice: Practice, owed: OwedJob, reason: str, raw: str) -> CarrierPolled:
        """See :meth:`convokit.runtime.jobs.JobPerformer.refused`."""
        return self._told(owed, Refused(reason=reason, raw=raw))

    def abandoned(self, practice: Practice, owed: OwedJob) -> CarrierPolled:
        """See :meth:`convokit.runtime.jobs.JobPerformer.abandoned`. Asking again harms nobody."""
        return self._told(owed, TryLater(raw="asking was interrupted"))

    def _told(
        self, owed: OwedJob, outcome: Outcome, *, until_us: int | None = None, more: bool = False
    ) -> CarrierPolled:
        at_us = self._world.now_us()
        return CarrierPolled(key=owed.key, tries=owed.tries, outcome=outcome, at_us=at_us, until_us=until_us, more=more)


def _written_at(event: Event) -> int:
    """In the order in which clients wrote; reports change nothing about the order."""
    return (event.sent_at or 0) if isinstance(event, InboundText) else 0


def _later(why: str) -> TryLater:
    return TryLater(raw=why)


def _look_up_of(owed: OwedJob) -> LookUpText:
    assert isinstance(owed.job, LookUpText)  # noqa: S101 - jobs are given to the performer of their kind
    return owed.job


def _poll_of(owed: OwedJob) -> PollCarrier:
    assert isinstance(owed.job, PollCarrier)  # noqa: S101 - jobs are given to the performer of their kind
    return owed.job
