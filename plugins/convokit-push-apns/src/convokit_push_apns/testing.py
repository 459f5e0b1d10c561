"""Apple's push service, pretended on this machine over TLS and HTTP/2, for tests of hosts and of this plugin.

It is as strict as the real one is documented to be: who may push, with which headers, and how the payload looks. It
needs ``convokit-vet[testing]``.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import h2.config
import h2.connection
import h2.events
import jwt
from attrs import field, frozen
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.runtime.world import system_clock
from convokit.testing import answered_json
from convokit.testing.loopback import Ledger

TEAM: Final = "DEF123GHIJ"
KEY_ID: Final = "ABC123DEFG"
TOPIC: Final = "example.vet.app"
LARGEST: Final = 4_096
HOUR_SECONDS: Final = 3_600
_PATH: Final = re.compile(r"/3/device/([0-9a-f]{64,200})")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PRIORITIES: Final = ("1", "5", "10")
_CHUNK: Final = 65_536


def fresh_pem() -> str:
    """A signing key, as Apple's file has it."""
    return _pem(ec.generate_private_key(ec.SECP256R1())).decode()


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def said(status: int, reason: str, timestamp: int | None = None) -> HttpResponse:
    """An answer as Apple writes it; ``timestamp`` in milliseconds."""
    return answered_json(status, {"reason": reason, **({} if timestamp is None else {"timestamp": timestamp})})


@frozen(kw_only=True)
class Pushed:
    """One notification that was taken: for which device, and what it says."""

    token: str = field(repr=False)
    topic: str
    payload: Mapping[str, Any] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


class ApnsApi:
    """The service, for one team and one app. Use it as a context manager.

    Attributes:
        ledger: what was taken, in order.
        answers: what is answered instead, by device token.
        proofs: the signatures that were shown, in order; each once.
        now: what its clock says, UTC.
    """

    def __init__(self) -> None:
        self.ledger: Ledger[Pushed] = Ledger()
        self.answers: dict[str, HttpResponse] = {}
        self.proofs: list[str] = []
        self.now: Callable[[], datetime] = system_clock
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.private_key = _pem(self._key).decode()
        self._folder = tempfile.TemporaryDirectory()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[ssl.SSLSocket] = []

    @property
    def url(self) -> str:
        """The beginning of all its URLs."""
        return f"https://127.0.0.1:{self._listening.getsockname()[1]}"

    @property
    def certificate(self) -> Path:
        """Its certificate, which nobody has signed; clients trust it by ``SSL_CERT_FILE``."""
        return Path(self._folder.name) / "certificate.pem"

    def settings(self) -> dict[str, str]:
        """Settings of the plugin that may push here."""
        names = {"team_id": TEAM, "key_id": KEY_ID, "topic": TOPIC}
        return {**names, "private_key": self.private_key, "base_url": self.url}

    def answer(self, request: HttpRequest) -> HttpResponse:
        """What the service answers to one request."""
        found = _PATH.fullmatch(request.url.removeprefix(self.url))
        if found is None:
            return said(400, "BadDeviceToken") if "/3/device/" in request.url else said(404, "BadPath")
        refused = self._who(request) or _what(request)
        if refused is not None:
            return refused
        token = found[1]
        if token in self.answers:
            return self.answers[token]
        headers = {name.lower(): value for name, value in request.headers}
        payload = json.loads(request.body)
        self.ledger.write(Pushed(token=token, topic=headers["apns-topic"], payload=payload, headers=headers))
        return HttpResponse(status=200, headers=(("apns-id", headers["apns-id"]),))

    def _who(self, request: HttpRequest) -> HttpResponse | None:
        """What is wrong with who asks, by the first rule that is broken."""
        kind, _, signed = (request.header("authorization") or "").partition(" ")
        if kind != "bearer":
            return said(403, "MissingProviderToken")
        try:
            claims = jwt.decode(signed, self._key.public_key(), algorithms=["ES256"], options={"verify_iat": False})
            named = jwt.get_unverified_header(signed).get("kid") == KEY_ID
        except jwt.InvalidTokenError:
            return said(403, "InvalidProviderToken")
        if not named or claims.get("iss") != TEAM:
            return said(403, "InvalidProviderToken")
        if not -60 <= self.now().timestamp() - claims.get("iat", 0) < HOUR_SECONDS:
            return said(403, "ExpiredProviderToken")
        if signed not in self.proofs:
            self.proofs.append(signed)
        if request.header("apns-topic") is None:
            return said(400, "MissingTopic")
        return None if request.header("apns-topic") == TOPIC else said(400, "TopicDisallowed")

    # --- HTTP/2 -------------------------------------------------------------------------------------------------------
    def __enter__(self) -> Self:
        key = ec.generate_private_key(ec.SECP256R1())
        self.certificate.write_bytes(_certificate(key))
        secret = Path(self._folder.name) / "key.pem"
        secret.write_bytes(_pem(key))
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(self.certificate, secret)
        self._tls.set_alpn_protocols(["h2"])
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Closing alone does not wake a thread that waits in accept().
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._folder.cleanup()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                plain, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        """One connection: requests come, each on a stream of its own."""
        with suppress(OSError), self._tls.wrap_socket(plain, server_side=True) as sock:
            if sock.selected_alpn_protocol() != "h2":
                return  # the real one speaks nothing else either
            self._open.append(sock)
            speaking = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
            speaking.initiate_connection()
            sock.sendall(speaking.data_to_send())
            streams: dict[int, tuple[list[tuple[str, str]], bytearray]] = {}
            while received := sock.recv(_CHUNK):
                for event in speaking.receive_data(received):
                    self._heard(speaking, streams, event)
                sock.sendall(speaking.data_to_send())

    def _heard(
        self,
        speaking: h2.connection.H2Connection,
        streams: dict[int, tuple[list[tuple[str, str]], bytearray]],
        event: h2.events.Event,
    ) -> None:
        match event:
            case h2.events.RequestReceived(stream_id=int(stream), headers=headers):
                pairs = [(_text(name), _text(value)) for name, value in headers or ()]
                streams[stream] = pairs, bytearray()
            case h2.events.DataReceived(stream_id=int(stream), data=data):
                streams[stream][1].extend(data or b"")
                speaking.acknowledge_received_data(event.flow_controlled_length or 0, stream)
            case h2.events.StreamEnded(stream_id=int(stream)):
                pairs, body = streams.pop(stream)
                answer = self.answer(_request(self.url, pairs, bytes(body)))
                fields = [(":status", str(answer.status)), *((k.lower(), v) for k, v in answer.headers)]
                speaking.send_headers(stream, fields, end_stream=not answer.body)
                if answer.body:
                    speaking.send_data(stream, answer.body, end_stream=True)
            case _:
                return


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _request(url: str, pairs: list[tuple[str, str]], body: bytes) -> HttpRequest:
    pseudo = dict(pair for pair in pairs if pair[0].startswith(":"))
    headers = tuple(pair for pair in pairs if not pair[0].startswith(":"))
    return HttpRequest(method=pseudo[":method"], url=f"{url}{pseudo[':path']}", headers=headers, body=body)


def _what(request: HttpRequest) -> HttpResponse | None:
    """What is wrong with what is pushed, by the first rule that is broken."""
    try:
        aps = read_object(request.body).get("aps")
    except ValueError:
        aps = None
    collapse = request.header("apns-collapse-id") or ""
    rules = (
        (request.method != "POST", 405, "MethodNotAllowed"),
        (len(request.body) > LARGEST, 413, "PayloadTooLarge"),
        (not isinstance(aps, Mapping), 400, "PayloadEmpty"),
        (request.header("apns-push-type") != "alert", 400, "InvalidPushType"),
        (request.header("apns-priority") not in _PRIORITIES, 400, "BadPriority"),
        (not (request.header("apns-expiration") or "").isdecimal(), 400, "BadExpirationDate"),
        (not _UUID.fullmatch(request.header("apns-id") or ""), 400, "BadMessageId"),
        (len(collapse.encode()) > 64, 400, "BadCollapseId"),
    )
    return next((said(status, word) for broken, status, word in rules if broken), None)


def _certificate(key: ec.EllipticCurvePrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pretended APNs")])
    now = system_clock()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    return made.public_bytes(Encoding.PEM)
