"""One mail over SMTP, and what the server's answers mean.

The commands are given one by one rather than by ``sendmail``: only so can be told whether the connection broke before
the mail was complete (nobody has it) or after (nobody knows).
"""

from __future__ import annotations

import binascii
import re
import smtplib
import ssl
import time
from contextlib import suppress
from typing import Final

from attrs import define, field

from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.ports.mail import MailMessage, MailOutcome, RecipientRefusal
from convokit_mail_smtp.client import Client, TlsClient
from convokit_mail_smtp.compose import Written, everybody_refused, write_mail
from convokit_mail_smtp.settings import SmtpSettings
from convokit_mail_smtp.words import Stage, bounded, refusal

_GOODBYE: Final = 2
"""Seconds for QUIT: everything is decided by then."""
_CHUNK: Final = 65_536
"""Bytes that are sent between two looks at the time."""


def send_mail(settings: SmtpSettings, tls: ssl.SSLContext, message: MailMessage) -> MailOutcome:
    """Connect, hand ``message`` over, hang up."""
    written = write_mail(message)
    if isinstance(written, Refused):
        return MailOutcome(outcome=written)
    if not written.recipients:
        return MailOutcome(outcome=everybody_refused(written.refusals), refusals=written.refusals)
    exchange = _Exchange(settings, tls, written)
    try:
        outcome = exchange.run()
    except smtplib.SMTPServerDisconnected as error:
        outcome = TryLater(raw=_told(error))
    except smtplib.SMTPResponseException as error:
        outcome = refusal(exchange.stage, error.smtp_code, _as_bytes(error.smtp_error))
    except smtplib.SMTPException as error:  # no STARTTLS, no AUTH, no method of AUTH that we know
        outcome = Refused(reason="account_problem", raw=_told(error))
    except OSError as error:  # no such name, no route, nobody listening, a certificate that does not fit
        outcome = TryLater(raw=_told(error))
    finally:
        exchange.hang_up()
    return MailOutcome(outcome=outcome, refusals=tuple(exchange.refusals))


@define
class _Exchange:
    """One connection. What it raises was raised before the mail was complete."""

    settings: SmtpSettings
    tls: ssl.SSLContext
    written: Written
    stage: Stage = "connect"
    refusals: list[RecipientRefusal] = field(init=False)
    _client: Client | None = None
    _ends: float = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.refusals = list(self.written.refusals)
        self._ends = time.monotonic() + self.settings.deadline

    def run(self) -> Outcome:
        client = self._connected()
        self._login(client)
        if self.written.utf8:
            if not client.has_extn("smtputf8"):
                return Refused(reason="invalid_number", raw="the server cannot send to addresses beyond ASCII")
            client.command_encoding = "utf-8"
        self.stage = "sender"
        code, words = self._command(client, "MAIL", self._sender(client))
        if code != 250:
            return refusal(self.stage, code, words)
        if not self._taken(client):
            return everybody_refused(tuple(self.refusals))
        self.stage = "content"
        code, words = self._command(client, "DATA", spare=self.settings.timeout)
        return self._content(client) if code == 354 else refusal(self.stage, code, words)

    def hang_up(self) -> None:
        if self._client is None:
            return
        with suppress(OSError):
            self._wait(self._client, _GOODBYE)
            self._client.quit()
        self._client.close()

    def _connected(self) -> Client:
        settings = self.settings
        hello = settings.hello_name or self.written.hello_name
        by = time.monotonic() + min(self._left(), settings.timeout)
        if settings.security == "tls":
            client: Client = TlsClient(settings, hello, by, self.tls)
        else:
            client = Client(settings, hello, by)
        self._client = client
        self._in_time(client)
        client.ehlo_or_helo_if_needed()
        if settings.security == "starttls":
            self._in_time(client)
            client.starttls(context=self.tls)
            self._in_time(client)
            client.ehlo_or_helo_if_needed()
        return client

    def _login(self, client: Client) -> None:
        self.stage = "login"
        if self.settings.username is None or self.settings.password is None:
            return
        self._in_time(client)
        try:
            client.login(self.settings.username, self.settings.password.reveal())
        except binascii.Error:
            raise smtplib.SMTPException("a challenge without sense") from None

    def _sender(self, client: Client) -> str:
        size = f" SIZE={len(self.written.data)}" if client.has_extn("size") else ""
        utf8 = " SMTPUTF8" if self.written.utf8 else ""
        return f"FROM:<{self.written.sender}>{size}{utf8}"

    def _taken(self, client: Client) -> bool:
        """Name the recipients; whether the server takes any."""
        self.stage = "recipient"
        taken = False
        for given, address in self.written.recipients:
            code, words = self._command(client, "RCPT", f"TO:<{address}>")
            if code in (250, 251):
                taken = True
            else:
                self.refusals.append(RecipientRefusal(address=given, outcome=refusal(self.stage, code, words)))
        return taken

    def _content(self, client: Client) -> Outcome:
        """The mail. Until its last line has left, the server must forget it when the connection breaks."""
        self._upload(client, re.sub(rb"(?m)^\.", b"..", self.written.data))
        self._wait(client, self._left())
        try:
            client.send(b".\r\n")
            code, words = client.getreply()
        except OSError as error:
            return Unsure(why=_told(error))
        if 200 <= code <= 299:
            return Accepted(provider_id=self.written.message_id)
        if 400 <= code <= 599:
            return refusal(self.stage, code, words)
        return Unsure(why=bounded(f"unexpected answer: {code} {words.decode('utf-8', 'replace')}"))

    def _upload(self, client: Client, data: bytes) -> None:
        try:
            for start in range(0, len(data), _CHUNK):
                self._in_time(client, spare=self.settings.timeout)
                client.send(data[start : start + _CHUNK])
        except TimeoutError:
            client.close()  # a QUIT would be taken for a line of the mail
            raise

    def _command(self, client: Client, verb: str, rest: str = "", *, spare: int = 0) -> tuple[int, bytes]:
        self._in_time(client, spare=spare)
        return client.docmd(verb, rest)

    def _in_time(self, client: Client, *, spare: int = 0) -> None:
        """Set the time for the next answer; ``spare`` seconds must be left, or it would be cut off when it matters."""
        left = self._left()
        if left <= spare:
            raise TimeoutError("the deadline is over")
        self._wait(client, min(left, self.settings.timeout))

    def _left(self) -> float:
        return self._ends - time.monotonic()

    @staticmethod
    def _wait(client: Client, seconds: float) -> None:
        client.answer_by = time.monotonic() + seconds
        if client.sock is not None:
            client.sock.settimeout(max(seconds, 0.001))


def _told(error: Exception) -> str:
    return bounded(f"{type(error).__name__}: {error}")


def _as_bytes(words: bytes | str) -> bytes:
    return words if isinstance(words, bytes) else words.encode()
