"""One push to a browser, and what its service's answer means."""

from __future__ import annotations

import json
import os
import re
from typing import Final
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from convokit.outcomes import Accepted, Refused, TryLater, Unsure
from convokit.plugins.checks import is_this_machine
from convokit.ports.carrier_tools import bounded, unanswered, wait_of
from convokit.ports.push import Pushing, PushMessage, PushOutcome, PushToken, TokenGone
from convokit.ports.strict_json import read_object
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer
from convokit_push_webpush.encryption import AUTH_BYTES, MOST_PLAIN, SALT_BYTES, encrypted
from convokit_push_webpush.keys import CURVE, from_text, private_key, public_key
from convokit_push_webpush.settings import WebPushSettings
from convokit_push_webpush.words import GONE, LATER, NAMES, REASONS, TAKEN

LONGEST_ENDPOINT: Final = 2_000
_PROOF_SECONDS: Final = 12 * 3600
"""How long a signature is good for; RFC 8292 (2) allows a day."""
_TOPIC: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")
_WORD: Final = re.compile(r"[A-Za-z0-9 _.-]{1,60}")


def push_message(settings: WebPushSettings, token: PushToken, message: PushMessage) -> Pushing:
    """Push ``message`` in one POST."""
    plain = said(message)
    if len(plain) > MOST_PLAIN:
        return Refused(reason="content_rejected", raw=f"{len(plain)} bytes")
    if why_no_subscription(settings, token) is not None:  # the settings may have changed since it was registered
        return Refused(reason="invalid_number", raw="not a subscription that may be pushed to")
    answer = yield push_request(settings, token, message, plain)
    return outcome_of(answer)


def said(message: PushMessage) -> bytes:
    """What the service worker gets, as JSON; ``tag`` lets the newest notification replace an older one."""
    told: dict[str, object] = {
        "title": message.title,
        "text": message.text,
        "data": dict(message.data),
        "tag": message.collapse,
    }
    if message.badge is not None:
        told["badge"] = message.badge
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def push_request(settings: WebPushSettings, token: PushToken, message: PushMessage, plain: bytes) -> HttpRequest:
    """The request: encrypted for the browser, and signed for its service."""
    body = encrypted(
        plain,
        from_text(token.keys["p256dh"]),
        from_text(token.keys["auth"]),
        sender=ec.generate_private_key(CURVE),
        salt=os.urandom(SALT_BYTES),
    )
    topic = (("Topic", message.collapse),) if _TOPIC.fullmatch(message.collapse) else ()
    headers = (
        ("Authorization", proof(settings, token.value, message.at_us)),
        ("TTL", str(max(0, message.seconds))),
        ("Urgency", "high" if message.high else "normal"),
        *topic,
        ("Content-Type", "application/octet-stream"),
        ("Content-Encoding", "aes128gcm"),
    )
    return HttpRequest(method="POST", url=token.value, headers=headers, body=body)


def proof(settings: WebPushSettings, endpoint: str, at_us: int) -> str:
    """Who pushes, signed for this service alone (RFC 8292, 3)."""
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": at_us // 1_000_000 + _PROOF_SECONDS,
        "sub": settings.subject,
    }
    signed = jwt.encode(claims, private_key(settings.private_key.reveal()), algorithm="ES256")
    return f"vapid t={signed}, k={settings.application_server_key}"


def outcome_of(answer: HttpResponse | NoAnswer) -> PushOutcome:
    """What the service said. Its own words are kept only where they are a word: they may repeat the endpoint."""
    if isinstance(answer, NoAnswer):
        return unanswered(answer)
    status, raw = answer.status, _raw(answer)
    if status in TAKEN:
        return Accepted()
    if status in GONE:
        return TokenGone(raw=raw)
    if status in LATER:
        return TryLater(raw=raw, after=wait_of(answer))
    if 400 <= status < 500:
        return Refused(reason=REASONS.get(status, "unknown"), raw=raw)
    return Unsure(why=f"unexpected answer: {raw}")


def _raw(answer: HttpResponse) -> str:
    try:
        told = read_object(answer.body)
    except ValueError:
        told = {}
    words = [str(told[name]) for name in NAMES if isinstance(told.get(name), (str, int))]
    return bounded(" ".join([str(answer.status), *filter(_WORD.fullmatch, words)]))


def why_no_subscription(settings: WebPushSettings, token: PushToken) -> str | None:
    """Why this cannot be the subscription of a browser; ``None``: it may be one."""
    if not _is_endpoint(settings, token.value):
        return "the endpoint is not an https URL of a push service that is allowed (services)"
    try:
        public_key(from_text(token.keys.get("p256dh", "")))
        auth = from_text(token.keys.get("auth", ""))
    except ValueError:
        return "p256dh is a public key on P-256, and auth a secret, both in base64url"
    return None if len(auth) == AUTH_BYTES else f"auth has {AUTH_BYTES} bytes"


def _is_endpoint(settings: WebPushSettings, value: str) -> bool:
    """Whether it is a URL that may be called: a browser, or who pretends to be one, chose it."""
    if not value.isascii() or not value.isprintable() or " " in value or len(value) > LONGEST_ENDPOINT:
        return False
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    here = is_this_machine(host)
    usual = parts.scheme == "https" and port in (None, 443)
    plain = here and parts.scheme in ("http", "https")  # a pretended service of a test, where it is allowed
    return settings.takes(host) and parts.username is None and not parts.fragment and (usual or plain)
