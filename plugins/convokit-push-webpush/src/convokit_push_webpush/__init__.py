"""Push to browsers by Web Push (RFC 8030), encrypted (RFC 8291) and signed (RFC 8292)."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from convokit.plugins import hookimpl
from convokit.ports.push import PushCapabilities, Pushing, PushMessage, PushToken, PushTransportOffer
from convokit_push_webpush.encryption import MOST_PLAIN
from convokit_push_webpush.keys import fresh_private_key
from convokit_push_webpush.send import push_message, why_no_subscription
from convokit_push_webpush.settings import WebPushSettings

__all__ = ["WebPush", "WebPushSettings", "convokit_push_transports", "fresh_private_key"]

NAME: Final = "webpush"


@frozen
class WebPush:
    """A :class:`~convokit.ports.push.PushTransport` for every browser that has Web Push."""

    settings: WebPushSettings

    def push(self, token: PushToken, message: PushMessage) -> Pushing:
        """Push one message: one request."""
        return push_message(self.settings, token, message)

    def why_no_token(self, token: PushToken) -> str | None:
        """Why this cannot be the subscription of a browser."""
        return why_no_subscription(self.settings, token)


@hookimpl
def convokit_push_transports() -> list[PushTransportOffer]:
    """Offer ``webpush``."""
    return [
        PushTransportOffer(
            name=NAME,
            settings=WebPushSettings,
            build=WebPush,
            capabilities=PushCapabilities(bytes_together=MOST_PLAIN),
        )
    ]
