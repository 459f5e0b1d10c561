"""What the host must tell us about its Kannel, checked when the gateway is chosen."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from attrs import Attribute, field, frozen
from attrs.validators import optional

from convokit.plugins.checks import basic_user, between, header_value, revealed, strong, web_address, wrong
from convokit.ports.secret import Secret, secret

CREDENTIALS_BYTES: Final = 57
"""Most bytes of ``user:password``, percent-encoded. Kannel 1.4.5 breaks the Base64 of more into two lines, and the
second one stands in the header like a line of its own: such a callback can be neither verified nor read."""
MASK_ALL: Final = 31
"""Every kind of report: 1 delivered, 2 failed, 4 buffered, 8 taken by the SMSC, 16 refused by the SMSC."""


def _fits_one_line(settings: KannelSettings, attribute: Attribute[str], value: str) -> None:
    if len(basic_credentials(settings.webhook_user, value)) > CREDENTIALS_BYTES:
        raise wrong(
            attribute.name,
            "and webhook_user are together too long for Kannel (percent-encoded, with a colon between them)",
            f"{CREDENTIALS_BYTES} bytes",
        )


def basic_credentials(user: str, password: str) -> str:
    """User and password as they stand in the URLs that Kannel calls; it sends them like this, without decoding."""
    return f"{quote(user, safe='')}:{quote(password, safe='')}"


@frozen(kw_only=True)
class KannelSettings:
    """One Kannel and one of its ``sendsms-user`` groups.

    Attributes:
        send_url: where smsbox takes texts, ``http://127.0.0.1:13013/cgi-bin/sendsms``; use https off the machine.
        username: ``username`` of the ``sendsms-user`` group.
        password: ``password`` of the ``sendsms-user`` group.
        webhook_user: user with which Kannel calls back (HTTP Basic).
        webhook_password: its password: at least 16 bytes, random; user and password together at most 57 bytes.
        smsc: ``smsc-id`` of the route to use; ``None`` lets Kannel choose.
        dlr_mask: sum of the kinds of report to ask for, 1 to 31.
        max_messages: most parts of one text; the same number as ``max-messages`` of the ``sendsms-user`` group.

    Raises:
        ConfigurationError: ``settings.invalid`` or ``settings.secret_weak``; names the setting, never its value.
    """

    send_url: str = field(validator=web_address("anywhere"))
    username: str = field(validator=header_value)
    password: Secret[str] = field(converter=secret, validator=revealed(header_value))
    webhook_user: str = field(validator=basic_user)
    webhook_password: Secret[str] = field(converter=secret, validator=[revealed(strong), revealed(_fits_one_line)])
    smsc: str | None = field(default=None, validator=optional(header_value))
    dlr_mask: int = field(default=MASK_ALL, validator=between(1, MASK_ALL))
    max_messages: int = field(default=10, validator=between(1, 255))
