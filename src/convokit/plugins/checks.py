"""Validators for the settings of plugins. What cannot work is refused by its name; no value is ever shown.

>>> @frozen(kw_only=True)
... class PigeonSettings:
...     api_key: Secret[str] = field(converter=secret, validator=revealed(header_value))
...     base_url: str = field(default="https://api.pigeon.example", validator=web_address())
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Final, Literal, TypeVar, cast
from urllib.parse import urlsplit

from attrs import Attribute

from convokit.errors import ConfigurationError
from convokit.ports.secret import Secret

SECRET_BYTES: Final = 16
"""Least length of a secret that somebody made up: it alone tells a provider's callbacks from anybody else's."""

S = TypeVar("S")
T = TypeVar("T")
Check = Callable[[object, "Attribute[T]", T], None]
"""A validator of attrs."""


def wrong(name: str, message: str, limit: str | None = None) -> ConfigurationError:
    """``settings.invalid`` about a setting: ``wrong("api_key", "must be printable ASCII")``."""
    return ConfigurationError("settings.invalid", f"{name} {message}", field=name, limit=limit)


def web_address(plain: Literal["this machine", "anywhere"] = "this machine") -> Check[str]:
    """An absolute https URL without user, query and fragment; http where ``plain`` says, which others may read."""

    def check(_: object, attribute: Attribute[str], value: str) -> None:
        refused = wrong(attribute.name, "must be an absolute http or https URL in ASCII")
        try:
            parts = urlsplit(value)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            raise refused from None
        if not usable or not value.isascii() or not value.isprintable() or " " in value:
            raise refused
        if parts.username is not None or parts.query or parts.fragment:
            raise wrong(attribute.name, "must have no user, query or fragment; they have their own settings")
        if parts.scheme == "http" and plain != "anywhere" and not is_this_machine(parts.hostname or ""):
            raise wrong(attribute.name, "must be https: http is for this machine only")

    return check


def is_this_machine(host: str) -> bool:
    """Whether a host is the loopback interface by its very name."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def header_value(_: object, attribute: Attribute[str], value: str) -> None:
    """What can be sent in a header as it is: HTTP strips the blanks around a value."""
    if not (value and value.isascii() and value.isprintable() and value == value.strip()):
        raise wrong(attribute.name, "must be printable ASCII, not empty, without blanks at its ends")


def basic_user(_: object, attribute: Attribute[str], value: str) -> None:
    """The user of HTTP Basic, which cannot have a colon in it."""
    if not value or ":" in value or not value.isprintable():
        raise wrong(attribute.name, "must be printable, not empty, and without a colon (RFC 7617)")


def revealed(
    check: Callable[[S, Attribute[str], str], object],
) -> Callable[[S, Attribute[Secret[str]], Secret[str]], None]:
    """A validator of text, for a :class:`~convokit.ports.secret.Secret`."""

    def checked(settings: S, attribute: Attribute[Secret[str]], value: Secret[str]) -> None:
        check(settings, cast("Attribute[str]", attribute), value.reveal())

    return checked


def shaped(pattern: str, words: str) -> Check[str]:
    """The whole value fits a regular expression; ``words`` says what it must be: ``"must be AC and 32 hex digits"``."""
    wanted = re.compile(pattern)

    def check(_: object, attribute: Attribute[str], value: str) -> None:
        if not wanted.fullmatch(value):
            raise wrong(attribute.name, words)

    return check


def strong(_: object, attribute: Attribute[str], value: str) -> None:
    """A secret that the host made up: random, and long enough."""
    if not value.isprintable():
        raise wrong(attribute.name, "must be printable")
    if len(value.encode()) < SECRET_BYTES or "changeme" in value.lower():
        raise ConfigurationError(
            "settings.secret_weak",
            f"{attribute.name} must be a random secret of at least {SECRET_BYTES} bytes",
            field=attribute.name,
            limit=f"{SECRET_BYTES} bytes",
        )


def between(low: int, high: int) -> Check[int]:
    """A number from ``low`` to ``high``, both included."""

    def check(_: object, attribute: Attribute[int], value: int) -> None:
        if not low <= value <= high:
            raise wrong(attribute.name, "is out of range", f"{low} to {high}")

    return check
