"""The demo as one web server on this machine: the dashboard, the phone, and both beside each other."""

from __future__ import annotations

import socket
import threading
import webbrowser
from collections.abc import Callable
from importlib import resources
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from convokit.runtime.asgi import asgi_app
from convokit.runtime.world import system_clock
from convokit_dashboard.app import dashboard
from convokit_dashboard.demo.cast import KIM, PRACTICE, SAM
from convokit_dashboard.demo.living import Living, open_practice
from convokit_dashboard.demo.phone import Phones
from convokit_dashboard.demo.week import Week
from convokit_dashboard.headers import SafeHeaders
from convokit_dashboard.options import Options
from convokit_dashboard.visitor import Visitor

_HERE = resources.files("convokit_dashboard.demo")
_TYPES = {"phone.css": "text/css", "phone.js": "text/javascript"}


def who(request: Request) -> Visitor:
    """Whoever opens the demo works at its front desk, as Dr. Kim or, with a cookie that says so, as Sam."""
    as_sam = request.cookies.get("demo-as") == "sam"
    language = request.cookies.get("demo-language")
    return Visitor(practice_id=PRACTICE.id, staff=SAM if as_sam else KIM, manager=True, language=language)


async def _both(request: Request) -> Response:
    html = (_HERE / "templates" / "demo.html").read_text(encoding="utf-8")
    rules = "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; frame-ancestors 'none'"
    return HTMLResponse(html, headers={"Content-Security-Policy": rules})


async def _own(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _TYPES:
        return Response(status_code=404)
    return Response((_HERE / "static" / name).read_bytes(), media_type=_TYPES[name])


def demo_app(living: Living) -> ASGIApp:
    """Everything of the demo, under one address."""
    desk = dashboard(living.kit, identify=who, frame_ancestors=["'self'"])
    app = Starlette(
        routes=[
            Route("/", _both),
            Route("/demo/{name}", _own),
            *Phones(living).routes(),
            Mount("/desk", desk),
            Mount("/hooks", asgi_app(living.kit.front)),
        ]
    )
    return SafeHeaders(app, Options(frame_ancestors=("'self'",)))


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def make_living(file: Path, folder: Path, *, seed: int, port: int) -> Living:
    """The practice after its week, ready to begin."""
    living = open_practice(file, folder, seed=seed, today=system_clock(), public_url=f"http://127.0.0.1:{port}/hooks")
    Week(living).play()
    return living


def run(file: Path, folder: Path, *, seed: int, port: int | None, browser: bool, say: Callable[[str], None]) -> None:
    """Serve the demo until Ctrl-C."""
    import uvicorn

    chosen = free_port() if port is None else port
    living = make_living(file, folder, seed=seed, port=chosen)
    url = f"http://127.0.0.1:{chosen}/"
    app = demo_app(living)
    config = uvicorn.Config(app, port=chosen, log_level="warning", timeout_graceful_shutdown=1, lifespan="off")
    server = uvicorn.Server(config)
    living.begin()
    say(f"  {PRACTICE.name} is open:  {url}")
    say("  The dashboard on the left, the phone of a pet owner on the right. Ctrl-C ends it.")
    say(f"  The medical record is a folder:  {file}.records")
    if browser:
        threading.Timer(0.6, webbrowser.open, [url]).start()
    try:
        server.run()
    finally:
        living.end()
