"""Work shared by many machines: Procrastinate carries the names of what is owed, through the desk's own PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convokit.plugins import hookimpl
from convokit.ports.dispatcher import Dispatcher, DispatcherOffer, Work
from convokit_engine_procrastinate.settings import ProcrastinateSettings

if TYPE_CHECKING:
    import click

__all__ = ["ProcrastinateSettings", "convokit_cli", "convokit_dispatchers"]


def _build(settings: ProcrastinateSettings, work: Work, url: str) -> Dispatcher:
    # Procrastinate and the driver are slow to import; only where the engine is used.
    from convokit_engine_procrastinate.address import conninfo_of
    from convokit_engine_procrastinate.engine import ProcrastinateDispatcher
    from convokit_engine_procrastinate.schema import check

    conninfo = conninfo_of(url)
    check(conninfo)
    if settings.dsn is not None:
        check(settings.dsn.reveal(), beside=conninfo)
    return ProcrastinateDispatcher(settings, work, conninfo)


@hookimpl
def convokit_dispatchers() -> list[DispatcherOffer]:
    """Offer ``procrastinate``."""
    return [DispatcherOffer(name="procrastinate", settings=ProcrastinateSettings, build=_build)]


@hookimpl
def convokit_cli(commands: click.Group) -> None:
    """Add ``convokit procrastinate``, which makes the queue's tables."""
    from convokit_engine_procrastinate.command import procrastinate

    commands.add_command(procrastinate)
