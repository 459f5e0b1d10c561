"""What the host must tell us about its Sinch service plan, checked when the gateway is chosen."""

from __future__ import annotations

from typing import Final

from attrs import Attribute, field, frozen
from attrs.converters import optional as convert
from attrs.validators import optional

from convokit.plugins.checks import Check, basic_user, header_value, revealed, shaped, strong, web_address, wrong
from convokit.ports.secret import Secret, secret

API: Final = "https://us.sms.api.sinch.com"


def _one_proof(settings: SinchSettings, attribute: Attribute[Secret[str] | None], value: object) -> None:
    """Callbacks that may be proved in either of two ways are as weak as the weaker one."""
    if (value is None) == (settings.webhook_secret is None):
        raise wrong(
            attribute.name, "or webhook_secret must be given, and not both: by one of them callbacks are proved"
        )


def _beside(other: str) -> Check[Secret[str] | None]:
    def check(settings: object, attribute: Attribute[Secret[str] | None], value: object) -> None:
        if value is not None and getattr(settings, other) is None:
            raise wrong(attribute.name, f"needs {other}, which it is to replace")

    return check


@frozen(kw_only=True)
class SinchSettings:
    """One service plan of Sinch's SMS API.

    Attributes:
        service_plan_id: the service plan.
        api_token: its API token: it authorizes requests.
        webhook_secret: the secret by which Sinch signs the plan's callbacks (HMAC).
        webhook_user, webhook_password: where they are not signed, what they have instead (HTTP Basic). The password
            has at least 16 bytes, and is random.
        previous_webhook_secret, previous_webhook_password: callbacks may be proved by these too, while one is changed.
        base_url: where the API is; it tells the region.

    Raises:
        ConfigurationError: ``settings.invalid`` or ``settings.secret_weak``; names the setting, never its value.
    """

    service_plan_id: str = field(validator=shaped("[A-Za-z0-9_-]{4,64}", "must be 4 to 64 letters and digits"))
    api_token: Secret[str] = field(converter=secret, validator=revealed(header_value))
    webhook_secret: Secret[str] | None = field(
        default=None, converter=convert(secret), validator=optional(revealed(strong))
    )
    previous_webhook_secret: Secret[str] | None = field(
        default=None,
        converter=convert(secret),
        validator=[optional(revealed(strong)), _beside("webhook_secret")],
    )
    webhook_user: str = field(default="sinch", validator=basic_user)
    webhook_password: Secret[str] | None = field(
        default=None, converter=convert(secret), validator=[optional(revealed(strong)), _one_proof]
    )
    previous_webhook_password: Secret[str] | None = field(
        default=None,
        converter=convert(secret),
        validator=[optional(revealed(strong)), _beside("webhook_password")],
    )
    base_url: str = field(default=API, validator=web_address())

    @property
    def plan_url(self) -> str:
        """The beginning of the URLs of the plan."""
        return f"{self.base_url.rstrip('/')}/xms/v1/{self.service_plan_id}"

    @property
    def authorization(self) -> tuple[str, str]:
        """The header that authorizes requests."""
        return "Authorization", f"Bearer {self.api_token.reveal()}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secrets by which callbacks may be signed; none where they have a password."""
        return tuple(one.reveal() for one in (self.webhook_secret, self.previous_webhook_secret) if one is not None)

    @property
    def callback_pairs(self) -> tuple[str, ...]:
        """User and password that a callback may have; none where they are signed."""
        passwords = (self.webhook_password, self.previous_webhook_password)
        return tuple(f"{self.webhook_user}:{one.reveal()}" for one in passwords if one is not None)
