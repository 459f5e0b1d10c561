"""Which of several providers a practice uses: the host's choice, else the only one there is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeVar

from attrs import frozen

from convokit.errors import ConfigurationError

T = TypeVar("T")


@frozen(kw_only=True)
class Kind:
    """A kind of provider in words, and the codes of what may be wrong with a choice."""

    one: str
    several: str
    no_choice: str
    unknown: str


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "sms": Kind(one="carrier", several="carriers", no_choice="sms.no_choice", unknown="sms.unknown_gateway"),
        "mail": Kind(one="mailer", several="mailers", no_choice="mail.no_choice", unknown="mail.unknown_mailer"),
        "payments": Kind(
            one="payment provider",
            several="payment providers",
            no_choice="payments.no_choice",
            unknown="payments.unknown_provider",
        ),
    }
)
"""The kinds that ``convokit_choose`` and ``convokit_settings`` are asked about."""


def chosen(kind: str, name: str | None, offers: Mapping[str, T]) -> T | None:
    """The offer that the host named, else the only one, else ``None``.

    Raises:
        ConfigurationError: the name is not among the offers; several are there and nobody chose.
    """
    words, enabled = KINDS[kind], ", ".join(sorted(offers)) or "none"
    if name is None:
        if len(offers) > 1:
            why = f"several {words.several} are enabled ({enabled}); convokit_choose must name one"
            raise ConfigurationError(words.no_choice, why)
        return next(iter(offers.values()), None)
    if name not in offers:
        why = f"{words.one} {name[:60]!r} is not enabled; enabled: {enabled}"
        raise ConfigurationError(words.unknown, why, field=kind)
    return offers[name]
