"""A practice behind a real Kannel: its kit on a SQLite file, and its webhooks on a loopback port."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import attrs
from attrs import define, field
from convokit_sms_kannel import KannelSettings, inbound_url
from kannel_rig import PASSWORD, USERNAME, Kannel, free_ports

import convokit
from convokit.plugins import hookimpl
from convokit.runtime.world import system_clock

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

OURS: Final = "+13035550100"
NEAR = convokit.Practice(
    id="happy-paws", name="Happy Paws", time_zone="America/Denver", region="US", numbers=[OURS], phone="(303) 555-0199"
)
FAR = convokit.Practice(
    id="far-paws", name="Far Paws", time_zone="America/Denver", region="US", numbers=["+13035550101"]
)
KIM = convokit.Staff(id="u1", name="Dr. Kim")
SETTINGS: Final = KannelSettings(
    send_url="http://127.0.0.1:9/cgi-bin/sendsms",
    username=USERNAME,
    password=PASSWORD,
    webhook_user="kannel",
    webhook_password="wörd: 100%d 😀_0123456789AB",  # percent-encoded the longest that Kannel can send
)
_PATIENCE: Final = 20.0


def until(ready: Callable[[], object], complaint: str = "it did not come about") -> None:
    """Wait until ``ready`` says so, twenty seconds at most."""
    deadline = time.monotonic() + _PATIENCE
    while not ready():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.02)


@define
class Clock:
    """The real time, and what a test adds to it."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return system_clock() + self.ahead

    def jump(self, **amount: float) -> None:
        self.ahead += timedelta(**amount)


class Host:
    """The host's plugin: which practice texts over which network, and an eye on some messages."""

    def __init__(self) -> None:
        self.kit: convokit.Convokit | None = None
        self._marks: dict[str, list[str]] = {}
        self._lock = threading.Lock()

    @hookimpl
    def convokit_settings(self, practice_id: str) -> Mapping[str, object]:
        """The far practice's network can fail: it is the scripted SMPP peer."""
        return {"smsc": "smpp1" if practice_id == FAR.id else "fake1"}

    @hookimpl
    def convokit_changed(self, practice_id: str) -> None:
        """Note each new mark of the watched messages."""
        with self._lock:
            for message_id, marks in self._marks.items():
                assert self.kit is not None
                shown = self.kit.practice(practice_id).message(message_id).indicator
                if shown is not None and marks[-1:] != [shown.mark]:
                    marks.append(shown.mark)

    def watch(self, message: convokit.Entry) -> list[str]:
        """The marks that staff see beside a message from now on, each change once."""
        assert message.indicator is not None
        with self._lock:
            return self._marks.setdefault(message.id, [message.indicator.mark])


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing: pytest shows what matters."""


class HookServer:
    """A WSGI application on one loopback port; it can go down and come back there.

    One callback at a time, so that they are taken in the order in which Kannel makes them.
    """

    def __init__(self, app: WSGIApplication, port: int) -> None:
        self._app, self.port = app, port
        self._server: WSGIServer | None = None

    def start(self) -> None:
        self._server = WSGIServer(("127.0.0.1", self.port), _Quiet)
        self._server.set_app(self._app)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = None


@define
class Office:
    """What a test needs of it."""

    kit: convokit.Convokit
    kannel: Kannel
    host: Host
    clock: Clock
    database: Path
    requests: list[convokit.HttpRequest] = field(factory=list)
    statuses: list[int] = field(factory=list)
    server: HookServer = field(init=False)

    @property
    def desk(self) -> convokit.PracticeDesk:
        return self.kit.practice(NEAR.id)

    def door(self, request: convokit.HttpRequest) -> convokit.HttpResponse:
        """``kit.webhook``, with a note of what came and what was answered."""
        self.requests.append(request)
        response = self.kit.webhook(request)
        self.statuses.append(response.status)
        return response

    def report_kinds(self, message: convokit.Entry) -> list[str]:
        """Kannel's ``%d`` of each report on a message, in the order in which they came."""
        urls = [request.url for request in self.requests if f"id={message.id}." in request.url]
        return [url.partition("&type=")[2].partition("&")[0] for url in urls]

    def text_in(self, phone: str, text: str) -> convokit.Conversation:
        """A client writes; the conversation as soon as the text is the newest in the inbox."""
        self.kannel.fake.say(phone, OURS, text)
        preview = " ".join(text.split())[:120]
        until(lambda: (row := self.row(phone)) and (row.last_side, row.last_text) == ("client", preview))
        row = self.row(phone)
        assert row is not None
        return row

    def row(self, phone: str) -> convokit.Conversation | None:
        """The row of a client's number in the inbox, if there is one."""
        return next((row for row in self.desk.inbox(limit=200).items if row.address == phone), None)

    def said(self, phone: str) -> list[str]:
        """Everything that this client's conversation says they wrote."""
        row = self.row(phone)
        return [] if row is None else [e.text for e in self.desk.thread(row.id).items if e.side == "client"]

    def on_the_phone(self, phone: str) -> list[str]:
        """Every text that has reached a phone."""
        return [text.text for text in self.kannel.fake.texts() if text.to == phone]

    def arrives(self, phone: str, text: str) -> None:
        """Wait until a text has reached a phone."""
        self.kannel.fake.wait_for(lambda one: (one.to, one.text, one.sender) == (phone, text, OURS))

    def mark(self, message: convokit.Entry, desk: convokit.PracticeDesk | None = None) -> str:
        """The mark that staff see beside a message of ours."""
        shown = (desk or self.desk).message(message.id).indicator
        assert shown is not None
        return shown.mark

    def wait_for_mark(self, message: convokit.Entry, mark: str, desk: convokit.PracticeDesk | None = None) -> None:
        until(lambda: self.mark(message, desk) == mark, f"no {mark}")


@contextmanager
def office(folder: Path) -> Iterator[Office]:
    """Open an office. The kit is opened twice: an administrator first asks for the URL that Kannel must call."""
    database, (port,) = folder / "desk.db", free_ports(1)
    with _opened(database, port, SETTINGS, Host(), Clock()) as kit:
        hook = kit.webhook_url(NEAR.id)
        assert hook is not None
    with Kannel(post_url=inbound_url(SETTINGS, hook), smpp=True, http_retry=60) as kannel:
        settings, host, clock = attrs.evolve(SETTINGS, send_url=kannel.send_url), Host(), Clock()
        with _opened(database, port, settings, host, clock) as kit:
            assert kit.webhook_url(NEAR.id) == hook
            host.kit = kit
            made = Office(kit=kit, kannel=kannel, host=host, clock=clock, database=database)
            made.server = HookServer(convokit.wsgi_app(made.door), port)
            made.server.start()
            try:
                yield made
            finally:
                made.server.stop()


def _opened(database: Path, port: int, settings: KannelSettings, host: Host, clock: Clock) -> convokit.Convokit:
    kit = convokit.open(
        f"sqlite:///{database}",
        plugins=["kannel", host],
        settings={"kannel": attrs.asdict(settings)},
        public_url=f"http://127.0.0.1:{port}/hooks",
        clock=clock,
    )
    for practice in (NEAR, FAR):
        kit.add_practice(practice)
    return kit
