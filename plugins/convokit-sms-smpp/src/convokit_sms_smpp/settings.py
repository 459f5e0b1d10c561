"""What the host must tell us about its account at a short message service centre, checked when it is chosen."""

from __future__ import annotations

import ipaddress
import re
import ssl
from collections.abc import Callable
from typing import Final

from attrs import Attribute, field, frozen
from attrs.validators import optional

from convokit.plugins.checks import between, is_this_machine, revealed, wrong
from convokit.ports.secret import Secret, secret

PORTS: Final = {True: 3550, False: 2775}
"""By whether it is TLS: the ports that IANA has for SMPP, ``ssmpp`` and ``smpp``."""
_NAME: Final = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")


def _host(_: object, attribute: Attribute[str], value: str) -> None:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        if not (len(value) <= 253 and _NAME.fullmatch(value)):
            raise wrong(attribute.name, "must be a host name in ASCII or an IP address, without a port") from None


def _printable(most: int, *, least: int = 0) -> Callable[[object, Attribute[str], str], None]:
    def check(_: object, attribute: Attribute[str], value: str) -> None:
        if not (least <= len(value) <= most and value.isascii() and (value.isprintable() or not value)):
            raise wrong(attribute.name, "must be printable ASCII", f"{least} to {most} characters")

    return check


def _one_of(*known: str) -> Callable[[object, Attribute[str], str], None]:
    def check(_: object, attribute: Attribute[str], value: str) -> None:
        if value not in known:
            raise wrong(attribute.name, "is unknown", ", ".join(known))

    return check


def _ca_file(_: object, attribute: Attribute[str], value: str) -> None:
    try:
        ssl.create_default_context(cafile=value)
    except (OSError, ValueError):
        raise wrong(attribute.name, "is not a readable file of certificates (PEM)") from None


@frozen(kw_only=True)
class SmppSettings:
    """One centre (SMSC) and one account on it. Practices with equal settings share one connection.

    Attributes:
        host: name or IP address; with TLS, its certificate must carry it.
        port: ``None`` stands for 3550 with TLS and 2775 without.
        system_id: the account, at most 15 characters.
        password: of the account. SMPP has room for 8 characters; some centres take more, up to 64 here.
        system_type: kind of system, where the carrier asks for one; at most 12 characters.
        tls: whether the connection is encrypted.
        allow_plaintext: allows ``tls=False`` to other machines: inside a VPN. Texts and password can be read there.
        ca_file: PEM file of the authorities to trust *instead of* the system's.
        window: most texts that are handed over and not yet answered, 1 to 1,000; the carrier says how many it allows.
        throttle_seconds: how long nothing is sent after the carrier said "too fast", 1 to 60; doubles up to a minute.
        enquire_link: seconds of silence after which we ask whether the carrier is there, 5 to 600.
        timeout: longest wait for the connection and for each answer, seconds, 1 to 60.
        deadline: longest time for one text altogether, seconds, 1 to 100.
        reconnect_seconds: first wait before connecting again, 1 to 60; it doubles up to a minute.
        long_texts: how parts belong together: ``"udh"`` (a header in the text), ``"sar"`` (optional parameters), or
            ``"payload"`` (not cut at all: ``message_payload``).
        max_parts: most parts of one text, 1 to 255; longer ones are refused.
        default_alphabet: what ``data_coding`` 0 is at this carrier: ``"gsm7"`` or ``"latin1"``.
        message_ids: how ids are written: ``"same"`` in answers and in the text of receipts, ``"hex-decimal"`` (answers
            in hex, receipts in decimal) or ``"decimal-hex"``.
        plain_numbers: what a number of unknown type is: ``"international"`` or ``"national"``.
        source_ton, source_npi, dest_ton, dest_npi: type and plan of our number and of the client's, 0 to 15.
        service_type: at most 5 characters; empty for the carrier's default.
        user_references: whether each text carries a ``user_message_reference``, by which a receipt can settle one
            whose answer was lost.
        id_tlv: tag of a vendor's optional parameter (5120 to 16383) that receipts bring back; our own id goes there.
        assembly_seconds: how long the rest of a client's long text is waited for, 5 to 3,600.

    Raises:
        ConfigurationError: ``settings.invalid``; names the setting, never its value.
    """

    host: str = field(validator=_host)
    port: int | None = field(default=None, validator=optional(between(1, 65_535)))
    system_id: str = field(validator=_printable(15, least=1))
    password: Secret[str] = field(converter=secret, validator=revealed(_printable(64)))
    system_type: str = field(default="", validator=_printable(12))
    tls: bool = True
    allow_plaintext: bool = False
    ca_file: str | None = field(default=None, validator=optional(_ca_file))
    window: int = field(default=10, validator=between(1, 1_000))
    throttle_seconds: int = field(default=1, validator=between(1, 60))
    enquire_link: int = field(default=30, validator=between(5, 600))
    timeout: int = field(default=30, validator=between(1, 60))
    deadline: int = field(default=60, validator=between(1, 100))
    reconnect_seconds: int = field(default=1, validator=between(1, 60))
    long_texts: str = field(default="udh", validator=_one_of("udh", "sar", "payload"))
    max_parts: int = field(default=10, validator=between(1, 255))
    default_alphabet: str = field(default="gsm7", validator=_one_of("gsm7", "latin1"))
    message_ids: str = field(default="same", validator=_one_of("same", "hex-decimal", "decimal-hex"))
    plain_numbers: str = field(default="international", validator=_one_of("international", "national"))
    source_ton: int = field(default=1, validator=between(0, 15))
    source_npi: int = field(default=1, validator=between(0, 15))
    dest_ton: int = field(default=1, validator=between(0, 15))
    dest_npi: int = field(default=1, validator=between(0, 15))
    service_type: str = field(default="", validator=_printable(5))
    user_references: bool = True
    id_tlv: int | None = field(default=None, validator=optional(between(0x1400, 0x3FFF)))
    assembly_seconds: int = field(default=120, validator=between(5, 3_600))

    def __attrs_post_init__(self) -> None:
        if not (self.tls or self.allow_plaintext or is_this_machine(self.host)):
            raise wrong("tls", "may be off for this machine only; allow_plaintext=True sends in the clear")
        if self.timeout > self.deadline:
            raise wrong("timeout", "is longer than the deadline", str(self.deadline))

    @property
    def address(self) -> tuple[str, int]:
        """Where to connect."""
        return self.host, PORTS[self.tls] if self.port is None else self.port

    @property
    def shown(self) -> str:
        """Where it leads, for people."""
        host, port = self.address
        return f"{host}:{port}, {'TLS' if self.tls else 'not encrypted'}"

    @property
    def is_open_to_others(self) -> bool:
        """Whether others on the way can read texts and password."""
        return not self.tls and not is_this_machine(self.host)
