"""The app's HTTP contract: what is acknowledged, who is believed, and what is wrong with a request."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import anyio
import pytest
from bell import OFFER
from desks import ANA, KIM, World, world

import convokit
from convokit.errors import StorageError
from convokit.plugins import hookimpl
from convokit.runtime.app_front import LARGEST

BEN = convokit.Client(id="c18", name="Ben")
JSON = ("Content-Type", "application/json")
KEY = "bk_0123456789"


class Bells:
    name = "bells"

    @hookimpl
    def convokit_push_transports(self) -> list[object]:
        return [OFFER]

    @hookimpl
    def convokit_settings(self, kind: str) -> dict[str, str] | None:
        return {"key": KEY} if kind == "push" else None


@pytest.fixture
def w(store_url: str) -> Iterator[World]:
    with world(store_url, plugins=(Bells(),)) as made:
        yield made


def identify(request: convokit.HttpRequest) -> convokit.AppUser | None:
    """``Authorization: happy-paws c17``."""
    practice_id, _, client_id = (request.header("Authorization") or "").partition(" ")
    return convokit.AppUser(practice_id=practice_id, client_id=client_id) if client_id else None


def request(
    path: str,
    told: object = None,
    *,
    method: str = "POST",
    who: str | None = "happy-paws c17",
    kind: tuple[str, str] | None = JSON,
    body: bytes | None = None,
) -> convokit.HttpRequest:
    headers = (*(() if who is None else (("Authorization", who),)), *(() if kind is None else (kind,)))
    content = json.dumps({} if told is None else told).encode() if body is None else body
    return convokit.HttpRequest(method=method, url=f"https://vet.example/app/{path}", headers=headers, body=content)


def ask(w: World, *args: Any, **given: Any) -> tuple[int, dict[str, Any]]:
    answer = w.kit.app_front(identify)(request(*args, **given))
    assert answer.header("Cache-Control") == "no-store"
    return answer.status, json.loads(answer.body) if answer.body else {}


def talk(w: World, client: convokit.Client = ANA) -> tuple[convokit.Conversation, convokit.Entry]:
    begun = w.desk.start(client=client, channel="app", by=KIM)
    return begun, w.desk.send(begun.id, "Bella's results are in.", by=KIM)


def mark(w: World, entry: convokit.Entry) -> tuple[str, str]:
    shown = w.desk.message(entry.id).indicator
    assert shown is not None
    return shown.mark, shown.color


def test_opened_makes_two_gray_checks_and_read_two_blue_ones(w: World) -> None:
    begun, sent = talk(w)
    assert mark(w, sent) == ("one-check", "gray")
    assert ask(w, "opened") == (200, {"conversations": 1})
    assert mark(w, sent) == ("two-checks", "gray")
    assert ask(w, "opened", body=b"") == (200, {"conversations": 0})
    told = {"conversation": begun.id, "upto": sent.seq}
    assert ask(w, "read", told) == (200, {"conversation": begun.id, "read": sent.seq})
    assert mark(w, sent) == ("two-checks", "blue")
    assert ask(w, "read", told) == (200, {"conversation": begun.id, "read": sent.seq})
    assert ask(w, "read", {**told, "upto": 1}) == (200, {"conversation": begun.id, "read": sent.seq})


def test_what_was_not_on_the_screen_stays_unread(w: World) -> None:
    begun, first = talk(w)
    second = w.desk.send(begun.id, "Please call us.", by=KIM)
    assert ask(w, "read", {"conversation": begun.id, "upto": first.seq})[1]["read"] == first.seq
    assert (mark(w, first), mark(w, second)) == (("two-checks", "blue"), ("one-check", "gray"))


def test_an_app_registers_and_signs_out(w: World) -> None:
    status, answer = ask(w, "registrations", {"transport": "bell", "token": "a1b2c3d4", "app": "a", "keys": {"k": "v"}})
    (known,) = w.desk.app_registrations(ANA.id)
    assert (status, answer) == (201, {"registration": known.id})
    assert (known.app, known.keys) == ("a", {"k": "v"})
    assert ask(w, f"registrations/{known.id}", method="DELETE", who="happy-paws c18")[0] == 404
    assert ask(w, f"registrations/{known.id}", method="DELETE", kind=None, body=b"") == (204, {})
    assert ask(w, f"registrations/{known.id}/", method="DELETE")[1]["code"] == "app.registration"
    assert w.desk.app_registrations(ANA.id) == ()


def test_p10_what_another_client_has_is_as_unknown_as_what_is_not_there(w: World) -> None:
    begun, sent = talk(w, BEN)
    theirs, none = (ask(w, "read", {"conversation": one, "upto": 1}) for one in (begun.id, "c_none"))
    assert (theirs[0], theirs[1]["code"]) == (none[0], none[1]["code"]) == (404, "conversation.unknown")
    assert ask(w, "opened") == (200, {"conversations": 0})
    assert mark(w, sent) == ("one-check", "gray")


WRONG = [
    ("other", {}, {}, 404, "app.path"),
    ("", {}, {}, 404, "app.path"),
    ("opened", {}, {"method": "GET"}, 405, "app.method"),
    ("registrations/x", {}, {}, 405, "app.method"),
    ("opened", {}, {"who": None}, 401, "app.identity"),
    ("opened", {}, {"who": "nobody c17"}, 404, "practice.unknown"),
    ("opened", {}, {"kind": None}, 415, "app.content_type"),
    ("opened", {}, {"kind": ("Content-Type", "text/plain")}, 415, "app.content_type"),
    ("opened", {}, {"body": b" " * (LARGEST + 1)}, 413, "app.too_large"),
    ("opened", {}, {"body": b"{"}, 400, "app.body"),
    ("opened", {}, {"body": b"[]"}, 400, "app.body"),
    ("opened", {}, {"body": b"[" * 10_000}, 400, "app.body"),
    ("opened", {"client": "c18"}, {}, 400, "app.field"),
    ("read", {"upto": 1}, {}, 400, "conversation_id.type"),
    ("read", {"conversation": 5, "upto": 1}, {}, 400, "conversation_id.type"),
    ("read", {"conversation": "c", "upto": None}, {}, 400, "upto_seq.type"),
    ("read", {"conversation": "c"}, {}, 400, "upto_seq.type"),
    ("registrations", {"transport": "gong", "token": "a1b2c3d4"}, {}, 400, "push.transport"),
    ("registrations", {"transport": "bell", "token": 5}, {}, 400, "push.token"),
    ("registrations", {"transport": "bell", "token": "a1b2c3d4", "keys": [1]}, {}, 400, "push.keys"),
    ("registrations/" + "x" * 129, {}, {"method": "DELETE"}, 400, "registration_id.too_long"),
]


@pytest.mark.parametrize(
    ("path", "told", "given", "status", "code"),
    WRONG,
    ids=[f"{row[0][:16]}-{row[4]}-{n}" for n, row in enumerate(WRONG)],
)
def test_p18_what_is_wrong_with_a_request_is_said(
    w: World, path: str, told: object, given: dict[str, Any], status: int, code: str
) -> None:
    found = ask(w, path, told, **given)
    assert (found[0], found[1]["code"]) == (status, code)
    assert set(found[1]) <= {"code", "message", "field", "limit"}


def test_a_bad_upto_is_refused_in_a_conversation_that_is_there(w: World) -> None:
    begun, _ = talk(w)
    for upto in (True, -1, 1.5, "2", [], 2**60):
        status, answer = ask(w, "read", {"conversation": begun.id, "upto": upto})
        assert (status, answer["code"]) == (400, "upto_seq.type")


def test_a_conversation_by_text_has_nothing_to_acknowledge(w: World) -> None:
    by_text = w.desk.start(client=ANA, channel="sms", by=KIM)
    status, answer = ask(w, "read", {"conversation": by_text.id, "upto": 1})
    assert (status, answer["code"]) == (409, "conversation.channel")


def test_the_method_that_fits_is_named(w: World) -> None:
    assert w.kit.app_front(identify)(request("opened", method="PUT")).header("Allow") == "POST"


def test_p18_rubbish_in_the_url_is_no_path(w: World) -> None:
    odd = convokit.HttpRequest(method="POST", url="http://[::1/opened", headers=(JSON,))
    assert w.kit.app_front(identify)(odd).status == 404


def test_p17_whoever_cannot_be_identified_is_not_let_in(w: World, caplog: pytest.LogCaptureFixture) -> None:
    def broken(request: convokit.HttpRequest) -> convokit.AppUser | None:
        raise SystemExit("Bearer 4711")

    answer = w.kit.app_front(broken)(request("opened"))
    assert (answer.status, answer.body) == (500, b"")
    assert "4711" not in caplog.text
    yes: Any = lambda request: True  # noqa: E731 - a host that answers with the wrong thing
    assert w.kit.app_front(yes)(request("opened")).status == 401


def test_p17_the_body_is_not_looked_at_before_somebody_is_signed_in(w: World) -> None:
    assert ask(w, "opened", who=None, body=b"{")[0] == 401


def test_p22_what_cannot_be_stored_is_not_acknowledged(w: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object, **__: object) -> object:
        raise StorageError("storage.busy", "the store did not answer in time; try again")

    monkeypatch.setattr(w.kit.store, "app_waiting", busy)
    answer = w.kit.app_front(identify)(request("opened"))
    assert (answer.status, answer.header("Retry-After")) == (503, "5")


def test_a_wrong_setting_is_the_hosts_matter(store_url: str, caplog: pytest.LogCaptureFixture) -> None:
    class NoVault(Bells):
        @hookimpl
        def convokit_settings(self, kind: str) -> dict[str, str] | None:
            return None

    with world(store_url, plugins=(NoVault(),)) as w:
        answer = w.kit.app_front(identify)(request("registrations", {"transport": "bell", "token": "a1b2c3d4"}))
    assert (answer.status, answer.body) == (500, b"")
    assert "settings.missing" in caplog.text


def test_what_is_no_function_is_refused(w: World) -> None:
    with pytest.raises(convokit.ConfigurationError) as caught:
        w.kit.app_front("c17")  # type: ignore[arg-type]  # wrong on purpose
    assert caught.value.code == "identify.type"


# --- under a server ---------------------------------------------------------------------------------------------------


def test_it_is_a_wsgi_application(w: World) -> None:
    talk(w)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "/app",
        "PATH_INFO": "/opened",
        "SERVER_NAME": "vet.example",
        "SERVER_PORT": "443",
        "CONTENT_TYPE": "application/json; charset=utf-8",
        "CONTENT_LENGTH": "2",
        "HTTP_AUTHORIZATION": "happy-paws c17",
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(b"{}"),
    }
    said: list[str] = []
    body = convokit.wsgi_app(w.kit.app_front(identify))(environ, lambda status, *_: said.append(status))  # type: ignore[arg-type]
    assert (said, json.loads(b"".join(body))) == (["200 OK"], {"conversations": 1})


def test_it_is_an_asgi_application(w: World) -> None:
    talk(w)
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/app/opened",
        "raw_path": b"/app/opened",
        "query_string": b"",
        "headers": [
            (b"host", b"vet.example"),
            (b"content-type", b"application/json"),
            (b"authorization", b"happy-paws c17"),
        ],
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"{}"}

    async def send(message: Any) -> None:
        sent.append(message)

    anyio.run(convokit.asgi_app(w.kit.app_front(identify)), scope, receive, send)
    assert (sent[0]["status"], json.loads(sent[1]["body"])) == (200, {"conversations": 1})


def test_a_practice_is_the_one_that_the_host_named(w: World) -> None:
    w.kit.add_practice(convokit.Practice(id="other", name="Other"))
    _, sent = talk(w)
    assert ask(w, "opened", who="other c17") == (200, {"conversations": 0})
    assert mark(w, sent) == ("one-check", "gray")
