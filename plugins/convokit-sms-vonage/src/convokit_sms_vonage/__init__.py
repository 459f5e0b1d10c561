"""Texting through Vonage by its Messages API: texts and pictures both ways.

Its older SMS API is a plugin of its own: :mod:`convokit_sms_vonage.older`.
"""

from __future__ import annotations

from typing import Final

from attrs import frozen

from convokit.domain.attachment import MediaLimits
from convokit.plugins import hookimpl
from convokit.ports.sms import Capabilities, Conversation, OutboundText, SmsGatewayOffer, WebhookReading
from convokit.ports.sms_asking import Looking, UncertainText
from convokit.ports.wire import HttpRequest
from convokit_sms_vonage import messages
from convokit_sms_vonage.asking import look_up
from convokit_sms_vonage.settings import VonageSettings

__all__ = ["VonageGateway", "VonageSettings", "convokit_sms_gateways"]

TAKES: Final = MediaLimits(
    types=frozenset({"image/jpeg", "image/png", "image/gif"}), bytes_each=600_000, bytes_together=600_000, files=10
)
"""What carriers in the USA and Canada take without making it smaller. Other files go as links."""


@frozen
class VonageGateway:
    """A :class:`~convokit.ports.sms.SmsGateway` of one Vonage account, by its Messages API."""

    settings: VonageSettings

    def send(self, message: OutboundText) -> Conversation:
        """Hand one text over: one request."""
        return messages.send_text(self.settings, message)

    def read_webhook(self, request: HttpRequest) -> WebhookReading:
        """Check the token and its hash of the body, then read a client's text or the status of one of ours."""
        return messages.read_callback(self.settings, request)

    def look_up(self, text: UncertainText) -> Looking:
        """Look for a text by our own id."""
        return look_up(self.settings, "MESSAGES", messages.report, text)


@hookimpl
def convokit_sms_gateways() -> list[SmsGatewayOffer]:
    """Offer ``vonage``. It does not answer STOP and HELP everywhere, so convokit does."""
    return [
        SmsGatewayOffer(
            name="vonage",
            settings=VonageSettings,
            build=VonageGateway,
            capabilities=Capabilities(
                delivery_reports=True,
                inbound=True,
                looks_up=True,
                mms=TAKES,
                media_hosts=("*.nexmo.com", "*.vonage.com"),
            ),
        ),
    ]
