"""Whether a callback is Twilio's own: HMAC over the URL and what was posted, with the account's token or a shared key.

Twilio, "Webhooks security". The sorted parameters of a form are appended to the URL, name and value without separators;
of any other body the URL carries the SHA-256 in ``bodySHA256``, and the URL alone is signed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlsplit, urlunsplit

from convokit.ports.wire import HttpRequest
from convokit_sms_twilio.settings import TwilioSettings

SIGNATURE: Final = "X-Twilio-Signature"
SIGNED_BY: Final = "X-Twilio-Webhooks-Signature-Settings"
BODY_HASH: Final = "bodySHA256"
MOST_PARAMETERS: Final = 1_000
_ALGORITHMS: Final = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}
_PORTS: Final = {"https": 443, "http": 80}


def is_genuine(settings: TwilioSettings, request: HttpRequest) -> bool:
    """Whether one of our keys made the signature, for the URL as it is, or with another notation of its port."""
    given = (request.header(SIGNATURE) or "").encode("utf-8", "surrogatepass")
    posted = _posted(request)
    if not given or posted is None:
        return False
    found = False
    for algorithm, key in _keys(settings, request):
        for url in _notations(request.url):
            found |= hmac.compare_digest(given, signature(algorithm, key, url, posted))
    return found


def signature(algorithm: str, key: str, url: str, posted: bytes) -> bytes:
    """What Twilio puts into the header. ``algorithm``: a name of :mod:`hashlib`."""
    whole = url.encode("utf-8", "surrogatepass") + posted
    return base64.b64encode(hmac.new(key.encode(), whole, algorithm).digest())


def _keys(settings: TwilioSettings, request: HttpRequest) -> Iterator[tuple[str, str]]:
    """The algorithms and keys that may have made the signature. None for a notation that we do not know."""
    if not any(name.lower() == SIGNED_BY.lower() for name, _ in request.headers):
        yield "sha1", settings.auth_token.reveal()
        if settings.previous_auth_token is not None:
            yield "sha1", settings.previous_auth_token.reveal()
        return
    told = dict(part.strip().partition("=")[::2] for part in (request.header(SIGNED_BY) or "").split(",", 9))
    algorithm = _ALGORITHMS.get(told.get("algorithm", ""))
    ours = settings.shared_key_id is not None and told.get("key") == settings.shared_key_id
    if algorithm is not None and ours and settings.shared_key_secret is not None:
        yield algorithm, settings.shared_key_secret.reveal()


def _posted(request: HttpRequest) -> bytes | None:
    """What is signed behind the URL; ``None`` where the body is not what was signed, or is no form."""
    try:
        hashes = [value for name, value in parse_qsl(urlsplit(request.url).query) if name == BODY_HASH]
        if hashes:
            actual = hashlib.sha256(request.body).hexdigest()
            return b"" if len(hashes) == 1 and hmac.compare_digest(hashes[0].encode(), actual.encode()) else None
        pairs = sorted(set(form_of(request.body)))
    except (ValueError, UnicodeError):
        return None
    return b"".join(name + value for name, value in pairs)


def form_of(body: bytes) -> list[tuple[bytes, bytes]]:
    """Names and values of a form, blanks kept, as the bytes that they are.

    Raises:
        ValueError: there are more than a thousand.
    """
    pairs = parse_qsl(
        body.decode("latin-1"), keep_blank_values=True, encoding="latin-1", max_num_fields=MOST_PARAMETERS
    )
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]


def _notations(url: str) -> Iterator[str]:
    """A URL as it is, without its port, and with the one that its scheme has anyway: Twilio signs any of them."""
    yield url
    try:
        parts = urlsplit(url)
        port, usual = parts.port, _PORTS[parts.scheme]
    except (ValueError, KeyError):
        return
    if port is None:
        yield _with_netloc(parts, f"{parts.netloc}:{usual}")
    else:
        yield _with_netloc(parts, parts.netloc.rpartition(":")[0])


def _with_netloc(parts: SplitResult, netloc: str) -> str:
    return urlunsplit((parts.scheme, netloc, parts.path, parts.query, parts.fragment))
