"""Asking a carrier for one text whose answer was lost."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from attrs import frozen

from convokit.decisions.asking import BELIEVED_AFTER
from convokit.decisions.base import Needs
from convokit.domain.delivery import Delivery
from convokit.domain.rules import Practice
from convokit.effects import LookUpText, OwedEffect, OwedJob
from convokit.errors import ConfigurationError
from convokit.facts import TextLookedUp
from convokit.outcomes import Accepted, Outcome, Refused, TryLater
from convokit.plugins.faults import contain, log_fault
from convokit.ports.sms import DeliveryReport
from convokit.ports.sms_asking import (
    MOST_REQUESTS,
    LookedUp,
    LooksUp,
    UncertainText,
)
from convokit.ports.store import Store
from convokit.runtime.arriving import Arriving
from convokit.runtime.asking_values import looked_up_checked
from convokit.runtime.drivers import Exchange, ask
from convokit.runtime.gateways import Gateways, PracticeGateway
from convokit.runtime.perform import Performer
from convokit.runtime.world import World

MOST_FETCHED: Final = 25
"""Listed texts that one job fetches; the rest is for the next one, which begins at once."""

_NOT_NEEDED: Final = Refused(reason="cancelled", raw="it is known by now what became of the text")
NO_CARRIER: Final = "no carrier is set up that can be asked"

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
            return self._told(owed, TryLater(raw=NO_CARRIER))
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
        except BaseException as error:  # whatever a plugin raises
            contain(error)
            log_fault(_log, "a gateway raised when it was asked for a text", error)
            return TryLater(raw=type(error).__name__)
        return ask(question, self._carriers.exchange(), looked_up_checked, later, most=MOST_REQUESTS)

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


def later(why: str) -> TryLater:
    """What counts as said by a gateway that breaks its contract."""
    return TryLater(raw=why)


def _look_up_of(owed: OwedJob) -> LookUpText:
    assert isinstance(owed.job, LookUpText)  # noqa: S101 - jobs are given to the performer of their kind
    return owed.job
