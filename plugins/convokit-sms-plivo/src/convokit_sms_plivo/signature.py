"""Whether a callback is Plivo's own: HMAC-SHA256 with an auth token.

V3 covers the URL, what was posted, and a nonce. It comes in two headers: proved by the token of the account that has
the number, and (``Ma``) by that of the main account. Either header is enough, with any of our tokens, and may hold
several proofs. V2 covers the URL without its query, and a nonce: no more.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from convokit.ports.wire import HttpRequest
from convokit_sms_plivo.settings import PlivoSettings

V3: Final = ("X-Plivo-Signature-V3", "X-Plivo-Signature-Ma-V3")
V3_NONCE: Final = "X-Plivo-Signature-V3-Nonce"
V2: Final = ("X-Plivo-Signature-V2", "X-Plivo-Signature-Ma-V2")
V2_NONCE: Final = "X-Plivo-Signature-V2-Nonce"
MOST_PARAMETERS: Final = 1_000
_MOST_PROOFS: Final = 10


def is_genuine(settings: PlivoSettings, request: HttpRequest) -> bool:
    """Whether one of our tokens proves it. Where there is any proof of V3, no proof of V2 counts."""
    try:
        if _has(request, (*V3, V3_NONCE)):
            return _fits(settings, request, V3, V3_NONCE, signed_v3(request))
        return settings.accept_v2 and _fits(settings, request, V2, V2_NONCE, signed_v2(request))
    except ValueError:
        return False


def signed_v3(request: HttpRequest) -> bytes:
    """What is proved by V3, but for the nonce at its end.

    Raises:
        ValueError: the URL cannot be parsed, or there are more than a thousand parameters.
    """
    parts = urlsplit(request.url)
    query = b"&".join(name + b"=" + value for name, value in sorted(_pairs(parts.query)))
    posted = b"".join(name + value for name, value in sorted(_pairs(request.body.decode("latin-1"))))
    mark, dot = b"?" if query or posted else b"", b"." if query and posted else b""
    return _base(request) + mark + query + dot + posted + b"."


def signed_v2(request: HttpRequest) -> bytes:
    """The same for V2.

    Raises:
        ValueError: the URL cannot be parsed.
    """
    return _base(request)


def _base(request: HttpRequest) -> bytes:
    parts = urlsplit(request.url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}".encode("utf-8", "surrogatepass")


def _pairs(text: str) -> list[tuple[bytes, bytes]]:
    """Names and values as the bytes that they are, blanks kept."""
    pairs = parse_qsl(text, keep_blank_values=True, encoding="latin-1", max_num_fields=MOST_PARAMETERS)
    return [(name.encode("latin-1", "replace"), value.encode("latin-1", "replace")) for name, value in pairs]


def _has(request: HttpRequest, names: Iterable[str]) -> bool:
    wanted = {name.lower() for name in names}
    return any(name.lower() in wanted for name, _ in request.headers)


def _fits(settings: PlivoSettings, request: HttpRequest, headers: Iterable[str], nonce: str, signed: bytes) -> bool:
    given = request.header(nonce)
    if not given:
        return False
    whole = signed + given.encode("utf-8", "surrogatepass")
    proofs = [proof for name in headers for proof in (request.header(name) or "").split(",", _MOST_PROOFS)]
    found = False
    for token in settings.tokens:
        made = base64.b64encode(hmac.new(token.encode(), whole, hashlib.sha256).digest())
        for proof in proofs:
            found |= hmac.compare_digest(proof.strip().encode("utf-8", "surrogatepass"), made)
    return found
