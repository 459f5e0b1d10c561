"""Texting through Sinch's SMS API. Pictures that are sent go as links; see :mod:`convokit_sms_sinch.mms`."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from convokit.plugins import hookimpl
from convokit.ports.sms import Capabilities, Conversation, OutboundText, SmsGatewayOffer, WebhookReading
from convokit.ports.sms_asking import Looking, UncertainText
from convokit.ports.wire import HttpRequest
from convokit_sms_sinch.asking import look_up
from convokit_sms_sinch.send import send_text
from convokit_sms_sinch.settings import SinchSettings
from convokit_sms_sinch.webhook import read_callback

__all__ = ["SinchGateway", "SinchSettings", "convokit_sms_gateways"]

MEDIA_HOSTS: Final = ("*.sinch.com", "*.s3.amazonaws.com")
"""Sinch copies clients' files to a bucket of S3."""
ABLE: Final = Capabilities(delivery_reports=True, inbound=True, looks_up=True, media_hosts=MEDIA_HOSTS)
"""Sinch leaves STOP and HELP to its customers, so convokit answers them."""


@frozen
class SinchGateway:
    """A :class:`~convokit.ports.sms.SmsGateway` of one service plan, which can be asked too."""

    settings: SinchSettings

    def send(self, message: OutboundText) -> Conversation:
        """Hand one text over: one request."""
        return send_text(self.settings, message)

    def read_webhook(self, request: HttpRequest) -> WebhookReading:
        """Check the signature or the password, then read a client's text or a report on one of ours."""
        return read_callback(self.settings, request)

    def look_up(self, text: UncertainText) -> Looking:
        """Look for a text by our own id."""
        return look_up(self.settings, text)


@hookimpl
def convokit_sms_gateways() -> list[SmsGatewayOffer]:
    """Offer ``sinch``."""
    return [SmsGatewayOffer(name="sinch", settings=SinchSettings, build=SinchGateway, capabilities=ABLE)]
