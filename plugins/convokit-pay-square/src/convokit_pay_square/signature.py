"""Whether an event is Square's own: HMAC-SHA256 over the URL that Square calls and the raw body, in base64.

No time is signed, so a repetition passes; it changes nothing, for what was said is known already.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final

from convokit.ports.wire import HttpRequest
from convokit_pay_square.settings import SquareSettings

SIGNATURE: Final = "x-square-hmacsha256-signature"
_LONGEST: Final = 44
"""The characters of 32 bytes in base64."""


def is_genuine(settings: SquareSettings, request: HttpRequest) -> bool:
    """Whether one of the keys made the signature."""
    given = [value for name, value in request.headers if name.lower() == SIGNATURE]
    if len(given) != 1 or len(given[0]) != _LONGEST or not given[0].isascii():
        return False
    keys = (settings.signature_key, settings.previous_signature_key)
    made = [signature_of(key.reveal(), request.url, request.body) for key in keys if key is not None]
    return any(hmac.compare_digest(given[0], one) for one in made)


def signature_of(key: str, url: str, body: bytes) -> str:
    """The signature of a body that is sent to ``url``, which must be written as it was entered at Square."""
    signed = url.encode("utf-8", "surrogatepass") + body
    return base64.b64encode(hmac.new(key.encode(), signed, hashlib.sha256).digest()).decode("ascii")
