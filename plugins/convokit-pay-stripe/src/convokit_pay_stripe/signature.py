"""Whether an event is Stripe's own: HMAC-SHA256 over the time and the raw body. The URL is not covered."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from convokit.ports.wire import HttpRequest
from convokit_pay_stripe.settings import StripeSettings

SIGNATURE: Final = "Stripe-Signature"
FRESH_SECONDS: Final = 300
"""How old, and how far ahead, the signed time may be. Stripe's own libraries allow as much, and any time ahead."""
_SECOND: Final = 1_000_000
_LONGEST_STAMP: Final = 12
_LONGEST_HEADER: Final = 4_000
_HEX: Final = 64


def is_genuine(settings: StripeSettings, request: HttpRequest) -> bool:
    """Whether one of the signing secrets made one of the signatures, just now.

    While a secret is rolled, Stripe signs with the old and the new one, so there are several; and we may know several.
    """
    header = request.header(SIGNATURE) or ""
    if not header.isascii() or len(header) > _LONGEST_HEADER:
        return False
    pairs = [item.partition("=")[::2] for item in header.split(",")]
    stamps = [value for name, value in pairs if name == "t"]
    if len(stamps) != 1 or not _is_fresh(stamps[0], request.received_us):
        return False
    given = [value for name, value in pairs if name == "v1" and len(value) == _HEX]
    secrets = (settings.signing_secret, settings.previous_signing_secret)
    made = [signature_of(secret.reveal(), stamps[0], request.body) for secret in secrets if secret is not None]
    return any(hmac.compare_digest(one, other) for one in given for other in made)


def signature_of(secret: str, stamp: str, body: bytes) -> str:
    """The signature of a body, sent at ``stamp`` (seconds since the epoch): 64 hex digits."""
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()


def _is_fresh(stamp: str, received_us: int | None) -> bool:
    if received_us is None or not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= _LONGEST_STAMP):
        return False
    return abs(int(stamp) * _SECOND - received_us) <= FRESH_SECONDS * _SECOND
