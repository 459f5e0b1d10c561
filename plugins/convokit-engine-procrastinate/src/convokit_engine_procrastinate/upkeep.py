"""What the workers do in turn, once for all of them: look for what is due, and give back the names of the dead."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Executor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from procrastinate import App
from procrastinate.exceptions import AlreadyEnqueued, UniqueViolation
from procrastinate.jobs import Job, Status

from convokit.errors import StorageError
from convokit.plugins.faults import log_fault
from convokit.ports.dispatcher import Notice, Work
from convokit_engine_procrastinate.names import DEFER, RESCUE, SWEEP, UPKEEP, packed, table_of
from convokit_engine_procrastinate.settings import QUEUES, ProcrastinateSettings
from convokit_engine_procrastinate.turns import ROOM, Turns

_log = logging.getLogger("convokit")

_BATCH: Final = 200
_MOST: Final = ROOM // 2
"""How many names of one practice a sweep brings: what comes beyond the room that there is would come in vain."""

_BREATH_SECONDS: Final = 0.05


class Upkeep:
    """Of one worker; the queue sees to it that each round is done by one of them."""

    def __init__(
        self, app: App, work: Work, turns: Turns, aside: Executor, settings: ProcrastinateSettings, every: float
    ) -> None:
        """``aside``: where sweeps run, which wait for the store. ``every``: seconds between them."""
        self._app = app
        self._work = work
        self._turns = turns
        self._aside = aside
        self._settings = settings
        self._every = every
        self._soon = asyncio.Event()

    def look_soon(self) -> None:
        """There is something for a sweep to find."""
        self._soon.set()

    async def tick(self) -> None:
        """Ask for each round when it is time. Asked for by several workers, it is there once."""
        while True:
            await self._due(SWEEP, self._every)
            await self._due(RESCUE, max(self._every, self._settings.silent_seconds / 2))
            try:
                async with asyncio.timeout(self._every):  # not wait_for, which may swallow a cancellation
                    await self._soon.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(_BREATH_SECONDS)
            self._soon.clear()
            with suppress(AlreadyEnqueued):
                await self._app.configure_task(SWEEP).defer_async()

    async def _due(self, task: str, every: float) -> None:
        """Procrastinate's own way for periodic work: of all that ask for one moment, one gets it."""
        moment = int(time.time() / every)
        deferrer = self._app.configure_task(task, task_kwargs={"timestamp": moment})
        with suppress(AlreadyEnqueued):
            await self._app.job_manager.defer_periodic_job(
                job=deferrer.job, periodic_id=f"{every:g}", defer_timestamp=moment
            )

    async def sweep(self, *, timestamp: int = 0) -> None:
        """Put a name into the queue for what is due and has none there."""
        loop = asyncio.get_running_loop()
        try:
            due = await loop.run_in_executor(self._aside, self._work.sweep, _BATCH)
        except StorageError as error:
            _log.error("the store does not answer, the worker goes on trying: %s", error)
            return
        except Exception as error:  # a plugin's, or a row that nobody can read: the worker must outlive it
            log_fault(_log, "a round of work could not be begun", error)
            return
        named = self._unnamed(due)
        self._turns.left = len(due) >= _BATCH or len(named) < len(due)
        if named:
            await self._defer(named)
        if not due:
            await loop.run_in_executor(self._aside, self._work.rest)

    def _unnamed(self, due: Sequence[Notice]) -> list[Notice]:
        """Those that do not wait here already, and of no practice too many."""
        counted: Counter[str] = Counter()
        named = []
        for notice in due:
            if not self._turns.holds(notice) and counted[notice.practice] < _MOST:
                counted[notice.practice] += 1
                named.append(notice)
        return named

    async def _defer(self, due: Sequence[Notice]) -> None:
        text = DEFER.replace("$1", "%(names)s")
        try:
            await self._app.connector.execute_query_async(text, names=packed(due))
        except UniqueViolation:  # somebody named one of them at the same moment
            for notice in due:
                with suppress(UniqueViolation):
                    await self._app.connector.execute_query_async(text, names=packed([notice]))

    async def rescue(self, *, timestamp: int = 0) -> None:
        """Give back the names that dead workers had fetched: Procrastinate leaves them as they are."""
        manager = self._app.job_manager
        for queue in (*map(table_of, QUEUES), UPKEEP):
            for job in await manager.get_stalled_jobs(
                queue=queue, seconds_since_heartbeat=self._settings.silent_seconds
            ):
                await self._give_back(job)

    async def _give_back(self, job: Job) -> None:
        manager = self._app.job_manager
        try:
            await manager.retry_job(job, retry_at=datetime.fromtimestamp(time.time(), UTC))
        except UniqueViolation:  # a sweep has named it meanwhile
            await manager.finish_job(job, Status.FAILED, delete_job=True)
        else:
            _log.warning("a worker died; the queue has %s again", job.queue)
