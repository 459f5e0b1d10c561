"""The faults themselves: each one does to an exchange what its name says, as a real client sees it."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit.runtime.http import BlockingHttp
from convokit.testing import FAULTS, FaultProxy, Ledger, LoopbackServer


class Counting(LoopbackServer):
    """Remembers what it took."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: Ledger[HttpRequest] = Ledger()

    def answer(self, request: HttpRequest) -> HttpResponse:
        self.taken.write(request)
        return HttpResponse(status=201, headers=(("X-Id", "7"),), body=b'{"id": "a long enough answer"}')


@pytest.fixture
def service() -> Iterator[Counting]:
    with Counting() as service:
        yield service


@pytest.fixture
def proxy(service: Counting) -> Iterator[FaultProxy]:
    with FaultProxy(service.port) as proxy:
        yield proxy


@pytest.fixture
def http() -> Iterator[BlockingHttp]:
    client = BlockingHttp(seconds=0.6)
    yield client
    client.close()


def post(proxy: FaultProxy) -> HttpRequest:
    return HttpRequest(method="POST", url=f"{proxy.url}/texts?x=1", headers=(("X-Mine", "a"),), body=b"hello" * 2_000)


def test_without_a_fault_it_only_passes_on(service: Counting, proxy: FaultProxy, http: BlockingHttp) -> None:
    for _ in range(3):
        answer = http(post(proxy))
        assert isinstance(answer, HttpResponse)
        assert (answer.status, answer.header("X-Id"), answer.body) == (201, "7", b'{"id": "a long enough answer"}')
    for taken in service.taken:
        assert (taken.method, taken.url, taken.header("X-Mine"), taken.body) == (
            "POST",
            f"{proxy.url}/texts?x=1",
            "a",
            b"hello" * 2_000,
        )


NOTHING = "no answer, and it may have left"
WHAT: dict[str, tuple[int, object]] = {
    # how often the service takes it, and what the client gets
    "latency": (1, 201),
    "reset before the request is taken": (0, NOTHING),
    "reset before the answer": (1, NOTHING),
    "reset inside the answer": (1, NOTHING),
    "half-open": (1, NOTHING),
    "one byte at a time": (1, NOTHING),
    "an answer that is too short": (1, NOTHING),
    "HTML with 200, not taken": (0, 200),
    "HTML with 200, taken": (1, 200),
    "429 with Retry-After": (0, 429),
    "429 without Retry-After": (0, 429),
    "500, not taken": (0, 500),
    "502, taken": (1, 502),
    "503, not taken": (0, 503),
    "503, taken": (1, 503),
    "504, taken": (1, 504),
    "an answer after our deadline": (1, NOTHING),
}


@pytest.mark.parametrize("name", WHAT)
def test_a_fault_does_what_its_name_says(name: str, service: Counting, proxy: FaultProxy, http: BlockingHttp) -> None:
    proxy.then(FAULTS[name])
    answer = http(post(proxy))
    taken, got = WHAT[name]
    if got == NOTHING:
        assert isinstance(answer, NoAnswer)
        assert answer.request_left
    else:
        assert isinstance(answer, HttpResponse)
        assert answer.status == got
    if name.startswith("429"):
        assert isinstance(answer, HttpResponse)
        assert answer.header("Retry-After") == ("30" if name.endswith("with Retry-After") else None)
    assert len(service.taken) == taken
    after = http(post(proxy))
    assert isinstance(after, HttpResponse)
    assert after.status == 201, "one fault is for one request"


def test_the_others_may_come_out_either_way(service: Counting, proxy: FaultProxy, http: BlockingHttp) -> None:
    others = FAULTS.keys() - WHAT.keys()
    assert others == {"reset after the answer", "an answer that is too long"}
    for name in others:
        proxy.then(FAULTS[name])
        answer = http(post(proxy))
        assert isinstance(answer, NoAnswer) or answer.status == 201
    assert len(service.taken) == 2


def test_refusing_lets_nothing_leave(service: Counting, proxy: FaultProxy, http: BlockingHttp) -> None:
    proxy.refuse()
    answer = http(post(proxy))
    assert isinstance(answer, NoAnswer)
    assert not answer.request_left
    proxy.listen()
    assert isinstance(http(post(proxy)), HttpResponse)
    assert len(service.taken) == 1


def test_a_client_that_hangs_up_harms_nobody(service: Counting, proxy: FaultProxy, http: BlockingHttp) -> None:
    with socket.create_connection(("127.0.0.1", proxy.port)) as raw:
        raw.sendall(b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nhal")
    assert isinstance(http(post(proxy)), HttpResponse)
    assert len(service.taken) == 1


def test_both_listen_on_this_machine_only(service: Counting, proxy: FaultProxy) -> None:
    assert service.url == f"http://127.0.0.1:{service.port}"
    assert proxy.url == f"http://127.0.0.1:{proxy.port}"


def test_a_mistake_of_a_pretended_service_comes_out() -> None:
    class Broken(LoopbackServer):
        def answer(self, request: HttpRequest) -> HttpResponse:
            raise ValueError("a mistake of the test")

    client, service = BlockingHttp(), Broken()
    service.__enter__()
    answer = client(HttpRequest(method="GET", url=f"{service.url}/"))
    assert isinstance(answer, HttpResponse)
    assert answer.status == 500
    client.close()
    with pytest.raises(ValueError, match="a mistake of the test"):
        service.__exit__(None, None, None)


def test_a_service_says_itself_what_it_answers() -> None:
    with pytest.raises(NotImplementedError):
        LoopbackServer().answer(HttpRequest(method="GET", url="http://127.0.0.1/"))
