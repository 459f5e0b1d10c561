"""Hand-overs: what gateways may do wrong, vetoes, dead workers, and the threads of the worker."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import anyio
import httpx2
import pytest
from desks import ANA, ANA_PHONE, HAPPY_PAWS, KIM, Clock, World, world
from odd_gateway import OddGateway, OddPlugin

import convokit
from convokit import Delivery
from convokit.aio import AsyncKit
from convokit.domain.instant import SECOND
from convokit.effects import Effect
from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.plugins import hookimpl
from convokit.ports.sms import Capabilities
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit.runtime.drivers import adrive, drive
from convokit.runtime.http import AsyncHttp, BlockingHttp
from convokit.runtime.perform import LEASE


def owing(
    gateway: OddGateway, *more: object, **options: object
) -> tuple[convokit.Convokit, convokit.PracticeDesk, str, Clock]:
    clock = Clock()
    kit = convokit.open("memory:", plugins=[OddPlugin(gateway, **options), *more], clock=clock)  # type: ignore[arg-type]
    kit.add_practice(HAPPY_PAWS)
    desk = kit.practice("happy-paws")
    c = desk.start(client=ANA, channel="sms", by=KIM)
    return kit, desk, desk.send(c.id, "Hello", by=KIM).id, clock


@pytest.mark.parametrize(
    ("gateway", "delivery", "reason"),
    [
        (OddGateway(), Delivery.SENT, None),
        (OddGateway(outcome=Accepted(delivery="delivered")), Delivery.DELIVERED, None),
        (OddGateway(outcome=Refused(reason="landline")), Delivery.FAILED, "landline"),
        (OddGateway(outcome=Refused(reason="opted_out")), Delivery.FAILED, "opted_out"),
        (OddGateway(outcome=Unsure(why="?")), Delivery.UNSURE, None),
        (OddGateway(outcome=TryLater()), Delivery.QUEUED, None),
        (OddGateway(outcome=object()), Delivery.UNSURE, None),
        (OddGateway(outcome=Accepted(provider_id="x" * 10_000_000)), Delivery.UNSURE, None),
        (OddGateway(outcome=RuntimeError("boom")), Delivery.UNSURE, None),
        (OddGateway(outcome=SystemExit(1)), Delivery.UNSURE, None),
        (OddGateway(raises_at_once=RuntimeError("boom")), Delivery.UNSURE, None),
        (OddGateway(raises_at_once=SystemExit(1)), Delivery.UNSURE, None),
    ],
)
def test_p11_whatever_a_gateway_does_becomes_an_outcome(
    gateway: OddGateway, delivery: Delivery, reason: str | None
) -> None:
    kit, desk, message, _ = owing(gateway)
    with kit:
        kit.work()
        entry = desk.message(message)
        assert (entry.delivery, entry.reason) == (delivery, reason)
        assert desk.consent(ANA_PHONE).opted_out is (reason == "opted_out")


class Watcher:
    """An observer and a veto of the host."""

    def __init__(self, veto: object = None) -> None:
        self.veto, self.settled, self.changed = veto, [], []  # type: ignore[var-annotated]

    @hookimpl
    def convokit_veto(self, practice_id: str, effect: Effect) -> str | None:
        if isinstance(self.veto, BaseException):
            raise self.veto
        return self.veto  # type: ignore[return-value]

    @hookimpl
    def convokit_settled(self, practice_id: str, effect: Effect, outcome: Outcome) -> None:
        self.settled.append((practice_id, effect.key, outcome))
        raise RuntimeError("an observer that raises stops nobody")

    @hookimpl
    def convokit_changed(self, change: int, conversation_id: str) -> None:
        self.changed.append((conversation_id, change))


@pytest.mark.parametrize("veto", ["maintenance window", RuntimeError("boom"), SystemExit(1)])
def test_a_veto_can_only_subtract(veto: object) -> None:
    watcher, gateway = Watcher(veto), OddGateway()
    kit, desk, message, _ = owing(gateway, watcher)
    with kit:
        kit.work()
        assert (desk.message(message).delivery, desk.message(message).reason) == (Delivery.FAILED, "cancelled")
        assert gateway.sent == []


def test_observers_hear_of_changes_and_ends_and_may_raise() -> None:
    watcher, second = Watcher(), Watcher()
    kit, _, message, _ = owing(OddGateway(), watcher, second)
    with kit:
        kit.work()
        assert watcher.settled == second.settled == [("happy-paws", f"{message}.1", Accepted())]
        assert watcher.changed == second.changed
        assert [number for _, number in watcher.changed] == sorted({number for _, number in watcher.changed})


def test_p03_a_dead_workers_hand_over_is_unsure_and_not_repeated(w: World) -> None:
    c = w.desk.start(client=ANA, channel="sms", by=KIM)
    m = w.desk.send(c.id, "Hello", by=KIM)
    (owed,) = w.kit.worker.due()
    assert w.kit.performer.prepare(w.desk.practice, owed) is not None  # ... and here the worker dies
    assert w.kit.work().performed == 0
    w.clock.pass_(seconds=LEASE / SECOND + 1)
    report = w.kit.work()
    assert (report.performed, report.recovered) == (0, 1)
    assert w.desk.message(m.id).delivery is Delivery.UNSURE
    assert w.carrier.taken == []


def test_p03_an_idempotent_carrier_lets_a_dead_workers_text_be_repeated() -> None:
    gateway = OddGateway()
    kit, desk, message, clock = owing(gateway, capabilities=Capabilities(idempotent_send=True))
    with kit:
        (owed,) = kit.worker.due()
        assert kit.performer.prepare(desk.practice, owed) is not None
        clock.pass_(seconds=LEASE / SECOND + 1)
        assert kit.work().recovered == 1
        assert desk.message(message).delivery is Delivery.QUEUED
        clock.pass_(minutes=1)
        kit.work()
        assert desk.message(message).delivery is Delivery.SENT


def test_case_73_an_answer_after_the_lease_turns_unsure_into_sent(w: World) -> None:
    c = w.desk.start(client=ANA, channel="sms", by=KIM)
    m = w.desk.send(c.id, "Hello", by=KIM)
    (owed,) = w.kit.worker.due()
    late = w.kit.performer.prepare(w.desk.practice, owed)
    assert late is not None
    w.clock.pass_(seconds=LEASE / SECOND + 1)
    w.kit.work()
    w.kit.performer.settle(w.desk.practice, late.effect, Accepted(provider_id="late"), "simulator")
    assert w.desk.message(m.id).delivery is Delivery.SENT
    assert w.kit.work().performed == 0


def test_two_workers_hand_over_once(w: World) -> None:
    c = w.desk.start(client=ANA, channel="sms", by=KIM)
    w.desk.send(c.id, "Hello", by=KIM)
    (owed,) = w.kit.worker.due()
    assert w.kit.performer.prepare(w.desk.practice, owed) is not None
    assert w.kit.performer.prepare(w.desk.practice, owed) is None


def test_p06_opt_out_waits_for_a_hand_over_in_flight_and_it_is_marked_crossed(w: World) -> None:
    c = w.desk.start(client=ANA, channel="sms", by=KIM)
    w.desk.send(c.id, "Hello", by=KIM)
    (owed,) = w.kit.worker.due()
    leaving = w.kit.performer.prepare(w.desk.practice, owed)
    assert leaving is not None
    results: list[convokit.OptOut] = []
    asking = threading.Thread(
        target=lambda: results.append(w.desk.opt_out(ANA_PHONE, by=KIM, reason="phone")), daemon=True
    )
    asking.start()
    while not w.desk.consent(ANA_PHONE).opted_out:
        asking.join(0.005)
    assert asking.is_alive()
    assert results == []
    w.kit.performer.settle(w.desk.practice, leaving.effect, Accepted(), "simulator")
    asking.join(10)
    assert [e.flags for e in results[0].crossed] == [("crossed",)]


@pytest.mark.parametrize("threads", [1, 4])
def test_the_worker_runs_in_threads_keeps_order_and_stops(store_url: str, threads: int) -> None:
    with world(store_url) as w:
        conversations = [
            w.desk.start(client=convokit.Client(id=str(n), name=str(n), phone=f"+1303555012{n}"), channel="sms", by=KIM)
            for n in range(4)
        ]
        for n in range(5):
            for c in conversations:
                w.desk.send(c.id, f"text {n}", by=KIM)
        running = threading.Thread(target=lambda: w.kit.run(threads=threads, idle_seconds=0.01), daemon=True)
        running.start()
        while w.kit.store.unsettled():
            running.join(0.01)
        w.kit.stop()
        running.join(10)
        assert not running.is_alive()
        for c in conversations:
            assert [t.text for t in w.carrier.taken if t.to == c.address] == [f"text {n}" for n in range(5)]


def test_the_worker_outlives_a_store_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = OddGateway()
    kit, _, _, _ = owing(gateway)
    with kit:
        due, failures = kit.store.due, iter([True, True])

        def away(now_us: int, limit: int, but: object = ()) -> object:
            if next(failures, False):
                raise convokit.StorageError("storage.busy", "locked")
            return due(now_us, limit, but)

        monkeypatch.setattr(kit.store, "due", away)
        running = threading.Thread(target=lambda: kit.run(threads=1, idle_seconds=0.01), daemon=True)
        running.start()
        while not gateway.sent:
            running.join(0.01)
        kit.stop()
        running.join(10)
        assert len(gateway.sent) == 1


# --- the two drivers --------------------


def answered(status: int = 202, body: bytes = b"ok") -> httpx2.MockTransport:
    return httpx2.MockTransport(lambda request: httpx2.Response(status, content=body, headers={"x-a": "b"}))


def failing(error: type[Exception]) -> httpx2.MockTransport:
    def handle(request: httpx2.Request) -> httpx2.Response:
        raise error("secret in the text of the error")

    return httpx2.MockTransport(handle)


CASES = [
    (answered(), HttpResponse(status=202, headers=(("x-a", "b"), ("content-length", "2")), body=b"ok")),
    (answered(302), HttpResponse(status=302, headers=(("x-a", "b"), ("content-length", "2")), body=b"ok")),
    (answered(body=b"x" * 1_000_001), NoAnswer(why="the answer is too large", request_left=True)),
    (failing(httpx2.ConnectError), NoAnswer(why="ConnectError", request_left=False)),
    (failing(httpx2.ConnectTimeout), NoAnswer(why="ConnectTimeout", request_left=False)),
    (failing(httpx2.ReadTimeout), NoAnswer(why="ReadTimeout", request_left=True)),
    (failing(httpx2.RemoteProtocolError), NoAnswer(why="RemoteProtocolError", request_left=True)),
    (failing(httpx2.WriteError), NoAnswer(why="WriteError", request_left=True)),
]


@pytest.mark.parametrize(("transport", "expected"), CASES)
def test_both_drivers_exchange_alike(transport: httpx2.MockTransport, expected: object) -> None:
    gateway = OddGateway(asks=2)
    http = BlockingHttp(transport)
    assert drive(gateway.send(None), http) == Accepted()  # type: ignore[arg-type]
    http.close()

    async def again() -> Outcome:
        ahttp = AsyncHttp(transport)
        try:
            return await adrive(gateway.send(None), ahttp)  # type: ignore[arg-type]
        finally:
            await ahttp.close()

    assert anyio.run(again) == Accepted()
    assert gateway.answers == [expected] * 4


def test_an_answer_that_drips_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def drips() -> Iterator[bytes]:
        while True:
            yield b"x"

    monkeypatch.setattr("convokit.runtime.http._LONGEST_ANSWER_SECONDS", 0.05)
    transport = httpx2.MockTransport(lambda request: httpx2.Response(200, content=drips()))
    http = BlockingHttp(transport)
    answer = http(HttpRequest(method="POST", url="http://carrier.example/"))
    assert answer == NoAnswer(why="the answer takes too long", request_left=True)
    http.close()


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://x/", "http://[", "http://127.0.0.1:99999/"])
def test_a_wrong_url_never_left(url: str) -> None:
    http = BlockingHttp()
    answer = http(HttpRequest(method="POST", url=url))
    assert isinstance(answer, NoAnswer)
    assert answer.request_left is False
    http.close()


def test_a_gateway_that_asks_for_ever_or_for_nonsense_is_stopped() -> None:
    def exchange(request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=200)

    assert isinstance(drive(OddGateway(asks=4).send(None), exchange), Unsure)  # type: ignore[arg-type]

    def nonsense() -> Iterator[object]:
        yield "http://example"

    assert isinstance(drive(nonsense(), exchange), Unsure)  # type: ignore[arg-type]


def test_a_real_refused_connection_is_tried_again_later_and_the_log_says_so(caplog: pytest.LogCaptureFixture) -> None:
    gateway = OddGateway(asks=1, outcome=TryLater(), url="http://user:hunter2@127.0.0.1:9/send")
    kit, _, _, _ = owing(gateway)
    with kit:
        kit.work()
    assert "no answer from 127.0.0.1: ConnectError" in caplog.text
    assert "practice happy-paws: odd took nothing (try 1)" in caplog.text
    assert "hunter2" not in caplog.text
    (answer,) = gateway.answers
    assert isinstance(answer, NoAnswer)
    assert answer.request_left is False


# --- asyncio --------------------


def test_an_asyncio_host_takes_the_same_steps(store_url: str) -> None:
    async def day(w: World) -> None:
        async with AsyncKit(w.kit) as kit:
            c = await kit.call(w.desk.start, client=ANA, channel="sms", by=KIM)
            other = await kit.call(
                w.desk.start, client=convokit.Client(id="x", name="X", phone="303 555 0124"), channel="sms", by=KIM
            )
            for n in range(3):
                await kit.call(w.desk.send, c.id, f"text {n}", by=KIM)
                await kit.call(w.desk.send, other.id, f"text {n}", by=KIM)
            report = await kit.work()
            assert report.performed == 6
            assert (await kit.work()).performed == 0
            assert (await kit.webhook(HttpRequest(method="GET", url="http://h/none"))).status == 404
            assert kit.asgi() is not None
            with pytest.raises(convokit.NotFound):
                await kit.call(w.desk.conversation, "nobody")

    with world(store_url) as w:
        anyio.run(day, w)
        for number in (ANA_PHONE, "+13035550124"):
            assert [t.text for t in w.carrier.taken if t.to == number] == ["text 0", "text 1", "text 2"]


def test_an_asyncio_worker_outlives_a_store_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = OddGateway()
    kit, desk, message, _ = owing(gateway)
    due, begin, failures = kit.store.due, kit.store.begin, iter([True, False, True])

    def away(now_us: int, limit: int, but: object = ()) -> object:
        if next(failures, False):
            raise convokit.StorageError("storage.busy", "locked")
        return due(now_us, limit, but)

    def broken(practice_id: str, key: str, now_us: int, lease_us: int) -> object:
        monkeypatch.setattr(kit.store, "begin", begin)
        raise convokit.StorageError("storage.busy", "locked")

    monkeypatch.setattr(kit.store, "due", away)
    monkeypatch.setattr(kit.store, "begin", broken)

    async def run() -> None:
        async with AsyncKit(kit) as akit, anyio.create_task_group() as group:
            group.start_soon(lambda: akit.run(idle_seconds=0.01))
            while desk.message(message).delivery is Delivery.QUEUED:
                await anyio.sleep(0.005)
            akit.stop()

    with kit:
        anyio.run(run)
    assert len(gateway.sent) == 1


def test_a_stop_before_the_start_counts_once() -> None:
    gateway = OddGateway()
    kit, _, _, _ = owing(gateway)
    with kit:
        kit.stop()
        kit.run(threads=1, idle_seconds=0.01)
        assert gateway.sent == []
        kit.work()
        assert len(gateway.sent) == 1


def test_an_asyncio_worker_runs_until_stopped_and_speaks_http() -> None:
    gateway = OddGateway(asks=1)
    kit, desk, message, _ = owing(gateway)

    async def run() -> None:
        async with AsyncKit(kit) as akit, anyio.create_task_group() as group:
            group.start_soon(lambda: akit.run(idle_seconds=0.01))
            while desk.message(message).delivery is Delivery.QUEUED:
                await anyio.sleep(0.005)
            akit.stop()

    with kit:
        anyio.run(run)
    assert [type(a) for a in gateway.answers] == [NoAnswer]
