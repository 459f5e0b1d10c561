"""What the host must tell us about its Telnyx account, checked when the gateway is chosen."""

from __future__ import annotations

import base64
import binascii
from typing import Final

from attrs import Attribute, field, frozen
from attrs.validators import optional

from convokit.plugins.checks import header_value, revealed, shaped, web_address, wrong
from convokit.ports.secret import Secret, secret

API: Final = "https://api.telnyx.com"
_KEY_BYTES: Final = 32
_UUID: Final = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


_PRIME: Final = 2**255 - 19
_ORDER_8: Final = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_ORDER: Final = frozenset({0, 1, _PRIME - 1, _ORDER_8, _PRIME - _ORDER_8})
"""The y coordinates (RFC 8032, 5.1.3) of the eight points by which anybody can sign: 32 zeros are one of them."""


def _ed25519(_: object, attribute: Attribute[str], value: str) -> None:
    try:
        found = base64.b64decode(value.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        found = b""
    if len(found) != _KEY_BYTES:
        raise wrong(attribute.name, "must be an Ed25519 public key in Base64 (44 characters)", f"{_KEY_BYTES} bytes")
    if (int.from_bytes(found, "little") & (2**255 - 1)) % _PRIME in _SMALL_ORDER:
        raise wrong(attribute.name, "must be the account's own public key: by this one anybody could sign")


@frozen(kw_only=True)
class TelnyxSettings:
    """One Telnyx account.

    Attributes:
        api_key: an API key (v2) of the account.
        public_key: the account's public key, by which its callbacks are verified; Base64, as the portal shows it.
        previous_public_key: callbacks may be verified by this one too, while the key is changed.
        messaging_profile_id: a messaging profile that texts go through. The practice's number must be one of its
            numbers; texts still come from it.
        base_url: where the API is.

    Raises:
        ConfigurationError: ``settings.invalid``; names the setting, never its value.
    """

    api_key: Secret[str] = field(converter=secret, validator=revealed(header_value))
    public_key: str = field(validator=_ed25519)
    previous_public_key: str | None = field(default=None, validator=optional(_ed25519))
    messaging_profile_id: str | None = field(
        default=None, validator=optional(shaped(_UUID, "must be a UUID in small letters"))
    )
    base_url: str = field(default=API, validator=web_address())

    @property
    def api_url(self) -> str:
        """The beginning of the URLs of the API."""
        return f"{self.base_url.rstrip('/')}/v2"

    @property
    def authorization(self) -> tuple[str, str]:
        """The header that authorizes requests."""
        return "Authorization", f"Bearer {self.api_key.reveal()}"
