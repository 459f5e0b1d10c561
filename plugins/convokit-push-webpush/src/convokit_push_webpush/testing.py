"""A push service and the browsers behind it, pretended on this machine, for tests of hosts and of this plugin.

It is as strict as RFC 8030, 8188, 8291 and 8292 are: who may push, with which headers, and how it is encrypted. What it
takes it decrypts, as the browser would. It needs ``convokit-vet[testing]``.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import count
from typing import Any, Final

import jwt
from attrs import field, frozen
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from convokit.ports.wire import HttpRequest, HttpResponse
from convokit.runtime.world import system_clock
from convokit.testing.loopback import Ledger, LoopbackServer
from convokit_push_webpush.keys import CURVE, fresh_private_key, from_text, point_of, public_key, to_text

DAY_SECONDS: Final = 24 * 3600
LARGEST: Final = 4_096
_PROOF: Final = re.compile(r"vapid t=([A-Za-z0-9_.-]+), ?k=([A-Za-z0-9_-]+)")
_TOPIC: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")
_URGENCIES: Final = ("very-low", "low", "normal", "high")


@frozen(kw_only=True)
class Browser:
    """A browser that is subscribed, and its keys.

    ``token`` and ``keys`` are what a page registers: the endpoint, ``p256dh`` and ``auth``.
    """

    token: str
    keys: Mapping[str, str] = field(repr=False)
    private: ec.EllipticCurvePrivateKey = field(repr=False)


@frozen(kw_only=True)
class Shown:
    """One push that a browser got: what it says, and how it came."""

    browser: str
    told: Mapping[str, Any]
    ttl: int
    urgency: str
    topic: str | None


class WebPushService(LoopbackServer):
    """One push service. Use it as a context manager.

    Attributes:
        ledger: what browsers were shown, in order.
        answers: what is answered instead, by endpoint: status, headers and body.
        now: what its clock says, UTC.
    """

    def __init__(self) -> None:
        self.ledger: Ledger[Shown] = Ledger()
        self.answers: dict[str, HttpResponse] = {}
        self.now: Callable[[], datetime] = system_clock
        self.private_key = fresh_private_key()
        self._browsers: dict[str, tuple[Browser, str | None]] = {}
        self._ids = count(1)

    def settings(self) -> dict[str, str]:
        """Settings of the plugin that may push here."""
        return {"private_key": self.private_key, "subject": "mailto:it@vet.example", "services": "127.0.0.1"}

    def subscribe(self, application_server_key: str | None = None) -> Browser:
        """A browser subscribes; with a key, only who signs with that one may push to it."""
        private, auth = ec.generate_private_key(CURVE), os.urandom(16)
        keys = {"p256dh": to_text(point_of(private)), "auth": to_text(auth)}
        made = Browser(token=f"{self.url}/push/{next(self._ids)}", keys=keys, private=private)
        self._browsers[made.token] = made, application_server_key
        return made

    def unsubscribe(self, browser: Browser) -> None:
        """The browser forgets it."""
        del self._browsers[browser.token]

    def answer(self, request: HttpRequest) -> HttpResponse:
        """See :meth:`convokit.testing.loopback.LoopbackServer.answer`."""
        if request.url in self.answers:
            return self.answers[request.url]
        if request.url not in self._browsers:
            return HttpResponse(status=410)
        browser, wanted = self._browsers[request.url]
        refused = self._refused(request, wanted)
        if refused is not None:
            return refused
        self.ledger.write(
            Shown(
                browser=browser.token,
                told=json.loads(opened(request.body, browser)),
                ttl=int(request.header("TTL") or ""),
                urgency=request.header("Urgency") or "normal",
                topic=request.header("Topic"),
            )
        )
        return HttpResponse(status=201, headers=(("Location", f"{self.url}/message/{next(self._ids)}"),))

    def _refused(self, request: HttpRequest, wanted: str | None) -> HttpResponse | None:
        """What the service refuses, by the first rule that is broken."""
        ttl, topic = request.header("TTL") or "", request.header("Topic")
        rules = (
            (request.method != "POST", 405),
            (not (ttl.isascii() and ttl.isdecimal()), 400),
            (request.header("Urgency") not in (None, *_URGENCIES), 400),
            (topic is not None and not _TOPIC.fullmatch(topic), 400),
            (request.header("Content-Encoding") != "aes128gcm", 400),
            (len(request.body) > LARGEST, 413),
        )
        status = next((status for broken, status in rules if broken), None) or self._who(request, wanted)
        return None if status is None else HttpResponse(status=status)

    def _who(self, request: HttpRequest, wanted: str | None) -> int | None:
        """401 for no proof, 403 for one that does not hold here."""
        found = _PROOF.fullmatch(request.header("Authorization") or "")
        if found is None:
            return 401
        key = public_key(from_text(found[2]))
        now = self.now().timestamp()
        try:
            claims = jwt.decode(found[1], key, algorithms=["ES256"], audience=self.url, options={"verify_exp": False})
        except jwt.InvalidTokenError:
            return 403
        lasts = now < claims.get("exp", 0) <= now + DAY_SECONDS
        named = str(claims.get("sub", "")).startswith(("mailto:", "https://"))
        return None if lasts and named and wanted in (None, found[2]) else 403


def opened(body: bytes, browser: Browser) -> bytes:
    """What a body says, read as RFC 8188 and 8291 have it, with nothing of the plugin's own code.

    Raises:
        AssertionError: it is not of one record, or not the last one.
        cryptography.exceptions.InvalidTag: it is not for this browser, or was changed.
    """
    salt, record, length = body[:16], int.from_bytes(body[16:20]), body[20]
    theirs, coded = body[21 : 21 + length], body[21 + length :]
    assert len(coded) <= record, "more than one record"
    shared = browser.private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs))
    ours = point_of(browser.private)
    first = hmac.digest(from_text(browser.keys["auth"]), shared, hashlib.sha256)
    secret = hmac.digest(first, b"WebPush: info\0" + ours + theirs + b"\x01", hashlib.sha256)
    second = hmac.digest(salt, secret, hashlib.sha256)
    key = hmac.digest(second, b"Content-Encoding: aes128gcm\0\x01", hashlib.sha256)[:16]
    nonce = hmac.digest(second, b"Content-Encoding: nonce\0\x01", hashlib.sha256)[:12]
    plain = AESGCM(key).decrypt(nonce, coded, None).rstrip(b"\0")
    assert plain.endswith(b"\x02"), "the last record is not marked"
    return plain[:-1]
