"""Files of clients that come with a text: the text at once, the file later, and nothing from inside. Row 51."""

from __future__ import annotations

import hashlib
import json
import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import made_files as made
import pytest
import trustme
from attrs import evolve, frozen
from desks import ANA_PHONE, HAPPY_PAWS, KIM, OURS, Clock
from media_server import MediaServer, gives, leads_to, media_server

import convokit
from convokit.outcomes import Accepted
from convokit.plugins import hookimpl
from convokit.ports.sms import (
    Capabilities,
    Conversation,
    InboundFile,
    InboundText,
    OutboundText,
    SmsGatewayOffer,
    Verified,
    WebhookReading,
)
from convokit.ports.wire import HttpRequest
from convokit.runtime.fetching.client import MediaClient

SECRET = "Basic c2VjcmV0"


@frozen
class NoSettings:
    """None."""


class Gateway:
    """A carrier whose texts come with files, and whose files want a password."""

    def send(self, message: OutboundText) -> Conversation:
        return Accepted()
        yield

    def read_webhook(self, request: HttpRequest) -> WebhookReading:
        said = json.loads(request.body)
        files = tuple(InboundFile(url=url, name=name, sha256=digest) for url, name, digest in said["media"])
        text = InboundText(provider_id=said["id"], sender=ANA_PHONE, to=OURS, text=said["text"], media=files)
        return Verified(events=(text,))

    def media_request(self, url: str) -> HttpRequest:
        return HttpRequest(method="GET", url=url, headers=(("Authorization", SECRET), ("Host", "evil.example")))


class Carrier:
    name = "files"
    gateway: object = Gateway()

    @hookimpl
    def convokit_sms_gateways(self) -> list[SmsGatewayOffer]:
        can = Capabilities(media_hosts=("media.carrier.example",))
        build = lambda settings: self.gateway  # noqa: E731
        return [SmsGatewayOffer(name="files", settings=NoSettings, build=build, capabilities=can)]


@pytest.fixture
def server() -> Iterator[MediaServer]:
    with media_server() as made_server:
        yield made_server


class Desk:
    """A desk whose carrier brings files, and one client."""

    def __init__(self, kit: convokit.Convokit, clock: Clock, carrier: Carrier) -> None:
        self.kit, self.clock, self.carrier = kit, clock, carrier
        self.desk = kit.practice("happy-paws")
        self._ids = iter(range(1, 1_000))

    def text(self, *urls: str, words: str = "Look!", digest: str = "") -> convokit.Entry:
        """A text with files arrives."""
        body = {"id": f"x{next(self._ids)}", "text": words, "media": [(url, "bella.jpg", digest) for url in urls]}
        url = f"https://desk.example/{self.kit.webhook_path('happy-paws')}"
        assert self.kit.webhook(HttpRequest(method="POST", url=url, body=json.dumps(body).encode())).status == 200
        return self.last()

    def last(self) -> convokit.Entry:
        """The newest message."""
        (talk,) = self.desk.inbox().items
        return self.desk.thread(talk.id).items[-1]

    def states(self) -> list[tuple[str, str | None]]:
        """How far the files of the newest message are."""
        return [(file.state, file.reason) for file in self.last().attachments]


@pytest.fixture(params=["memory:", "sqlite:///{}/desk.db"], ids=["memory", "sqlite"])
def w(request: pytest.FixtureRequest, tmp_path, server: MediaServer) -> Iterator[Desk]:  # type: ignore[no-untyped-def]
    clock, carrier = Clock(), Carrier()
    own = [f"127.0.0.1:{server.port}"]
    url = request.param.format(tmp_path)
    with convokit.open(url, plugins=[carrier], clock=clock, private_media_hosts=own) as kit:
        kit.add_practice(HAPPY_PAWS)
        yield Desk(kit, clock, carrier)


def test_p16_the_text_is_there_at_once_and_its_file_after_the_next_round(w: Desk, server: MediaServer) -> None:
    server.answers["/bella"] = gives(made.photo((60, 40)))
    arrived = w.text(server.url("/bella"), words="")
    assert [(f.name, f.state, f.kind) for f in arrived.attachments] == [("bella.jpg", "waiting", "file")]
    assert w.desk.inbox().items[0].last_text == "[File]"
    assert server.asked == []
    before = w.desk.inbox().items[0].change
    w.kit.work()
    (file,) = w.last().attachments
    assert (file.state, file.kind, file.media_type, file.width) == ("ready", "photo", "image/jpeg", 60)
    assert b"".join(w.desk.open_file(file.id, by=KIM))[:2] == b"\xff\xd8"
    assert w.desk.changes(before)[0].conversation_id == arrived.conversation_id
    (path, headers) = server.asked[0]
    assert (path, headers["Authorization"], headers["Host"]) == ("/bella", SECRET, f"127.0.0.1:{server.port}")
    w.kit.work()
    assert len(server.asked) == 1


def test_several_files_come_one_by_one(w: Desk, server: MediaServer) -> None:
    server.answers |= {"/a": gives(made.pdf()), "/c": gives(made.video())}
    w.text(*map(server.url, ("/a", "/b", "/c")))
    w.kit.work()
    assert w.states() == [("ready", None), ("waiting", None), ("ready", None)]
    server.answers["/b"] = gives(made.photo((60, 40)))
    w.clock.pass_(minutes=1)
    w.kit.work()
    assert [file.kind for file in w.last().attachments] == ["pdf", "photo", "video"]


def test_a_file_that_is_not_there_yet_is_tried_again_for_a_day(w: Desk, server: MediaServer) -> None:
    w.text(server.url("/late"))
    for _ in range(200):
        w.kit.work()
        if w.states() != [("waiting", None)]:
            break
        w.clock.pass_(minutes=30)
    assert w.states() == [("failed", "file.fetch_failed")]
    assert 10 < len(server.asked) < 100
    assert w.last().text == "Look!"


@pytest.mark.parametrize("change", [str, str.upper])
def test_a_file_must_be_the_one_whose_digest_the_carrier_told(w: Desk, server: MediaServer, change: type[str]) -> None:
    photo = made.photo((60, 40))
    server.answers["/bella"] = gives(made.photo((61, 40)))
    w.text(server.url("/bella"), digest=change(hashlib.sha256(photo).hexdigest()))
    w.kit.work()
    assert w.states() == [("waiting", None)], "another file was taken for it"
    server.answers["/bella"] = gives(photo)
    w.clock.pass_(minutes=1)
    w.kit.work()
    assert w.states() == [("ready", None)]
    assert w.last().attachments[0].width == 60


@pytest.mark.parametrize("digest", ["", "d", "g" * 64, "d" * 65])
def test_p11_a_digest_that_is_none_keeps_no_file_back(w: Desk, server: MediaServer, digest: str) -> None:
    server.answers["/bella"] = gives(made.photo((60, 40)))
    w.text(server.url("/bella"), digest=digest)
    w.kit.work()
    assert w.states() == [("ready", None)]


LASTING = [
    ("gone", gives(b"", 410), "file.fetch_gone"),
    ("no file of ours", gives(made.HTML), "file.kind"),
    ("nothing", gives(b""), "file.empty"),
    ("half a picture", gives(made.photo()[:5_000]), "file.damaged"),
    ("a bomb", gives(made.png_bomb()), "file.pixels"),
    ("inside", leads_to("https://169.254.169.254/latest/meta-data"), "file.fetch_forbidden"),
    ("inside, mapped", leads_to("https://[::ffff:127.0.0.1]/"), "file.fetch_forbidden"),
    ("another port of ours", leads_to("http://127.0.0.1:1/"), "file.fetch_forbidden"),
    ("another host", leads_to("https://evil.example/x"), "file.fetch_forbidden"),
    ("a file of ours", leads_to("file:///etc/passwd"), "file.fetch_forbidden"),
    ("itself", leads_to("/it"), "file.fetch_forbidden"),
]


@pytest.mark.parametrize(("answer", "code"), [row[1:] for row in LASTING], ids=[row[0] for row in LASTING])
def test_p16_what_will_not_change_is_not_asked_again(w: Desk, server: MediaServer, answer: object, code: str) -> None:
    server.answers["/it"] = answer  # type: ignore[assignment]
    w.text(server.url("/it"))
    w.kit.work()
    assert w.states() == [("failed", code)]
    asked = len(server.asked)
    assert asked <= 4
    w.clock.pass_(hours=1)
    w.kit.work()
    assert len(server.asked) == asked


def cut_short(request: BaseHTTPRequestHandler) -> None:
    gives(made.photo()[:9_000], length="99999")(request)


PASSING = [
    ("an error", gives(b"", 500)),
    ("busy", gives(b"", 503)),
    ("not allowed yet", gives(b"", 403)),
    ("cut short", cut_short),
    ("rubbish", lambda request: request.wfile.write(b"\x00" * 100) and None),
    ("nothing", lambda request: None),
    ("an encoding", gives(b"x", Content_Encoding="gzip")),
    ("an endless head", lambda request: request.wfile.write(b"HTTP/1.0 200 OK\r\n" + b"a: b\r\n" * 1_000) and None),
    ("a redirect to nowhere", gives(b"", 302)),
]


@pytest.mark.parametrize("answer", [row[1] for row in PASSING], ids=[row[0] for row in PASSING])
def test_p16_what_may_pass_is_asked_again(w: Desk, server: MediaServer, answer: object) -> None:
    server.answers["/it"] = answer  # type: ignore[assignment]
    w.text(server.url("/it"))
    w.kit.work()
    assert w.states() == [("waiting", None)]
    server.answers["/it"] = gives(made.pdf())
    w.clock.pass_(minutes=5)
    w.kit.work()
    assert w.states() == [("ready", None)]


def test_p16_the_password_goes_to_the_carrier_and_not_along_a_redirect(w: Desk, server: MediaServer) -> None:
    server.answers |= {"/a": leads_to("/b"), "/b": leads_to(server.url("/c"), 307), "/c": gives(made.pdf())}
    w.text(server.url("/a"))
    w.kit.work()
    assert w.states() == [("ready", None)]
    told = [(path, headers.get("Authorization")) for path, headers in server.asked]
    assert told == [("/a", SECRET), ("/b", None), ("/c", None)]


def test_p16_a_url_of_somebody_else_is_never_asked(w: Desk) -> None:
    w.text("https://evil.example/x")
    w.kit.work()
    assert w.states() == [("failed", "file.fetch_forbidden")]


def test_p16_an_endless_file_is_cut_at_the_limit(w: Desk, server: MediaServer) -> None:
    given = 0

    def endless(request: BaseHTTPRequestHandler) -> None:
        nonlocal given
        request.send_response(200)
        request.end_headers()
        request.wfile.write(made.pdf())
        while not server.released.is_set():
            given += request.wfile.write(bytes(1 << 20))

    server.answers["/it"] = endless
    w.text(server.url("/it"))
    w.kit.work()
    assert w.states() == [("failed", "file.too_large")]
    assert given < 40 << 20


def test_p16_a_server_that_drips_keeps_no_worker(w: Desk, server: MediaServer) -> None:
    def drip(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        request.wfile.write(made.video())
        server.released.wait(60)

    server.answers["/it"] = drip
    performer = w.kit.jobs._performers[next(k for k in w.kit.jobs._performers if k.kind == "fetch_media")]
    performer._client = evolve(performer._client, whole_seconds=0.5)  # type: ignore[attr-defined]
    w.text(server.url("/it"))
    w.kit.work()
    assert w.states() == [("waiting", None)]


def test_p16_the_address_that_was_checked_is_the_one_that_is_asked(server: MediaServer) -> None:
    """A name that leads elsewhere the second time is not looked up a second time."""
    found = iter([["127.0.0.1"], ["127.0.0.2"]])
    server.answers["/it"] = gives(b"from here")
    client = MediaClient(private=frozenset({f"files.example:{server.port}"}), resolve=lambda host, port: next(found))
    with client.get(HttpRequest(method="GET", url=f"http://files.example:{server.port}/it"), ()) as answer:
        assert b"".join(answer.chunks) == b"from here"
    assert next(found) == ["127.0.0.2"]


@pytest.mark.parametrize(("host", "fits"), [("files.example", True), ("other.example", False)])
def test_p16_https_is_spoken_with_whom_the_name_belongs_to(host: str, fits: bool) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("files.example").configure_cert(context)
    with media_server(tls=context) as secure:
        secure.answers["/it"] = gives(b"safe")

        def trusting() -> ssl.SSLContext:
            known = ssl.create_default_context()
            authority.configure_trust(known)
            return known

        own = frozenset({f"{host}:{secure.port}"})
        client = MediaClient(private=own, resolve=lambda host, port: ["127.0.0.1"], tls=trusting)
        request = HttpRequest(method="GET", url=f"https://{host}:{secure.port}/it")
        if fits:
            with client.get(request, ()) as answer:
                assert b"".join(answer.chunks) == b"safe"
        else:
            with pytest.raises(ssl.SSLCertVerificationError), client.get(request, ()):
                pass
            assert secure.asked == []


def test_a_gateway_that_raises_or_says_nothing_of_use_loses_no_text(w: Desk, server: MediaServer) -> None:
    class Raises(Gateway):
        def media_request(self, url: str) -> HttpRequest:
            raise RuntimeError("secret")

    class Silent(Gateway):
        def media_request(self, url: str) -> HttpRequest:
            return None  # type: ignore[return-value]

    server.answers["/it"] = gives(made.pdf())
    w.carrier.gateway = Raises()
    w.text(server.url("/it"))
    w.kit.work()
    assert w.states() == [("waiting", None)]
    w.kit.gateways._built.clear()
    w.carrier.gateway = Silent()
    w.clock.pass_(minutes=5)
    w.kit.work()
    assert w.states() == [("ready", None)]
    assert "Authorization" not in server.asked[0][1]


def test_p02_the_same_text_again_fetches_once(w: Desk, server: MediaServer) -> None:
    server.answers["/it"] = gives(made.pdf())
    body = {"id": "same", "text": "", "media": []}
    url = f"https://desk.example/{w.kit.webhook_path('happy-paws')}"
    for signed in ("?a", "?b"):
        body["media"] = [(server.url("/it") + signed, "x", "")]
        server.answers["/it" + signed] = gives(made.pdf())
        request = HttpRequest(method="POST", url=url, body=json.dumps(body).encode())
        assert w.kit.webhook(request).status == 200
    w.kit.work()
    (talk,) = w.desk.inbox().items
    assert len(w.desk.thread(talk.id).items) == 1
    assert len(server.asked) == 1


def test_more_files_than_a_message_has_are_left_out(w: Desk, server: MediaServer) -> None:
    assert len(w.text(*(server.url(f"/{n}") for n in range(12))).attachments) == 10


def test_a_fetched_file_is_in_the_transcript(w: Desk, server: MediaServer) -> None:
    server.answers["/a"] = gives(made.pdf())
    arrived = w.text(server.url("/a"), server.url("/b"))
    w.kit.work()
    told = w.desk.transcript(arrived.conversation_id).text()
    assert hashlib.sha256(made.pdf()).hexdigest() in "".join(told.split())
    assert "File: bella.jpg (still to be fetched)" in told
