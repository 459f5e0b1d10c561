"""As many jobs that do nothing, done by Procrastinate's own workers on the same PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from server import ADMIN, Server

if TYPE_CHECKING:
    from procrastinate import App
    from procrastinate.connector import BaseConnector
    from procrastinate.tasks import Task

HERE: Final = find_spec("procrastinate") is not None
"""Whether it is installed."""

LEFT: Final = "SELECT count(*) FROM procrastinate_jobs WHERE status <> 'succeeded'"
"""How many jobs are not done."""


def queued(running: Server, jobs: int) -> str:
    """The name of a database in which so many jobs wait; deferring them is timed by nobody."""
    from procrastinate import SyncPsycopgConnector

    name = running.made()
    app, task = _app(SyncPsycopgConnector(conninfo=running.url(name, ADMIN)))
    with app.open():
        app.schema_manager.apply_schema()
        task.batch_defer(*({"practice": f"p{number % 4}", "key": f"m{number}"} for number in range(jobs)))
    return name


@contextmanager
def working(url: str) -> Iterator[Callable[[Sequence[int]], None]]:
    """A worker that does one job at a time until none waits: connected before, told of nothing by a listener."""
    from procrastinate import PsycopgConnector

    app, _ = _app(PsycopgConnector(conninfo=url))
    with asyncio.Runner() as loop:
        loop.run(_opened(app))

        def work(_: Sequence[int]) -> None:
            loop.run(
                app.run_worker_async(concurrency=1, wait=False, listen_notify=False, install_signal_handlers=False)
            )

        yield work
        loop.run(app.close_async())


async def _opened(app: App) -> None:
    await app.open_async()


def _app(connector: BaseConnector) -> tuple[App, Task[..., object, ...]]:
    from procrastinate import App

    async def hand_over(practice: str, key: str) -> None:
        """Nothing: the fastest kind of task there is."""

    app = App(connector=connector)
    return app, app.task(name="hand_over")(hand_over)
