"""A health page for your monitoring: one path of a WSGI application, and a carrier that fails.

Run it: python examples/health_page.py
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from wsgiref.util import setup_testing_defaults

import convokit
from convokit.gateways.simulator import Simulator, Weather

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

KIM = convokit.Staff(id="u1", name="Dr. Kim")


def application(kit: convokit.Convokit) -> Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]:
    """Yours, with one path more."""
    health = convokit.wsgi_app(kit.health_page)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/health":
            return health(environ, start_response)
        start_response("404 Not Found", [])
        return []

    return app


def look(app: Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]) -> None:
    environ: WSGIEnvironment = {"PATH_INFO": "/health"}
    setup_testing_defaults(environ)
    started: list[str] = []

    def start_response(status: str, headers: object, *_: object) -> Callable[[bytes], object]:
        started.append(status)
        return started.__contains__

    body = b"".join(app(environ, start_response))
    print(started[0])
    print(body.decode())


carrier = Simulator(weather=Weather(no_answer=1.0))
limits = convokit.PluginLimits(failures=2)
with convokit.open("memory:", plugins=[carrier], plugin_limits=limits) as kit:
    kit.add_practice(convokit.Practice(id="happy-paws", name="Happy Paws", region="US", numbers=["+13035550100"]))
    desk = kit.practice("happy-paws")
    app = application(kit)
    look(app)
    for number in range(5):
        client = convokit.Client(id=f"c{number}", name="Ana Ruiz", phone=f"+1303555012{number}")
        desk.send(desk.start(client=client, channel="sms", by=KIM).id, "Bella's results are in.", by=KIM)
    kit.work()  # the first two come to nothing; the other three wait, and are not lost
    look(app)
