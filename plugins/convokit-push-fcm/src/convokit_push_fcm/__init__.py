"""Push to Android and iOS apps, and to browsers, by Firebase Cloud Messaging (HTTP v1)."""

from __future__ import annotations

from typing import Final

from convokit.plugins import hookimpl
from convokit.ports.push import PushCapabilities, Pushing, PushMessage, PushToken, PushTransportOffer
from convokit_push_fcm.login import Login
from convokit_push_fcm.send import MOST_BYTES, push_message, why_no_registration_token
from convokit_push_fcm.settings import FcmSettings

__all__ = ["Fcm", "FcmSettings", "convokit_push_transports"]

NAME: Final = "fcm"


class Fcm:
    """A :class:`~convokit.ports.push.PushTransport` of one Firebase project."""

    def __init__(self, settings: FcmSettings) -> None:
        self._login = Login(settings)

    def push(self, token: PushToken, message: PushMessage) -> Pushing:
        """Push one message: one request, and once an hour another one for an access token."""
        return push_message(self._login, token, message)

    def why_no_token(self, token: PushToken) -> str | None:
        """Why this cannot be a registration token."""
        return why_no_registration_token(token)


@hookimpl
def convokit_push_transports() -> list[PushTransportOffer]:
    """Offer ``fcm``."""
    return [
        PushTransportOffer(
            name=NAME,
            settings=FcmSettings,
            build=Fcm,
            capabilities=PushCapabilities(bytes_together=MOST_BYTES),
        )
    ]
