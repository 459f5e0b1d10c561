"""Whether a callback is Telnyx's own: Ed25519 over the time and the raw body. The URL is not covered."""

from __future__ import annotations

import base64
import binascii
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from convokit.ports.wire import HttpRequest
from convokit_sms_telnyx.settings import TelnyxSettings

SIGNATURE: Final = "telnyx-signature-ed25519"
TIMESTAMP: Final = "telnyx-timestamp"
FRESH_SECONDS: Final = 300
"""How old, and how far ahead, the signed time may be: Telnyx's own libraries allow as much."""
_SECOND: Final = 1_000_000
_LONGEST_STAMP: Final = 12


def is_genuine(settings: TelnyxSettings, request: HttpRequest) -> bool:
    """Whether one of the account's keys made the signature, just now."""
    stamp = request.header(TIMESTAMP) or ""
    if not _is_fresh(stamp, request.received_us):
        return False
    try:
        given = base64.b64decode((request.header(SIGNATURE) or "").encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return False
    signed = f"{stamp}|".encode() + request.body
    keys = (settings.public_key, settings.previous_public_key)
    return any(_made_by(key, given, signed) for key in keys if key is not None)


def _is_fresh(stamp: str, received_us: int | None) -> bool:
    if received_us is None or not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= _LONGEST_STAMP):
        return False
    return abs(int(stamp) * _SECOND - received_us) <= FRESH_SECONDS * _SECOND


def _made_by(key: str, given: bytes, signed: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key)).verify(given, signed)
    except InvalidSignature:
        return False
    return True
