"""Message encryption for Web Push: RFC 8291, in one record of the content coding ``aes128gcm`` (RFC 8188)."""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from convokit_push_webpush.keys import POINT_BYTES, point_of, public_key

SALT_BYTES: Final = 16
AUTH_BYTES: Final = 16
RECORD: Final = 4_096
"""Bytes of the one record, and of what every push service takes (RFC 8030, 7.2)."""
_TAG: Final = 16
_LAST: Final = b"\x02"
_HEADER: Final = SALT_BYTES + 4 + 1 + POINT_BYTES
MOST_PLAIN: Final = RECORD - _HEADER - _TAG - len(_LAST)
"""Bytes that fit into a body of 4,096."""


def encrypted(plain: bytes, receiver: bytes, auth: bytes, *, sender: ec.EllipticCurvePrivateKey, salt: bytes) -> bytes:
    """The body of a push, which only the browser can read.

    Args:
        plain: at most :data:`MOST_PLAIN` bytes.
        receiver: the browser's public key (``p256dh``); ``auth``: its secret.
        sender, salt: fresh for every message; 16 random bytes.

    Raises:
        ValueError: ``receiver`` is no point of the curve.
    """
    theirs, ours = public_key(receiver), point_of(sender)
    shared = sender.exchange(ec.ECDH(), theirs)
    secret = _derived(auth, b"WebPush: info\x00" + receiver + ours, 32, shared)
    key = _derived(salt, b"Content-Encoding: aes128gcm\x00", 16, secret)
    nonce = _derived(salt, b"Content-Encoding: nonce\x00", 12, secret)
    header = salt + RECORD.to_bytes(4) + len(ours).to_bytes(1) + ours
    return header + AESGCM(key).encrypt(nonce, plain + _LAST, None)


def _derived(salt: bytes, info: bytes, length: int, secret: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)
