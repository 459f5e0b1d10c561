"""Performing what is owed: begin before the bytes leave, settle after, and never twice without saying so."""

from __future__ import annotations

import logging
from collections.abc import Collection
from functools import partial
from typing import Final

from attrs import field, frozen

from convokit.decisions.delivery import OURSELVES
from convokit.domain.instant import SECOND
from convokit.domain.rules import Practice
from convokit.domain.senders import not_ready
from convokit.effects import OwedEffect
from convokit.errors import ConfigurationError, NotFound
from convokit.facts import DeliveryReported, EffectSettled
from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.plugins.bounded import PluginFailed
from convokit.plugins.faults import contain, in_this_process, log_fault
from convokit.plugins.measuring import Measured
from convokit.ports.dispatcher import Full
from convokit.ports.sms import Capabilities, Conversation, OutboundText
from convokit.ports.store import AlreadyThere, Begun, GateClosed
from convokit.runtime.circuits import Circuits, Use
from convokit.runtime.compose import Composer
from convokit.runtime.drivers import Exchange, Seen, drive
from convokit.runtime.files import Files
from convokit.runtime.gateways import Gateways, PracticeGateway
from convokit.runtime.measured import OUTCOME_WORDS, seconds_between
from convokit.runtime.sessions import KeptSession
from convokit.runtime.steps import Steps
from convokit.runtime.world import World

LEASE: Final = 150 * SECOND
"""Longer than any hand-over can take: three requests of at most 45 seconds each end before."""

_UNABLE: Final = Capabilities()
_POOL: Final = "sms by "

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
    seen: Seen = field(factory=Seen)

    @property
    def use(self) -> Use:
        """Whose circuit it is about."""
        return _use(self.practice, self.carrier)


class Performer:
    """Prepares, and finishes, hand-overs; the exchange in between is the driver's, blocking or asyncio."""

    def __init__(self, steps: Steps, gateways: Gateways, files: Files, world: World, circuits: Circuits) -> None:
        self._steps = steps
        self._circuits = circuits
        self._under_way: dict[tuple[str, str], int] = {}
        self._composer = Composer(files)
        self._links = files.links
        self._gateways = gateways
        self._world = world
        self.beaten: int = 0
        """How often somebody else had an effect that was found to be due: other workers go the same way as we."""

    def prepare(self, practice: Practice, owed: OwedEffect) -> HandOver | None:
        """Begin a due effect. ``None``: nothing is to be exchanged: it is settled, somebody else's, or has to wait."""
        # Before the effect is begun: what goes wrong here is no hand-over, and leaves nothing uncertain.
        carrier = self._carrier(practice)
        use = None if carrier is None else _use(practice, carrier)
        if use is not None and not self._circuits.begin(use):
            return None
        this, hand_over = (practice.id, owed.key), None
        self._under_way[this] = self._world.now_us()
        try:
            hand_over = self._begun(practice, owed, carrier)
        finally:
            if hand_over is None:
                self._under_way.pop(this, None)
                if use is not None:
                    self._circuits.give_up(use)
        return hand_over

    def _begun(self, practice: Practice, owed: OwedEffect, carrier: PracticeGateway | None) -> HandOver | None:
        now = self._world.now_us()
        begun = self._steps.store.begin(practice.id, owed.key, now, LEASE)
        if begun is None:
            self.beaten += 1
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
            conversation = in_this_process(lambda: gateway.send(text))
        except BaseException as error:  # whatever a plugin raises
            contain(error)
            log_fault(_log, f"carrier {carrier.provider} raised", error)
            raised = Unsure(why=f"the gateway raised {type(error).__name__}")
            self._circuits.tell(_use(practice, carrier), raised)
            self.settle(practice, begun.effect, raised, carrier.provider)
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
        try:
            veto = self._steps.catalogue.veto(practice.id, effect)
        except PluginFailed as failed:
            return TryLater(raw=f"convokit_veto gave {failed}")
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
        done = self._steps.take(practice, fact)
        if isinstance(outcome, TryLater):
            # Not the carrier's own words: they may quote the text.
            _log.warning("practice %s: %s took nothing (try %d); trying later", practice.id, provider, owed.tries)
        if done.parked and isinstance(outcome, Accepted) and outcome.provider_id is not None:
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
        outcome = told() if isinstance(told, partial) else drive(told, hand_over.seen.watching(exchange))
        self.finish(hand_over, outcome)
        return True

    def finish(self, hand_over: HandOver, outcome: Outcome) -> None:
        """Settle what was prepared."""
        self._under_way.pop((hand_over.practice.id, hand_over.effect.key), None)
        self._circuits.tell(hand_over.use, outcome, answered=hand_over.seen.answered)
        self.settle(hand_over.practice, hand_over.effect, outcome, hand_over.carrier.provider)

    def hanging(self) -> int:
        """How many hand-overs of this process have outlived their lease: each holds a thread until it comes back."""
        since_us = self._world.now_us() - LEASE
        return sum(begun_us < since_us for begun_us in list(self._under_way.values()))

    def give_up_on(self, practice: Practice, owed: OwedEffect) -> None:
        """Settle an effect whose worker died: nobody can know what it came to."""
        carrier = self._carrier(practice)
        provider = OURSELVES if carrier is None else carrier.provider
        interrupted = Unsure(why="the hand-over was interrupted")
        # Of a worker that died nobody knows whether the carrier had a part in it; here it hangs.
        if carrier is not None and (practice.id, owed.key) in self._under_way:
            self._circuits.tell(_use(practice, carrier), interrupted)
        self.settle(practice, owed, interrupted, provider)

    def pool_of(self, practice_id: str) -> str:
        """The pool of a practice's texts: that of its carrier; before that is known, one of its own."""
        carrier = self._gateways.in_use(practice_id)
        return f"sms of {practice_id}" if carrier is None else _pool(carrier.provider)

    def practices_of(self, full: Collection[Full]) -> frozenset[str]:
        """The practices whose texts could not be begun now."""
        pools = {pool for pool, practice in full if practice is None}
        known = (practice_id for practice_id, provider in self._gateways.all_in_use() if _pool(provider) in pools)
        return frozenset(known) | {practice for pool, practice in full if practice and pool.startswith("sms ")}

    def _able(self, practice: Practice) -> Capabilities:
        """What the practice's carrier can do about an answer that is lost; nothing without a carrier."""
        carrier = self._gateways.in_use(practice.id)
        return _UNABLE if carrier is None else carrier.capabilities


def _pool(provider: str) -> str:
    return f"{_POOL}{provider}"


def _use(practice: Practice, carrier: PracticeGateway) -> Use:
    return Use("sms", carrier.provider, practice.id)
