"""Signing transcripts with Ed25519 (RFC 8032), and checking such a signature. Needs the extra ``crypto``."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import evolve, field, frozen

from convokit.domain.transcript_record import Seal, Verdict, signed_bytes
from convokit.errors import ConfigurationError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_LARGEST_KEY: Final = 16 * 1024
_KINDS: Final = {"algorithm", "public_key", "value"}


@frozen
class SigningKey:
    """A private key in memory.

    Attributes:
        public_key: its public half, 32 bytes in hex.
    """

    public_key: str
    _sign: Callable[[bytes], bytes] = field(repr=False)

    def seal(self, head: str, count: int) -> Seal:
        """Sign a transcript's last digest and number of entries. Ed25519 gives the same signature each time."""
        return Seal(public_key=self.public_key, value=self._sign(signed_bytes(head, count)).hex())


def read_signing_key(path: str | os.PathLike[str]) -> SigningKey:
    """The key in a PEM file (PKCS 8, as ``openssl genpkey -algorithm ed25519`` writes it), not encrypted.

    Raises:
        ConfigurationError: ``transcript.key``; what is in the file is never repeated.
    """
    key = _private(_key_file(path))
    return SigningKey(_raw(key.public_key()), key.sign)


def read_public_key(path: str | os.PathLike[str]) -> str:
    """The public key in a PEM file, 32 bytes in hex; of a private key its public half.

    Raises:
        ConfigurationError: ``transcript.key``.
    """
    _want_library()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    pem = _key_file(path)
    if b"PRIVATE KEY" in pem:
        return _raw(_private(pem).public_key())
    try:
        key = load_pem_public_key(pem)
    except ValueError:
        raise _no_key() from None
    if not isinstance(key, Ed25519PublicKey):
        raise _no_key()
    return _raw(key)


def write_new_key(path: str | os.PathLike[str]) -> str:
    """Make a key and write it to ``path``, readable by the owner alone, and its public half to ``path.pub``.

    Returns the public key, 32 bytes in hex.

    Raises:
        ConfigurationError: ``transcript.key``: there is a file already, or it cannot be written.
    """
    _want_library()
    from cryptography.hazmat.primitives import serialization as forms
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption())
    public = key.public_key().public_bytes(forms.Encoding.PEM, forms.PublicFormat.SubjectPublicKeyInfo)
    target = Path(path)
    try:
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(private)
        target.with_name(f"{target.name}.pub").write_bytes(public)
    except OSError as error:
        why = f"the key cannot be written: {error.strerror}"
        raise ConfigurationError("transcript.key", why, field="key") from None
    return _raw(key.public_key())


def check_seal(verdict: Verdict, seal: object, expected: str | None) -> Verdict:
    """A verdict with what its signature says.

    Args:
        seal: as the document has it; ``None``: it has none.
        expected: the public key that must have signed it, 32 bytes in hex; ``None``: any, or none.
    """
    if seal is None:
        why = "it is not signed" if expected is not None else ""
        return evolve(verdict, whole=verdict.whole and not why, why=why or verdict.why)
    found = _seal_of(seal)
    if found is None:
        return evolve(verdict, whole=False, why="its signature is damaged")
    if expected is not None and found.public_key != expected.lower():
        return evolve(verdict, whole=False, why="it was signed with another key")
    holds = _holds(found, signed_bytes(verdict.head, verdict.count))
    if holds is None:
        if expected is not None:
            raise _no_library()
        note = "It is signed, but signatures cannot be checked here: the extra crypto is not installed."
        return evolve(verdict, notes=(*verdict.notes, note))
    if not holds:
        return evolve(verdict, whole=False, why="its signature is not of this transcript")
    return evolve(verdict, notes=(*verdict.notes, f"It is signed with the key {found.public_key}."))


def _seal_of(seal: object) -> Seal | None:
    if not isinstance(seal, dict) or set(seal) != _KINDS or not all(isinstance(part, str) for part in seal.values()):
        return None
    sizes = (seal["algorithm"], len(seal["public_key"]), len(seal["value"]))
    return Seal(**seal) if sizes == ("Ed25519", 64, 128) else None


def _holds(seal: Seal, content: bytes) -> bool | None:
    """Whether a signature is of a content; ``None``: the library is not there."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        return None
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(seal.public_key))
        key.verify(bytes.fromhex(seal.value), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def _private(pem: bytes) -> Ed25519PrivateKey:
    _want_library()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):  # not PEM, or encrypted
        raise _no_key() from None
    if not isinstance(key, Ed25519PrivateKey):
        raise _no_key()
    return key


def _raw(key: Ed25519PublicKey) -> str:
    return key.public_bytes_raw().hex()


def _key_file(path: str | os.PathLike[str]) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(_LARGEST_KEY)
    except (OSError, ValueError, TypeError):
        raise ConfigurationError("transcript.key", "the key file cannot be read", field="key") from None


def _no_key() -> ConfigurationError:
    why = "this is no Ed25519 key in PEM without a password"
    return ConfigurationError("transcript.key", why, field="key", limit="Ed25519, PEM")


def _want_library() -> None:
    try:
        import cryptography  # noqa: F401 - only whether it is there
    except ImportError:
        raise _no_library() from None


def _no_library() -> ConfigurationError:
    why = "signatures need the extra crypto: pip install 'convokit-vet[crypto]'"
    return ConfigurationError("transcript.crypto", why, field="key")
