"""Looking again at texts that programs wrote by themselves: whether the quiet hours are over."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from convokit.domain.quiet import quiet_until
from convokit.domain.rules import Practice
from convokit.effects import OwedJob, ReleaseText
from convokit.facts import TextReleased
from convokit.outcomes import Accepted, Outcome, Refused, TryLater
from convokit.runtime.world import World


class TextReleaser:
    """Does the jobs of the kind :class:`~convokit.effects.ReleaseText`. Nothing outside is asked."""

    def __init__(self, world: World) -> None:
        self._world = world

    def perform(self, practice: Practice, owed: OwedJob) -> TextReleased:
        """See :meth:`convokit.runtime.jobs.JobPerformer.perform`."""
        now_us, zone = self._world.now_us(), ZoneInfo(_release_of(owed).zone or practice.time_zone)
        if quiet_until(now_us, practice.rules.quiet_hours, zone) is not None:
            return self._told(owed, TryLater(raw="quiet hours"), now_us)
        return self._told(owed, Accepted(), now_us)

    def refused(self, practice: Practice, owed: OwedJob, reason: str, raw: str) -> TextReleased:
        """See :meth:`convokit.runtime.jobs.JobPerformer.refused`."""
        return self._told(owed, Refused(reason=reason, raw=raw), self._world.now_us())

    def abandoned(self, practice: Practice, owed: OwedJob) -> TextReleased:
        """See :meth:`convokit.runtime.jobs.JobPerformer.abandoned`. Nothing was owed yet: it is looked at now."""
        return self.perform(practice, owed)

    def _told(self, owed: OwedJob, outcome: Outcome, at_us: int) -> TextReleased:
        job = _release_of(owed)
        return TextReleased(
            key=owed.key,
            tries=owed.tries,
            outcome=outcome,
            at_us=at_us,
            conversation_id=job.conversation_id,
            entry_id=job.entry_id,
        )


def _release_of(owed: OwedJob) -> ReleaseText:
    assert isinstance(owed.job, ReleaseText)  # noqa: S101 - jobs are given to the performer of their kind
    return owed.job
