"""Texting through Bandwidth: texts and pictures both ways."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from attrs import frozen

from convokit.domain.attachment import MediaLimits
from convokit.plugins import hookimpl
from convokit.ports.sms import Capabilities, Conversation, OutboundText, SmsGatewayOffer, WebhookReading
from convokit.ports.wire import HttpRequest
from convokit_sms_bandwidth.send import send_text
from convokit_sms_bandwidth.settings import BandwidthSettings
from convokit_sms_bandwidth.webhook import read_callback

__all__ = ["BandwidthGateway", "BandwidthSettings", "convokit_sms_gateways"]

TAKES: Final = MediaLimits(
    types=frozenset({"image/jpeg", "image/png", "image/gif"}), bytes_each=525_000, bytes_together=525_000, files=10
)
"""What Bandwidth sends from toll-free numbers, the strictest of its kinds of number. Other files go as links."""


@frozen
class BandwidthGateway:
    """A :class:`~convokit.ports.sms.SmsGateway` of one messaging application."""

    settings: BandwidthSettings

    def send(self, message: OutboundText) -> Conversation:
        """Hand one text over: one request."""
        return send_text(self.settings, message)

    def read_webhook(self, request: HttpRequest) -> WebhookReading:
        """Check the password, then read clients' texts and what became of ours."""
        return read_callback(self.settings, request)

    def media_request(self, url: str) -> HttpRequest:
        """The GET for a client's file. Bandwidth wants credentials: they go to the API's own host and no other."""
        headers = (self.settings.authorization,) if _is_api(url, self.settings) else ()
        return HttpRequest(method="GET", url=url, headers=headers)


def _is_api(url: str, settings: BandwidthSettings) -> bool:
    try:
        given, ours = urlsplit(url), urlsplit(settings.base_url)
    except ValueError:
        return False
    return (given.scheme, given.netloc) == (ours.scheme, ours.netloc)


@hookimpl
def convokit_sms_gateways() -> list[SmsGatewayOffer]:
    """Offer ``bandwidth``. Bandwidth leaves STOP and HELP to its customers, so convokit answers them."""
    return [
        SmsGatewayOffer(
            name="bandwidth",
            settings=BandwidthSettings,
            build=BandwidthGateway,
            capabilities=Capabilities(
                delivery_reports=True, inbound=True, mms=TAKES, media_hosts=("messaging.bandwidth.com",)
            ),
        )
    ]
