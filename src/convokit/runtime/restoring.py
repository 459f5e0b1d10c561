"""After a restore: what was owed at the time of the backup has very likely left since, so it must not leave again."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Final

from attrs import frozen

from convokit.decisions.delivery import OURSELVES
from convokit.effects import AskPayment, OwedEffect, OwedJob, ReleaseText, SendMail
from convokit.errors import ConfigurationError
from convokit.facts import EffectSettled
from convokit.outcomes import Accepted, Outcome, Unsure
from convokit.ports.store import AlreadyThere
from convokit.runtime.gateways import PracticeGateway
from convokit.runtime.kit import Convokit
from convokit.runtime.perform import LEASE

WHY: Final = "the desk was restored from a backup; it may have been sent"
_EVER: Final = 2**62
_BATCH: Final = 200

_log = logging.getLogger("convokit")


@frozen(kw_only=True)
class HeldBack:
    """What will not leave by itself.

    Attributes:
        texts: they are *unsure* now: the carrier is asked where it can be, else a person decides about each.
        mails: they are unsure.
        payments: prompts that were not made; staff ask again.
        reports: practices whose end-of-day mail was due between the backup and now, and is left out.
    """

    texts: int = 0
    mails: int = 0
    payments: int = 0
    reports: int = 0


def hold_back(kit: Convokit) -> HeldBack:
    """Settle all that was owed, as "nobody knows", without asking any provider; before the first worker runs.

    What harms nobody when it is done twice stays owed: files to fetch, transcripts to file, questions to carriers.
    Twice is fine.

    Raises:
        StorageError: the store does not answer. What was settled until then stays so.
    """
    texts = sum(_settle_text(kit, owed) for owed in _texts(kit))
    done = [kind for owed in _jobs(kit) if (kind := _settle_job(kit, owed)) is not None]
    reports = sum(kit.timekeeper.leave_out(practice) for practice in kit.practices())
    mails, waited = done.count(SendMail), done.count(ReleaseText)
    return HeldBack(texts=texts + waited, mails=mails, payments=len(done) - mails - waited, reports=reports)


def _texts(kit: Convokit) -> Iterator[OwedEffect]:
    """Those under way, then those that wait: of a conversation the first, then the next."""
    seen: set[tuple[str, str]] = set()
    while True:
        found = (*kit.store.abandoned(_EVER, _BATCH), *kit.store.due(_EVER, _BATCH))
        fresh = [owed for owed in found if (owed.practice, owed.key) not in seen]
        if not fresh:
            return
        seen.update((owed.practice, owed.key) for owed in fresh)
        yield from fresh


def _settle_text(kit: Convokit, owed: OwedEffect) -> bool:
    practice, now_us = kit.known_practice(owed.practice), kit.world.now_us()
    outcome: Outcome = Unsure(why=WHY)
    if owed.state == "owed":
        # What is due later, for it is to be tried again, is taken now, too.
        begun = kit.store.begin(practice.id, owed.key, max(now_us, owed.due_us), LEASE)
        if begun is None:
            return False
        owed = begun.effect
        outcome = Accepted() if isinstance(begun, AlreadyThere) else outcome
    carrier = _carrier(kit, practice.id)
    fact = EffectSettled(
        key=owed.key,
        tries=owed.tries,
        outcome=outcome,
        provider=OURSELVES if carrier is None else carrier.provider,
        at_us=now_us,
        # Carriers forget the key of an idempotent send after a day or so; a backup may be older.
        repeats=False,
        looks_up=carrier is not None and carrier.capabilities.looks_up,
    )
    kit.steps.take(practice, fact)
    return True


def _carrier(kit: Convokit, practice_id: str) -> PracticeGateway | None:
    try:
        return kit.gateways.of(practice_id)
    except ConfigurationError as error:
        _log.warning("practice %s: its carrier cannot be asked: %s", practice_id, error.code)
        return None


def _jobs(kit: Convokit) -> Iterator[OwedJob]:
    seen: set[tuple[str, str]] = set()
    while True:
        found = (*kit.store.abandoned_jobs(_EVER, _BATCH), *kit.store.due_jobs(_EVER, _BATCH))
        fresh = [owed for owed in found if (owed.practice, owed.key) not in seen]
        if not fresh:
            return
        seen.update((owed.practice, owed.key) for owed in fresh)
        yield from fresh


def _settle_job(kit: Convokit, owed: OwedJob) -> type[object] | None:
    """Which kind was held back; ``None``: it stays owed."""
    practice, job = kit.known_practice(owed.practice), owed.job
    # A later page is behind a link that the client has: making it sends nothing.
    is_prompt = isinstance(job, AskPayment) and job.ask == "open" and job.page == 1
    if not (isinstance(job, (SendMail, ReleaseText)) or is_prompt):
        return None
    if owed.state == "owed":
        begun = kit.store.begin_job(practice.id, owed.key, max(kit.world.now_us(), owed.due_us), LEASE)
        if begun is None:
            return None
        owed = begun
    kit.jobs.hold_back(practice, owed, WHY)
    return type(job)
