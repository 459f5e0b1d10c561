"""E-mail addresses: exactly one, of a form that can be written into a header without doing anything else there.

Strict, and on purpose narrower than the standards: no display name, no comment, no quoted local part, no address
literal, no blanks. Whatever is refused here is a typing mistake, or an attempt at a second recipient or header.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from attrs import frozen

from convokit.errors import InvalidInput

MAX_LENGTH: Final = 254
"""Octets of an address in UTF-8: RFC 5321, 4.5.3.1.3 allows a path 256, of which two are ``<`` and ``>``."""
MAX_LOCAL_PART: Final = 64
"""Octets before the ``@``: RFC 5321, 4.5.3.1.1."""
MAX_LABEL: Final = 63
"""Octets between two dots of a domain, as written in the DNS: RFC 1035, 2.3.4."""

# RFC 5322, 3.2.3 "atext", and everything beyond ASCII (RFC 6532, 3.2).
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]+\Z")
_ENCODED_WORD: Final = "=?"
"""Starts an encoded word (RFC 2047). Header writers decode one even in an address, line breaks and all."""


@frozen(kw_only=True)
class MailAddress:
    """One address. ``domain`` stands as it was typed: international names are kept, not turned into ``xn--``."""

    local_part: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local_part}@{self.domain}"


def parse_mail_address(raw: object, *, field: str = "email") -> MailAddress:
    """The address that ``raw`` is, composed (Unicode NFC) and otherwise unchanged.

    Args:
        raw: what was typed; anything that is not text is refused, not converted. Blanks around it are refused too.
        field: name of the argument for the error.

    Raises:
        InvalidInput: ``email.type``, ``email.empty``, ``email.too_long`` (limit 254), ``email.characters``,
            ``email.several``, ``email.local_part``, ``email.local_part_too_long`` (limit 64), ``email.domain``.
    """
    if not isinstance(raw, str):
        raise InvalidInput("email.type", f"an e-mail address is text, not {type(raw).__name__}", field=field)
    if not raw:
        raise InvalidInput("email.empty", "the e-mail address is empty", field=field)
    if len(raw) > MAX_LENGTH:
        raise _too_long(field)
    if any(unicodedata.category(c)[0] in "CZ" for c in raw):
        raise InvalidInput("email.characters", "an e-mail address has no blanks or control characters", field=field)
    text = unicodedata.normalize("NFC", raw)
    if _octets(text) > MAX_LENGTH:
        raise _too_long(field)
    if text.count("@") > 1 or "," in text or ";" in text:
        raise InvalidInput("email.several", "exactly one e-mail address is needed here", field=field, limit="1")
    local_part, _, domain = text.partition("@")
    _check_local_part(local_part, field)
    if not _is_domain(domain):
        raise InvalidInput("email.domain", "what follows the @ is not a complete domain name", field=field)
    return MailAddress(local_part=local_part, domain=domain)


def _too_long(field: str) -> InvalidInput:
    why = f"an e-mail address has at most {MAX_LENGTH} bytes"
    return InvalidInput("email.too_long", why, field=field, limit=str(MAX_LENGTH))


def _octets(text: str) -> int:
    return len(text.encode("utf-8"))


def _check_local_part(text: str, field: str) -> None:
    if _octets(text) > MAX_LOCAL_PART:
        raise InvalidInput(
            "email.local_part_too_long",
            f"what stands before the @ has at most {MAX_LOCAL_PART} bytes",
            field=field,
            limit=str(MAX_LOCAL_PART),
        )
    if _ENCODED_WORD in text or not all(_LOCAL.match(atom) for atom in text.split(".")):
        raise InvalidInput("email.local_part", "what stands before the @ cannot be right", field=field)


def _is_domain(text: str) -> bool:
    labels = text.split(".")
    # Full-width letters and ligatures are other people's domains in disguise (RFC 5892, 2.2 "Unstable").
    stable = unicodedata.normalize("NFKC", text) == text
    return stable and len(labels) > 1 and not labels[-1].isdecimal() and all(map(_is_label, labels))


def _is_label(text: str) -> bool:
    if not text or text.startswith("-") or text.endswith("-") or unicodedata.category(text[0])[0] == "M":
        return False
    wire = len(text) if text.isascii() else len("xn--") + len(text.encode("punycode"))
    return wire <= MAX_LABEL and all(c == "-" or unicodedata.category(c)[0] in "LMN" for c in text)
