"""A practice group on one machine: PostgreSQL, workers, web processes, a carrier and the host's own software.

Where the rights are there each worker and each web process lives in a network namespace of its own, as on a host of
its own: it reaches nothing but what a relay leads to. Else they are processes beside each other.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx2
from attrs import define, field
from convokit_sms_kannel.testing import KannelApi
from postgres_cluster import APP, Cluster, Place, new_cluster

import convokit
from convokit.errors import StorageError
from convokit.ports.secret import Secret
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.runtime.kit import Convokit
from convokit.runtime.world import system_clock
from convokit.testing import Left
from tests.scale.relay import Relay

HERE: Final = Path(__file__).parent
KIM: Final = convokit.Staff(id="u1", name="Dr. Kim")
PATIENCE: Final = 120.0
"""Seconds in which something has to move on."""

IDENTIFY: Final = """
import convokit
from convokit_dashboard import Visitor

def identify(request):
    practice = request.cookies.get("practice")
    return practice and Visitor(practice_id=practice, staff=convokit.Staff(id="u1", name="Dr. Kim"))
"""


def practice_id(number: int) -> str:
    return f"practice-{number}"


def sender(number: int) -> str:
    return f"+1303{3000000 + number}"


def client(number: int, which: int) -> str:
    return f"+1720{2000000 + 10 * number + which}"


def has_namespaces() -> bool:
    """Whether this user may make network namespaces and bring their loopback up."""
    try:
        tried = subprocess.run(
            ["unshare", "-n", "ip", "link", "set", "lo", "up"], capture_output=True, check=False, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Smsbox(KannelApi):
    """The carrier of all practices. The texts of one of them it takes and does not answer, until it is released."""

    def __init__(self, hangs: str) -> None:
        super().__init__()
        self.hangs = hangs
        self.hanging = 0
        self.released = threading.Event()
        self.came: dict[str, float] = {}

    def answer(self, request: HttpRequest) -> HttpResponse:
        if request.header("X-Kannel-From") == self.hangs and not self.released.is_set():
            self.hanging += 1
            self.released.wait(2 * PATIENCE)
        return super().answer(request)


@define(eq=False)
class Host:
    """A worker or a web process."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    spec: Path | None = None

    def _pid(self) -> int:
        if self.spec is None:
            return self.process.pid
        wait_until(lambda: self.spec is not None and self.spec.with_suffix(".pid").exists(), "its process id")
        return int(self.spec.with_suffix(".pid").read_text())

    def says(self, words: str) -> None:
        """Wait until it has said something."""
        wait_until(lambda: words in self.log.read_text(errors="replace"), f"{self.name} says {words!r}")

    def kill(self) -> None:
        """kill -9."""
        os.kill(self._pid(), signal.SIGKILL)
        self.process.wait(60)

    def end(self) -> int:
        """SIGTERM; the exit code."""
        os.kill(self._pid(), signal.SIGTERM)
        return self.process.wait(PATIENCE)


def wait_until(condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: waited for in vain"
        time.sleep(0.05)


@define(eq=False)
class System:
    """Everything of it. ``practices``: how many; the first one's carrier hangs."""

    folder: Path
    practices: int
    cluster: Cluster
    place: Place
    smsbox: Smsbox
    namespaces: bool
    balancer: Relay | None = None
    _hosts: list[Host] = field(factory=list)
    _count: int = 0
    _webs: dict[str, int] = field(factory=dict)

    # --- processes -------------------------------------------------------------------------------------------------
    @property
    def public_url(self) -> str:
        assert self.balancer is not None
        return f"http://127.0.0.1:{self.balancer.port}/hooks"

    @property
    def settings(self) -> Mapping[str, Mapping[str, object]]:
        return {"kannel": self.smsbox.settings(self.smsbox.url)}

    def open(self, **more: Any) -> Convokit:
        """The desk in this process, as the host's own software has it."""
        return convokit.open(
            self.place.url(APP), plugins=["kannel"], settings=self.settings, public_url=self.public_url, **more
        )

    def _options(self) -> list[str]:
        file = self.folder / "settings.toml"
        given = {k: v.reveal() if isinstance(v, Secret) else v for k, v in self.settings["kannel"].items() if v}
        rows = "".join(f"{name} = {json.dumps(value)}\n" for name, value in given.items())
        file.write_text(f"[kannel]\n{rows}")
        return [
            *("--db", self.place.url(APP), "--plugin", "kannel", "--settings", str(file)),
            *("--public-url", self.public_url),
        ]

    def worker(self) -> Host:
        return self._start("worker", ["worker", *self._options()], {})

    def web(self, name: str) -> Host:
        port = self._webs[name]
        return self._start(
            name, ["serve", *self._options(), "--port", str(port), "--identify", "who:identify"], {name: port}
        )

    def _start(self, name: str, arguments: list[str], listens: Mapping[str, int]) -> Host:
        command = [sys.executable, "-m", "convokit", *arguments]
        self._count += 1
        place = self.folder / f"{name}-{self._count}.log"
        log = place.open("wb")
        if not self.namespaces:
            host = Host(name, subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log), place)
        else:
            spec = self.folder / f"{name}-{self._count}.json"
            postgres = self.cluster.folder / f".s.PGSQL.{self.place.port}"
            ways = [(f"tcp:{self.place.port}", f"unix:{postgres}"), (f"tcp:{self.smsbox.port}", self._way("smsbox"))]
            told = {
                "command": command,
                "cwd": str(self.folder),
                "out": ways,
                "in": [(self._way(one), f"tcp:{port}") for one, port in listens.items()],
            }
            spec.write_text(json.dumps(told))
            starts = ["unshare", "-n", sys.executable, str(HERE / "host.py"), str(spec)]
            host = Host(name, subprocess.Popen(starts, stdout=log, stderr=log), place, spec)
        log.close()
        self._hosts.append(host)
        return host

    def _way(self, name: str) -> str:
        return f"unix:{self.folder / name}.sock"

    def connect(self) -> Iterator[None]:
        """The network: the balancer before both web processes, and the way to the carrier."""
        self._webs = {"web-1": free_port(), "web-2": free_port()}
        targets = [self._way(name) if self.namespaces else f"tcp:{port}" for name, port in self._webs.items()]
        self.balancer = Relay("tcp:0", *targets)
        carrier = Relay(self._way("smsbox"), f"tcp:{self.smsbox.port}") if self.namespaces else None
        yield
        self.balancer.close()
        if carrier is not None:
            carrier.close()

    def end_all(self) -> None:
        for host in self._hosts:
            if host.process.poll() is None:
                try:
                    host.kill()
                except ProcessLookupError:
                    host.process.wait(60)

    def words(self) -> str:
        """What the processes have said on their logs."""
        return "\n".join(f"{file.name}: {file.read_text(errors='replace')}" for file in self.folder.glob("*.log"))

    # --- what happens ----------------------------------------------------------------------------------------------
    def reach(self, path: str, **cookies: str) -> tuple[int, str]:
        """A page, through the balancer."""
        url = f"{self.public_url.removesuffix('/hooks')}{path}"
        with httpx2.Client(timeout=30) as web:
            answer = web.get(url, headers={"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())})
        return answer.status_code, answer.text

    def insist(self, web: httpx2.Client, request: HttpRequest) -> None:
        """A carrier's callback: again and again, until somebody says that it was taken."""
        headers = dict(request.headers)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = web.request(request.method, request.url, headers=headers, content=request.body)
                if 200 <= answer.status_code < 300:
                    return
                said = str(answer.status_code)
            except httpx2.HTTPError as error:
                said = type(error).__name__
            assert time.monotonic() < deadline, f"a callback was never taken: {said}"
            time.sleep(0.2)

    def texts_in(self, kit: Convokit) -> list[HttpRequest]:
        """One text of each of two clients of each practice, as the carrier reports them."""
        made: list[HttpRequest] = []

        def kept(request: HttpRequest) -> HttpResponse:
            made.append(request)
            return HttpResponse(status=200)

        self.smsbox.host = kept
        for number in range(self.practices):
            self.smsbox.hook = kit.webhook_url(practice_id(number)) or ""
            for which in (1, 2):
                self.smsbox.bring(client(number, which), sender(number), text_of(number, which))
        return made

    def report_of(self, left: Left) -> HttpRequest:
        made: list[HttpRequest] = []
        box = KannelApi()
        box.host = lambda request: (made.append(request), HttpResponse(status=200))[1]
        box.report(left, "delivered")
        return made[0]


def text_of(number: int, which: int) -> str:
    return f"text {which} to practice {number}"


def reply_of(number: int, which: int) -> str:
    return f"reply {which} of practice {number}"


def patiently(act: Callable[[], Any]) -> Any:
    """What the host's software does when the store is away for a moment: it tries again, with the same reference."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return act()
        except StorageError:
            assert time.monotonic() < deadline
            time.sleep(0.2)


@contextmanager
def system(folder: Path, practices: int) -> Iterator[System]:
    """A practice group that is set up, with nothing running but the database and the carrier."""
    (folder / "who.py").write_text(IDENTIFY)
    with ExitStack() as ended:
        cluster = new_cluster()
        ended.callback(cluster.remove)
        place = cluster.migrated()
        smsbox = ended.enter_context(Smsbox(sender(0)))
        made = System(folder, practices, cluster, place, smsbox, has_namespaces())
        ended.enter_context(contextmanager(made.connect)())
        ended.callback(made.end_all)
        ended.callback(smsbox.released.set)
        with made.open() as kit:
            for number in range(practices):
                kit.add_practice(
                    convokit.Practice(
                        id=practice_id(number), name=f"Practice {number}", region="US", numbers=[sender(number)]
                    )
                )
        yield made


class Play(threading.Thread):
    """Something that goes on in the background; what it raises comes out at the end."""

    def __init__(self, act: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self._act = act
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._act()
        except BaseException as error:  # told by end()
            self._error = error

    def end(self) -> None:
        self.join(5 * PATIENCE)
        assert not self.is_alive(), "it never ended"
        if self._error is not None:
            raise self._error


def burst(made: System, requests: list[HttpRequest], done: list[int]) -> None:
    """Many callbacks at once; ``done`` grows with each that was taken."""
    with httpx2.Client(timeout=30) as web, ThreadPoolExecutor(8) as pool:

        def one(request: HttpRequest) -> None:
            made.insist(web, request)
            done.append(1)

        list(pool.map(one, requests))


def reports(made: System, until: threading.Event) -> None:
    """The carrier reports each text that it took as delivered, once."""
    told = 0
    with httpx2.Client(timeout=30) as web:
        while True:
            last = until.is_set()
            fresh = made.smsbox.ledger.lines()[told:]
            for left in fresh:
                made.insist(web, made.report_of(left))
            told += len(fresh)
            if last and not fresh:
                return
            time.sleep(0.05)


def replies(made: System, kit: Convokit) -> None:
    """Staff of each practice answer both clients, once each has written."""
    for number in range(made.practices):
        desk = kit.practice(practice_id(number))
        for which in (1, 2):
            address = client(number, which)

            def find() -> Any:
                return next((c for c in desk.inbox().items if c.address == address), None)  # noqa: B023 - used at once

            wait_until(lambda: patiently(find), f"{address} has written")
            chat = patiently(find)
            patiently(
                lambda: desk.send(chat.id, reply_of(number, which), by=KIM, client_ref=f"r{which}")  # noqa: B023
            )


def later(made: System) -> Convokit:
    """The desk half an hour later: what a dead worker had begun is no longer its own."""
    return made.open(clock=lambda: system_clock() + timedelta(minutes=30))
