"""The command `convokit worker`."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Final

import click

from convokit.cli.health_server import health_option, serving
from convokit.cli.logs import LogFormat, log_option, set_up_logs
from convokit.cli.options import desk_of, desk_options
from convokit.errors import StorageError

if TYPE_CHECKING:
    from convokit.ports.store import Store
    from convokit.runtime.kit import Convokit

_log = logging.getLogger("convokit.worker")

_LOOK_SECONDS: Final = 0.2
_WATCH_SECONDS: Final = 60.0


@click.command(short_help="Hand over what is owed to the carriers.")
@desk_options
@click.option(
    "--threads", type=click.IntRange(1, 64), default=4, show_default=True, help="Hand-overs at once, of each provider."
)
@health_option
@log_option
@click.pass_context
def worker(
    ctx: click.Context, /, threads: int, health: tuple[str, int] | None, log_format: LogFormat, **desk: object
) -> None:
    """Hand over what is owed to the carriers, until SIGINT or SIGTERM; what was begun is finished."""
    set_up_logs(log_format)
    with desk_of(desk, ctx).open() as kit, serving(kit, health) as page:
        if page is not None:
            _tell(f"health page: {page}")
        _warn(kit)
        left = _work_until_signal(kit, threads)
    _tell(f"worker ended; owed: {left}")


def _tell(words: str) -> None:
    _log.info(words)


def _warn(kit: Convokit) -> None:
    """Say what keeps texts and mails from leaving, as the doctor does. The worker starts all the same."""
    from convokit.cli.doctor_mail import mail_findings
    from convokit.cli.doctor_practice import carrier_finding

    for practice in kit.practices():
        for finding in (carrier_finding(kit, practice.id), *mail_findings(kit, practice)):
            if finding.state != "ok":
                _tell(f"{finding.state}: {finding.about}: {finding.words}")


def _work_until_signal(kit: Convokit, threads: int) -> int:
    """Run the worker beside the main thread, which alone hears signals. How many effects are still owed."""
    asked = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        asked.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        working = threading.Thread(target=kit.run, kwargs={"threads": threads}, name="convokit-worker")
        working.start()
        _tell(f"worker started; owed: {kit.store.unsettled()}")
        watch = Watch(kit.store, time.monotonic)
        while working.is_alive() and not asked.wait(_LOOK_SECONDS):
            if (news := watch.look()) is not None:
                _tell(news)
        while working.is_alive():
            kit.stop()  # again and again: a stop that comes before the worker's first round would be lost
            working.join(_LOOK_SECONDS)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return kit.store.unsettled()


class Watch:
    """Notices that nothing is handed over although something waits."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        """``clock`` counts seconds."""
        self._store = store
        self._clock = clock
        self._next = clock() + _WATCH_SECONDS
        self._before: frozenset[tuple[str, str]] = frozenset()

    def look(self) -> str | None:
        """What to say, at most once a minute: only when all that waited a minute ago still waits."""
        if self._clock() < self._next:
            return None
        from convokit.runtime.waiting import waiting

        self._next = self._clock() + _WATCH_SECONDS
        try:
            found = waiting(self._store)
        except StorageError:
            return None  # the worker itself says that the store is away
        stuck = self._before <= found.keys if self._before else False
        self._before = found.keys
        return f"nothing was handed over in the last minute: {found}" if stuck else None
