"""Putting the dashboard beside a host that cannot mount ASGI applications by itself, as Django."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


def mounted(host: ASGIApp, dashboard: ASGIApp, *, at: str = "/desk") -> ASGIApp:
    """The host's ASGI application with the dashboard under a path; everything else, the lifespan too, is the host's.

    Args:
        host: the host's own application.
        dashboard: what :func:`convokit_dashboard.dashboard` returned.
        at: the path, with a slash at its beginning and none at its end.
    """
    if not at.startswith("/") or at.endswith("/"):
        raise ValueError("at= is a path like '/desk'")

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await host(scope, receive, send)
            return
        root = scope.get("root_path", "")
        path = scope["path"].removeprefix(root)
        if path == at or path.startswith(f"{at}/"):
            await dashboard({**scope, "root_path": f"{root}{at}"}, receive, send)
        else:
            await host(scope, receive, send)

    return serve
