"""What the host must tell us about a practice's Stripe account, checked when the provider is chosen."""

from __future__ import annotations

from typing import Final

from attrs import field, frozen
from attrs.converters import optional as convert
from attrs.validators import optional

from convokit.plugins.checks import revealed, shaped, web_address
from convokit.ports.secret import Secret, secret

API: Final = "https://api.stripe.com"
VERSION: Final = "2026-10-28.endive"
"""The version of Stripe's API that this was written for. Answers keep its form, whatever the account's version is."""

_key: Final = shaped(
    "(sk|rk)_(live|test)_[0-9A-Za-z_]{8,240}", "must be a secret (sk_) or restricted (rk_) key, not a publishable one"
)
_signing: Final = shaped("whsec_[!-~]{16,240}", "must be a webhook's signing secret (whsec_)")


@frozen(kw_only=True)
class StripeSettings:
    """One Stripe account.

    Attributes:
        api_key: its secret key, or better a restricted one that may write Checkout Sessions.
        signing_secret: of the webhook that is entered at Stripe; it proves Stripe's events.
        previous_signing_secret: events may be proved by this one too, while the secret is rolled.
        success_url: where the client goes after paying: an https page of the practice.
        cancel_url: where the client goes by the "back" arrow of Stripe's page; without it there is no arrow.
        base_url: where the API is.

    Raises:
        ConfigurationError: ``settings.invalid``; names the setting, never its value.
    """

    api_key: Secret[str] = field(converter=secret, validator=revealed(_key))
    signing_secret: Secret[str] = field(converter=secret, validator=revealed(_signing))
    previous_signing_secret: Secret[str] | None = field(
        default=None, converter=convert(secret), validator=optional(revealed(_signing))
    )
    success_url: str = field(validator=web_address())
    cancel_url: str | None = field(default=None, validator=optional(web_address()))
    base_url: str = field(default=API, validator=web_address())

    @property
    def sessions_url(self) -> str:
        """Where Checkout Sessions are made and listed."""
        return f"{self.base_url.rstrip('/')}/v1/checkout/sessions"

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """The headers of every request."""
        return (
            ("Authorization", f"Bearer {self.api_key.reveal()}"),
            ("Stripe-Version", VERSION),
            ("Accept", "application/json"),
        )
