"""Mail servers on 127.0.0.1: a real one (aiosmtpd), and one that follows a script to the byte."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from typing import BinaryIO

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from attrs import define, field

from convokit.testing.mailer_contract import Delivered, read_mail

USER, PASSWORD = "desk", "s3cret pass-phrase"


@define
class Handler:
    """What the server answers, and what it has taken."""

    refused: dict[str, str] = field(factory=dict)
    contents: str | None = None
    sender: str | None = None
    login: bool = True
    hangs_up: bool = False
    delivered: list[Delivered] = field(factory=list)
    raw: list[bytes] = field(factory=list)
    sessions: list[Session] = field(factory=list)
    mail_options: list[list[str]] = field(factory=list)

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, how: str, data: object) -> AuthResult:
        assert isinstance(data, LoginPassword)
        known = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=self.login and known, handled=False)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.sessions.append(session)
        self.mail_options.append(options)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.sender or "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.contents is not None:
            return self.contents
        if self.hangs_up:
            assert server.transport is not None
            server.transport.abort()
            return "250 OK"
        assert isinstance(envelope.content, bytes)
        self.raw.append(envelope.content)
        self.delivered.append(read_mail(envelope.rcpt_tos, envelope.content))
        return "250 2.0.0 queued as 4711"


class Server(Controller):
    """A controller on a port that the system chose."""

    def __init__(self, handler: Handler, **options: object) -> None:
        self.free = socket.create_server(("127.0.0.1", 0))
        super().__init__(handler, hostname="127.0.0.1", port=self.free.getsockname()[1], **options)
        self.start()

    def _create_server(self) -> object:
        return self.loop.create_server(self._factory_invoker, sock=self.free, ssl=self.ssl_context)

    def close(self) -> None:
        if self.server is not None:
            self.stop()


@define(kw_only=True)
class Certificates:
    """An authority of our own: a server with its certificate, and the file that a client needs to trust it."""

    server: ssl.SSLContext
    ca_file: str
    other_ca_file: str


HANG_UP, SILENCE, DRIP, FLOOD, SLOWLY = b"<hang up>", b"<silence>", b"<drip>", b"<flood>", b"<slowly>"
"""In place of an answer. For ``BODY``, what happens while the mail comes in: ``HANG_UP`` or ``SLOWLY``."""
_SIP = 65_536
GOOD = {
    "GREETING": b"220 here\r\n",
    "EHLO": b"250-here\r\n250-SIZE 1000\r\n250 AUTH PLAIN\r\n",
    "AUTH": b"235 ok\r\n",
    "MAIL": b"250 ok\r\n",
    "RCPT": b"250 ok\r\n",
    "DATA": b"354 go on\r\n",
    "END": b"250 taken\r\n",
    "QUIT": b"221 bye\r\n",
}


class Script:
    """A server that gives to each command the bytes it was told, to one client. ``said`` is what the client said."""

    def __init__(self, **answers: bytes) -> None:
        self.answers = {**GOOD, **answers}
        self.said: list[str] = []
        self.contents = b""
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SIP)
        self.port: int = self._socket.getsockname()[1]
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join(20)
        assert not self._thread.is_alive()
        self._socket.close()

    def _serve(self) -> None:
        client, _ = self._socket.accept()
        with client, client.makefile("rb") as lines, contextlib.suppress(OSError):  # the client has gone
            self._talk(client, lines)

    def _talk(self, client: socket.socket, lines: BinaryIO) -> None:
        if not self._answer(client, "GREETING"):
            return
        for line in lines:
            verb, space, rest = line.decode("latin-1").strip().partition(" ")
            command = verb.upper()
            self.said.append(f"{command}{space}{rest}")
            if not self._answer(client, command):
                return
            if command == "DATA" and self.answers["DATA"].startswith(b"354"):
                if self.answers.get("BODY") == SLOWLY:
                    while lines.read(_SIP):
                        self._over.wait(0.1)
                    return
                if self.answers.get("BODY") == HANG_UP:
                    lines.readline()
                    self._reset(client)
                    return
                for part in iter(lines.readline, b".\r\n"):
                    if not part:
                        return
                    self.contents += part
                if not self._answer(client, "END"):
                    return

    def _answer(self, client: socket.socket, command: str) -> bool:
        answer = self.answers.get(command, b"502 5.5.1 what?\r\n")
        if answer == SILENCE:
            self._over.wait(20)
        if answer in (SILENCE, HANG_UP):
            return False
        if answer == DRIP:
            while not self._over.wait(0.1):
                client.sendall(b"2")
        while answer == FLOOD and not self._over.is_set():
            client.sendall(b"250-more\r\n")
        client.sendall(answer)
        return True

    @staticmethod
    def _reset(client: socket.socket) -> None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
