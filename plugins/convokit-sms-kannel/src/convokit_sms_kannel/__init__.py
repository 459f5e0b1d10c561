"""Texting through a Kannel 1.4 gateway (sendsms over HTTP, callbacks over HTTP)."""

from __future__ import annotations

from attrs import frozen

from convokit.plugins import hookimpl
from convokit.ports.sms import Capabilities, Conversation, OutboundText, SmsGatewayOffer, WebhookReading
from convokit.ports.wire import HttpRequest
from convokit_sms_kannel.send import send_text
from convokit_sms_kannel.settings import KannelSettings
from convokit_sms_kannel.urls import inbound_url, report_url
from convokit_sms_kannel.webhook import read_callback

__all__ = ["KannelGateway", "KannelSettings", "convokit_sms_gateways", "inbound_url", "report_url"]


@frozen
class KannelGateway:
    """A :class:`~convokit.ports.sms.SmsGateway` that speaks to one Kannel."""

    settings: KannelSettings

    def send(self, message: OutboundText) -> Conversation:
        """Hand one text to ``sendsms``: one request."""
        return send_text(self.settings, message)

    def read_webhook(self, request: HttpRequest) -> WebhookReading:
        """Check the password, then read a text or a delivery report."""
        return read_callback(self.settings, request)


@hookimpl
def convokit_sms_gateways() -> list[SmsGatewayOffer]:
    """Offer ``kannel``: reports and inbound texts, no media, nothing answered by itself, no idempotent send."""
    return [
        SmsGatewayOffer(
            name="kannel",
            settings=KannelSettings,
            build=KannelGateway,
            capabilities=Capabilities(delivery_reports=True, inbound=True),
        )
    ]
