"""What the host must tell us about its Apple developer account, checked when the transport is first needed."""

from __future__ import annotations

from typing import Final

from attrs import Attribute, field, frozen
from attrs.validators import optional
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from convokit.plugins.checks import revealed, shaped, web_address, wrong
from convokit.ports.secret import Secret, secret

API: Final = "https://api.push.apple.com"
SANDBOX: Final = "https://api.sandbox.push.apple.com"
TOPIC: Final = r"[A-Za-z0-9.-]{1,255}"
_ID: Final = shaped(r"[A-Z0-9]{10}", "must be ten capitals and digits")


def signing_key(pem: str) -> EllipticCurvePrivateKey:
    """The key that Apple gave (``AuthKey_....p8``).

    Raises:
        ValueError: it is none.
    """
    # Vaults and environment variables often keep line breaks as two characters.
    found = load_pem_private_key(pem.replace("\\n", "\n").encode("ascii"), password=None)
    if not isinstance(found, EllipticCurvePrivateKey) or not isinstance(found.curve, SECP256R1):
        raise ValueError("not a key on P-256")
    return found


def _is_key(_: object, attribute: Attribute[str], value: str) -> None:
    try:
        signing_key(value)
    except (ValueError, TypeError):  # TypeError: it has a password
        raise wrong(attribute.name, "must be the content of Apple's key file (AuthKey_....p8)") from None


@frozen(kw_only=True)
class ApnsSettings:
    """A signing key of one Apple developer team, and the app.

    Attributes:
        team_id: the team; ten characters.
        key_id: the key; ten characters, as in the name of its file.
        private_key: what the file ``AuthKey_....p8`` holds.
        topic: the app's bundle id, where the app does not give it when it registers.
        sandbox: apps that were built for development, and no others, are reached through Apple's sandbox.
        base_url: where the API is, if it is elsewhere.

    Raises:
        ConfigurationError: ``settings.invalid``; names the setting, never its value.
    """

    team_id: str = field(validator=_ID)
    key_id: str = field(validator=_ID)
    private_key: Secret[str] = field(converter=secret, validator=revealed(_is_key))
    topic: str = field(validator=shaped(TOPIC, "must be a bundle id: example.vet.app"))
    sandbox: bool = False
    base_url: str | None = field(default=None, validator=optional(web_address()))

    @property
    def api(self) -> str:
        """The beginning of its URLs."""
        return (self.base_url or (SANDBOX if self.sandbox else API)).rstrip("/")
