"""What the host must tell us about its Vonage account, checked when the gateway is chosen."""

from __future__ import annotations

from typing import Final

from attrs import field, frozen
from attrs.converters import optional as convert
from attrs.validators import optional

from convokit.plugins.checks import revealed, shaped, web_address
from convokit.ports.carrier_tools import basic_authorization
from convokit.ports.secret import Secret, secret

API: Final = "https://api.nexmo.com"
REST: Final = "https://rest.nexmo.com"
METHODS: Final = ("md5hash", "md5", "sha1", "sha256", "sha512")
"""How callbacks of the SMS API may be signed: a plain MD5 over the secret, or an HMAC with it."""
_KEY: Final = shaped(r"[0-9A-Za-z]{8}", "must be 8 letters and digits")
_PASSWORD: Final = shaped(r"[!-~]{8,256}", "must be printable ASCII without blanks, at least 8 characters")
_SECRET: Final = shaped(r"[!-~]{16,256}", "must be printable ASCII without blanks, at least 16 characters")


@frozen(kw_only=True)
class VonageSettings:
    """One Vonage account, for its Messages API.

    Attributes:
        api_key: the account's (or subaccount's) API key.
        api_secret: its secret; it authorizes requests.
        signature_secret: by this one callbacks are signed.
        previous_signature_secret: callbacks may be signed by this one too, while the secret is changed.
        base_url: where the API is, for a region: ``"https://api-us.nexmo.com"``.

    Raises:
        ConfigurationError: ``settings.invalid``; names the setting, never its value.
    """

    api_key: str = field(validator=_KEY, repr=False)
    api_secret: Secret[str] = field(converter=secret, validator=revealed(_PASSWORD))
    signature_secret: Secret[str] = field(converter=secret, validator=revealed(_SECRET))
    previous_signature_secret: Secret[str] | None = field(
        default=None, converter=convert(secret), validator=optional(revealed(_SECRET))
    )
    base_url: str = field(default=API, validator=web_address())

    @property
    def send_url(self) -> str:
        """Where texts are handed over."""
        return f"{self.base_url.rstrip('/')}/v1/messages"

    @property
    def records_url(self) -> str:
        """Where records of texts are read."""
        return f"{self.base_url.rstrip('/')}/v2/reports/records"


@frozen(kw_only=True)
class VonageSmsSettings:
    """One Vonage account, for its older SMS API.

    Attributes:
        api_key, api_secret, signature_secret, previous_signature_secret: as in :class:`VonageSettings`.
        signature_method: how callbacks are signed, as the dashboard has it: ``"md5hash"`` (plain MD5), or ``"md5"``,
            ``"sha1"``, ``"sha256"``, ``"sha512"`` (HMAC).
        base_url: where the API is.
        reports_url: where records of texts are read.

    Raises:
        ConfigurationError: ``settings.invalid``; names the setting, never its value.
    """

    api_key: str = field(validator=_KEY, repr=False)
    api_secret: Secret[str] = field(converter=secret, validator=revealed(_PASSWORD))
    signature_secret: Secret[str] = field(converter=secret, validator=revealed(_SECRET))
    previous_signature_secret: Secret[str] | None = field(
        default=None, converter=convert(secret), validator=optional(revealed(_SECRET))
    )
    signature_method: str = field(
        default="sha256", validator=shaped("|".join(METHODS), f"must be one of {', '.join(METHODS)}")
    )
    base_url: str = field(default=REST, validator=web_address())
    reports_url: str = field(default=API, validator=web_address())

    @property
    def send_url(self) -> str:
        """Where texts are handed over."""
        return f"{self.base_url.rstrip('/')}/sms/json"

    @property
    def records_url(self) -> str:
        """Where records of texts are read."""
        return f"{self.reports_url.rstrip('/')}/v2/reports/records"


AnySettings = VonageSettings | VonageSmsSettings


def authorization(settings: AnySettings) -> tuple[str, str]:
    """The header that authorizes requests: HTTP Basic. A JWT would need a clock, which gateways have not."""
    return basic_authorization(settings.api_key, settings.api_secret.reveal())


def secrets_of(settings: AnySettings) -> tuple[str, ...]:
    """The secrets by which callbacks may be signed."""
    known = (settings.signature_secret, settings.previous_signature_secret)
    return tuple(one.reveal() for one in known if one is not None)
