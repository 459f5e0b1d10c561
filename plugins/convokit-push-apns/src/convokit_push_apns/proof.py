"""Who pushes: a signature of ours (ES256), used for forty minutes. Apple wants a new one each hour, not too often."""

from __future__ import annotations

from typing import Final

import jwt
from attrs import define, field

from convokit_push_apns.settings import ApnsSettings, signing_key

SECOND_US: Final = 1_000_000
LIFE_US: Final = 40 * 60 * SECOND_US
"""Apple refuses a signature after an hour, and more than one in twenty minutes."""


@define
class Proof:
    """The signature that is used now. Every thread may use it.

    Two threads may sign at the same moment: the signatures then have the same time in them, and both are good.
    """

    settings: ApnsSettings
    _known: tuple[str, int] = field(default=("", 0), init=False, repr=False)

    def of(self, at_us: int) -> str:
        """The signature to use at this moment."""
        known, since_us = self._known
        if known and since_us <= at_us < since_us + LIFE_US:
            return known
        signed = jwt.encode(
            {"iss": self.settings.team_id, "iat": at_us // SECOND_US},
            signing_key(self.settings.private_key.reveal()),
            algorithm="ES256",
            headers={"kid": self.settings.key_id},
        )
        self._known = (signed, at_us)
        return signed

    def forget(self, signed: str) -> None:
        """It is not believed any more."""
        if self._known[0] == signed:
            self._known = ("", 0)
