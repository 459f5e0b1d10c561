"""Kannel's smsbox, pretended on this machine, for tests of hosts and of this plugin. Needs ``convokit-vet[testing]``.

It refuses what the real one refuses (user guide 1.4.5, chapter "Using the SMS gateway"; the words were seen with the
real one), and calls back as it does, user and password percent-encoded.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from itertools import count
from typing import Final, Literal
from urllib.parse import quote, urlsplit, urlunsplit

from attrs import asdict

from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.testing import CarrierApi, Left, answered
from convokit_sms_kannel.settings import KannelSettings
from convokit_sms_kannel.urls import inbound_url

PATH: Final = "/cgi-bin/sendsms"
USERNAME: Final = "clinic"
PASSWORD: Final = "send-secret-4711"  # noqa: S105 - it guards nothing
WEBHOOK_USER: Final = "kannel"
WEBHOOK_PASSWORD: Final = "call-back-0123456789"  # noqa: S105
_NUMBERS: Final = re.compile(r"[0-9+]+")
_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "sent": ("8", "ACK/"),
    "delivered": ("1", "id:1 stat:DELIVRD err:000"),
    "failed": ("16", "NACK/0x0000000b/Invalid Destination Address"),
}


class KannelApi(CarrierApi):
    """One smsbox with one ``sendsms-user``."""

    plugin = "kannel"
    name = "kannel"

    def __init__(self) -> None:
        super().__init__()
        self._ids = count(1)

    def settings(self, url: str) -> Mapping[str, object]:
        """See :class:`convokit.testing.CarrierApi`."""
        return asdict(self._given(url))

    def _given(self, url: str) -> KannelSettings:
        return KannelSettings(
            send_url=f"{url}{PATH}",
            username=USERNAME,
            password=PASSWORD,
            webhook_user=WEBHOOK_USER,
            webhook_password=WEBHOOK_PASSWORD,
        )

    def answer(self, request: HttpRequest) -> HttpResponse:
        """``sendsms`` by POST."""
        refused = self._refused(request)
        if refused is not None:
            return answered(*refused)
        encoding = "utf-8" if (request.header("Content-Type") or "").endswith("UTF-8") else "latin-1"
        text = request.body.decode(encoding)
        if request.header("X-Kannel-Coding") == "0":
            text = "".join(sign if ord(sign) < 0x2000 or sign == "€" else "?" for sign in text)  # as the real one does
        self.ledger.write(
            Left(
                id=f"k{next(self._ids)}",
                sender=request.header("X-Kannel-From") or "",
                to=request.header("X-Kannel-To") or "",
                text=text,
                callback=request.header("X-Kannel-DLR-URL"),
            )
        )
        return answered(202, "0: Accepted for delivery")

    def _refused(self, request: HttpRequest) -> tuple[int, str] | None:
        if urlsplit(request.url).path != PATH or request.method != "POST":
            return 404, "Unknown request."
        login = (request.header("X-Kannel-Username"), request.header("X-Kannel-Password"))
        if login != (USERNAME, PASSWORD):
            return 403, "Authorization failed for sendsms"
        to = request.header("X-Kannel-To") or ""
        if not to:
            return 400, "Empty receiver number not allowed, rejected"
        if not _NUMBERS.fullmatch(to):
            return 400, "Number(s) has/have been denied by white- and/or black-lists."
        if not request.header("X-Kannel-From"):
            return 400, "Sender missing and no global set, rejected"
        return None

    def report(self, left: Left, state: Literal["sent", "delivered", "failed"]) -> HttpResponse:
        """See :class:`convokit.testing.CarrierApi`."""
        assert left.callback is not None, "no X-Kannel-DLR-URL was sent"
        kind, reply = _STATES[state]
        url = _filled(left.callback, {"d": kind, "A": reply, "i": "smsc1", "T": "1795374599", "F": left.id})
        return self.call(_request("GET", url))

    def bring(self, sender: str, to: str, text: str, *files: bytes) -> HttpResponse:
        """See :class:`convokit.testing.CarrierApi`."""
        assert not files, "Kannel carries no files"
        codes = {"p": sender, "P": to, "I": f"mo-{next(self._ids)}", "i": "smsc1", "T": "1795374599", "c": "2"}
        url = _filled(inbound_url(self._given(self.url), self.hook), {**codes, "C": "UTF-8"})
        return self.call(_request("POST", url, text.encode()))


def _filled(url: str, codes: Mapping[str, str]) -> str:
    """A URL with Kannel's escape codes replaced; ``%%`` is a percent sign."""
    return re.sub(r"%(.)", lambda code: "%" if code[1] == "%" else quote(codes.get(code[1], ""), safe=""), url)


def _request(method: str, url: str, body: bytes = b"") -> HttpRequest:
    parts = urlsplit(url)
    credentials, _, host = parts.netloc.rpartition("@")
    plain = urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
    basic = base64.b64encode(credentials.encode()).decode()
    return HttpRequest(method=method, url=plain, headers=(("Authorization", f"Basic {basic}"),), body=body)
