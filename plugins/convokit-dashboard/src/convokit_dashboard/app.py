"""The dashboard as an ASGI application."""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Final

import anyio.to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from convokit.errors import ConfigurationError
from convokit.runtime.kit import Convokit
from convokit_dashboard.headers import SafeHeaders
from convokit_dashboard.live.hub import Hub
from convokit_dashboard.options import LOGO_TYPES, Live, Options, Theme, check_options
from convokit_dashboard.routes.files import uploads
from convokit_dashboard.routes.live import stream
from convokit_dashboard.routes.table import SPOTS
from convokit_dashboard.serving import endpoint
from convokit_dashboard.site import Identify, Site, log

STATIC: Final = Path(__file__).with_name("static")
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
}

Serve = Callable[[Request], Awaitable[Response]]


def dashboard(
    kit: Convokit,
    *,
    identify: Identify,
    log_in: str = "",
    frame_ancestors: Iterable[str] = (),
    live: Live = "stream",
    settings: bool = True,
    theme: Theme | None = None,
) -> ASGIApp:
    """The dashboard of a kit, to be mounted in the host's web application. It opens nothing and starts no worker.

    Args:
        identify: the host's log-in. Given the request, it returns who sends it, a
            :class:`~convokit_dashboard.Visitor`, or ``None``. Without it there is no dashboard.
        log_in, frame_ancestors, live, settings, theme: see :class:`~convokit_dashboard.options.Options`.

    Raises:
        ConfigurationError: ``dashboard.identify``, and those of
            :func:`~convokit_dashboard.options.check_options`.
    """
    if not callable(identify):
        why = "identify= is a callable that says who sends a request; without it nobody may see anything"
        raise ConfigurationError("dashboard.identify", why, field="identify", limit="callable")
    options = check_options(
        Options(
            log_in=log_in,
            frame_ancestors=frame_ancestors,
            live=live,
            settings=settings,
            theme=Theme() if theme is None else theme,
        )
    )
    site = Site(kit=kit, identify=identify, options=options, hub=Hub(kit))
    routes = [
        Route("/static/{file:path}", static(site), methods=["GET"]),
        Route("/live", stream(site), methods=["GET"]),
        Route("/talk/{id}/upload", uploads(site), methods=["POST"]),
        *(Route(spot.path, endpoint(site, spot), methods=[spot.method]) for spot in SPOTS),
    ]
    app = Starlette(routes=routes, exception_handlers={Exception: _failed})
    return SafeHeaders(app, options)


async def _failed(request: Request, error: Exception) -> Response:
    """A mistake of ours or of the host's: logged without a word of what was written."""
    log.error("%s %s failed: %s", request.method, request.scope.get("path"), type(error).__name__)
    return Response("Something went wrong.", status_code=500, media_type="text/plain")


@cache
def packed(name: str) -> tuple[bytes, bytes] | None:
    """A file of ours, plain and compressed; ``None`` for any other name."""
    known = {path.relative_to(STATIC).as_posix(): path for path in STATIC.rglob("*") if path.is_file()}
    path = known.get(name)
    if path is None or path.suffix not in _TYPES:
        return None
    content = path.read_bytes()
    return content, gzip.compress(content, mtime=0)


def static(site: Site) -> Serve:
    """The address of our own files, the theme and the logo; they are everybody's."""

    async def serve(request: Request) -> Response:
        name = request.path_params["file"]
        if name == "theme.css":
            return Response(site.theme, media_type="text/css")
        if name == "logo":
            return await anyio.to_thread.run_sync(_logo, site.options.theme)
        found = packed(name)
        if found is None:
            return Response(status_code=404)
        small = "gzip" in request.headers.get("accept-encoding", "")
        headers = {"Vary": "Accept-Encoding"} | ({"Content-Encoding": "gzip"} if small else {})
        return Response(found[small], headers=headers, media_type=_TYPES[Path(name).suffix])

    return serve


def _logo(theme: Theme) -> Response:
    if theme.logo is None:
        return Response(status_code=404)
    path = Path(theme.logo)
    try:
        return Response(path.read_bytes(), media_type=LOGO_TYPES[path.suffix.lower()])
    except OSError:
        return Response(status_code=404)
