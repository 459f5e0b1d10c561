"""What the host must tell us about its Bandwidth account, checked when the gateway is chosen."""

from __future__ import annotations

from typing import Final

from attrs import Attribute, field, frozen
from attrs.converters import optional as convert
from attrs.validators import optional

from convokit.plugins.checks import basic_user, header_value, revealed, shaped, strong, web_address
from convokit.ports.carrier_tools import basic_authorization
from convokit.ports.secret import Secret, secret

API: Final = "https://messaging.bandwidth.com"
_UUID: Final = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def _api_user(settings: object, attribute: Attribute[str], value: str) -> None:
    basic_user(settings, attribute, value)
    header_value(settings, attribute, value)


@frozen(kw_only=True)
class BandwidthSettings:
    """One Bandwidth account, and one of its messaging applications.

    Attributes:
        account_id: the account: digits.
        api_user: a user of the API, or an API token.
        api_password: its password, or the token's secret.
        application_id: the messaging application that the practice's number belongs to.
        webhook_user: the user with which the application calls back (HTTP Basic).
        webhook_password: its password: at least 16 bytes, random.
        previous_webhook_password: callbacks may have this one too, while the password is changed.
        base_url: where the API is.

    Raises:
        ConfigurationError: ``settings.invalid`` or ``settings.secret_weak``; names the setting, never its value.
    """

    account_id: str = field(validator=shaped("[0-9]{4,12}", "must be the digits of the account's number"))
    api_user: str = field(validator=_api_user)
    api_password: Secret[str] = field(converter=secret, validator=revealed(header_value))
    application_id: str = field(validator=shaped(_UUID, "must be a UUID in small letters"))
    webhook_user: str = field(validator=basic_user)
    webhook_password: Secret[str] = field(converter=secret, validator=revealed(strong))
    previous_webhook_password: Secret[str] | None = field(
        default=None, converter=convert(secret), validator=optional(revealed(strong))
    )
    base_url: str = field(default=API, validator=web_address())

    @property
    def send_url(self) -> str:
        """Where texts are handed over."""
        return f"{self.base_url.rstrip('/')}/api/v2/users/{self.account_id}/messages"

    @property
    def authorization(self) -> tuple[str, str]:
        """The header that authorizes requests: HTTP Basic."""
        return basic_authorization(self.api_user, self.api_password.reveal())

    @property
    def callback_pairs(self) -> tuple[str, ...]:
        """User and password that a callback may have."""
        passwords = (self.webhook_password, self.previous_webhook_password)
        return tuple(f"{self.webhook_user}:{one.reveal()}" for one in passwords if one is not None)
