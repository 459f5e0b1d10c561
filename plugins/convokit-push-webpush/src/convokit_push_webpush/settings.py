"""What the host must tell us to push to browsers, checked when the transport is first needed."""

from __future__ import annotations

import re
from typing import Final

from attrs import Attribute, field, frozen

from convokit.plugins.checks import is_this_machine, revealed, shaped, wrong
from convokit.ports.secret import Secret, secret
from convokit_push_webpush.keys import point_of, private_key, to_text
from convokit_push_webpush.words import SERVICES

_HOST: Final = re.compile(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+")


def _is_key(_: object, attribute: Attribute[str], value: str) -> None:
    try:
        private_key(value)
    except ValueError:
        raise wrong(attribute.name, "must be a private key on P-256: 32 bytes in base64url") from None


def _are_hosts(_: object, attribute: Attribute[str], value: str) -> None:
    names = value.split()
    if not names or not all(_HOST.fullmatch(name) or is_this_machine(name) for name in names):
        raise wrong(attribute.name, 'must be names of hosts, separated by blanks: "*.push.example push.example"')


@frozen(kw_only=True)
class WebPushSettings:
    """What the practice's page subscribes with, and who it is.

    Attributes:
        private_key: the application server's key (VAPID): 32 bytes in base64url; ``fresh_private_key()`` makes one.
            Changing it makes every subscription useless.
        subject: whom a push service can write to when something is wrong: ``mailto:...`` or ``https://...``.
        services: the hosts of push services that may be spoken to, separated by blanks; ``*.`` stands for any name
            before. A browser names its service itself, so any other host is refused.

    Raises:
        ConfigurationError: ``settings.invalid``; names the setting, never its value.
    """

    private_key: Secret[str] = field(converter=secret, validator=revealed(_is_key))
    subject: str = field(
        validator=shaped(r"(mailto:[!-~]+@[!-~]+|https://[!-~]+)", "must be mailto: and an address, or an https URL")
    )
    services: str = field(default=" ".join(SERVICES), validator=_are_hosts)

    @property
    def application_server_key(self) -> str:
        """What the page gives to ``pushManager.subscribe``: the public key in base64url. No secret."""
        return to_text(point_of(private_key(self.private_key.reveal())))

    def takes(self, host: str) -> bool:
        """Whether a host is one of the push services."""
        names = self.services.split()
        return host in names or any(name.startswith("*.") and host.endswith(name[1:]) for name in names)
