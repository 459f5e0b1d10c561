"""The command `convokit worker`."""

from __future__ import annotations

import logging
import signal
import threading
from types import FrameType
from typing import TYPE_CHECKING, Final

import click

from convokit.cli.options import desk_of, desk_options

if TYPE_CHECKING:
    from convokit.runtime.kit import Convokit

_LOOK_SECONDS: Final = 0.2


@click.command(short_help="Hand over what is owed to the carriers.")
@desk_options
@click.option("--threads", type=click.IntRange(1, 64), default=4, show_default=True, help="Hand-overs at once.")
@click.pass_context
def worker(ctx: click.Context, /, threads: int, **desk: object) -> None:
    """Hand over what is owed to the carriers, until SIGINT or SIGTERM; what was begun is finished."""
    logging.basicConfig(level=logging.WARNING, format="convokit: %(levelname)s %(message)s")
    with desk_of(desk, ctx).open() as kit:
        left = _work_until_signal(kit, threads)
    click.echo(f"convokit: worker ended; owed: {left}", err=True)


def _work_until_signal(kit: Convokit, threads: int) -> int:
    """Run the worker beside the main thread, which alone hears signals. How many effects are still owed."""
    asked = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        asked.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        working = threading.Thread(target=kit.run, kwargs={"threads": threads}, name="convokit-worker")
        working.start()
        click.echo(f"convokit: worker started; owed: {kit.store.unsettled()}", err=True)
        while working.is_alive() and not asked.wait(_LOOK_SECONDS):
            pass
        while working.is_alive():
            kit.stop()  # again and again: a stop that comes before the worker's first round would be lost
            working.join(_LOOK_SECONDS)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return kit.store.unsettled()
