"""The webhook front: found by an opaque path, verified before parsing, answered after the commit."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Sequence

import anyio
import pytest
from desks import ANA, ANA_PHONE, HAPPY_PAWS, KIM, OURS, Clock, World
from odd_gateway import OddGateway, OddPlugin

import convokit
from convokit import HttpRequest, HttpResponse
from convokit.errors import StorageError
from convokit.plugins import hookimpl
from convokit.ports.directory import Match
from convokit.ports.sms import DeliveryReport, InboundText, Unreadable, Unverified, Verified


def signed(w: World, event: object, path: str | None = None, raw: bytes | None = None) -> HttpRequest:
    body = json.dumps(event).encode() if raw is None else raw
    token = w.kit.webhook_path("happy-paws") if path is None else path
    headers = (("X-Simulator-Signature", w.carrier.sign(body)),)
    return HttpRequest(method="POST", url=f"https://host.example/hooks/{token}?x=1", headers=headers, body=body)


TEXT = {"kind": "text", "id": "P1", "from": ANA_PHONE, "to": OURS, "text": "hello"}


def test_a_signed_text_is_committed_before_its_2xx(w: World) -> None:
    assert w.kit.webhook(signed(w, TEXT)).status == 200
    assert w.desk.inbox().items[0].last_text == "hello"


@pytest.mark.parametrize("path", ["", "nothing", "hook_unknown", "../etc/passwd", "x" * 5000])
def test_an_unknown_path_is_not_found_whatever_the_payload_says(w: World, path: str) -> None:
    event = {**TEXT, "practice": "happy-paws"}
    assert w.kit.webhook(signed(w, event, path=path)).status == 404
    assert w.desk.inbox().items == ()


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("X-Simulator-Signature", ""),),
        (("X-Simulator-Signature", "0" * 64),),
        (("X-Simulator-Signature", "é" * 64),),
        (("X-Simulator-Signature", "0" * 1_000_000),),
    ],
)
def test_p17_unverified_is_a_bare_403_and_nothing_is_stored(w: World, headers: tuple[tuple[str, str], ...]) -> None:
    request = HttpRequest(method="POST", url=signed(w, TEXT).url, headers=headers, body=b'{"kind": "text"')
    assert w.kit.webhook(request) == HttpResponse(status=403)
    assert w.desk.inbox().items == ()


def test_p17_a_doubled_signature_or_one_changed_byte_is_refused(w: World) -> None:
    good = signed(w, TEXT)
    doubled = HttpRequest(method="POST", url=good.url, headers=good.headers * 2, body=good.body)
    changed = HttpRequest(method="POST", url=good.url, headers=good.headers, body=good.body[:-1] + b" ")
    assert [w.kit.webhook(r).status for r in (doubled, changed)] == [403, 403]


def test_more_than_a_megabyte_is_refused_before_parsing(w: World) -> None:
    assert w.kit.webhook(signed(w, None, raw=b"x" * 1_000_001)).status == 413


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"kind": 7}', b"[" * 200_000, b"\xff\xfe", b'"text"'])
def test_verified_rubbish_is_kept_and_answered_400(w: World, raw: bytes) -> None:
    assert w.kit.webhook(signed(w, None, raw=raw)).status == 400


def test_an_unknown_status_word_moves_no_check(w: World, caplog: pytest.LogCaptureFixture) -> None:
    c = w.desk.start(client=ANA, channel="sms", by=KIM)
    m = w.desk.send(c.id, "Hello", by=KIM)
    w.kit.work()
    event = {"kind": "report", "attempt": f"{m.id}.1", "id": "sim-1", "word": "teleported", "why": ""}
    with caplog.at_level(logging.WARNING):
        for times in range(3):
            assert w.kit.webhook(signed(w, {**event, "event": str(times)})).status == 200
        assert w.kit.webhook(signed(w, {**event, "word": "be\named"})).status == 200
    told = [record.getMessage() for record in caplog.records if "unknown_status" in record.getMessage()]
    words = ("'teleported'", "'be\\named'")
    assert told == [f"unknown_status: carrier simulator used the unknown status word {word}" for word in words]
    assert w.desk.message(m.id).delivery is convokit.Delivery.SENT


@pytest.mark.parametrize("attempt", ["", "nobody.1", "m_1", "m_1.x", "m_1.123456789", "." * 500, "é.٣"])
def test_reports_on_nothing_change_nothing(w: World, attempt: str) -> None:
    event = {"kind": "report", "attempt": attempt, "id": "sim-1", "word": "delivered", "why": ""}
    assert w.kit.webhook(signed(w, event)).status == 200
    assert w.desk.changes() == ()


def test_p19_no_text_and_no_token_in_the_logs(w: World, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        w.kit.webhook(signed(w, {**TEXT, "text": "canary-4711"}))
        w.kit.webhook(signed(w, {**TEXT, "text": "canary-4711", "id": "P2"}, path="canary-4711"))
    assert "canary-4711" not in caplog.text
    assert w.kit.webhook_path("happy-paws") not in caplog.text


def test_a_lone_surrogate_is_stored_as_replacement_and_flagged(w: World) -> None:
    raw = b'{"kind": "text", "id": "P9", "from": "+13035550123", "to": "+13035550100", "text": "a\\ud83d"}'
    assert w.kit.webhook(signed(w, None, raw=raw)).status == 200
    (row,) = w.desk.inbox().items
    (entry,) = w.desk.thread(row.id).items
    assert (entry.text, entry.flags, entry.raw) == ("a\ufffd", ("repaired",), "'a\\ud83d'")


def test_a_nul_is_stored_as_replacement_and_flagged(w: World) -> None:
    assert w.kit.webhook(signed(w, {**TEXT, "text": "a\x00b"})).status == 200
    (row,) = w.desk.inbox().items
    (entry,) = w.desk.thread(row.id).items
    assert (entry.text, entry.flags) == ("a\ufffdb", ("repaired",))


def wsgi(w: World, request: HttpRequest, prefix: str = "/hooks") -> tuple[str, list[tuple[str, str]], bytes]:
    path = request.url.split("host.example", 1)[1].split("?")[0].removeprefix(prefix)
    environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": prefix,
        "PATH_INFO": path,
        "QUERY_STRING": "x=1",
        "wsgi.url_scheme": "https",
        "HTTP_HOST": "host.example",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.input": io.BytesIO(request.body),
        **{f"HTTP_{k.upper().replace('-', '_')}": v for k, v in request.headers},
    }
    said: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:
        said.append((status, headers))

    body = b"".join(convokit.wsgi_app(w.kit.webhook)(environ, start_response))  # type: ignore[arg-type]
    return said[0][0], said[0][1], body


def test_the_wsgi_adapter_carries_everything(w: World) -> None:
    status, headers, body = wsgi(w, signed(w, TEXT))
    assert (status, dict(headers)["Content-Length"], body) == ("200 OK", "0", b"")
    assert w.desk.inbox().items[0].last_text == "hello"
    assert wsgi(w, signed(w, None, raw=b"x" * 1_000_001))[0].startswith("413")
    assert wsgi(w, signed(w, None, raw=b""))[0].startswith("400")


def test_the_wsgi_adapter_shows_the_gateway_the_url_as_called() -> None:
    seen: list[HttpRequest] = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse(status=799, headers=(("X-A", "b"),), body=b"hi")

    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "/app",
        "PATH_INFO": "/hook_1",
        "QUERY_STRING": "a=%20b&c=",
        "wsgi.url_scheme": "https",
        "HTTP_HOST": "h.example",
        "wsgi.input": io.BytesIO(b""),
    }
    statuses: list[str] = []
    body = convokit.wsgi_app(answer)(environ, lambda s, h, e=None: statuses.append(s))  # type: ignore[arg-type,misc]
    assert (statuses, list(body)) == (["799 Unknown"], [b"hi"])
    assert seen[0].url == "https://h.example/app/hook_1?a=%20b&c="


async def asgi(
    w: World, request: HttpRequest, chunks: Sequence[bytes], *, raw_path: bool = True
) -> list[dict[str, object]]:
    path = request.url.split("host.example", 1)[1].split("?")[0]
    scope: dict[str, object] = {
        "type": "http",
        "method": request.method,
        "scheme": "https",
        "path": path,
        "query_string": b"x=1",
        "headers": [(b"host", b"host.example")]
        + [(k.lower().encode(), v.encode("latin-1")) for k, v in request.headers],
    }
    if raw_path:
        scope["raw_path"] = path.encode()
    parts = iter(chunks)
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        part = next(parts, None)
        return {"type": "http.request", "body": part or b"", "more_body": part is not None}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    await convokit.asgi_app(w.kit.webhook)(scope, receive, send)  # type: ignore[arg-type]
    return sent


@pytest.mark.parametrize("raw_path", [True, False])
def test_the_asgi_adapter_carries_everything(w: World, raw_path: bool) -> None:
    request = signed(w, TEXT)
    sent = anyio.run(lambda: asgi(w, request, [request.body[:5], request.body[5:]], raw_path=raw_path))
    assert sent[0]["status"] == 200
    assert w.desk.inbox().items[0].last_text == "hello"
    endless = [b"x" * 600_000] * 5
    assert anyio.run(lambda: asgi(w, request, endless))[0]["status"] == 413


def test_the_asgi_adapter_answers_lifespan_and_ignores_other_protocols(w: World) -> None:
    app = convokit.asgi_app(w.kit.webhook)
    said: list[str] = []

    async def talk() -> None:
        kinds = iter(["lifespan.startup", "lifespan.shutdown"])

        async def receive() -> dict[str, object]:
            return {"type": next(kinds)}

        async def send(message: dict[str, object]) -> None:
            said.append(str(message["type"]))

        await app({"type": "lifespan"}, receive, send)  # type: ignore[arg-type]
        await app({"type": "websocket"}, receive, send)  # type: ignore[arg-type]

    anyio.run(talk)
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


# --- odd gateways --------------------


def odd_kit(gateway: OddGateway, **more: object) -> convokit.Convokit:
    kit = convokit.open("memory:", plugins=[OddPlugin(gateway), *more.pop("plugins", ())], clock=Clock(), **more)  # type: ignore[arg-type,misc]
    kit.add_practice(HAPPY_PAWS)
    return kit


def call(kit: convokit.Convokit) -> HttpResponse:
    return kit.webhook(HttpRequest(method="POST", url=f"http://h/{kit.webhook_path('happy-paws')}?q=1"))


@pytest.mark.parametrize("reading", [None, object(), ValueError("boom"), SystemExit(3)])
def test_p11_a_gateway_that_breaks_the_contract_is_a_500_and_no_crash(reading: object) -> None:
    with odd_kit(OddGateway(reading=reading)) as kit:
        assert call(kit) == HttpResponse(status=500)


def test_a_gateway_may_choose_the_answer_to_what_it_cannot_read() -> None:
    with odd_kit(OddGateway(reading=Unreadable(why="x", answer=HttpResponse(status=202)))) as kit:
        assert call(kit).status == 202


@pytest.mark.parametrize(("answer", "sent"), [(HttpResponse(status=503), 503), (HttpResponse(status=99), 403)])
def test_p01_a_gateway_may_have_a_forgotten_signature_asked_for(answer: HttpResponse, sent: int) -> None:
    with odd_kit(OddGateway(reading=Unverified(why="no signature", answer=answer))) as kit:
        assert call(kit) == HttpResponse(status=sent)


def test_the_gateway_sees_the_configured_public_url() -> None:
    gateway = OddGateway(reading=Verified(events=()))
    with odd_kit(gateway, public_url="https://public.example/hooks/") as kit:
        token = kit.webhook_path("happy-paws")
        kit.webhook(HttpRequest(method="POST", url=f"http://10.0.0.1:8000/x/{token}?a=1&b="))
        kit.webhook(HttpRequest(method="POST", url=f"http://10.0.0.1:8000/x/{token}"))
        assert [r.url for r in gateway.requests] == [
            f"https://public.example/hooks/{token}?a=1&b=",
            f"https://public.example/hooks/{token}",
        ]
        assert kit.webhook_url("happy-paws") == f"https://public.example/hooks/{token}"


def test_case_59_a_report_before_the_provider_id_is_known_is_parked_and_applied() -> None:
    report = DeliveryReport(attempt_id=None, provider_id="P7", state="delivered")
    gateway = OddGateway(reading=Verified(events=(report,)))
    with odd_kit(gateway) as kit:
        desk = kit.practice("happy-paws")
        c = desk.start(client=ANA, channel="sms", by=KIM)
        m = desk.send(c.id, "Hello", by=KIM)
        assert call(kit).status == 200
        assert desk.message(m.id).delivery is convokit.Delivery.QUEUED
        gateway.provider_id = "P7"
        kit.work()
        assert desk.message(m.id).delivery is convokit.Delivery.DELIVERED
        second = desk.send(c.id, "Again", by=KIM)
        gateway.provider_id = "P8"
        kit.work()
        gateway.reading = Verified(events=(DeliveryReport(attempt_id=None, provider_id="P8", state="failed"),))
        call(kit)
        assert desk.message(second.id).delivery is convokit.Delivery.FAILED


def text(number: str = ANA_PHONE) -> InboundText:
    return InboundText(provider_id="1", sender=number, to="303-555-0100", text="hi")


class PhoneBook:
    """A host's directory."""

    def __init__(self, found: object) -> None:
        self.found = found

    @hookimpl
    def convokit_directory(self) -> PhoneBook:
        return self

    def who_has(self, practice_id: str, address: str) -> tuple[Match, ...]:
        if isinstance(self.found, BaseException):
            raise self.found
        return self.found  # type: ignore[return-value]


PET = convokit.Patient(id="p4", name="Bella")


@pytest.mark.parametrize(
    ("found", "client", "patient"),
    [
        ((Match(client=ANA, patient=PET),), "Ana Ruiz", "Bella"),
        ((Match(client=ANA),), "Ana Ruiz", ""),
        ((Match(client=ANA), Match(client=convokit.Client(id="c2", name="Ben"))), "", ""),
        ((), "", ""),
        (RuntimeError("directory down"), "", ""),
        (SystemExit(1), "", ""),
    ],
)
def test_the_hosts_directory_names_the_one_client_and_never_loses_a_text(
    found: object, client: str, patient: str
) -> None:
    gateway = OddGateway(reading=Verified(events=(text(),)))
    with odd_kit(gateway, plugins=(PhoneBook(found),)) as kit:
        assert call(kit).status == 200
        (row,) = kit.practice("happy-paws").inbox().items
        assert (row.client_name, row.patient_name, row.sender) == (client, patient, OURS)


@pytest.mark.parametrize(
    ("odd", "email", "phone"),
    [
        ({"email": "ana@example.com", "phone": "(303) 555-0188"}, "ana@example.com", "+13035550188"),
        ({"email": "", "phone": ""}, "", ""),
        ({"email": "Ana <ana@example.com>", "phone": "ext. 7"}, "", ""),
        ({"email": 7, "phone": 7}, "", ""),
    ],
)
def test_what_is_wrong_in_the_directory_is_left_out(odd: dict[str, object], email: str, phone: str) -> None:
    found = (Match(client=convokit.Client(**{"id": "c17", "name": "Ana Ruiz", **odd})),)  # type: ignore[arg-type]  # a host's mistakes
    with odd_kit(OddGateway(reading=Verified(events=(text(),))), plugins=(PhoneBook(found),)) as kit:
        assert call(kit).status == 200
        (row,) = kit.practice("happy-paws").inbox().items
        assert (row.client_name, row.client_email, row.client_phone) == ("Ana Ruiz", email, phone)


def test_p01_a_store_that_cannot_commit_is_503_and_nothing_is_acknowledged(monkeypatch: pytest.MonkeyPatch) -> None:
    with odd_kit(OddGateway(reading=Verified(events=(text(),)))) as kit:

        def full(*_: object, **__: object) -> None:
            raise StorageError("storage.full", "no space left")

        monkeypatch.setattr(kit.store, "commit", full)
        answer = call(kit)
        assert (answer.status, answer.header("retry-after")) == (503, "5")


def test_a_practice_whose_settings_broke_gets_its_webhooks_again_later(store_url: str) -> None:
    class NoChoice:
        broken = False

        @hookimpl
        def convokit_choose(self, practice_id: str, kind: str) -> str:
            return "missing" if self.broken else "odd"

    host = NoChoice()
    with odd_kit(OddGateway(), plugins=(host,)) as kit:
        token = kit.webhook_path("happy-paws")
        with odd_kit(OddGateway(), plugins=(host,)) as second:
            host.broken = True
            second.store.endpoint_for("happy-paws", "odd", token)
            request = HttpRequest(method="POST", url=f"http://h/{token}")
            assert second.webhook(request).status == 503
            host.broken = False
            second.store.endpoint_for("happy-paws", "other", "hook_other")
            assert second.webhook(HttpRequest(method="POST", url="http://h/hook_other")).status == 404
