"""What the host must tell us about its mail server, checked when the mailer is chosen."""

from __future__ import annotations

import ipaddress
import re
import ssl
from collections.abc import Callable
from typing import Final

from attrs import Attribute, field, frozen
from attrs.converters import optional as convert
from attrs.validators import optional

from convokit.errors import ConfigurationError
from convokit.plugins.checks import revealed
from convokit.ports.secret import Secret, secret

PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}
"""The kinds of security and their usual ports: RFC 6409 (submission), RFC 8314, 3.3 (implicit TLS), RFC 5321."""
LONGEST_ANSWER: Final = 60
LONGEST_SEND: Final = 100
_NAME: Final = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?\Z")


def _wrong(name: str, message: str, limit: str | None = None) -> ConfigurationError:
    return ConfigurationError("settings.invalid", f"{name} {message}", field=name, limit=limit)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _host(_: object, attribute: Attribute[str], value: str) -> None:
    if not (_is_address(value) or (len(value) <= 253 and _NAME.match(value))):
        raise _wrong(attribute.name, "must be a host name in ASCII (xn-- for others) or an IP address, without a port")


def _name(_: object, attribute: Attribute[str], value: str) -> None:
    if not (len(value) <= 253 and _NAME.match(value)):
        raise _wrong(attribute.name, "must be a host name in ASCII")


def _security(_: object, attribute: Attribute[str], value: str) -> None:
    if value not in PORTS:
        raise _wrong(attribute.name, "is unknown", ", ".join(PORTS))


def _credential(_: object, attribute: Attribute[str], value: str) -> None:
    # smtplib sends credentials as ASCII, and NUL separates them (RFC 4616).
    if not (value and value.isascii() and value.isprintable()):
        raise _wrong(attribute.name, "must be printable ASCII and not empty")


def _ca_file(_: object, attribute: Attribute[str], value: str) -> None:
    try:
        ssl.create_default_context(cafile=value)
    except (OSError, ValueError):
        raise _wrong(attribute.name, "is not a readable file of certificates (PEM)") from None


def _between(low: int, high: int) -> Callable[[object, Attribute[int], int], None]:
    def check(_: object, attribute: Attribute[int], value: int) -> None:
        if not low <= value <= high:
            raise _wrong(attribute.name, "is out of range", f"{low} to {high}")

    return check


@frozen(kw_only=True)
class SmtpSettings:
    """One SMTP server and one account on it.

    Attributes:
        host: name or IP address of the server; its certificate must carry it.
        port: ``None`` stands for the usual one of ``security``: 587, 465 or 25.
        security: ``"starttls"`` (refused if the server does not offer it), ``"tls"`` from the first byte on, or
            ``"none"``, for a server on this machine.
        allow_plaintext: allows ``security="none"`` for other machines. Mails and password can then be read under way.
        username: account; ``None`` for a server that asks for none.
        password: of the account.
        ca_file: PEM file of the authorities to trust *instead of* the system's.
        hello_name: name by which we introduce ourselves (``EHLO``); ``None`` stands for the domain of the sender.
        timeout: longest wait for the connection and for each answer, seconds, 1 to 60.
        deadline: longest time for one mail altogether, seconds, 1 to 100.

    Raises:
        ConfigurationError: ``settings.invalid``; names the setting, never its value.
    """

    host: str = field(validator=_host)
    port: int | None = field(default=None, validator=optional(_between(1, 65_535)))
    security: str = field(default="starttls", validator=_security)
    allow_plaintext: bool = False
    username: str | None = field(default=None, validator=optional(_credential))
    password: Secret[str] | None = field(
        default=None, converter=convert(secret), validator=optional(revealed(_credential))
    )
    ca_file: str | None = field(default=None, validator=optional(_ca_file))
    hello_name: str | None = field(default=None, validator=optional(_name))
    timeout: int = field(default=30, validator=_between(1, LONGEST_ANSWER))
    deadline: int = field(default=90, validator=_between(1, LONGEST_SEND))

    def __attrs_post_init__(self) -> None:
        if (self.username is None) != (self.password is None):
            raise _wrong("password", "and username belong together: give both or neither")
        if self.security == "none" and not (self.allow_plaintext or self.on_this_machine):
            raise _wrong("security", '"none" is for this machine only; allow_plaintext=True sends in the clear')
        if self.timeout > self.deadline:
            raise _wrong("timeout", "is longer than the deadline", str(self.deadline))

    @property
    def on_this_machine(self) -> bool:
        """Whether ``host`` is the loopback interface by its very name."""
        return self.host == "localhost" or (_is_address(self.host) and ipaddress.ip_address(self.host).is_loopback)

    @property
    def real_port(self) -> int:
        """``port``, or the usual one."""
        return PORTS[self.security] if self.port is None else self.port
