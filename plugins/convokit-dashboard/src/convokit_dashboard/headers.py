"""What every answer carries, whatever it is: nothing is stored, nothing foreign runs, nobody frames it unasked."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from convokit_dashboard.options import Options


def policy(options: Options) -> str:
    """The content security policy: our own files and nothing inline."""
    ancestors = " ".join(options.frame_ancestors) or "'none'"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
        f"connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
    )


class SafeHeaders:
    """Wraps the dashboard; answers of the host around it are none of its business."""

    def __init__(self, app: ASGIApp, options: Options) -> None:
        self._app = app
        self._policy = policy(options)
        self._framed = bool(options.frame_ancestors)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, and add the headers to its answer."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)

    def _add(self, headers: MutableHeaders) -> None:
        headers["Cache-Control"] = "no-store"
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        # A file's own policy is stricter: it may do nothing at all.
        headers.setdefault("Content-Security-Policy", self._policy)
        if not self._framed:
            headers["X-Frame-Options"] = "DENY"
