"""What the host must tell us about its Kannel, checked when the gateway is chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import quote, urlsplit

from attrs import Attribute, field, frozen
from attrs.validators import optional

from convokit.errors import ConfigurationError

SECRET_BYTES: Final = 16
"""Least length of the callback password: it alone tells Kannel's callbacks from anybody else's."""
CREDENTIALS_BYTES: Final = 57
"""Most bytes of ``user:password``, percent-encoded. Kannel 1.4.5 breaks the Base64 of more into two lines, and the
second one stands in the header like a line of its own: such a callback can be neither verified nor read."""
MASK_ALL: Final = 31
"""Every kind of report: 1 delivered, 2 failed, 4 buffered, 8 taken by the SMSC, 16 refused by the SMSC."""


def _wrong(name: str, message: str, limit: str | None = None) -> ConfigurationError:
    return ConfigurationError("settings.invalid", f"{name} {message}", field=name, limit=limit)


def _http_url(_: object, attribute: Attribute[str], value: str) -> None:
    refused = _wrong(attribute.name, "must be an absolute http or https URL in ASCII")
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise refused from None
    if not usable or not value.isascii() or not value.isprintable() or " " in value:
        raise refused
    if parts.username is not None or parts.query or parts.fragment:
        raise _wrong(attribute.name, "must have no user, query or fragment; they have their own settings")


def _header_value(_: object, attribute: Attribute[str], value: str) -> None:
    # Sent as an X-Kannel header; Kannel strips the blanks around it, so such a value could never match.
    if not (value and value.isascii() and value.isprintable() and value == value.strip()):
        raise _wrong(attribute.name, "must be printable ASCII, not empty, without blanks at its ends")


def _basic_user(_: object, attribute: Attribute[str], value: str) -> None:
    if not value or ":" in value or not value.isprintable():
        raise _wrong(attribute.name, "must be printable, not empty, and without a colon (RFC 7617)")


def _strong(_: object, attribute: Attribute[str], value: str) -> None:
    if not value.isprintable():
        raise _wrong(attribute.name, "must be printable")
    if len(value.encode()) < SECRET_BYTES or "changeme" in value.lower():
        raise ConfigurationError(
            "settings.secret_weak",
            f"{attribute.name} must be a random secret of at least {SECRET_BYTES} bytes",
            field=attribute.name,
            limit=f"{SECRET_BYTES} bytes",
        )


def _fits_one_line(settings: KannelSettings, attribute: Attribute[str], value: str) -> None:
    if len(basic_credentials(settings.webhook_user, value)) > CREDENTIALS_BYTES:
        raise _wrong(
            attribute.name,
            "and webhook_user are together too long for Kannel (percent-encoded, with a colon between them)",
            f"{CREDENTIALS_BYTES} bytes",
        )


def basic_credentials(user: str, password: str) -> str:
    """User and password as they stand in the URLs that Kannel calls; it sends them like this, without decoding."""
    return f"{quote(user, safe='')}:{quote(password, safe='')}"


def _between(low: int, high: int) -> Callable[[object, Attribute[int], int], None]:
    def check(_: object, attribute: Attribute[int], value: int) -> None:
        if not low <= value <= high:
            raise _wrong(attribute.name, "is out of range", f"{low} to {high}")

    return check


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

    send_url: str = field(validator=_http_url)
    username: str = field(validator=_header_value)
    password: str = field(validator=_header_value, repr=False)
    webhook_user: str = field(validator=_basic_user)
    webhook_password: str = field(validator=[_strong, _fits_one_line], repr=False)
    smsc: str | None = field(default=None, validator=optional(_header_value))
    dlr_mask: int = field(default=MASK_ALL, validator=_between(1, MASK_ALL))
    max_messages: int = field(default=10, validator=_between(1, 255))
