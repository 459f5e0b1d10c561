"""Real workers, killed with -9 in the middle: it costs a delay, and nobody is texted twice."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from command import unmeasured
from postgres_cluster import Cluster, Place

import convokit
from convokit import Delivery

pytest.importorskip("convokit_sms_kannel")

PRACTICES = [
    convokit.Practice(id=f"p{number}", name="Happy Paws", region="US", numbers=[f"+1303555010{number}"])
    for number in range(3)
]
NAMED = "SELECT id FROM procrastinate_jobs WHERE queue_name = 'convokit_sends'"
KIM = convokit.Staff(id="u1", name="Kim")


@define
class Carrier:
    """Speaks as Kannel's sendsms does; while it hangs it takes a text and never answers."""

    port: int = 0
    taken: Counter[str] = field(factory=Counter)
    hangs: bool = True
    ended: threading.Event = field(factory=threading.Event)

    def take(self, to: str) -> bool:
        """Whether it answers."""
        self.taken[to] += 1
        return not self.hangs


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    made = Carrier()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            if not made.take(self.headers["X-Kannel-To"]):
                made.ended.wait(60)
                return
            self.send_response(202)
            self.end_headers()
            self.wfile.write(b"0: Accepted for delivery")

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.port = server.server_address[1]
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield made
    made.ended.set()
    server.shutdown()
    server.server_close()
    serving.join()


@contextmanager
def worker(place: Place, settings: Path) -> Iterator[subprocess.Popen[str]]:
    """`convokit worker` in a process of its own, once it has started."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "convokit", "worker", "--db", place.url(), "--threads", "3"),
            *("--plugin", "procrastinate", "--plugin", "kannel", "--settings", str(settings)),
            *("--public-url", "http://127.0.0.1:9/hooks", "--media", "memory:"),
        ],
        stderr=subprocess.PIPE,
        text=True,
        env=unmeasured(),
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if "worker started" in line:
                break
        yield process
    finally:
        process.kill()
        process.communicate(timeout=60)


def soon(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not ready():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.02)


def settings_of(carrier: Carrier) -> dict[str, dict[str, Any]]:
    kannel = {
        "send_url": f"http://127.0.0.1:{carrier.port}/cgi-bin/sendsms",
        "username": "convokit",
        "password": "test-send",
        "webhook_user": "kannel",
        "webhook_password": "0123456789abcdef",
    }
    return {"kannel": kannel, "procrastinate": {"sweep_seconds": 0.2, "silent_seconds": 1.0}}


def toml(settings: dict[str, dict[str, Any]]) -> str:
    return "".join(
        f"[{table}]\n" + "".join(f"{name} = {value!r}\n" for name, value in values.items())
        for table, values in settings.items()
    )


def test_p01_p03_p04_a_killed_worker_costs_a_delay(
    postgres_cluster: Cluster, queue_place: Place, carrier: Carrier, tmp_path: Path
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(toml(settings_of(carrier)))
    how: dict[str, Any] = {
        "plugins": ["procrastinate", "kannel"],
        "settings": settings_of(carrier),
        "public_url": "http://127.0.0.1:9/hooks",
        "media": "memory:",
    }
    with convokit.open(queue_place.url(), **how) as web:
        for practice in PRACTICES:
            web.add_practice(practice)
        sent = [send(web.practice(practice.id), number) for number in range(3) for practice in PRACTICES]
        with worker(queue_place, file) as first:
            soon(lambda: carrier.taken.total() == 3)
            first.send_signal(signal.SIGKILL)
            first.wait(60)
        carrier.hangs = False
        with worker(queue_place, file) as second:
            soon(lambda: carrier.taken.total() == len(sent))
            soon(lambda: web.store.unsettled() == 3)  # handed over when the first was killed: nobody knows
            soon(lambda: not postgres_cluster.admin(NAMED, queue_place.name))
            second.send_signal(signal.SIGTERM)
            assert second.wait(60) == 0
        assert set(carrier.taken.values()) == {1}, "nobody is texted twice"
        found = Counter(web.practice(practice).message(key).delivery for practice, key in sent)
        assert found == {Delivery.SENT: 6, Delivery.QUEUED: 3}
    later = datetime.now(UTC) + timedelta(minutes=3)  # noqa: TID251 - the leases have ended by then
    with convokit.open(queue_place.url(), clock=lambda: later, **how) as kit:
        assert kit.work().recovered == 3
        found = Counter(kit.practice(practice).message(key).delivery for practice, key in sent)
        assert found == {Delivery.SENT: 6, Delivery.UNSURE: 3}
    assert set(carrier.taken.values()) == {1}


def send(desk: convokit.PracticeDesk, number: int) -> tuple[str, str]:
    client = convokit.Client(id=f"c{number}", name="Ana", phone=f"+130355502{desk.practice.id[1]}{number}")
    talk = desk.start(client=client, channel="sms", by=KIM)
    return desk.practice.id, desk.send(talk.id, "Hello", by=KIM).id
