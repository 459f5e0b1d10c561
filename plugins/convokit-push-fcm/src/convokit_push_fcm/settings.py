"""What the host must tell us about its Firebase project, checked when the transport is first needed."""

from __future__ import annotations

from typing import Final

from attrs import Attribute, field, frozen
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from convokit.plugins.checks import revealed, shaped, web_address, wrong
from convokit.ports.secret import Secret, secret

API: Final = "https://fcm.googleapis.com"
LOGIN: Final = "https://oauth2.googleapis.com/token"
_LEAST_BITS: Final = 2_048


def rsa_key(pem: str) -> RSAPrivateKey:
    """The private key of a service account.

    Raises:
        ValueError: it is none.
    """
    # Vaults and environment variables often keep the line breaks of the JSON file as they stand there.
    raw = pem.replace("\\n", "\n").encode("ascii")
    # Whether its numbers are primes is Google's matter, and looking takes a quarter of a second.
    found = load_pem_private_key(raw, password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(found, RSAPrivateKey) or found.key_size < _LEAST_BITS:
        raise ValueError("not an RSA key, or too short")
    return found


def _is_key(_: object, attribute: Attribute[str], value: str) -> None:
    try:
        rsa_key(value)
    except (ValueError, TypeError):  # TypeError: it has a password
        raise wrong(attribute.name, "must be the private_key of the service account's JSON file (PEM)") from None


@frozen(kw_only=True)
class FcmSettings:
    """A service account of one Firebase project, as its JSON file has it.

    Attributes:
        project_id: the project.
        client_email: the service account; it needs the role *Firebase Cloud Messaging API Admin*.
        private_key: its private key, PEM.
        base_url: where the API is.
        token_url: where access tokens are given.

    Raises:
        ConfigurationError: ``settings.invalid``; names the setting, never its value.
    """

    project_id: str = field(validator=shaped(r"[a-z][a-z0-9-]{4,28}[a-z0-9]", "must be the id of a project"))
    client_email: str = field(validator=shaped(r"[!-?A-~]+@[!-?A-~]+", "must be the address of a service account"))
    private_key: Secret[str] = field(converter=secret, validator=revealed(_is_key))
    base_url: str = field(default=API, validator=web_address())
    token_url: str = field(default=LOGIN, validator=web_address())

    @property
    def send_url(self) -> str:
        """Where messages are handed over."""
        return f"{self.base_url.rstrip('/')}/v1/projects/{self.project_id}/messages:send"
