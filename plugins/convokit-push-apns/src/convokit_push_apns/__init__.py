"""Push to iPhones and iPads by Apple Push Notification service (APNs): HTTP/2, ES256."""

from __future__ import annotations

from typing import Final

from convokit.plugins import hookimpl
from convokit.ports.push import PushCapabilities, Pushing, PushMessage, PushToken, PushTransportOffer
from convokit_push_apns.proof import Proof
from convokit_push_apns.send import MOST_BYTES, push_message, why_no_device_token
from convokit_push_apns.settings import ApnsSettings

__all__ = ["Apns", "ApnsSettings", "convokit_push_transports"]

NAME: Final = "apns"


class Apns:
    """A :class:`~convokit.ports.push.PushTransport` of one Apple developer team."""

    def __init__(self, settings: ApnsSettings) -> None:
        self._proof = Proof(settings)

    def push(self, token: PushToken, message: PushMessage) -> Pushing:
        """Push one message: one request."""
        return push_message(self._proof, token, message)

    def why_no_token(self, token: PushToken) -> str | None:
        """Why this cannot be a device token."""
        return why_no_device_token(token)


@hookimpl
def convokit_push_transports() -> list[PushTransportOffer]:
    """Offer ``apns``. Apple speaks HTTP/2 only."""
    return [
        PushTransportOffer(
            name=NAME,
            settings=ApnsSettings,
            build=Apns,
            capabilities=PushCapabilities(bytes_together=MOST_BYTES, http="2"),
        )
    ]
