"""Performing what is owed: begin before the bytes leave, settle after, and never twice without saying so."""

from __future__ import annotations

import logging
from functools import partial
from typing import Final

from attrs import frozen

from convokit.decisions.delivery import OURSELVES
from convokit.domain.instant import SECOND
from convokit.domain.rules import Practice
from convokit.domain.senders import not_ready
from convokit.effects import OwedEffect
from convokit.errors import ConfigurationError, NotFound
from convokit.facts import DeliveryReported, EffectSettled
from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.plugins.faults import log_fault
from convokit.plugins.measuring import Measured
from convokit.ports.sms import Capabilities, Conversation, OutboundText
from convokit.ports.store import AlreadyThere, Begun, GateClosed
from convokit.runtime.compose import Composer
from convokit.runtime.drivers import Exchange, drive
from convokit.runtime.files import Files
from convokit.runtime.gateways import Gateways, PracticeGateway
from convokit.runtime.measured import OUTCOME_WORDS, seconds_between
from convokit.runtime.sessions import KeptSession
from convokit.runtime.steps import Steps
from convokit.runtime.world import World

LEASE: Final = 150 * SECOND
"""Longer than any hand-over can take: three requests of at most 45 seconds each end before."""

_UNABLE: Final = Capabilities()

_log = logging.getLogger("convokit")


@frozen(kw_only=True)
class HandOver:
    """A hand-over that was begun and whose exchange with the provider is still to run.

    ``conversation`` is what a sans-I/O gateway says; a carrier that keeps a session is called instead, and blocks.
    """

    practice: Practice
    effect: OwedEffect
    carrier: PracticeGateway
    conversation: Conversation | partial[Outcome]


class Performer:
    """Prepares, and finishes, hand-overs; the exchange in between is the driver's, blocking or asyncio."""

    def __init__(self, steps: Steps, gateways: Gateways, files: Files, world: World) -> None:
        self._steps = steps
        self._composer = Composer(files)
        self._links = files.links
        self._gateways = gateways
        self._world = world

    def prepare(self, practice: Practice, owed: OwedEffect) -> HandOver | None:
        """Begin a due effect. ``None``: there is nothing to exchange; it is settled, or somebody else's."""
        # Before the effect is begun: what goes wrong here is no hand-over, and leaves nothing uncertain.
        carrier = self._carrier(practice)
        now = self._world.now_us()
        begun = self._steps.store.begin(practice.id, owed.key, now, LEASE)
        if begun is None:
            return None
        # From here on the effect is ours, and each way out settles it.
        if isinstance(begun, AlreadyThere):
            # The client has it by an earlier attempt: taken as accepted, for nothing more has to leave.
            self.settle(practice, begun.effect, Accepted(), OURSELVES)
            return None
        refusal = self._refusal(practice, begun, now)
        if refusal is None and carrier is None:
            refusal = TryLater(raw="no carrier is set up for this practice")
        if refusal is None and isinstance(begun, Begun) and begun.entry.attachments and not self._links.are_possible:
            _log.error("practice %s: a text has files, but there is no public_url to make links of", practice.id)
            refusal = TryLater(raw="no public_url is set, so the files of this text have no links")
        if refusal is not None or carrier is None or isinstance(begun, GateClosed):
            self.settle(practice, begun.effect, refusal or Refused(reason="opted_out"), OURSELVES)
            return None
        return self._open(practice, begun, carrier)

    def _open(self, practice: Practice, begun: Begun, carrier: PracticeGateway) -> HandOver | None:
        effect = begun.effect.effect
        try:
            words, media = self._composer.compose(practice, begun.entry)
        except NotFound:  # erased, or the folder of files was lost
            self.settle(practice, begun.effect, Refused(reason="media_problem"), OURSELVES)
            return None
        text = OutboundText(
            id=effect.key,
            sender=effect.sender,
            to=effect.to,
            text=words,
            callback_url=carrier.callback_url,
            media=media,
        )
        gateway = carrier.gateway
        if isinstance(gateway, KeptSession):
            blocking = partial(gateway.hand_over, text)
            return HandOver(practice=practice, effect=begun.effect, carrier=carrier, conversation=blocking)
        try:
            conversation = gateway.send(text)
        except (Exception, SystemExit) as error:  # whatever a plugin raises
            log_fault(_log, f"carrier {carrier.provider} raised", error)
            self.settle(
                practice, begun.effect, Unsure(why=f"the gateway raised {type(error).__name__}"), carrier.provider
            )
            return None
        return HandOver(practice=practice, effect=begun.effect, carrier=carrier, conversation=conversation)

    def _refusal(self, practice: Practice, begun: Begun | GateClosed, now: int) -> Outcome | None:
        """Why this must not leave, said by ourselves: opted out, the sender not ready, too late, vetoed."""
        effect = begun.effect.effect
        if isinstance(begun, GateClosed):
            return Refused(reason="opted_out")
        stopped = not_ready(practice, effect.sender)
        if stopped is not None:
            return Refused(reason=stopped.category, raw=stopped.code)
        if effect.not_after_us is not None and now > effect.not_after_us:
            return Refused(reason="expired")
        veto = self._steps.catalogue.veto(practice.id, effect)
        return None if veto is None else Refused(reason="cancelled", raw=f"veto: {veto}"[:500])

    def _carrier(self, practice: Practice) -> PracticeGateway | None:
        try:
            return self._gateways.of(practice.id)
        except ConfigurationError as error:
            _log.error("practice %s cannot send texts: %s", practice.id, error)
            return None

    def settle(self, practice: Practice, owed: OwedEffect, outcome: Outcome, provider: str) -> None:
        """Take the outcome in, and whatever the provider had reported before we knew its id."""
        able = self._able(practice)
        fact = EffectSettled(
            key=owed.key,
            tries=owed.tries,
            outcome=outcome,
            provider=provider,
            at_us=self._world.now_us(),
            repeats=able.idempotent_send,
            looks_up=able.looks_up,
        )
        self._steps.take(practice, fact)
        if isinstance(outcome, TryLater):
            # Not the carrier's own words: they may quote the text.
            _log.warning("practice %s: %s took nothing (try %d); trying later", practice.id, provider, owed.tries)
        if isinstance(outcome, Accepted) and outcome.provider_id is not None:
            for early in self._steps.store.parked(practice.id, provider, outcome.provider_id):
                self.apply_parked(practice, early)
        self._steps.catalogue.tell_settled(practice.id, owed.effect, outcome)
        self._steps.catalogue.measures.add(
            Measured(
                practice_id=practice.id,
                what="text",
                provider=provider,
                outcome=OUTCOME_WORDS[type(outcome)],
                seconds=seconds_between(owed.begun_us, fact.at_us),
            )
        )

    def apply_parked(self, practice: Practice, report: DeliveryReported) -> None:
        """Take a report in that waited for its provider's id."""
        self._steps.take(practice, report)
        self._steps.store.forget_parked(practice.id, report)

    def perform(self, practice: Practice, owed: OwedEffect, exchange: Exchange) -> bool:
        """Prepare, exchange and finish, blocking. Whether it was ours to do."""
        hand_over = self.prepare(practice, owed)
        if hand_over is None:
            return False
        told = hand_over.conversation
        outcome = told() if isinstance(told, partial) else drive(told, exchange)
        self.settle(practice, hand_over.effect, outcome, hand_over.carrier.provider)
        return True

    def give_up_on(self, practice: Practice, owed: OwedEffect) -> None:
        """Settle an effect whose worker died: nobody can know what it came to."""
        carrier = self._carrier(practice)
        provider = OURSELVES if carrier is None else carrier.provider
        self.settle(practice, owed, Unsure(why="the hand-over was interrupted"), provider)

    def _able(self, practice: Practice) -> Capabilities:
        """What the practice's carrier can do about an answer that is lost; nothing without a carrier."""
        carrier = self._gateways.in_use(practice.id)
        return _UNABLE if carrier is None else carrier.capabilities
