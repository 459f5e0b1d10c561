"""What the host must tell us about its Twilio account, checked when the gateway is chosen."""

from __future__ import annotations

from typing import Final

from attrs import field, frozen
from attrs.converters import optional as convert
from attrs.validators import optional

from convokit.plugins.checks import revealed, shaped, web_address, wrong
from convokit.ports.carrier_tools import basic_authorization
from convokit.ports.secret import Secret, secret

API: Final = "https://api.twilio.com"
_HEX: Final = "[0-9a-fA-F]{32}"
_SECRET: Final = shaped(r"[!-~]{16,256}", "must be printable ASCII without blanks, at least 16 characters")


@frozen(kw_only=True)
class TwilioSettings:
    """One Twilio account (or subaccount).

    Attributes:
        account_sid: the account, ``AC...``.
        auth_token: its auth token: it proves Twilio's callbacks, and without an API key it also authorizes requests.
        api_key_sid, api_key_secret: an API key (``SK...``) that authorizes requests instead of the auth token.
        previous_auth_token: callbacks may be proved by this one too, while the auth token is changed.
        shared_key_id, shared_key_secret: a shared key for webhooks: Twilio then signs callbacks by HMAC-SHA256 with it.
        messaging_service_sid: a Messaging Service (``MG...``) that texts go through. The practice's number must be
            one of its senders; texts still come from it.
        base_url: where the API is, for another region: ``"https://api.dublin.ie1.twilio.com"``.

    Raises:
        ConfigurationError: ``settings.invalid``; names the setting, never its value.
    """

    account_sid: str = field(validator=shaped(f"AC{_HEX}", "must be AC and 32 hex digits"))
    auth_token: Secret[str] = field(converter=secret, validator=revealed(_SECRET))
    api_key_sid: str | None = field(
        default=None, validator=optional(shaped(f"SK{_HEX}", "must be SK and 32 hex digits"))
    )
    api_key_secret: Secret[str] | None = field(
        default=None, converter=convert(secret), validator=optional(revealed(_SECRET))
    )
    previous_auth_token: Secret[str] | None = field(
        default=None, converter=convert(secret), validator=optional(revealed(_SECRET))
    )
    shared_key_id: str | None = field(
        default=None, validator=optional(shaped(r"[\w-]{1,100}", "must be letters, digits, - and _"))
    )
    shared_key_secret: Secret[str] | None = field(
        default=None, converter=convert(secret), validator=optional(revealed(_SECRET))
    )
    messaging_service_sid: str | None = field(
        default=None, validator=optional(shaped(f"MG{_HEX}", "must be MG and 32 hex digits"))
    )
    base_url: str = field(default=API, validator=web_address())

    def __attrs_post_init__(self) -> None:
        if (self.api_key_sid is None) != (self.api_key_secret is None):
            raise wrong("api_key_secret", "and api_key_sid belong together: give both or neither")
        if (self.shared_key_id is None) != (self.shared_key_secret is None):
            raise wrong("shared_key_secret", "and shared_key_id belong together: give both or neither")

    @property
    def account_url(self) -> str:
        """The beginning of the URLs of the account's resources."""
        return f"{self.base_url.rstrip('/')}/2010-04-01/Accounts/{self.account_sid}"

    @property
    def authorization(self) -> tuple[str, str]:
        """The header that authorizes requests: HTTP Basic, by the API key if there is one."""
        user, password = self.api_key_sid or self.account_sid, self.api_key_secret or self.auth_token
        return basic_authorization(user, password.reveal())
