"""HTTP as plain values, so that gateways do no I/O and webhooks need no framework."""

from __future__ import annotations

from collections.abc import Generator
from typing import Final
from urllib.parse import urlsplit

from attrs import field, frozen


def _shown(url: object) -> str:
    """An URL for a log: its query and its user may carry a password or a text."""
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
    except ValueError:
        return "'(a broken URL)'"
    return ascii(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" + ("?..." if parts.query else ""))


@frozen(kw_only=True)
class HttpRequest:
    """A request, outgoing (a gateway yields it) or incoming (a webhook).

    Attributes:
        method: upper case, ``"GET"``, ``"POST"``.
        url: absolute and exactly as sent or received, query included: signatures cover it.
        headers: ``(name, value)`` pairs in order; names in any case; a name may repeat.
        body: the raw bytes.
        received_us: when an incoming request arrived, microseconds since the epoch, UTC: what the time in a signature
            is compared with. The webhook front sets it; whoever makes a request need not.

    Its ``repr`` shows neither headers nor body, and of the URL not the query and not the user.
    """

    method: str
    url: str = field(repr=_shown)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    received_us: int | None = field(default=None, repr=False)

    def header(self, name: str) -> str | None:
        """The value of the one header called ``name`` (any case); ``None`` if absent or given more than once.

        A doubled header is no header: taking the first or the last would let a proxy and us disagree.
        """
        wanted = name.lower()
        found = [value for key, value in self.headers if key.lower() == wanted]
        return found[0] if len(found) == 1 else None


@frozen(kw_only=True)
class HttpResponse:
    """An answer: to a gateway's request, of a webhook, or to a request for a file.

    ``chunks``: where the body is too large for memory (``body`` is empty then), its pieces, to be read once; whoever
    stops before the end calls its ``close()``. Its length stands in the header ``Content-Length``.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    chunks: Generator[bytes, None, None] | None = field(default=None, repr=False, eq=False)

    def header(self, name: str) -> str | None:
        """The value of the first header called ``name`` (any case), or ``None``."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


UNREADABLE: Final = HttpResponse(
    status=400,
    headers=(("Content-Type", "application/json"), ("Cache-Control", "no-store")),
    body=b'{"code": "webhook.unreadable"}',
)
"""What a provider is told of a request that has its signature and makes no sense."""


@frozen(kw_only=True)
class NoAnswer:
    """The HTTP client got no answer.

    ``request_left`` is ``False`` only when it is certain that not one byte of the request reached the provider
    (refused connection, name not found): then trying later cannot double a text. Otherwise it is ``True``.
    """

    why: str
    request_left: bool
