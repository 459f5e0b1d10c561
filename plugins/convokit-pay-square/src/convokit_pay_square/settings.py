"""What the host must tell us about a practice's Square account, checked when the provider is chosen."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from attrs import field, frozen
from attrs.converters import optional as convert
from attrs.validators import optional

from convokit.plugins.checks import revealed, shaped, web_address
from convokit.ports.secret import Secret, secret

API: Final = "https://connect.squareup.com"
VERSION: Final = "2026-09-16"
"""The version of Square's API that this was written for. Answers keep its form, whatever the application's version."""

_token: Final = shaped("[!-~]{16,500}", "must be an access token: 16 to 500 printable ASCII characters")
_location: Final = shaped("[0-9A-Za-z_-]{1,50}", "must be the id of a location, as in L88917AVBK2S5")
_key: Final = shaped("[!-~]{8,200}", "must be the signature key of a webhook subscription")


@frozen(kw_only=True)
class SquareSettings:
    """One location of a Square account.

    Attributes:
        access_token: of the application, with the permissions ORDERS_WRITE, ORDERS_READ and PAYMENTS_WRITE.
        location_id: where the sales are booked.
        signature_key: of the webhook subscription; it proves Square's events.
        previous_signature_key: events may be proved by this one too, while the key is changed.
        redirect_url: where the client goes after paying; without it Square's own page says thank you.
        base_url: where the API is. What comes from anywhere but Square's production is not real money.

    Raises:
        ConfigurationError: ``settings.invalid``; names the setting, never its value.
    """

    access_token: Secret[str] = field(converter=secret, validator=revealed(_token))
    location_id: str = field(validator=_location)
    signature_key: Secret[str] = field(converter=secret, validator=revealed(_key))
    previous_signature_key: Secret[str] | None = field(
        default=None, converter=convert(secret), validator=optional(revealed(_key))
    )
    redirect_url: str | None = field(default=None, validator=optional(web_address()))
    base_url: str = field(default=API, validator=web_address())

    @property
    def links_url(self) -> str:
        """Where payment links are made."""
        return f"{self.base_url.rstrip('/')}/v2/online-checkout/payment-links"

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """The headers of every request."""
        return (
            ("Authorization", f"Bearer {self.access_token.reveal()}"),
            ("Square-Version", VERSION),
            ("Accept", "application/json"),
        )

    @property
    def is_test(self) -> bool:
        """Whether this is the sandbox. Square's events do not say where they come from; each has keys of its own."""
        return urlsplit(self.base_url).netloc != urlsplit(API).netloc
