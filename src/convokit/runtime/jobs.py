"""Performing jobs, what is owed besides texts: begin, do, settle; each kind by its own performer."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from typing import Protocol

from attrs import evolve

from convokit.domain.rules import Practice
from convokit.effects import Job, OwedJob, ReleaseText, SendMail
from convokit.facts import JobSettled
from convokit.outcomes import Unsure
from convokit.plugins.faults import in_this_process, log_fault
from convokit.plugins.measuring import Measured
from convokit.runtime.measured import OUTCOME_WORDS, seconds_between
from convokit.runtime.perform import LEASE
from convokit.runtime.steps import Steps
from convokit.runtime.world import World

_log = logging.getLogger("convokit")


class JobPerformer(Protocol):
    """Does the jobs of one kind. Blocking; called from worker threads, and never twice at once for one job."""

    def perform(self, practice: Practice, owed: OwedJob) -> JobSettled:
        """Do it, and say how it went. What the outside world does is never raised."""
        ...

    def refused(self, practice: Practice, owed: OwedJob, reason: str, raw: str) -> JobSettled:
        """How to say that it must not be done: ``reason`` of :mod:`convokit.domain.reasons`."""
        ...

    def abandoned(self, practice: Practice, owed: OwedJob) -> JobSettled:
        """What becomes of a job whose worker died while it was at it."""
        ...


class Jobs:
    """Jobs under their leases. Several workers may be at it at once."""

    def __init__(self, steps: Steps, world: World, performers: Mapping[type[Job], JobPerformer]) -> None:
        self._steps = steps
        self._world = world
        self._performers = performers

    def due(self, limit: int, but: Collection[str] = ()) -> tuple[OwedJob, ...]:
        """Jobs whose time has come, of all practices but those named."""
        return self._steps.store.due_jobs(self._world.now_us(), limit, but)

    def abandoned(self, limit: int) -> tuple[OwedJob, ...]:
        """Jobs whose worker died."""
        return self._steps.store.abandoned_jobs(self._world.now_us(), limit)

    def perform(self, practice: Practice, owed: OwedJob) -> bool:
        """Do a job. Whether it was ours to do.

        Raises:
            PluginFailed: ``convokit_veto`` gave no answer in time; nothing was begun.
        """
        performer = self._performers[type(owed.job)]
        veto = self._steps.catalogue.veto(practice.id, owed.job)
        now_us = self._world.now_us()
        begun = self._steps.store.begin_job(practice.id, owed.key, now_us, LEASE)
        if begun is None:
            return False
        self._settle(practice, begun, self._done(performer, practice, begun, now_us, veto))
        return True

    def _done(
        self, performer: JobPerformer, practice: Practice, begun: OwedJob, now_us: int, veto: str | None
    ) -> JobSettled:
        last_us = begun.job.not_after_us
        if last_us is not None and now_us > last_us:
            return performer.refused(practice, begun, "expired", "")
        if veto is not None:
            return performer.refused(practice, begun, "cancelled", f"veto: {veto}"[:500])
        try:
            return in_this_process(lambda: performer.perform(practice, begun))
        except Exception as error:  # a mistake of ours: nobody knows how far it came, and the job must not stay begun
            log_fault(_log, f"job {begun.key} of practice {practice.id} raised", error)
            return performer.abandoned(practice, begun)

    def give_up_on(self, practice: Practice, owed: OwedJob) -> None:
        """Settle a job whose worker died."""
        self._settle(practice, owed, self._performers[type(owed.job)].abandoned(practice, owed))

    def hold_back(self, practice: Practice, owed: OwedJob, why: str) -> None:
        """Settle a job, begun, that may have been done already: a mail, and a text that waited for the end of quiet
        hours, are unsure; all else is refused, with ``why``.
        """
        performer = self._performers[type(owed.job)]
        if isinstance(owed.job, ReleaseText):
            self._settle(practice, owed, evolve(performer.refused(practice, owed, "", why), outcome=Unsure(why=why)))
        elif isinstance(owed.job, SendMail):
            self._settle(practice, owed, performer.abandoned(practice, owed))
        else:
            self._settle(practice, owed, performer.refused(practice, owed, "cancelled", why))

    def _settle(self, practice: Practice, owed: OwedJob, fact: JobSettled) -> None:
        done = self._steps.take(practice, fact)
        settlement = done.decision.job_settlement
        if settlement is not None and settlement.again_us is None:
            self._steps.catalogue.tell_settled(practice.id, owed.job, fact.outcome)
        self._steps.catalogue.measures.add(
            Measured(
                practice_id=practice.id,
                what=owed.job.kind,
                provider="",
                outcome=OUTCOME_WORDS[type(fact.outcome)],
                seconds=seconds_between(owed.begun_us, self._world.now_us()),
            )
        )
