"""The world of one day: two processes on one store, a carrier, clients and staff of two practices."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from attrs import define, field

import convokit
from convokit.domain.instant import to_datetime, to_micros
from convokit.errors import StorageError
from convokit.facts import EffectSettled
from convokit.outcomes import Accepted, Outcome, Refused
from convokit.ports.store import Committed
from convokit.runtime.perform import LEASE, HandOver
from convokit.stores.memory import MemoryStore
from convokit.stores.sql import open_sqlite
from simulation.cabinet import Cabinet
from simulation.carrier import Carrier
from simulation.day import KINDS, Day, Event, SimulatedCrash
from simulation.network import SECOND, Callback, Network
from simulation.outside import SURGERY, Inbound, Outside, Paid, Side, Violation, hold
from simulation.post import Post
from simulation.seams import SeamPlugin, SeamStore
from simulation.till import Till
from simulation.watch import Watch

MORNING: Final = to_micros(datetime(2026, 3, 2, 15, tzinfo=UTC), "clock")
OFTEN: Final = 0.25
"""How often a fault that is on happens where it can."""

SIDES: Final = (
    Side(id="happy-paws", mark="<A>", numbers=("+13035550100", "+13035550101")),
    Side(id="happy-tails", mark="<B>", numbers=("+13035550200",)),
)

Mutant = Callable[[Any], Any]


@define(eq=False)
class Flight:
    """A hand-over that was begun in a process; ``outcome`` once the exchange has taken place."""

    hand_over: HandOver
    outcome: Outcome | None = None


@define(eq=False)
class Process:
    """A process of the host, with its kit and the hand-overs it has begun."""

    name: str
    kit: convokit.Convokit
    flights: list[Flight] = field(factory=list)


class World:
    """Plays one day. Raises :class:`~simulation.outside.Violation` when a promise is broken."""

    def __init__(self, day: Day, database: Path | None, *, mutant: Mutant | None = None, lying: bool = False) -> None:
        self.day, self.faults, self.sides = day, day.faults, SIDES
        self.outside, self.network, self.carrier = Outside(), Network(self), Carrier(self, says_idempotent=lying)
        self.post, self.till, self.cabinet = Post(self), Till(self), Cabinet(self)
        self.story: list[str] = []
        self.chance = random.Random(day.seed)
        self.true_us, self._ahead_us = MORNING, 0
        self.fuse: int | None = None
        self.busy, self.intruders = 0, 0
        self._mutant = mutant or (lambda store: store)
        self._memory = MemoryStore() if database is None else None
        self._database = database
        self._ids = self._numbers = 0
        self.repeatable: list[tuple[Side, str, Callable[[Any], Any]]] = []
        self._queue: deque[Event] = deque()
        self._stack: list[Process] = []
        self.processes = [Process(f"p{number}", self._open()) for number in range(2)]
        self.watches = {side.id: Watch(self, side) for side in SIDES}
        for side in SIDES:
            self.processes[0].kit.add_practice(practice(side, mails=day.mails))

    # --- opening and dying -------------------------------------------------------------------------------------------
    def _open(self) -> convokit.Convokit:
        return convokit.open(
            "sim:",
            plugins=[SeamPlugin(self), self.carrier, self.post, self.till, self.cabinet],
            clock=self.now,
            fresh_id=self._fresh_id,
        )

    def open_store(self) -> SeamStore:
        """The real store behind its seam."""
        inner = self._memory if self._database is None else open_sqlite(f"sqlite:///{self._database}")
        return SeamStore(self._mutant(inner), self)

    def _fresh_id(self, prefix: str) -> str:
        self._ids += 1
        return f"{prefix}_{self._ids:05d}"

    def fresh(self) -> int:
        """A number that is given once."""
        self._numbers += 1
        return self._numbers

    def reopen(self, process: Process) -> None:
        """The process has died; what it had in its hands is gone, and another one starts."""
        self.outside.counts["crashes"] += 1
        self.say(f"   {process.name} dies")
        process.flights.clear()
        self.release(process)
        process.kit = self._open()

    def release(self, process: Process) -> None:
        """Close a process's store; what is in memory only outlives it."""
        if self._memory is None:
            process.kit.store.close()

    def close(self) -> None:
        """End of the day."""
        for process in self.processes:
            self.release(process)

    # --- time --------------------------------------------------------------------------------------------------------
    def now(self) -> datetime:
        """The wall clock, right or wrong."""
        return to_datetime(self.true_us + self._ahead_us)

    def now_us(self) -> int:
        """The wall clock in microseconds."""
        return self.true_us + self._ahead_us

    def pass_(self, seconds: float) -> None:
        """Time passes."""
        self.true_us += int(seconds * SECOND)

    def jump(self, by: timedelta) -> None:
        """Somebody sets the wall clock."""
        self._ahead_us += int(by.total_seconds() * SECOND)

    # --- chance and seams --------------------------------------------------------------------------------------------
    def happens(self, fault: str) -> bool:
        """Whether a fault happens now."""
        return fault in self.faults and self.chance.random() < OFTEN

    def say(self, words: str) -> None:
        """Add to the story of the day."""
        self.story.append(words)

    def seam(self) -> None:
        """A place where a process may die."""
        if self.fuse is not None and self._stack:
            self.fuse -= 1
            if self.fuse <= 0:
                self.fuse = None
                raise SimulatedCrash(self._stack[-1])

    def before_write(self) -> None:
        """A place where a process may die, another one be faster, and the store not answer."""
        self.seam()
        if self.intruders and self._queue and self.idle():
            self.intruders -= 1
            self.say("   meanwhile:")
            self._play(self._queue.popleft())
        if self.busy and self._stack:
            self.busy -= 1
            raise StorageError("storage.busy", "the store did not answer in time; try again")

    def committed(self, practice_id: str, fact: object, result: object) -> None:
        """A fact was committed, or was not."""
        if not isinstance(result, Committed):
            self.outside.counts[type(result).__name__] += 1
        elif isinstance(fact, EffectSettled):
            self._settled(practice_id, fact)

    def _settled(self, practice_id: str, fact: EffectSettled) -> None:
        match fact.outcome:
            case Accepted(provider_id=str()):
                self.outside.named.add((practice_id, fact.key))
            case Refused(reason="opted_out") if (practice_id, fact.key) in self.outside.refused:
                gate = self.outside.gate(practice_id, self.outside.refused[practice_id, fact.key])
                gate.closed(self.outside.tick(), self.outside.step)  # the carrier's list became ours

    # --- acting ------------------------------------------------------------------------------------------------------
    def idle(self) -> list[Process]:
        """Processes that are in the middle of nothing."""
        return [process for process in self.processes if process not in self._stack]

    def pick(self) -> Process:
        """A process that has time."""
        return self.chance.choice(self.idle() or self.processes)

    @contextmanager
    def on(self, process: Process) -> Iterator[Process]:
        """Something that a process does, and may die of."""
        within = process in self._stack
        self._stack.append(process)
        try:
            yield process
        except SimulatedCrash as crash:
            if within or crash.process is not process:
                raise
            self.reopen(process)
        finally:
            self._stack.pop()

    def side_of(self, number: str) -> Side:
        """Whose number this is."""
        return next(side for side in SIDES if number in side.numbers)

    def call(self, practice: str, callbacks: Sequence[Callback]) -> bool:
        """One request of the carrier; whether it heard 2xx. What it did not hear it repeats."""
        process = self._stack[-1] if self._stack and not self.idle() else self.pick()
        step = self.outside.tick()
        for callback in callbacks:
            if isinstance(callback, Inbound):
                self._before_inbound(callback, step)
        status = 0
        with self.on(process):
            status = process.kit.webhook(self._request(process.kit, practice, callbacks)).status
        self.say(f"   {process.name} answers {status} to {', '.join(map(_told, callbacks))}")
        hold("P1", status in (0, 200, 503), f"a webhook was answered with {status}")
        for callback in callbacks:
            if status == 200 and not callback.acknowledged:
                self._acknowledged(callback)
            elif status != 200 and isinstance(callback, Inbound) and callback.word == "stop":
                self.outside.gate(practice, callback.sender).known = None
        return status == 200

    def _request(self, kit: convokit.Convokit, practice: str, callbacks: Sequence[Callback]) -> Any:
        paid = [callback for callback in callbacks if isinstance(callback, Paid)]
        if paid:
            return self.till.request(kit.payment_webhook_path(practice), paid)
        return self.carrier.request(kit.webhook_path(practice), callbacks)

    def _before_inbound(self, text: Inbound, step: int) -> None:
        if text.word == "start" and not text.acknowledged:
            self.outside.gate(text.practice, text.sender).open(step)
        if text.tried_at is None:
            text.tried_at = step

    def _acknowledged(self, callback: Callback) -> None:
        callback.acknowledged = True
        self.outside.counts["acknowledged"] += 1
        if isinstance(callback, Inbound):
            gate, since = self.outside.gate(callback.practice, callback.sender), callback.tried_at or 0
            if callback.word == "start":
                gate.opened(self.outside.tick(), since)
            elif callback.word == "stop":
                gate.closed(self.outside.tick(), since)

    def others_go_on(self, practice: str, address: str, found: int) -> None:
        """Somebody waits for hand-overs to this number: they end, or their leases do."""
        flights = [(p, f) for p in self.processes for f in p.flights]
        self.say(f"   waits for {found} in flight to {address}")
        for process, flight in flights:
            if flight in process.flights:
                with self.on(process):
                    self.land(process, flight)
        if not flights:
            self.outside.counts["waits"] += 1
            hold("P6", self.outside.counts["waits"] < 500, f"a hand-over to {address} at {practice} never ends")
            self.pass_(LEASE / SECOND + 61)
            process = self.pick()
            with self.on(process):
                process.kit.worker.recover()

    def land(self, process: Process, flight: Flight) -> None:
        """Bring a hand-over to its end: the exchange, and settling."""
        if flight.outcome is None:
            self.exchange(flight)
        if flight in process.flights:
            process.flights.remove(flight)
            self.settle(process, flight)

    def exchange(self, flight: Flight) -> None:
        """The exchange with the carrier takes place."""
        from convokit.runtime.drivers import drive

        flight.outcome = drive(flight.hand_over.conversation, _no_http)

    def settle(self, process: Process, flight: Flight) -> None:
        """The outcome is taken in."""
        over, outcome = flight.hand_over, flight.outcome
        try:
            process.kit.performer.settle(over.practice, over.effect, outcome, over.carrier.provider)
        except StorageError:
            self.say(f"   {over.effect.key} cannot be settled")
        self.say(f"   {over.effect.key}: {outcome}")

    # --- the day -----------------------------------------------------------------------------------------------------
    def play(self) -> None:
        """Phase 1: the day with its faults."""
        self._queue.extend(self.day.events)
        while self._queue:
            event = self._queue.popleft()
            self._play(event)
            for watch in self.watches.values():
                watch.look()
            if event.salt % 10 == 0:
                for watch in self.watches.values():
                    watch.check()

    def _play(self, event: Event) -> None:
        before, self.chance = self.chance, random.Random(event.salt)
        self.outside.counts["events"] += 1
        self.say(f"{self.now():%Y-%m-%d %H:%M:%S} {event.kind} {event.salt}")
        try:
            KINDS[event.kind].handler(self, self.chance)
        finally:
            self.chance = before


def practice(side: Side, *, mails: bool) -> convokit.Practice:
    """A practice with everything that it may do by itself switched on."""
    return convokit.Practice(
        id=side.id,
        name=f"Happy Vets {side.mark}",
        region="US",
        time_zone="America/Denver",
        numbers=side.numbers,
        rules=convokit.Rules(
            departments=[convokit.Department(id=SURGERY, name=f"Surgery {side.mark}")],
            confirmation=side.automatic("confirmation"),
            help_reply=side.automatic("help"),
            hours=convokit.ConversationHours(
                week={"mon-sun": "0:00-8:30, 9:00-12:00, 12:30-24:00"},
                away=side.automatic("away"),
                greeting=side.automatic("greeting"),
            ),
            mail=convokit.MailRules(sender=side.mailbox, transcript_to=(side.front, "client") if mails else ()),
            records=convokit.RecordRules(format="json"),  # a PDF takes longer than a day
            payments=convokit.PaymentRules(expiry_hours=2),  # the evening is longer
        ),
    )


def _told(callback: Callback) -> str:
    if isinstance(callback, Inbound):
        return f"{callback.practice} {callback.provider_id} from {callback.sender}: {callback.text!r}"
    if isinstance(callback, Paid):
        return f"{callback.payment_id} {callback.status} {callback.movement_id} {callback.minor}"
    return f"{callback.key} {callback.provider_id} {callback.state}"


def _no_http(request: object) -> Any:
    raise Violation("harness", "this carrier speaks no HTTP")
