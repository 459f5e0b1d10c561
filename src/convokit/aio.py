"""convokit in an asyncio (or trio) host.

There is one copy of every rule and step. A desk's methods block for a transaction, so they run in a worker thread;
hand-overs to carriers are awaited on the event loop, many at once::

    async with convokit.aio.AsyncKit(kit) as desk_kit:
        page = await desk_kit.call(desk.inbox, unread=True)
        await desk_kit.run()
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

import anyio
import anyio.to_thread

from convokit.effects import OwedJob
from convokit.errors import StorageError
from convokit.plugins.faults import log_fault
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit.runtime.asgi import asgi_app
from convokit.runtime.drivers import adrive
from convokit.runtime.kit import Convokit
from convokit.runtime.worker import Owed, WorkReport

if TYPE_CHECKING:
    from convokit.runtime.asgi import Receive, Scope, Send
    from convokit.runtime.http import AsyncHttp

P = ParamSpec("P")
R = TypeVar("R")

_AT_ONCE: Final = 32

_log = logging.getLogger("convokit")


class AsyncKit:
    """A kit driven from an event loop. It does not close the kit; whoever opened that does."""

    def __init__(self, kit: Convokit) -> None:
        self.kit = kit
        self._http: AsyncHttp | None = None
        self._stop = anyio.Event()

    async def call(self, method: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run one of the kit's or a desk's methods in a worker thread and return what it returns.

        Raises:
            ConvokitError: what the method raises.
        """
        return await anyio.to_thread.run_sync(partial(method, *args, **kwargs))

    async def webhook(self, request: HttpRequest) -> HttpResponse:
        """:meth:`Convokit.webhook`, awaited."""
        return await self.call(self.kit.webhook, request)

    def asgi(self) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
        """The webhook front, and the one for files, as an ASGI application."""
        return asgi_app(self.kit.front)

    async def work(self) -> WorkReport:
        """Perform everything that is due now, once; up to 32 hand-overs wait for their carriers at the same time."""
        worker = self.kit.worker
        recovered = await self.call(worker.recover)
        performed = 0
        seen: set[tuple[str, str, int]] = set()
        while fresh := [o for o in await self.call(worker.due) if (o.practice, o.key, o.tries) not in seen]:
            seen.update((o.practice, o.key, o.tries) for o in fresh)
            performed += await self._together(fresh)
        await self.call(worker.index)
        return WorkReport(performed=performed, recovered=recovered)

    async def _together(self, owed: list[Owed]) -> int:
        done: list[bool] = []
        limit = anyio.CapacityLimiter(_AT_ONCE)

        async def one(effect: Owed) -> None:
            async with limit:
                done.append(await self._one(effect))

        async with anyio.create_task_group() as group:
            for effect in owed:
                group.start_soon(one, effect)
        return sum(done)

    async def _one(self, owed: Owed) -> bool:
        try:
            return await self._perform(owed)
        except Exception as error:  # the lease in the row brings it back; one bad effect must not end the others
            log_fault(_log, f"effect {owed.key} could not be performed", error)
            return False

    async def _perform(self, owed: Owed) -> bool:
        if isinstance(owed, OwedJob):
            return await self.call(self.kit.worker.one, owed)
        performer, practice = self.kit.performer, self.kit.known_practice(owed.practice)
        hand_over = await self.call(performer.prepare, practice, owed)
        if hand_over is None:
            return False
        told = hand_over.conversation
        if isinstance(told, partial):
            outcome = await self.call(told)
        else:
            outcome = await adrive(told, hand_over.seen.awatching(self._exchange))
        # A cancelled task must not leave a hand-over unsettled that did take place.
        with anyio.CancelScope(shield=True):
            await self.call(performer.finish, hand_over, outcome)
        return True

    async def _exchange(self, request: HttpRequest) -> HttpResponse | NoAnswer:
        if self._http is None:
            from convokit.runtime.http import AsyncHttp  # slow to import: only when a carrier speaks HTTP

            self._http = AsyncHttp()
        return await self._http(request)

    async def run(self, *, idle_seconds: float = 0.2) -> None:
        """Be the worker until :meth:`stop`. A store that is away is waited for."""
        while not self._stop.is_set():
            try:
                performed = (await self.work()).performed
            except StorageError as error:
                _log.error("the store does not answer, the worker goes on trying: %s", error)
                performed = 0
            if not performed:
                with anyio.move_on_after(idle_seconds):
                    await self._stop.wait()

    def stop(self) -> None:
        """Make :meth:`run` return after its round."""
        self._stop.set()

    async def aclose(self) -> None:
        """Stop, and close the connections to carriers."""
        self.stop()
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def __aenter__(self) -> AsyncKit:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
