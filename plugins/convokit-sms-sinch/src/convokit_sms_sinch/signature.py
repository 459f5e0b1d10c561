"""Whether a callback is Sinch's own: signed (HMAC-SHA256 over its body, a nonce and a time), or by a password.

Which of the two, the settings say, and not the callback. Neither covers the URL.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final

from convokit.domain.instant import SECOND
from convokit.ports.carrier_tools import LONGEST_ID, is_basic
from convokit.ports.wire import HttpRequest
from convokit_sms_sinch.settings import SinchSettings

SIGNATURE: Final = "x-sinch-webhook-signature"
NONCE: Final = "x-sinch-webhook-signature-nonce"
TIMESTAMP: Final = "x-sinch-webhook-signature-timestamp"
FRESH_SECONDS: Final = 86_400
"""How old, and how far ahead, a signed time may be. Sinch repeats a callback for up to 22 hours and 45 minutes, and
does not say that it signs it anew; that a callback comes again changes nothing."""
_LONGEST_STAMP: Final = 12


def is_genuine(settings: SinchSettings, request: HttpRequest) -> bool:
    """Whether one of the secrets signed it within a day, or, where there are none, it has one of the passwords."""
    if not settings.secrets:
        return is_basic(request, settings.callback_pairs)
    stamp, nonce = request.header(TIMESTAMP) or "", request.header(NONCE) or ""
    if not _is_fresh(stamp, request.received_us) or not 0 < len(nonce) <= LONGEST_ID:
        return False
    signed = request.body + f".{nonce}.{stamp}".encode("utf-8", "surrogatepass")
    given = (request.header(SIGNATURE) or "").encode("utf-8", "surrogatepass")
    found = False
    for secret in settings.secrets:
        found |= hmac.compare_digest(given, signature(secret, signed))
    return found


def signature(secret: str, signed: bytes) -> bytes:
    """What Sinch puts into the header. ``signed``: body, nonce and time, with dots in between."""
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest())


def _is_fresh(stamp: str, received_us: int | None) -> bool:
    if received_us is None or not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= _LONGEST_STAMP):
        return False
    return abs(int(stamp) * SECOND - received_us) <= FRESH_SECONDS * SECOND
