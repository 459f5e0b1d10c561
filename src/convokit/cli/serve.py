"""The command `convokit serve`: everything that comes from outside, and the dashboard, over HTTP."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import FrameType
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import click

from convokit.cli.health_server import health_option, serving
from convokit.cli.logs import LogFormat, log_option, set_up_logs
from convokit.cli.options import desk_of, desk_options
from convokit.errors import ConfigurationError

if TYPE_CHECKING:
    from uvicorn import Server

    from convokit.runtime.kit import Convokit

_log = logging.getLogger("convokit.serve")

_HOOKS: Final = "/hooks"
_DESK: Final = "/desk"
_GRACE_SECONDS: Final = 10


@click.command(short_help="Serve webhooks and files, and the dashboard.")
@desk_options
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0: a free one.")
@click.option("--identify", metavar="MODULE:NAME", help="Serve the dashboard too; who its visitors are, says this.")
@click.option(
    "--threads",
    type=click.IntRange(0, 64),
    default=0,
    show_default=True,
    help="Hand over what is owed in this process too, so many at once; 0 leaves that to `convokit worker`.",
)
@health_option
@log_option
@click.pass_context
def serve(
    ctx: click.Context,
    /,
    host: str,
    port: int,
    identify: str | None,
    threads: int,
    health: tuple[str, int] | None,
    log_format: LogFormat,
    **desk: object,
) -> None:
    """Answer carriers, payment providers and clients' links, until SIGINT or SIGTERM; what was begun is finished.

    They are answered under the path of --public-url, or under /hooks. With --identify the dashboard is served under
    /desk: a callable of yours, as in `dashboard(kit, identify=...)`.
    """
    set_up_logs(log_format)
    options = desk_of(desk, ctx)
    hooks = urlsplit(options.public_url or "").path.rstrip("/") or _HOOKS
    if hooks == _DESK or hooks.startswith(f"{_DESK}/"):
        raise ConfigurationError("serve.path", "the webhooks cannot be below /desk", field="public_url")
    who = None if identify is None else _callable_of(identify)
    with options.open() as kit, _listening(host, port) as listener, serving(kit, health) as page:
        server = _server(_application(kit, hooks, who))
        place = f"http://{host}:{listener.getsockname()[1]}"
        _tell(f"webhooks and files at {place}{hooks}")
        if who is not None:
            _tell(f"dashboard at {place}{_DESK}/")
        if page is not None:
            _tell(f"health page: {page}")
        with _working(kit, threads):
            _until_signal(server, listener)
    _tell("ended")


def _tell(words: str) -> None:
    _log.info(words)


def _callable_of(given: str) -> Callable[..., Any]:
    """``module:name`` from the folder where the command runs, or from what is installed."""
    module, _, name = given.partition(":")
    sys.path.insert(0, os.getcwd())
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        why = f"{given!r} cannot be imported ({type(error).__name__}); it is MODULE:NAME"
        raise ConfigurationError("serve.identify", why, field="identify") from error
    if not callable(found):
        raise ConfigurationError("serve.identify", f"{given!r} is not callable", field="identify")
    return found  # type: ignore[no-any-return]  # whatever the host wrote


def _application(kit: Convokit, hooks: str, identify: Callable[..., Any] | None) -> Any:
    """One ASGI application of all parts."""
    from convokit.runtime.asgi import asgi_app

    parts = [(hooks, asgi_app(kit.front))]
    if identify is not None:
        try:
            from convokit_dashboard import dashboard
        except ImportError:
            why = "the dashboard is not installed: pip install convokit-dashboard"
            raise ConfigurationError("serve.identify", why, field="identify") from None
        parts.append((_DESK, dashboard(kit, identify=identify)))
    return _by_path(parts)


def _by_path(parts: list[tuple[str, Any]]) -> Any:
    """Requests go to the part that their path begins with; what belongs to none is not found."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        for prefix, part in parts:
            if scope["path"] == prefix or scope["path"].startswith(f"{prefix}/"):
                await part({**scope, "root_path": prefix}, receive, send)
                return
        await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    return app


def _server(app: Any) -> Server:
    try:
        import uvicorn
    except ImportError:
        why = "uvicorn is not installed: pip install 'convokit-vet[serve]'"
        raise ConfigurationError("serve.uvicorn", why, field="serve") from None
    # Without an access log: the paths of webhooks and of links are secrets.
    return uvicorn.Server(
        uvicorn.Config(
            app, log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=_GRACE_SECONDS
        )
    )


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, UnicodeError) as error:
        why = f"cannot listen on {host} port {port}: {getattr(error, 'strerror', None) or type(error).__name__}"
        raise ConfigurationError("serve.address", why, field="port") from None
    with listener:
        yield listener


@contextmanager
def _working(kit: Convokit, threads: int) -> Iterator[None]:
    """A worker beside the server, if one is wanted; what it has begun is finished."""
    if not threads:
        yield
        return
    working = threading.Thread(target=kit.run, kwargs={"threads": threads}, name="convokit-worker")
    working.start()
    try:
        yield
    finally:
        while working.is_alive():
            kit.stop()  # again and again: a stop that comes before the worker's first round would be lost
            working.join(0.2)


def _until_signal(server: Server, listener: socket.socket) -> None:
    """Run the server. It raises the signal that ended it once more when it is done: that must not end us hard."""

    def heard(number: int, frame: FrameType | None) -> None:
        """The server has heard it already."""

    before = {number: signal.signal(number, heard) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.run(sockets=[listener])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
