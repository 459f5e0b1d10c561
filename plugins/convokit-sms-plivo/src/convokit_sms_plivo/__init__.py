"""Texting through Plivo: texts and pictures both ways."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from convokit.domain.attachment import MediaLimits
from convokit.plugins import hookimpl
from convokit.ports.sms import Capabilities, Conversation, OutboundText, SmsGatewayOffer, WebhookReading
from convokit.ports.wire import HttpRequest
from convokit_sms_plivo.send import send_text
from convokit_sms_plivo.settings import PlivoSettings
from convokit_sms_plivo.webhook import read_callback

__all__ = ["PlivoGateway", "PlivoSettings", "convokit_sms_gateways"]

TAKES: Final = MediaLimits(
    types=frozenset({"image/jpeg", "image/png", "image/gif"}), bytes_each=2_000_000, bytes_together=4_900_000, files=10
)
"""Plivo takes ten files and less than 5 MB with a text. Other files go as links."""


@frozen
class PlivoGateway:
    """A :class:`~convokit.ports.sms.SmsGateway` of one Plivo account."""

    settings: PlivoSettings

    def send(self, message: OutboundText) -> Conversation:
        """Hand one text over: one request."""
        return send_text(self.settings, message)

    def read_webhook(self, request: HttpRequest) -> WebhookReading:
        """Check the signature, then read a client's text or the status of one of ours."""
        return read_callback(self.settings, request)


@hookimpl
def convokit_sms_gateways() -> list[SmsGatewayOffer]:
    """Offer ``plivo``. Plivo answers HELP itself; after a STOP it lets one more text through: the confirmation."""
    return [
        SmsGatewayOffer(
            name="plivo",
            settings=PlivoSettings,
            build=PlivoGateway,
            capabilities=Capabilities(
                delivery_reports=True,
                inbound=True,
                answers_help=True,
                mms=TAKES,
                media_hosts=("*.plivo.com",),
            ),
        )
    ]
