"""What makes open pages move: a stream of what changed, and the same as a question for hosts that cannot stream."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import lru_cache
from typing import Final

import anyio
import anyio.to_thread
from attrs import define
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from convokit.errors import ConvokitError
from convokit_dashboard.call import Call
from convokit_dashboard.live.feed import Told
from convokit_dashboard.serving import Endpoint, call_of, known, refused, stranger, visitor_of
from convokit_dashboard.site import Site

LIFETIME: Final = 300.0
"""Seconds that a stream lives; the browser then asks again, and the host says again who it is."""
SEND_SECONDS: Final = 30.0
"""Seconds that a client has to take what is sent to it; after at most twice as many it is let go of.

Longer than a stream is ever silent (``live/hub.py``)."""
MOST_STREAMS: Final = 1_000

_MOST: Final = 200
_HERE: Final = "event: desk:here\ndata: here\n\n"
"""An event, not a comment: a page that hears nothing for a while knows by it that the line is dead."""


def changes(call: Call) -> Response:
    """What changed since a number, for who asks every few seconds."""
    given = call.query.get("since", "0")
    since = int(given[:15]) if given.isdigit() else 0
    found = call.desk.changes(since, limit=_MOST)
    ids = [one.conversation_id for one in found]
    number = found[-1].number if found else max(since, call.desk.newest_change() if since == 0 else since)
    if call.visitor.departments is not None and len(found) < _MOST and (newest := call.desk.newest_change()) > number:
        # Something changed that this visitor does not see, or no longer: a conversation may have left their
        # departments. Which one cannot be said, so everything is looked at again.
        return JSONResponse({"n": newest, "ids": None})
    return JSONResponse({"n": number, "ids": ids})


@lru_cache(maxsize=64)
def event(told: Told) -> str:
    """One event of the stream."""
    data = json.dumps({"n": told.number, "ids": None if told.ids is None else list(told.ids)})
    return f"id: {told.number}\nevent: desk:changed\ndata: {data}\n\n"


@define(eq=False)
class Patience:
    """How long a client may take: while a server waits for it, nobody looks at the clock in the stream itself."""

    scope: anyio.CancelScope
    until: float = 0.0

    def renew(self) -> None:
        """Before each piece. Moved on seldom, for that costs more than sending."""
        now = asyncio.get_running_loop().time()
        if self.until - now < SEND_SECONDS:
            self.until = self.scope.deadline = now + 2 * SEND_SECONDS


class News(StreamingResponse):
    """A stream for as long as its client reads."""

    def __init__(self, told: AsyncGenerator[str, None], patience: Patience) -> None:
        super().__init__(told, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
        self._told = told
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what is told, each piece within its time."""
        async with aclosing(self._told):
            with self._patience.scope:
                await super().__call__(scope, receive, send)


@define(eq=False)
class Streams:
    """The streams of one dashboard."""

    site: Site
    count: int = 0

    async def serve(self, request: Request) -> Response:
        """One stream, from ``Last-Event-ID`` or ``since`` on."""
        if self.count >= MOST_STREAMS:
            return Response("busy", status_code=503, headers={"Retry-After": "30"})
        visitor = await visitor_of(self.site, request)
        found = await anyio.to_thread.run_sync(self._admitted, request, visitor)
        if isinstance(found, Response):
            return found
        call, since = found
        patience = Patience(anyio.CancelScope())
        return News(self._news(call, since, patience), patience)

    def _admitted(self, request: Request, asked: object) -> tuple[Call, int] | Response:
        visitor = known(asked)  # type: ignore[arg-type]  # what visitor_of returned
        if visitor is None:
            return stranger(self.site, request)
        call = call_of(self.site, request, visitor)
        try:
            newest = call.desk.newest_change()
        except ConvokitError as error:
            return refused(call, error)
        given = request.headers.get("last-event-id") or request.query_params.get("since") or ""
        return call, min(int(given[:15]), newest) if given.isdigit() else newest

    async def _news(self, call: Call, since: int, patience: Patience) -> AsyncGenerator[str, None]:
        practice, visible = call.visitor.practice_id, call.visitor.departments
        clock = asyncio.get_running_loop().time
        ends = clock() + LIFETIME
        self.count += 1
        try:
            with self.site.hub.watching(practice, since) as bell:
                patience.renew()
                yield "retry: 1000\n: hello\n\n"
                said = clock()
                while clock() < ends:
                    told = self.site.hub.after(practice, since, visible)
                    if told is not None:
                        since = told.number
                        if told.ids != ():
                            patience.renew()
                            said = clock()
                            yield event(told)
                    await bell.rung.wait()
                    bell.rung.clear()
                    # Also where one thing after the other happens that this visitor does not see.
                    if self.site.hub.number(practice) == since or clock() - said >= self.site.hub.quiet_seconds:
                        patience.renew()
                        said = clock()
                        yield _HERE
        finally:
            self.count -= 1


def stream(site: Site) -> Endpoint:
    """The address of the stream."""
    return Streams(site).serve
