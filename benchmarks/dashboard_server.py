"""A server for the benchmark of the dashboard, in a process of its own: ``python dashboard_server.py SIDE FILE PORT``.

``ours`` is the dashboard. ``bare`` is what stands beside it: a Starlette page of 50 literal rows, in the very markup of
the dashboard, and a stream that tells every client what came, five times a second.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator

import uvicorn
from convokit_dashboard import Visitor, dashboard
from convokit_dashboard.call import Call
from convokit_dashboard.live.hub import Hub
from convokit_dashboard.options import Options
from convokit_dashboard.pages import draw_shared
from convokit_dashboard.routes.lists import load_list, values
from convokit_dashboard.site import Site
from convokit_dashboard.words import words_of
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

import convokit

BEAT = 0.2
KIM = convokit.Staff(id="u1", name="Dr. Kim")
VISITOR = Visitor(practice_id="p0", staff=KIM, manager=True)


def call_on(kit: convokit.Convokit) -> Call:
    """A request, for what the bare side takes its markup from."""
    site = Site(kit=kit, identify=lambda request: VISITOR, options=Options(), hub=Hub(kit))
    return Call(site=site, visitor=VISITOR, words=words_of("en"), base="", where="/active", path={}, query={})


def bare(kit: convokit.Convokit) -> ASGIApp:
    """Starlette and Jinja2: 50 rows that are there, and a page around them."""
    call = call_on(kit)
    rows = {"list": load_list(call, "active")}
    around = draw_shared(call, "parts/tabs.html", values(call, "active"))
    bell: set[asyncio.Event] = set()

    def page(request: Request) -> Response:
        return HTMLResponse(around + draw_shared(call, "parts/rows.html", rows))

    async def stream(request: Request) -> Response:
        async def told() -> AsyncIterator[str]:
            own = asyncio.Event()
            bell.add(own)
            yield ": hello\n\n"
            while True:
                await own.wait()
                own.clear()
                yield f"id: 1\nevent: desk:changed\ndata: {time.time()}\n\n"

        return StreamingResponse(told(), media_type="text/event-stream")

    async def beat(request: Request) -> Response:
        async def ring() -> None:
            while True:
                await asyncio.sleep(BEAT)
                for one in bell:
                    one.set()

        beats.append(asyncio.create_task(ring()))
        return PlainTextResponse("on")

    beats: list[asyncio.Task[None]] = []
    return Starlette(routes=[Route("/active", page), Route("/live", stream), Route("/beat", beat)])


def ours(kit: convokit.Convokit) -> ASGIApp:
    """The dashboard."""
    return dashboard(kit, identify=lambda request: VISITOR)


def main(side: str, file: str, port: str) -> None:
    """Serve one side."""
    with convokit.open(f"sqlite:///{file}") as kit:
        app = (ours if side == "ours" else bare)(kit)
        uvicorn.run(app, port=int(port), log_level="error", lifespan="off", ws="none", backlog=512)


if __name__ == "__main__":
    main(*sys.argv[1:])
