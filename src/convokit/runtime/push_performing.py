"""Telling an app that a message waits."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from typing import Final

from convokit.domain.conversation import Conversation
from convokit.domain.instant import SECOND
from convokit.domain.rules import Practice
from convokit.effects import OwedJob, SendPush
from convokit.errors import ConfigurationError
from convokit.facts import PushSettled
from convokit.outcomes import Outcome, Refused, TryLater, Unsure
from convokit.plugins.faults import log_fault
from convokit.ports.push import PushMessage, PushToken, TokenGone
from convokit.ports.store import Store
from convokit.runtime.drivers import Exchange, ask
from convokit.runtime.plugin_values import push_checked
from convokit.runtime.push_transports import PracticeTransport, PushTransports
from convokit.runtime.world import World

LONGEST_PREVIEW: Final = 200
"""Characters of a message that a push shows, where the practice wants that."""
MOST_WAITING: Final = 99
"""The largest number beside the app's icon."""
_MOST_REQUESTS: Final = 3
_COLLAPSE: Final = 32

_log = logging.getLogger("convokit")


class PushPerformer:
    """Does the jobs of the kind :class:`~convokit.effects.SendPush`."""

    def __init__(
        self, store: Store, transports: PushTransports, world: World, exchange: Callable[[str], Exchange]
    ) -> None:
        """``exchange``: gives the client that speaks a version of HTTP (``"1.1"``, ``"2"``)."""
        self._store = store
        self._transports = transports
        self._world = world
        self._exchange = exchange

    def perform(self, practice: Practice, owed: OwedJob) -> PushSettled:
        """See :meth:`convokit.runtime.jobs.JobPerformer.perform`."""
        job = _job_of(owed)
        token = self._store.push_token(practice.id, job.token_id)
        talk = self._store.conversation(practice.id, job.conversation_id)
        if token is None or talk is None or talk.is_erased:
            return self._told(owed, Refused(reason="cancelled", raw="nobody is to be told any more"))
        if max(talk.opened_seq, talk.read_seq) >= job.seq:
            return self._told(owed, Refused(reason="cancelled", raw="the app has the message"))
        if token.registered_us + practice.rules.push.forget_after < self._world.now_us():
            gone = Refused(reason="number_inactive", raw="the app has not registered for too long")
            return self._told(owed, gone, token.registered_us)
        try:
            found = self._transports.of(practice.id, token.transport)
        except ConfigurationError as error:
            _log.error("practice %s cannot push: %s", practice.id, error)
            found = None
        if found is None:
            return self._told(owed, TryLater(raw=f"push transport {token.transport} is not set up"))
        return self._pushed(owed, token, found, self._message(practice, owed, talk))

    def refused(self, practice: Practice, owed: OwedJob, reason: str, raw: str) -> PushSettled:
        """See :meth:`convokit.runtime.jobs.JobPerformer.refused`."""
        return self._told(owed, Refused(reason=reason, raw=raw))

    def abandoned(self, practice: Practice, owed: OwedJob) -> PushSettled:
        """See :meth:`convokit.runtime.jobs.JobPerformer.abandoned`: it is pushed again."""
        return self._told(owed, Unsure(why="pushing was interrupted"))

    def _pushed(self, owed: OwedJob, token: PushToken, found: PracticeTransport, message: PushMessage) -> PushSettled:
        try:
            pushing = found.transport.push(token, message)
            exchange = self._exchange(found.capabilities.http)
        except (Exception, SystemExit) as error:  # whatever a plugin raises, or a library that is not installed
            log_fault(_log, f"push transport {found.name} raised", error)
            return self._told(owed, Unsure(why=f"the push transport raised {type(error).__name__}"))
        outcome = ask(pushing, exchange, push_checked, lambda why: Unsure(why=why), most=_MOST_REQUESTS)
        if not isinstance(outcome, TokenGone):
            return self._told(owed, outcome)
        gone_us = token.registered_us if outcome.since_us is None else outcome.since_us
        return self._told(owed, Refused(reason="number_inactive", raw=outcome.raw), gone_us)

    def _message(self, practice: Practice, owed: OwedJob, talk: Conversation) -> PushMessage:
        job, rules, now_us = _job_of(owed), practice.rules.push, self._world.now_us()
        left = rules.window if job.not_after_us is None else max(0, job.not_after_us - now_us)
        waiting = len(self._store.app_waiting(practice.id, talk.address))
        return PushMessage(
            id=owed.key,
            # Of a conversation the newest is enough. A digest: some services take 32 characters of few kinds.
            collapse=hashlib.sha256(talk.id.encode()).hexdigest()[:_COLLAPSE],
            title=practice.name,
            text=self._words(practice, job),
            data={"conversation": talk.id},
            seconds=left // SECOND,
            badge=min(waiting, MOST_WAITING),
            at_us=now_us,
        )

    def _words(self, practice: Practice, job: SendPush) -> str:
        if practice.rules.push.says == "waits":
            return practice.rules.push.text
        entry = self._store.entry(practice.id, job.entry_id)
        said = "" if entry is None else " ".join(entry.text.split())
        if len(said) > LONGEST_PREVIEW:
            said = f"{said[: LONGEST_PREVIEW - 1]}…"
        return said or practice.rules.push.text

    def _told(self, owed: OwedJob, outcome: Outcome, gone_us: int | None = None) -> PushSettled:
        return PushSettled(
            key=owed.key,
            tries=owed.tries,
            outcome=outcome,
            at_us=self._world.now_us(),
            token_id=_job_of(owed).token_id,
            gone_us=gone_us,
        )


def _job_of(owed: OwedJob) -> SendPush:
    assert isinstance(owed.job, SendPush)  # noqa: S101 - the kit gives each performer its own kind
    return owed.job
