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

Form = list[tuple[str, str]]
"""Names and values, blanks kept; each character stands for a byte, for it is bytes that are signed."""


def is_genuine(settings: TwilioSettings, request: HttpRequest) -> bool:
    """Whether one of our keys made the signature, for the URL as it is, or with another notation of its port."""
    return proven(settings, request) is not None


def proven(settings: TwilioSettings, request: HttpRequest) -> Form | None:
    """The form of a genuine request, empty where none is signed; ``None``: none of our keys made the signature."""
    given = (request.header(SIGNATURE) or "").encode("utf-8", "surrogatepass")
    form = _form(request) if given else None
    if form is None:
        return None
    posted = "".join(name + value for name, value in sorted(set(form))).encode("latin-1")
    # The URL as it is comes first: nearly always it fits, and whoever fits may know how soon.
    for algorithm, key in _keys(settings, request):
        for url in _notations(request.url):
            if hmac.compare_digest(given, signature(algorithm, key, url, posted)):
                return form
    return None


def signature(algorithm: str, key: str, url: str, posted: bytes) -> bytes:
    """What Twilio puts into the header. ``algorithm``: a name of :mod:`hashlib`."""
    whole = url.encode("utf-8", "surrogatepass") + posted
    return base64.b64encode(hmac.digest(key.encode(), whole, algorithm))


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


def _form(request: HttpRequest) -> Form | None:
    """What is signed behind the URL; ``None`` where the body is not what was signed, or is no form."""
    try:
        hashes = [value for name, value in parse_qsl(urlsplit(request.url).query) if name == BODY_HASH]
        if hashes:
            actual = hashlib.sha256(request.body).hexdigest()
            return [] if len(hashes) == 1 and hmac.compare_digest(hashes[0].encode(), actual.encode()) else None
        text = request.body.decode("latin-1")
        return parse_qsl(text, keep_blank_values=True, encoding="latin-1", max_num_fields=MOST_PARAMETERS)
    except (ValueError, UnicodeError):
        return None


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
