"""``smtplib`` with an end: a server that sends its answer byte by byte is given up in time."""

from __future__ import annotations

import io
import smtplib
import socket
import ssl
import time
from typing import TYPE_CHECKING, cast

from convokit_mail_smtp.settings import SmtpSettings

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Client(smtplib.SMTP):
    """A connection on which everything has to be over at ``answer_by`` (seconds of the monotonic clock)."""

    def __init__(self, settings: SmtpSettings, hello_name: str, answer_by: float) -> None:
        self.answer_by = answer_by
        smtplib.SMTP.__init__(self, settings.host, settings.real_port, hello_name, timeout=settings.timeout)

    def left(self) -> float:
        """Seconds until ``answer_by``.

        Raises:
            TimeoutError: none are left.
        """
        seconds = self.answer_by - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("no answer in time")
        return seconds

    def getreply(self) -> tuple[int, bytes]:
        """The next answer, as in ``smtplib``, whose own reading would begin its timeout again with each byte."""
        if self.file is None:
            self.file = io.BufferedReader(_Incoming(self))
        return super().getreply()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """Connect to the first address that answers; all of them share the time that ``smtplib`` gives to each."""
        error = OSError("no address")
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        for tried, (*_, address) in enumerate(found):
            try:
                return socket.create_connection(cast(tuple[str, int], address[:2]), self.left() / (len(found) - tried))
            except OSError as failed:
                error = failed
        raise error


class TlsClient(smtplib.SMTP_SSL, Client):
    """The same with TLS from the first byte on."""

    def __init__(self, settings: SmtpSettings, hello_name: str, answer_by: float, tls: ssl.SSLContext) -> None:
        self.answer_by = answer_by
        smtplib.SMTP_SSL.__init__(
            self, settings.host, settings.real_port, hello_name, timeout=settings.timeout, context=tls
        )


class _Incoming(io.RawIOBase):
    """What a server sends, until the time is over."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        sock = cast(socket.socket, self._client.sock)
        sock.settimeout(self._client.left())
        return sock.recv_into(buffer)
