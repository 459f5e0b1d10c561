"""Asking a carrier for everything since a moment: clients' texts whose callbacks were lost, and lost reports."""

from __future__ import annotations

import logging
from typing import Final

from attrs import define

from convokit.domain.instant import SECOND
from convokit.domain.phone import inbound_address
from convokit.domain.rules import Practice
from convokit.effects import OwedJob, PollCarrier
from convokit.errors import ConvokitError, StorageError
from convokit.facts import CarrierPolled, PollWanted
from convokit.outcomes import Accepted, Outcome, Refused, TryLater
from convokit.plugins.faults import contain, log_fault
from convokit.ports.sms import DeliveryReport, Event, InboundText
from convokit.ports.sms_asking import (
    MOST_REQUESTS,
    Fetched,
    FetchesTexts,
    ListedText,
    Polled,
    PollResult,
    Polls,
)
from convokit.runtime.arriving import PATIENCE_MS, Arriving
from convokit.runtime.asking import NO_CARRIER, Carriers, later
from convokit.runtime.asking_values import fetched_checked, polled_checked
from convokit.runtime.drivers import ask
from convokit.runtime.gateways import PracticeGateway
from convokit.runtime.steps import Steps
from convokit.runtime.world import World

MOST_FETCHED: Final = 25
"""Listed texts that one job fetches; the rest is for the next one, which begins at once."""
LONGEST_FETCHING: Final = 60 * SECOND
"""No text is fetched later in a job than this, so that it ends before its lease."""

_log = logging.getLogger("convokit")


@define
class _Fetching:
    """How far the fetching of one job is."""

    begun_us: int
    had: int = 0
    failed: int = 0
    left: bool = False

    def may(self, now_us: int) -> bool:
        """Whether one more may be fetched."""
        self.left = self.left or self.had + self.failed >= MOST_FETCHED or now_us - self.begun_us > LONGEST_FETCHING
        return not self.left


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
            return self._told(owed, Refused(reason="account_problem", raw=NO_CARRIER))
        since_us = min(job.since_us, now_us)
        answer = self._asked(carrier.gateway, practice.numbers, since_us, now_us)
        if isinstance(answer, TryLater):
            return self._told(owed, answer)
        fetching = _Fetching(begun_us=now_us)
        try:
            self._take(practice, carrier, answer, fetching)
        except StorageError as error:
            return self._told(owed, TryLater(raw=error.code))
        if fetching.left:
            # What was had is known from now on. Where nothing was had, a while must pass.
            told = Accepted() if fetching.had else TryLater(raw="no listed text could be fetched")
            return self._told(owed, told, until_us=since_us, more=True)
        until_us = min(max(answer.until_us, since_us), now_us)
        return self._told(owed, Accepted(), until_us=until_us, more=since_us < until_us < now_us)

    def _asked(self, gateway: Polls, numbers: tuple[str, ...], since_us: int, until_us: int) -> PollResult:
        try:
            question = gateway.poll(numbers, since_us, until_us)
        except BaseException as error:  # whatever a plugin raises
            contain(error)
            log_fault(_log, "a gateway raised when it was polled", error)
            return TryLater(raw=type(error).__name__)
        return ask(question, self._carriers.exchange(), polled_checked, later, most=MOST_REQUESTS)

    def _take(self, practice: Practice, carrier: PracticeGateway, answer: Polled, fetching: _Fetching) -> None:
        """Take in what is new. A text that cannot be fetched now is listed the next time too, for a day."""
        for event in sorted(answer.events, key=_written_at):
            if isinstance(event, DeliveryReport):
                self._arriving.report_on_known(practice, carrier, event)
            elif self._is_new(practice, carrier, event):
                whole = self._fetched(practice, carrier, event, fetching) if isinstance(event, ListedText) else event
                if isinstance(whole, InboundText):
                    self._text(practice, carrier, whole)

    def _is_new(self, practice: Practice, carrier: PracticeGateway, event: InboundText | ListedText) -> bool:
        """Whether it came to one of this practice's numbers, and is not here. An account may serve others too."""
        ours = inbound_address(event.to, practice.region) in practice.numbers
        return ours and not self._arriving.knows(practice, carrier, event.provider_id)

    def _text(self, practice: Practice, carrier: PracticeGateway, event: InboundText) -> None:
        try:
            new = self._is_new(practice, carrier, event) and self._arriving.text(practice, carrier, event, late=True)
        except StorageError:
            raise
        except ConvokitError as error:  # one text that cannot be taken in must not keep back those behind it
            _log.error("practice %s: %s told what cannot be taken in: %s", practice.id, carrier.provider, error.code)
            return
        if new:
            _log.warning("practice %s: a callback of %s was lost, and asked for", practice.id, carrier.provider)

    def _fetched(
        self, practice: Practice, carrier: PracticeGateway, listed: ListedText, fetching: _Fetching
    ) -> Fetched:
        if not fetching.may(self._world.now_us()):
            return None
        whole = self._fetch(practice, carrier, listed)
        if isinstance(whole, InboundText):
            fetching.had += 1
        else:
            fetching.failed += 1
        return whole

    def _fetch(self, practice: Practice, carrier: PracticeGateway, listed: ListedText) -> Fetched:
        gateway = carrier.gateway
        if not isinstance(gateway, FetchesTexts):
            _log.error("practice %s: %s lists texts, and cannot fetch them", practice.id, carrier.provider)
            return TryLater(raw="it cannot fetch texts")
        try:
            question = gateway.fetch_text(listed)
        except BaseException as error:  # whatever a plugin raises
            contain(error)
            log_fault(_log, "a gateway raised when it was asked for a listed text", error)
            return TryLater(raw=type(error).__name__)
        return ask(question, self._carriers.exchange(), fetched_checked, later, most=MOST_REQUESTS)

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


def _written_at(event: Event | ListedText) -> int:
    """In the order in which clients wrote; reports change nothing about the order."""
    given = None if isinstance(event, DeliveryReport) else event.sent_at
    return given if type(given) is int else 0


def _poll_of(owed: OwedJob) -> PollCarrier:
    assert isinstance(owed.job, PollCarrier)  # noqa: S101 - jobs are given to the performer of their kind
    return owed.job
