"""What the host must tell us about its Plivo account, checked when the gateway is chosen."""

from __future__ import annotations

from typing import Final

from attrs import field, frozen
from attrs.converters import optional as convert
from attrs.validators import optional

from convokit.plugins.checks import revealed, shaped, web_address
from convokit.ports.carrier_tools import basic_authorization
from convokit.ports.secret import Secret, secret

API: Final = "https://api.plivo.com"
_TOKEN: Final = shaped(r"[!-~]{16,256}", "must be printable ASCII without blanks, at least 16 characters")


@frozen(kw_only=True)
class PlivoSettings:
    """One Plivo account, or a subaccount of one.

    Attributes:
        auth_id: the account (``MA...``) or subaccount (``SA...``).
        auth_token: its auth token: it authorizes requests, and proves Plivo's callbacks.
        main_auth_token: of a subaccount, the auth token of the account that it belongs to: Plivo proves callbacks about
            texts by it.
        previous_auth_token: callbacks may be proved by this one too, while a token is changed.
        accept_v2: also believe callbacks that are proved in the older way only (V2), which covers neither the body
            nor the query. Switch it on only if Plivo proves yours in no other way.
        base_url: where the API is.

    Raises:
        ConfigurationError: ``settings.invalid``; names the setting, never its value.
    """

    auth_id: str = field(validator=shaped(r"[MS]A[A-Z0-9]{18}", "must be MA or SA, and 18 capitals and digits"))
    auth_token: Secret[str] = field(converter=secret, validator=revealed(_TOKEN))
    main_auth_token: Secret[str] | None = field(
        default=None, converter=convert(secret), validator=optional(revealed(_TOKEN))
    )
    previous_auth_token: Secret[str] | None = field(
        default=None, converter=convert(secret), validator=optional(revealed(_TOKEN))
    )
    accept_v2: bool = False
    base_url: str = field(default=API, validator=web_address())

    @property
    def send_url(self) -> str:
        """Where texts are handed over."""
        return f"{self.base_url.rstrip('/')}/v1/Account/{self.auth_id}/Message/"

    @property
    def authorization(self) -> tuple[str, str]:
        """The header that authorizes requests: HTTP Basic."""
        return basic_authorization(self.auth_id, self.auth_token.reveal())

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens by which callbacks may be proved."""
        known = (self.auth_token, self.main_auth_token, self.previous_auth_token)
        return tuple(token.reveal() for token in known if token is not None)
