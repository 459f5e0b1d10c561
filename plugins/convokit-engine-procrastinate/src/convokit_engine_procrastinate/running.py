"""One worker at work: an event loop of its own with Procrastinate's workers, and threads that perform."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from psycopg_pool import AsyncConnectionPool

from convokit.plugins.faults import log_fault
from convokit.ports.dispatcher import Notice, Work
from convokit_engine_procrastinate.names import PERFORM, RESCUE, SWEEP, UPKEEP, table_of
from convokit_engine_procrastinate.settings import ProcrastinateSettings
from convokit_engine_procrastinate.turns import ROOM, Turns
from convokit_engine_procrastinate.upkeep import Upkeep

_log = logging.getLogger("convokit")

_CONNECTIONS: Final = 4
_CONNECT_SECONDS: Final = 5.0
_PAUSE_SECONDS: Final = 1.0
_SPARE: Final = 4
"""So many names more than can wait are fetched: what a practice has too many of must not keep others from coming."""

_POLL_SECONDS: Final = 1.0
"""How often a worker looks for names that it was not told of."""

_AWAY: Final = (psycopg.Error, ConnectorException, OSError)


class Running:
    """What one call of ``run`` does, from its start to its end."""

    def __init__(
        self, settings: ProcrastinateSettings, work: Work, conninfo: str, *, threads: int, idle_seconds: float
    ) -> None:
        """Nothing is started. ``conninfo``: where the queue is."""
        self._settings = settings
        self._work = work
        self._conninfo = conninfo
        self._threads = threads
        self._every = max(idle_seconds, settings.sweep_seconds)
        self._limits = {queue: settings.at_once(queue, threads) for queue in settings.served}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = asyncio.Event()
        self._wish_stop = False
        self.turns = Turns(threads, self._limits)

    def go(self) -> None:
        """Work until :meth:`stop`; what is being performed then is finished."""
        pool = ThreadPoolExecutor(self._threads, thread_name_prefix="convokit")
        with pool as self._pool, ThreadPoolExecutor(1, thread_name_prefix="convokit upkeep") as self._aside:
            asyncio.run(self._main())

    def stop(self) -> None:
        """Make :meth:`go` return; from any thread, and from a signal handler."""
        self._wish_stop = True
        loop = self._loop
        if loop is not None:
            with suppress(RuntimeError):  # it has ended meanwhile
                loop.call_soon_threadsafe(self._stopped.set)

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        if self._wish_stop:
            self._stopped.set()
        while not self._stopped.is_set():
            try:
                await self._connected()
            except _AWAY as error:
                _log.error("the queue does not answer, the worker goes on trying (%s)", type(error).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(_PAUSE_SECONDS):
                    await self._stopped.wait()

    async def _until_stopped(self, *works: Coroutine[object, object, None]) -> None:
        """Do all of it until the first of it ends, or all is to stop; what a worker has begun is finished."""
        tasks = [asyncio.ensure_future(work) for work in works]
        stopped = asyncio.ensure_future(self._stopped.wait())
        await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
        self.turns.close()
        for task in (*tasks, stopped):
            task.cancel()
        for ended in await asyncio.gather(*tasks, stopped, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended

    async def _connected(self) -> None:
        """Work as long as the database answers."""
        pool = AsyncConnectionPool(
            self._conninfo,
            min_size=1,
            max_size=_CONNECTIONS,
            open=False,
            check=AsyncConnectionPool.check_connection,
            name="convokit queue",
        )
        try:
            await self._until_stopped(pool.open(wait=True, timeout=_CONNECT_SECONDS))
            if not self._stopped.is_set():
                await self._worked(pool)
        finally:
            await pool.close()

    async def _worked(self, pool: AsyncConnectionPool) -> None:
        app = App(connector=PsycopgConnector())
        await app.open_async(pool)
        self.turns = Turns(self._threads, self._limits)
        upkeep = Upkeep(app, self._work, self.turns, self._aside, self._settings, self._every)
        app.task(name=PERFORM)(self._performing(upkeep.look_soon))
        app.task(name=SWEEP, queue=UPKEEP, queueing_lock=SWEEP)(upkeep.sweep)
        app.task(name=RESCUE, queue=UPKEEP, queueing_lock=RESCUE)(upkeep.rescue)
        workers = [self._worker(app, table_of(queue), limit + ROOM + _SPARE) for queue, limit in self._limits.items()]
        await self._until_stopped(*workers, self._worker(app, UPKEEP, 1), upkeep.tick())

    def _worker(self, app: App, queue: str, at_once: int) -> Coroutine[object, object, None]:
        """One of Procrastinate's. What it finishes leaves the queue: the desk's own rows tell what became of it."""
        silent = self._settings.silent_seconds
        return app.run_worker_async(
            queues=[queue],
            name=queue,
            concurrency=at_once,
            delete_jobs="always",
            # A listener holds a connection: only where a second of delay would be felt.
            listen_notify=queue in (table_of("sends"), UPKEEP),
            fetch_job_polling_interval=_POLL_SECONDS,
            install_signal_handlers=False,
            update_heartbeat_interval=silent / 3,
            stalled_worker_timeout=silent,
        )

    def _performing(self, look_soon: Callable[[], None]) -> Callable[..., Coroutine[object, object, None]]:
        """The task that performs what a name stands for, when it is its turn."""

        async def perform(**name: Any) -> None:
            notice, turns = Notice(**name), self.turns
            turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            turns.ask(notice, turn.set_result)
            if not await turn:
                return
            performed = False
            try:
                performed = await asyncio.get_running_loop().run_in_executor(self._pool, self._perform, notice)
            finally:
                if turns.end(notice, performed=performed):
                    look_soon()

        return perform

    def _perform(self, notice: Notice) -> bool:
        try:
            return self._work.perform(notice)
        except (Exception, SystemExit) as error:  # it promises not to; the thread must outlive it all the same
            log_fault(_log, f"{notice.kind} {notice.key} could not be performed", error)
            return False
