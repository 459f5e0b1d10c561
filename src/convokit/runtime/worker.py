"""The work there is: what is due, in order within a conversation, and what a dead worker left. Engines perform it."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import zip_longest
from typing import Final, TypeVar, assert_never

from attrs import field, frozen

from convokit.decisions import Decision, Needs
from convokit.domain.rules import Practice
from convokit.effects import (
    AskPayment,
    FetchMedia,
    FileTranscript,
    Job,
    LookUpText,
    OwedEffect,
    OwedJob,
    PollCarrier,
    ReleaseText,
    SendMail,
    SendPush,
)
from convokit.errors import StorageError
from convokit.plugins.faults import log_fault
from convokit.ports.dispatcher import Full, Notice, Queue
from convokit.ports.store import Store
from convokit.runtime.circuits import KINDS, Circuits, kind_of
from convokit.runtime.drivers import Exchange
from convokit.runtime.files import Files
from convokit.runtime.jobs import Jobs
from convokit.runtime.perform import Performer
from convokit.runtime.timekeeping import Timekeeper
from convokit.runtime.world import World

_BATCH: Final = 200
_REST_SECONDS: Final = 5.0
_BEHIND_SHARE: Final = 4
"""Looking behind a full batch reads all of it: not at every hand-over, but in a fifth of the time at most."""

Owed = OwedEffect | OwedJob

_log = logging.getLogger("convokit")


@frozen(kw_only=True)
class WorkReport:
    """What one round of work did: hand-overs run, and abandoned ones settled."""

    performed: int = 0
    recovered: int = 0


@frozen(kw_only=True)
class Ready(Notice):
    """A notice that the sweep made: what it names was read already."""

    owed: Owed = field(eq=False, repr=False)


class Worker:
    """The :class:`~convokit.ports.dispatcher.Work` of one kit. Several, in several processes, may be at it at once."""

    def __init__(
        self,
        store: Store,
        performer: Performer,
        jobs: Jobs,
        timekeeper: Timekeeper,
        files: Files,
        world: World,
        *,
        practice: Callable[[str], Practice],
        exchange: Callable[[], Exchange],
        look_at_sessions: Callable[[], None],
        circuits: Circuits,
    ) -> None:
        self._store = store
        self._performer = performer
        self._jobs = jobs
        self._timekeeper = timekeeper
        self._files = files
        self._world = world
        self._practice = practice
        self._exchange = exchange
        self._look_at_sessions = look_at_sessions
        self._circuits = circuits
        self._look_behind = 0.0
        self._beaten: int = 0
        self._random: random.Random = random.Random()  # noqa: S311 - so that workers part; nothing is kept secret by it
        self._lock = threading.Lock()
        self._resting: dict[str, float] = {}
        """Until when (monotonic) :meth:`sweep` leaves a practice alone after something of it raised."""

    def work(self) -> WorkReport:
        """Perform everything that is due now, once; each text that waited behind another one of these too."""
        recovered = self.recover()
        performed = 0
        seen: set[tuple[str, str, int]] = set()
        while fresh := [o for o in self.due() if _turn(o) not in seen]:
            seen.update(map(_turn, fresh))
            performed += self._all(fresh)
        self.index()
        return WorkReport(performed=performed, recovered=recovered)

    def _all(self, due: Iterable[Owed]) -> int:
        """Perform them one after the other; how many were ours to do."""
        waiting, performed = deque(due), 0
        while waiting:
            performed += self.one(waiting.popleft())
            self._go_elsewhere(waiting)
        return performed

    def _go_elsewhere(self, waiting: deque[Owed]) -> None:
        """Begin somewhere else in the list when somebody was faster: several workers who go the same way in step
        wait for one another at every effect.
        """
        beaten, self._beaten = self._beaten, self._performer.beaten
        if waiting and beaten != self._beaten:
            waiting.rotate(self._random.randrange(len(waiting)))

    def due(self) -> tuple[Owed, ...]:
        """A batch of what is due: at most one text of each conversation, and jobs; of every practice that has some."""
        return self._due(look_behind=True)

    def _due(self, *, look_behind: bool, full: Collection[Full] = ()) -> tuple[Owed, ...]:
        now_us = self._world.now_us()
        alone = {kind: self._circuits.closed_off(kind) for kind in KINDS}
        held = alone["sms"] | self._performer.practices_of(full)
        texts = _of_all(lambda but: self._store.due(now_us, _BATCH, but), held, look_behind)
        jobs = _of_all(lambda but: self._jobs.due(_BATCH, but), frozenset(), look_behind)
        return (*texts, *(job for job in jobs if job.practice not in alone[kind_of(job.job)]))

    def one(self, owed: Owed) -> bool:
        """Perform one effect, blocking; whether it was ours to do. What goes wrong with it stays its own."""
        try:
            practice = self._practice(owed.practice)
            if isinstance(owed, OwedJob):
                return self._jobs.perform(practice, owed)
            return self._performer.perform(practice, owed, self._exchange())
        except Exception as error:  # the lease in the row brings it back; one bad effect must not stop the others
            log_fault(_log, f"effect {owed.key} could not be performed", error)
            # What was begun comes back by its lease; what was not is still due, and would be tried without a pause.
            with self._lock:
                self._resting[owed.practice] = time.monotonic() + _REST_SECONDS
            return False

    def recover(self) -> int:
        """Look at the clock and at sessions with carriers, settle what dead workers left, apply reports that came
        before their send was known.
        """
        self._timekeeper.look()
        self._look_at_sessions()
        lost: tuple[Owed, ...] = self._store.abandoned(self._world.now_us(), _BATCH)
        recovered = sum(self._give_up_on(owed) for owed in (*lost, *self._jobs.abandoned(_BATCH)))
        self._sweep_parked()
        self._files.sweep(_BATCH)
        return recovered

    def _give_up_on(self, owed: Owed) -> bool:
        try:
            practice = self._practice(owed.practice)
            if isinstance(owed, OwedJob):
                self._jobs.give_up_on(practice, owed)
            else:
                self._performer.give_up_on(practice, owed)
        except Exception as error:  # one practice's trouble must not keep the others waiting
            log_fault(_log, f"effect {owed.key} could not be recovered", error)
            return False
        return True

    def _sweep_parked(self) -> None:
        """Reports that came before their send was known, and that nobody applied since: a worker died in between."""
        for practice_id, report in self._store.settled_parked(_BATCH):
            try:
                self._performer.apply_parked(self._practice(practice_id), report)
            except Exception as error:  # one practice's trouble must not keep the others waiting
                log_fault(_log, f"a parked report of practice {practice_id} could not be applied", error)

    def index(self) -> int:
        """Make what was committed lately ready for search, a batch of each practice; how much was looked at."""
        looked_at = 0
        try:
            for practice_id in self._store.unindexed(_BATCH):
                looked_at += self._store.index_pending(practice_id, _BATCH)
        except StorageError as error:  # a search does it itself
            _log.warning("what was written lately is not yet ready for search: %s", error)
        return looked_at

    # --- for engines -------------------------------------------------------------------------------------------------
    def sweep(self, limit: int = _BATCH, full: Collection[Full] = ()) -> tuple[Notice, ...]:
        """See :meth:`convokit.ports.dispatcher.Work.sweep`."""
        self.recover()
        now = time.monotonic()
        look_behind = now >= self._look_behind
        due = deque(_in_turn(self._due(look_behind=look_behind, full=full)))
        self._go_elsewhere(due)
        if look_behind:
            ended = time.monotonic()
            self._look_behind = ended + _BEHIND_SHARE * (ended - now)
        with self._lock:
            resting = {practice for practice, until in self._resting.items() if until > now}
        return tuple(self._ready(owed) for owed in due if owed.practice not in resting)[:limit]

    def perform(self, notice: Notice) -> bool:
        """See :meth:`convokit.ports.dispatcher.Work.perform`."""
        try:
            owed = notice.owed if isinstance(notice, Ready) else self._named(notice)
        except Exception as error:  # a store that is away: the sweep names it again
            log_fault(_log, f"{notice.kind} {notice.key} could not be looked up", error)
            return False
        return owed is not None and self.one(owed)

    def _named(self, notice: Notice) -> Owed | None:
        if notice.kind == "job":
            return self._store.load(notice.practice, Needs(job_key=notice.key)).job
        return self._store.load(notice.practice, Needs(effect_key=notice.key)).effect

    def _ready(self, owed: Owed) -> Ready:
        if isinstance(owed, OwedJob):
            return Ready(
                practice=owed.practice,
                kind="job",
                key=owed.key,
                lane=owed.key,
                queue=_queue_of(owed.job),
                pool=kind_of(owed.job),
                owed=owed,
            )
        lane, pool = owed.effect.conversation_id, self._performer.pool_of(owed.practice)
        return Ready(practice=owed.practice, kind="text", key=owed.key, lane=lane, pool=pool, owed=owed)

    def rest(self) -> bool:
        """See :meth:`convokit.ports.dispatcher.Work.rest`."""
        return self.index() > 0


def notices_of(practice_id: str, decision: Decision) -> tuple[Notice, ...]:
    """What a decision owes, by name."""
    texts = tuple(
        Notice(practice=practice_id, kind="text", key=text.key, lane=text.conversation_id) for text in decision.effects
    )
    jobs = tuple(
        Notice(practice=practice_id, kind="job", key=job.key, lane=job.key, queue=_queue_of(job))
        for job in decision.jobs
    )
    return texts + jobs


def _queue_of(job: Job) -> Queue:
    match job:
        case SendMail():
            return "mails"
        case FileTranscript() | FetchMedia():
            return "renders"
        case AskPayment() | LookUpText() | ReleaseText() | PollCarrier() | SendPush():
            return "sends"
        case _:
            assert_never(job)


T = TypeVar("T", bound=Owed)


def _of_all(ask: Callable[[frozenset[str]], tuple[T, ...]], but: frozenset[str], look_behind: bool) -> tuple[T, ...]:
    """What is due, of every practice: one that owes thousands must not hide what stands behind them."""
    found = ask(but)
    if len(found) < _BATCH or not look_behind:
        return found
    return (*found, *ask(but | {one.practice for one in found}))


def _in_turn(due: tuple[Owed, ...]) -> Iterator[Owed]:
    """Practice by practice, and of each what it owes by text and by job in turn."""
    waiting: dict[tuple[str, bool], list[Owed]] = {}
    for owed in due:
        waiting.setdefault((owed.practice, isinstance(owed, OwedJob)), []).append(owed)
    return (owed for turn in zip_longest(*waiting.values()) for owed in turn if owed is not None)


def _turn(owed: Owed) -> tuple[str, str, int]:
    """One attempt at one effect; keys are unique within a practice only."""
    return owed.practice, owed.key, owed.tries
