"""The health page of a command that stays, and its counts, served on an address of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar
from wsgiref.simple_server import WSGIRequestHandler, make_server

import click

if TYPE_CHECKING:
    from convokit.runtime.kit import Convokit


Command = TypeVar("Command", bound=Callable[..., object])


class Address(click.ParamType[tuple[str, int]]):
    """``host:port``, for ``--health``."""

    name = "host:port"

    def convert(
        self, value: str | tuple[str, int], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        """The two parts."""
        if isinstance(value, tuple):
            return value
        host, _, port = value.rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or int(port) >= 1 << 16:
            self.fail(f"{value!r} is no address; 127.0.0.1:9464 is one", param, ctx)
        return host.strip("[]"), int(port)


def health_option(command: Command) -> Command:
    """Add ``--health``."""
    words = "Serve the health page there, and counts for Prometheus under /metrics."
    return click.option("--health", type=Address(), metavar="HOST:PORT", help=words)(command)


class _Quiet(WSGIRequestHandler):
    timeout = 10
    """Seconds: whoever opens a connection and says nothing keeps the page from nobody for long."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """A page that is asked for every few seconds needs no line each time."""


@contextmanager
def serving(kit: Convokit, address: tuple[str, int] | None) -> Iterator[str | None]:
    """Serve the page while the block runs: its URL; ``None`` without an address.

    Raises:
        click.ClickException: nothing can listen there.
    """
    if address is None:
        yield None
        return
    from convokit.runtime.wsgi import wsgi_app

    host, port = address
    try:
        server = make_server(host, port, wsgi_app(kit.health_page), handler_class=_Quiet)
    except OSError as error:
        raise click.ClickException(f"the health page cannot be served at {host}:{port} ({error.strerror})") from None
    with server:
        threading.Thread(target=server.serve_forever, args=(0.1,), name="convokit-health", daemon=True).start()
        try:
            yield f"http://{host}:{server.server_port}/"
        finally:
            server.shutdown()
