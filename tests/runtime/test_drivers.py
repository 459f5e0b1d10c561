"""The drivers and the HTTP client: every outcome checked, every request bounded in time, nothing told or shared."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import anyio
import httpx2
import pytest
from desks import ANA, HAPPY_PAWS, KIM, Clock
from odd_gateway import OddGateway, OddPlugin

import convokit
from convokit import Delivery
from convokit.gateways.simulator import Taken
from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.ports.sms import DeliveryReport, InboundText, OutboundText
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit.runtime.drivers import LONGEST_HAND_OVER_SECONDS, adrive, checked, drive
from convokit.runtime.http import AsyncHttp, BlockingHttp

ANSWER = HttpResponse(status=200)
ASK = HttpRequest(method="POST", url="http://127.0.0.1:9/", body=b"x")
NAN, INFINITE = float("nan"), float("inf")


class Trap:
    """Raises when it is looked at."""

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("looked at")

    def __hash__(self) -> int:
        raise RuntimeError("looked at")


class Foreign(Accepted):
    """An outcome that raises when its field is read."""

    def __getattribute__(self, name: str) -> object:
        if name == "provider_id":
            raise SystemExit(3)
        return super().__getattribute__(name)


# --- outcomes --------------------

OUTCOMES: list[tuple[object, Outcome]] = [
    (Accepted(provider_id="P1", delivery="delivered"), Accepted(provider_id="P1", delivery="delivered")),
    (Accepted(provider_id="\ud800"), Accepted(provider_id="\ufffd")),
    (Accepted(provider_id="\x00"), Accepted(provider_id="\ufffd")),
    (Accepted(delivery=5), Accepted()),  # type: ignore[arg-type]
    (Accepted(delivery="teleported"), Accepted()),
    (Accepted(provider_id=""), Unsure(why="gateway.contract: returned Accepted")),
    (Accepted(provider_id="x" * 201), Unsure(why="gateway.contract: returned Accepted")),
    (Accepted(provider_id=7), Unsure(why="gateway.contract: returned Accepted")),  # type: ignore[arg-type]
    (Refused(reason="landline", raw="11"), Refused(reason="landline", raw="11")),
    (Refused(reason="bogus"), Refused(reason="unknown", raw="bogus")),
    (Refused(reason="bogus", raw="11"), Refused(reason="unknown", raw="11")),
    (Refused(reason="x" * 100_000), Refused(reason="unknown", raw="x" * 500)),
    (Refused(reason="opted_out", raw="\ud800" * 1000), Refused(reason="opted_out", raw="\ufffd" * 500)),
    (Refused(reason=None, raw=None), Refused(reason="unknown")),  # type: ignore[arg-type]
    (Refused(reason=["landline"], raw=b"x"), Refused(reason="unknown")),  # type: ignore[arg-type]
    (TryLater(raw="busy", after=30), TryLater(raw="busy", after=30)),
    (TryLater(after=2.9), TryLater(after=2)),  # type: ignore[arg-type]
    (TryLater(after=-5), TryLater(after=0)),
    (TryLater(after=10**400), TryLater(after=86_400)),
    (TryLater(after=INFINITE), TryLater(after=86_400)),  # type: ignore[arg-type]
    (TryLater(after=NAN), TryLater()),  # type: ignore[arg-type]
    (TryLater(after="30", raw=None), TryLater()),  # type: ignore[arg-type]
    (TryLater(after=True), TryLater()),
    (Unsure(why="\x00"), Unsure(why="\ufffd")),
    (Unsure(why=None), Unsure(why="")),  # type: ignore[arg-type]
    (Unsure(why=b"x"), Unsure(why="")),  # type: ignore[arg-type]
    (Refused(reason=Trap()), Refused(reason="unknown")),  # type: ignore[arg-type]
    (Foreign(), Unsure(why="gateway.contract: an outcome that raised SystemExit")),
    (None, Unsure(why="gateway.contract: returned NoneType")),
]


@pytest.mark.parametrize(("given", "expected"), OUTCOMES, ids=range(len(OUTCOMES)))
def test_p11_every_field_of_an_outcome_is_checked_and_repaired(given: object, expected: Outcome) -> None:
    assert checked(given) == expected


@pytest.mark.parametrize("outcome", [given for given, _ in OUTCOMES] + [GeneratorExit()], ids=range(len(OUTCOMES) + 1))
def test_p11_no_outcome_makes_the_worker_raise(store_url: str, outcome: object) -> None:
    kit = convokit.open(store_url, plugins=[OddPlugin(OddGateway(outcome=outcome))], clock=Clock())
    with kit:
        kit.add_practice(HAPPY_PAWS)
        desk = kit.practice("happy-paws")
        m = desk.send(desk.start(client=ANA, channel="sms", by=KIM).id, "Hello", by=KIM)
        assert kit.work().performed == 1
        assert (desk.message(m.id).delivery is Delivery.QUEUED) is isinstance(outcome, TryLater)


# --- talks --------------------


def stubborn() -> Iterator[object]:
    try:
        yield "nonsense"
    except GeneratorExit:
        yield "still here"


class NoGenerator:
    """Has no close."""

    def __next__(self) -> str:
        return "nonsense"


@pytest.mark.parametrize("conversation", [stubborn(), NoGenerator(), None, iter([ASK]), iter([5])], ids=range(5))
def test_p11_what_is_no_proper_generator_is_contained(conversation: object) -> None:
    assert isinstance(drive(conversation, lambda _: ANSWER), Unsure)  # type: ignore[arg-type]


def asking(times: int, seen: list[object]) -> Iterator[HttpRequest]:
    for _ in range(times):
        seen.append((yield ASK))
    return Accepted()  # type: ignore[return-value]  # a generator's value


class Watch:
    """A monotonic clock; each exchange takes ``seconds``."""

    def __init__(self, seconds: float) -> None:
        self.now, self.seconds = 1000.0, seconds

    def exchange(self, request: HttpRequest) -> HttpResponse:
        self.now += self.seconds
        return ANSWER

    async def aexchange(self, request: HttpRequest) -> HttpResponse:
        return self.exchange(request)


@pytest.mark.parametrize(
    ("each", "asked", "accepted"),
    [(LONGEST_HAND_OVER_SECONDS / 2, 3, True), (LONGEST_HAND_OVER_SECONDS / 2 + 1, 2, False), (101.0, 1, False)],
)
def test_a_hand_over_has_one_deadline_for_all_its_requests(each: float, asked: int, accepted: bool) -> None:
    watch, seen = Watch(each), list[object]()
    outcome = drive(asking(3, seen), watch.exchange, monotonic=lambda: watch.now)  # type: ignore[arg-type]
    awatch = Watch(each)

    async def awaited() -> Outcome:
        return await adrive(asking(3, seen), awatch.aexchange, monotonic=lambda: awatch.now)  # type: ignore[arg-type]

    assert anyio.run(awaited) == outcome
    assert outcome == (Accepted() if accepted else Unsure(why="the hand-over took longer than 100 s"))
    assert watch.now == awatch.now == 1000 + asked * each


async def aask(request: HttpRequest, transport: httpx2.AsyncBaseTransport | None = None) -> HttpResponse | NoAnswer:
    http = AsyncHttp(transport)
    try:
        return await http(request)
    finally:
        await http.close()


# --- requests that cannot be sent --------------------

URL = "http://127.0.0.1:9/"
BAD: list[dict[str, object]] = [
    {"headers": (("X", "€"),)},
    {"headers": (("X", "a\nb"),)},
    {"headers": (("X", "a\x00b"),)},
    {"headers": (("X y", "a"),)},
    {"headers": (("", "a"),)},
    {"headers": (("X", None),)},
    {"headers": ("ab", "c")},
    {"headers": None},
    {"body": "text"},
    {"body": 5},
    {"body": None},
    {"method": None},
    {"method": "PO ST"},
    {"method": "GET / HTTP/1.1\r\nX: y\r\n"},
    {"url": None},
    {"url": ""},
    {"url": "nonsense"},
    {"url": "ftp://x/"},
    {"url": "http://[/"},
    {"url": "http://\ud800/"},
    {"url": "http://a..b/"},
    {"url": f"http://{'a' * 70}.example/"},
    {"url": "http:///path"},
    {"url": f"{URL}\x00"},
]


@pytest.mark.parametrize("odd", BAD, ids=range(len(BAD)))
def test_p11_a_request_that_cannot_be_sent_never_left(odd: dict[str, object]) -> None:
    request = HttpRequest(**{"method": "POST", "url": URL, **odd})  # type: ignore[arg-type]
    http = BlockingHttp()
    for answer in (http(request), anyio.run(aask, request)):
        assert isinstance(answer, NoAnswer)
        assert answer.request_left is False
    http.close()


def test_a_closed_client_sends_nothing() -> None:
    http, ahttp = BlockingHttp(), AsyncHttp()
    http.close()
    http.close()
    anyio.run(ahttp.close)
    closed = NoAnswer(why="the HTTP client is closed", request_left=False)
    assert (http(ASK), anyio.run(ahttp, ASK)) == (closed, closed)


def test_p11_an_unforeseen_error_of_the_library_is_no_answer() -> None:
    def broken(request: httpx2.Request) -> httpx2.Response:
        raise RuntimeError("a bug")

    expected = NoAnswer(why="RuntimeError", request_left=True)
    http = BlockingHttp(httpx2.MockTransport(broken))
    assert http(ASK) == expected
    assert anyio.run(aask, ASK, httpx2.MockTransport(broken)) == expected
    http.close()


# --- real servers --------------------


def head(connection: socket.socket) -> bytes:
    got = b""
    while b"\r\n\r\n" not in got:
        part = connection.recv(65536)
        if not part:
            break
        got += part
    return got


@contextmanager
def server(handle: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server on the loopback interface; ``handle`` gets each connection."""
    listening = socket.create_server(("127.0.0.1", 0))
    open_now: list[socket.socket] = []

    def each(connection: socket.socket) -> None:
        try:
            handle(connection)
        except OSError:
            pass  # the client went away, as it should
        finally:
            connection.close()

    def accept() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            open_now.append(connection)
            threading.Thread(target=each, args=(connection,), daemon=True).start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/send?text=canary-4711"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        for connection in open_now:
            connection.close()
        accepting.join(10)


def dripping(start: bytes) -> Callable[[socket.socket], None]:
    def drip(connection: socket.socket) -> None:
        head(connection)
        connection.sendall(start)
        pause = threading.Event()
        while not pause.wait(0.02):
            connection.sendall(b"x")

    return drip


DRIPS = [b"HTTP/1.1 202 OK\r\nContent-Length: 100000\r\n\r\n", b"HTTP/1.1 202 OK\r\nX-Long: "]


@pytest.mark.parametrize("start", DRIPS, ids=["body", "headers"])
def test_a_server_that_drips_body_or_headers_ends(start: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convokit.runtime.http._LONGEST_ANSWER_SECONDS", 0.3)
    http = BlockingHttp()
    with server(dripping(start)) as url:
        request = HttpRequest(method="GET", url=url)
        for answer in (http(request), anyio.run(aask, request)):
            assert isinstance(answer, NoAnswer)
            assert answer.request_left is True
    http.close()


def answering(heads: list[tuple[object, bytes]]) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        peer = connection.getpeername()
        while got := head(connection):
            heads.append((peer, got))
            connection.sendall(b"HTTP/1.1 200 OK\r\nSet-Cookie: session=a; Path=/\r\nContent-Length: 2\r\n\r\nok")

    return answer


def test_no_cookie_is_kept_between_practices() -> None:
    heads: list[tuple[object, bytes]] = []
    http = BlockingHttp()
    with server(answering(heads)) as url:

        async def twice() -> None:
            ahttp = AsyncHttp()
            for _ in range(2):
                await ahttp(HttpRequest(method="GET", url=url))
            await ahttp.close()

        for _ in range(2):
            http(HttpRequest(method="GET", url=url))
        anyio.run(twice)
    http.close()
    assert len(heads) == 4
    assert not any(b"cookie" in got.lower() for _, got in heads)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_opens_its_own_connections_and_leaves_the_inherited_ones() -> None:
    heads: list[tuple[object, bytes]] = []
    http = BlockingHttp()
    with server(answering(heads)) as url:
        request = HttpRequest(method="GET", url=url)
        assert isinstance(http(request), HttpResponse)
        child = os.fork()
        if child == 0:
            done = isinstance(http(request), HttpResponse)
            http.close()
            os._exit(0 if done else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert isinstance(http(request), HttpResponse)
    http.close()
    assert [peer for peer, _ in heads] == [heads[0][0], heads[1][0], heads[0][0]]
    assert heads[1][0] != heads[0][0]


# --- P19 --------------------


@pytest.mark.leaks("a host's own client logs its own request; elsewhere the same word is a secret")
def test_p19_the_http_library_logs_nothing_of_our_requests_and_the_hosts_own_as_ever(
    caplog: pytest.LogCaptureFixture,
) -> None:
    http = BlockingHttp()
    with caplog.at_level(logging.DEBUG), server(answering([])) as url:
        request = HttpRequest(method="GET", url=url)
        http(request)
        anyio.run(aask, request)
        assert "canary-4711" not in caplog.text
        assert not [r for r in caplog.records if r.name.startswith(("httpx2", "httpcore2"))]
        with httpx2.Client(trust_env=False) as own:
            own.get(url)
        assert "canary-4711" in caplog.text
    http.close()


@pytest.mark.parametrize(
    "value",
    [
        OutboundText(id="1", sender="a", to="b", text="canary-4711", callback_url="https://h/canary-4711"),
        InboundText(provider_id="1", sender="a", to="b", text="canary-4711", raw="canary-4711"),
        DeliveryReport(attempt_id="1", provider_id=None, state="failed", raw="text:canary-4711"),
        Taken(attempt_id="1", sender="a", to="b", text="canary-4711", at_us=0),
        HttpRequest(method="GET", url="http://u:canary-4711@h/p?text=canary-4711#canary-4711", body=b"canary-4711"),
        HttpRequest(method="GET", url="http://[canary-4711"),
        HttpRequest(method="GET", url=None),  # type: ignore[arg-type]
    ],
    ids=range(7),
)
def test_p19_no_repr_shows_a_text(value: object) -> None:
    assert "canary-4711" not in repr(value)


def test_the_repr_of_a_request_shows_where_it_goes() -> None:
    request = HttpRequest(method="GET", url="http://u:p@h.example:80/a?b=c")
    assert repr(request) == "HttpRequest(method='GET', url='http://h.example:80/a?...')"
