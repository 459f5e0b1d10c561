"""The webhook front against broken requests, broken gateways and broken directories: no text lost, nothing raised."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import anyio
import pytest
from desks import ANA, ANA_PHONE, HAPPY_PAWS, KIM, OURS, Clock
from odd_gateway import OddGateway, OddPlugin

import convokit
from convokit import Delivery, HttpRequest, HttpResponse
from convokit.plugins import hookimpl
from convokit.ports.directory import Match
from convokit.ports.sms import DeliveryReport, InboundText, Unreadable, Verified
from convokit.ports.wire import UNREADABLE

LARGEST = 1_000_000


# --- WSGI --------------------


class Gone(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        raise OSError("the client is gone")


class Slow(io.BytesIO):
    """Gives a byte at a time, as some servers do."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(1 if size else 0)


def wsgi(
    source: io.BytesIO, answer: Callable[[HttpRequest], HttpResponse] | None = None, **environ: object
) -> tuple[int, list[HttpRequest]]:
    seen: list[HttpRequest] = []
    said: list[str] = []

    def note(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse(status=200)

    whole = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/hook",
        "SERVER_NAME": "h",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": source,
        **environ,
    }
    convokit.wsgi_app(answer or note)(whole, lambda s, h, e=None: said.append(s))  # type: ignore[arg-type]
    return int(said[0][:3]), seen


CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked"}
ENDS = {"wsgi.input_terminated": True}


@pytest.mark.parametrize(
    ("source", "environ", "status", "body"),
    [
        (io.BytesIO(b"hello"), {"CONTENT_LENGTH": "5"}, 200, b"hello"),
        (io.BytesIO(b"hello"), {"CONTENT_LENGTH": "4"}, 200, b"hell"),
        (Slow(b"hello"), {"CONTENT_LENGTH": "5"}, 200, b"hello"),
        (io.BytesIO(b"hello"), {**CHUNKED, **ENDS}, 200, b"hello"),
        (Slow(b"hello"), {**CHUNKED, **ENDS}, 200, b"hello"),
        (io.BytesIO(b"x" * 2 * LARGEST), {**CHUNKED, **ENDS}, 200, b"x" * (LARGEST + 1)),
        (io.BytesIO(b"x" * 2 * LARGEST), {"CONTENT_LENGTH": str(2 * LARGEST)}, 200, b"x" * (LARGEST + 1)),
        (io.BytesIO(b""), {}, 200, b""),
        (io.BytesIO(b""), {"CONTENT_LENGTH": ""}, 200, b""),
        (io.BytesIO(b"hello"), CHUNKED, 411, None),
        (io.BytesIO(b"hello"), {**CHUNKED, "CONTENT_LENGTH": "5"}, 411, None),
        (io.BytesIO(b"hel"), {"CONTENT_LENGTH": "5"}, 400, None),
        (io.BytesIO(b""), {"CONTENT_LENGTH": "5"}, 400, None),
        (Gone(), {"CONTENT_LENGTH": "5"}, 400, None),
        (io.BytesIO(b"hello"), {"CONTENT_LENGTH": "abc"}, 400, None),
        (io.BytesIO(b"hello"), {"CONTENT_LENGTH": "-5"}, 400, None),
        (io.BytesIO(b"hello"), {"CONTENT_LENGTH": "+5"}, 400, None),
        (io.BytesIO(b"hello"), {"CONTENT_LENGTH": "٥"}, 400, None),
        (io.BytesIO(b"hello"), {"CONTENT_LENGTH": "9" * 5000}, 400, None),
    ],
)
def test_p01_wsgi_never_acknowledges_a_body_that_it_did_not_read(
    source: io.BytesIO, environ: dict[str, object], status: int, body: bytes | None
) -> None:
    source.seek(0)
    given, seen = wsgi(source, None, **environ)
    assert (given, [r.body for r in seen]) == (status, [] if body is None else [body])


# --- URLs --------------------

ODD_URLS = ["http://[::1/x", "http://[/x", "", "\ud800", "http://h/\ud800", "http://h/x\x00", "/" + "a" * 2_000_000]


@pytest.mark.parametrize("url", ODD_URLS)
def test_rubbish_in_a_url_is_not_found(store_url: str, url: str) -> None:
    with odd_kit(OddGateway(), store_url) as kit:
        assert kit.webhook(HttpRequest(method="POST", url=url)).status == 404


@pytest.mark.parametrize(
    "environ",
    [
        {"HTTP_HOST": "["},
        {"HTTP_HOST": "\ud800"},
        {"PATH_INFO": "/€"},
        {"PATH_INFO": "/\ud800"},
        {"SCRIPT_NAME": "/€"},
        {"QUERY_STRING": "\ud800"},
    ],
)
def test_wsgi_answers_rubbish_in_host_and_path_with_not_found(store_url: str, environ: dict[str, object]) -> None:
    with odd_kit(OddGateway(), store_url) as kit:
        assert wsgi(io.BytesIO(b""), kit.webhook, **environ)[0] == 404


Messages = list[dict[str, object]]


def asgi(answer: Callable[[HttpRequest], HttpResponse], messages: Messages, **scope: object) -> Messages:
    coming, sent = iter(messages), []

    async def receive() -> dict[str, object]:
        return next(coming)

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    whole = {"type": "http", "method": "POST", "path": "/hook", "headers": [], "query_string": b"", **scope}
    anyio.run(convokit.asgi_app(answer), whole, receive, send)  # type: ignore[arg-type]
    return sent


WHOLE: Messages = [{"type": "http.request", "body": b""}]


@pytest.mark.parametrize(
    "scope",
    [{"headers": [(b"host", b"[")]}, {"headers": [(b"host", b"\xff")]}, {"path": "/\ud800 é"}, {"raw_path": b"/\xff"}],
)
def test_asgi_answers_rubbish_in_host_and_path_with_not_found(store_url: str, scope: dict[str, object]) -> None:
    with odd_kit(OddGateway(), store_url) as kit:
        assert asgi(kit.webhook, WHOLE, **scope)[0]["status"] == 404


@pytest.mark.parametrize(
    "messages",
    [
        [{"type": "http.disconnect"}],
        [{"type": "http.request", "body": b"Please ST", "more_body": True}, {"type": "http.disconnect"}],
    ],
)
def test_p01_asgi_drops_a_request_whose_client_went_away(messages: Messages) -> None:
    def never(request: HttpRequest) -> HttpResponse:
        raise AssertionError("half a text")

    assert asgi(never, messages) == []


# --- events --------------------


def odd_kit(gateway: OddGateway, url: str = "memory:", plugins: tuple[object, ...] = ()) -> convokit.Convokit:
    kit = convokit.open(url, plugins=[OddPlugin(gateway), *plugins], clock=Clock())
    kit.add_practice(HAPPY_PAWS)
    return kit


def call(kit: convokit.Convokit) -> HttpResponse:
    return kit.webhook(HttpRequest(method="POST", url=f"http://h/{kit.webhook_path('happy-paws')}", body=b"raw"))


def text(**odd: object) -> InboundText:
    values: dict[str, object] = {"provider_id": "1", "sender": ANA_PHONE, "to": OURS, "text": "hello"}
    return InboundText(**{**values, **odd})  # type: ignore[arg-type]


def report(**odd: object) -> DeliveryReport:
    values: dict[str, object] = {"attempt_id": None, "provider_id": "x", "state": "sent"}
    return DeliveryReport(**{**values, **odd})  # type: ignore[arg-type]


BROKEN: list[object] = [
    text(text=None),
    text(sender=None),
    text(to=7),
    text(provider_id=None),
    report(state="teleported"),
    report(state=["sent"]),
    report(raw=None),
    report(attempt_id=5),
    report(provider_id=b"x"),
    report(reason=5),
    report(event_id=None),
    "rubbish",
    None,
]


@pytest.mark.parametrize("event", BROKEN, ids=range(len(BROKEN)))
def test_p11_a_broken_event_is_kept_raw_and_the_others_are_taken(store_url: str, event: object) -> None:
    good = text(provider_id="2", text="I am whole")
    with odd_kit(OddGateway(reading=Verified(events=(event, good))), store_url) as kit:  # type: ignore[arg-type]
        kept: list[bytes] = []
        keep = kit.store.keep_unreadable
        kit.store.keep_unreadable = lambda *a, **k: (kept.append(a[2]), keep(*a, **k))  # type: ignore[assignment,func-returns-value]
        assert [call(kit).status, call(kit).status] == [500, 500]
        (row,) = kit.practice("happy-paws").inbox().items
        (entry,) = kit.practice("happy-paws").thread(row.id).items
        assert (entry.text, kept) == ("I am whole", [b"raw", b"raw"])


@pytest.mark.parametrize("events", [None, 5, "text", iter(()), {}])
def test_p11_events_that_are_no_tuple_are_a_500(events: object) -> None:
    with odd_kit(OddGateway(reading=Verified(events=events))) as kit:  # type: ignore[arg-type]
        assert call(kit).status == 500


@pytest.mark.parametrize(
    "event",
    [
        text(provider_id="\ud800"),
        text(provider_id="x" * 10_000),
        text(to="\ud83d"),
        report(raw="\ud800" * 1000),
        report(provider_id="\ud800"),
        report(attempt_id="\ud800.1"),
        report(attempt_id="m.1", reason="\ud800"),
        report(attempt_id="m.1", reason="no such category"),
        report(event_id="\x00" * 1000),
        report(provider_id=None),
    ],
    ids=range(10),
)
def test_odd_characters_in_an_event_are_repaired(store_url: str, event: object) -> None:
    with odd_kit(OddGateway(reading=Verified(events=(event,))), store_url) as kit:  # type: ignore[arg-type]
        assert call(kit).status == 200


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "ok",
        HttpResponse(status="200"),  # type: ignore[arg-type]
        HttpResponse(status=99),
        HttpResponse(status=200, body="ok"),  # type: ignore[arg-type]
        HttpResponse(status=200, headers=(("X", "€"),)),
        HttpResponse(status=200, headers=(("X", "a\r\nSet-Cookie: b"),)),
        HttpResponse(status=200, headers=(("X", None),)),  # type: ignore[arg-type]
        HttpResponse(status=200, headers=None),  # type: ignore[arg-type]
    ],
)
def test_p11_an_answer_that_cannot_be_sent_is_replaced(answer: HttpResponse) -> None:
    gateway = OddGateway(reading=Verified(events=(text(),), answer=answer))
    with odd_kit(gateway) as kit:
        assert call(kit) == HttpResponse(status=200)
        assert len(kit.practice("happy-paws").inbox().items) == 1
        gateway.reading = Unreadable(why="?", answer=answer)
        assert call(kit) == UNREADABLE


def test_an_error_of_ours_while_taking_in_is_a_500(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise convokit.InvalidInput("storage.value", "a value cannot be stored")

    with odd_kit(OddGateway(reading=Verified(events=(text(),)))) as kit:
        monkeypatch.setattr(kit.store, "commit", broken)
        assert call(kit).status == 500


# --- senders --------------------


def test_senders_of_invisible_characters_do_not_share_a_conversation(store_url: str) -> None:
    senders = ["\x00", "\ud83d", "\ud83e", "\x00" * 39, "\x00" * 39 + "\x01", " ", "\u200b"]
    events = tuple(text(sender=s, provider_id=str(n)) for n, s in enumerate(senders))
    with odd_kit(OddGateway(reading=Verified(events=events)), store_url) as kit:
        assert call(kit).status == 200
        addresses = [row.address for row in kit.practice("happy-paws").inbox().items]
        assert len(set(addresses)) == len(senders)
        assert all(a.isascii() and a.isprintable() and 0 < len(a) <= 40 for a in addresses)


# --- the directory --------------------


class PhoneBook:
    def __init__(self, found: object) -> None:
        self.found = found

    @hookimpl
    def convokit_directory(self) -> PhoneBook:
        return self

    def who_has(self, practice_id: str, address: str) -> object:
        return self.found


def client(**odd: object) -> Match:
    return Match(client=convokit.Client(**{"id": "c", "name": "Ana", **odd}))  # type: ignore[arg-type]


def nobody() -> Iterator[Match]:
    yield client()


@pytest.mark.parametrize(
    ("found", "name"),
    [
        ([client()], "Ana"),
        ((client(name="\ud800"),), "\ufffd"),
        ((client(name="x" * 100_000),), "x" * 200),
        ((client(name="Ana\n Ruiz"),), "Ana Ruiz"),
        (None, ""),
        ([], ""),
        ([ANA], ""),
        (nobody(), ""),
        ("c17", ""),
        ((Match(client=None),), ""),  # type: ignore[arg-type]
        ((Match(client=ANA, patient="Bella"),), ""),  # type: ignore[arg-type]
        ((client(id=None),), ""),
        ((client(id=17),), ""),
        ((client(id="\ud800"),), ""),
        ((client(name=None),), ""),
    ],
    ids=range(15),
)
def test_p11_no_answer_of_the_directory_loses_a_text(store_url: str, found: object, name: str) -> None:
    with odd_kit(OddGateway(reading=Verified(events=(text(),))), store_url, (PhoneBook(found),)) as kit:
        assert call(kit).status == 200
        (row,) = kit.practice("happy-paws").inbox().items
        assert (row.client_name, row.last_text) == (name, "hello")


def test_an_unknown_reason_of_a_report_becomes_unknown_and_keeps_the_word() -> None:
    gateway = OddGateway()
    with odd_kit(gateway) as kit:
        desk = kit.practice("happy-paws")
        m = desk.send(desk.start(client=ANA, channel="sms", by=KIM).id, "x", by=KIM)
        kit.work()
        gateway.reading = Verified(events=(report(attempt_id=f"{m.id}.1", state="failed", reason="bogus"),))
        call(kit)
        entry = desk.message(m.id)
        assert (entry.delivery, entry.reason, entry.raw) == (Delivery.FAILED, "unknown", "bogus")
