"""Texting through Vonage by its older SMS API. Texts only."""

from __future__ import annotations

from attrs import frozen

from convokit.plugins import hookimpl
from convokit.ports.sms import Capabilities, Conversation, OutboundText, SmsGatewayOffer, WebhookReading
from convokit.ports.sms_asking import Looking, UncertainText
from convokit.ports.wire import HttpRequest
from convokit_sms_vonage import sms
from convokit_sms_vonage.asking import look_up
from convokit_sms_vonage.settings import VonageSmsSettings

__all__ = ["VonageSmsGateway", "VonageSmsSettings", "convokit_sms_gateways"]


@frozen
class VonageSmsGateway:
    """A :class:`~convokit.ports.sms.SmsGateway` of one Vonage account, by its SMS API."""

    settings: VonageSmsSettings

    def send(self, message: OutboundText) -> Conversation:
        """Hand one text over: one request."""
        return sms.send_text(self.settings, message)

    def read_webhook(self, request: HttpRequest) -> WebhookReading:
        """Check the signature, then read a client's text or a delivery receipt."""
        return sms.read_callback(self.settings, request)

    def look_up(self, text: UncertainText) -> Looking:
        """Look for a text by our own id."""
        return look_up(self.settings, "SMS", sms.report, text)


@hookimpl
def convokit_sms_gateways() -> list[SmsGatewayOffer]:
    """Offer ``vonage-sms``. It does not answer STOP and HELP everywhere, so convokit does."""
    return [
        SmsGatewayOffer(
            name="vonage-sms",
            settings=VonageSmsSettings,
            build=VonageSmsGateway,
            capabilities=Capabilities(delivery_reports=True, inbound=True, looks_up=True),
        )
    ]
