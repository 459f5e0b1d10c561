"""The health page: what it says, in which form, and that it gives nothing away."""

from __future__ import annotations

import json
import sys
import threading
from io import BytesIO
from typing import Any

import anyio
import pytest
from desks import ANA, KIM, Clock
from odd_gateway import OddGateway, OddPlugin

import convokit
from convokit import HttpRequest
from convokit.outcomes import Accepted
from convokit.runtime.health import FORMATS, Format

FAILED = {"kind": "sms", "provider": "odd", "practice": "paws", "state": "open", "failures": 2}


def opened(gateway: OddGateway, clock: Clock) -> convokit.Convokit:
    limits = convokit.PluginLimits(failures=2, pause_seconds=60)
    kit = convokit.open("memory:", plugins=[OddPlugin(gateway)], plugin_limits=limits, clock=clock)
    kit.add_practice(convokit.Practice(id="paws", name="Paws", region="US", numbers=["+13035550100"]))
    return kit


def owe(kit: convokit.Convokit, count: int) -> None:
    desk = kit.practice("paws")
    for number in range(count):
        who = convokit.Client(id=f"c{number}", name="A", phone=f"+1303555012{number}")
        desk.send(desk.start(client=who, channel="sms", by=KIM).id, "the text of a client", by=KIM)


def asked(kit: convokit.Convokit, query: str = "", **more: Any) -> convokit.HttpResponse:
    return kit.health_page(HttpRequest(method="GET", url=f"http://h/health{query}", **more))


def test_all_is_well() -> None:
    with opened(OddGateway(), Clock()) as kit:
        owe(kit, 1)
        kit.work()
        answer = asked(kit)
    assert (answer.status, answer.header("Content-Type")) == (200, "text/plain; charset=utf-8")
    assert answer.body.decode().splitlines() == [
        "state: ok",
        "store: ok",
        "queue: 0 texts wait",
        "worker: none in this process",
        "sms: odd for practice paws: closed",
    ]


@pytest.mark.parametrize("way", [{"query": "?format=json"}, {"headers": (("Accept", "application/json"),)}])
def test_a_provider_that_fails_is_shown_with_what_waits_for_it(way: dict[str, Any]) -> None:
    gateway, clock = OddGateway(outcome=ConnectionError("the text of a client")), Clock()
    with opened(gateway, clock) as kit:
        owe(kit, 3)
        kit.work()
        clock.pass_(seconds=20)
        answer = asked(kit, **way)
        assert b"the text" not in answer.body
        assert b"+1303" not in answer.body
        told = json.loads(answer.body)
        assert (answer.status, told["state"], told["waiting"], told["oldest_seconds"]) == (200, "degraded", 1, 20)
        (one,) = told["providers"]
        assert {name: one[name] for name in FAILED} == FAILED
        assert (one["since"], one["until"]) == ("2026-03-02T15:00:00Z", "2026-03-02T15:01:00Z")
        lines = asked(kit).body.decode().splitlines()
        assert lines[:2] == [
            "state: degraded",
            "advice: look at the provider; what waits for it is kept, and goes out when it answers again",
        ]
        assert lines[-1] == ("sms: odd for practice paws: open, 2 failures in a row, next try at 2026-03-02T15:01:00Z")
        gateway.outcome = Accepted()
        clock.pass_(seconds=60)
        kit.work()
        assert kit.health().state == "ok"


def test_a_store_that_is_away_is_503_and_a_page_all_the_same() -> None:
    kit = opened(OddGateway(), Clock())
    kit.close()
    answer = asked(kit, "?format=json")
    assert (answer.status, json.loads(answer.body)["state"]) == (503, "failing")
    assert asked(kit).body.startswith(b"state: failing\nadvice: look at the database")


def test_what_is_no_question_for_it() -> None:
    with opened(OddGateway(), Clock()) as kit:
        assert kit.health_page(HttpRequest(method="POST", url="http://h/health")).status == 405
        assert asked(kit, "?format=xml").status == 404
        assert asked(kit, "?" + "&".join(["a=1"] * 50)).status == 404
        head = kit.health_page(HttpRequest(method="HEAD", url="http://h/health"))
        assert (head.status, head.body, int(head.header("Content-Length") or 0) > 10) == (200, b"", True)
        with pytest.raises(convokit.InvalidInput):
            kit.health_page("/health")  # type: ignore[arg-type]


def test_a_plugin_that_hangs_is_named_and_a_restart_advised() -> None:
    with opened(OddGateway(), Clock()) as kit:
        free = threading.Event()
        kit.catalogue.calls._seconds = 0.01
        with pytest.raises(Exception, match="no answer"):
            kit.catalogue.calls.call("carrier odd\nof practice paws", lambda: free.wait(20))
        found = kit.health()
        assert (found.state, dict(found.late)) == ("degraded", {"carrier odd\nof practice paws": 1})
        text = asked(kit).body.decode()
        assert "late: carrier odd of practice paws: 1 calls do not come back" in text
        assert "restart this process when that suits" in text
        free.set()


def test_it_is_served_by_wsgi_and_by_asgi() -> None:
    with opened(OddGateway(), Clock()) as kit:
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/health", "wsgi.url_scheme": "http", "HTTP_HOST": "h"}
        environ |= {"SERVER_NAME": "h", "SERVER_PORT": "80", "wsgi.input": BytesIO()}  # type: ignore[dict-item]
        started: list[Any] = []
        body = b"".join(convokit.wsgi_app(kit.health_page)(environ, lambda *given: started.append(given)))  # type: ignore[arg-type,return-value,func-returns-value]
        assert (started[0][0], body[:9]) == ("200 OK", b"state: ok")
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": b""}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": "/health", "headers": [], "query_string": b"format=json"}
        anyio.run(convokit.asgi_app(kit.health_page), scope, receive, send)
        assert sent[0]["status"] == 200
        assert json.loads(sent[1]["body"])["state"] == "ok"


def test_another_form_is_a_line_more(monkeypatch: pytest.MonkeyPatch) -> None:
    more = {**FORMATS, "short": Format("text/x-short", lambda health: health.state.encode())}
    monkeypatch.setattr(sys.modules["convokit.runtime.health"], "FORMATS", more)
    with opened(OddGateway(), Clock()) as kit:
        kit.practice("paws").start(client=ANA, channel="sms", by=KIM)
        answer = asked(kit, "?format=short")
    assert (answer.header("Content-Type"), answer.body) == ("text/x-short", b"ok")
