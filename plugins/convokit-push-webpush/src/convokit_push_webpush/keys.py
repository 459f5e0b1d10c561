"""Keys on the curve P-256, as Web Push writes them: base64url without padding."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE: Final = ec.SECP256R1()
SECRET_BYTES: Final = 32
POINT_BYTES: Final = 65
"""Of a public key, uncompressed: 4, x and y."""

_ALPHABET: Final = re.compile(r"[A-Za-z0-9_-]*={0,2}")


def from_text(text: str) -> bytes:
    """The bytes of base64url, with or without padding.

    Raises:
        ValueError: it is none.
    """
    if not _ALPHABET.fullmatch(text):
        raise ValueError("not base64url")
    plain = text.rstrip("=")
    try:
        return base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4))
    except binascii.Error:
        raise ValueError("not base64url") from None


def to_text(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def private_key(text: str) -> ec.EllipticCurvePrivateKey:
    """A private key from its 32 bytes.

    Raises:
        ValueError: it is none.
    """
    raw = from_text(text)
    if len(raw) != SECRET_BYTES:
        raise ValueError(f"a private key has {SECRET_BYTES} bytes")
    return ec.derive_private_key(int.from_bytes(raw), CURVE)


def public_key(raw: bytes) -> ec.EllipticCurvePublicKey:
    """A public key from its point.

    Raises:
        ValueError: it is no point of the curve.
    """
    if len(raw) != POINT_BYTES:
        raise ValueError(f"a public key has {POINT_BYTES} bytes")
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, raw)


def point_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The point of the public key that belongs to it."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def fresh_private_key() -> str:
    """A new private key, for the setting ``private_key``. Changing it makes every subscription useless."""
    number = ec.generate_private_key(CURVE).private_numbers().private_value
    return to_text(number.to_bytes(SECRET_BYTES))
