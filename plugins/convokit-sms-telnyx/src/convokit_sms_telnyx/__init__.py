"""Texting through Telnyx: long codes, toll-free numbers and profiles, texts and pictures both ways."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from convokit.domain.attachment import MediaLimits
from convokit.plugins import hookimpl
from convokit.ports.sms import Capabilities, Conversation, OutboundText, SmsGatewayOffer, WebhookReading
from convokit.ports.sms_asking import Fetching, ListedText, Looking, Polling, UncertainText
from convokit.ports.wire import HttpRequest
from convokit_sms_telnyx.asking import fetch_text, look_up, poll
from convokit_sms_telnyx.send import send_text
from convokit_sms_telnyx.settings import TelnyxSettings
from convokit_sms_telnyx.webhook import read_callback

__all__ = ["TelnyxGateway", "TelnyxSettings", "convokit_sms_gateways"]

TAKES: Final = MediaLimits(
    types=frozenset({"image/jpeg", "image/png", "image/gif"}), bytes_each=1_000_000, bytes_together=1_000_000, files=10
)
"""Telnyx takes less than 1 MB with a text. Other files go as links."""


@frozen
class TelnyxGateway:
    """A :class:`~convokit.ports.sms.SmsGateway` of one Telnyx account, which can be asked too."""

    settings: TelnyxSettings

    def send(self, message: OutboundText) -> Conversation:
        """Hand one text over: one request, which may be repeated."""
        return send_text(self.settings, message)

    def read_webhook(self, request: HttpRequest) -> WebhookReading:
        """Check the signature and its time, then read a client's text or the status of one of ours."""
        return read_callback(self.settings, request)

    def look_up(self, text: UncertainText) -> Looking:
        """Look for a text between two numbers."""
        return look_up(self.settings, text)

    def poll(self, numbers: tuple[str, ...], since_us: int, until_us: int) -> Polling:
        """The records of texts to and from the practice's numbers."""
        return poll(self.settings, numbers, since_us, until_us)

    def fetch_text(self, listed: ListedText) -> Fetching:
        """A text that a record only names: one request."""
        return fetch_text(self.settings, listed)


@hookimpl
def convokit_sms_gateways() -> list[SmsGatewayOffer]:
    """Offer ``telnyx``. Telnyx confirms STOP and answers HELP itself, and refuses texts to who opted out."""
    return [
        SmsGatewayOffer(
            name="telnyx",
            settings=TelnyxSettings,
            build=TelnyxGateway,
            capabilities=Capabilities(
                delivery_reports=True,
                inbound=True,
                answers_stop=True,
                answers_help=True,
                idempotent_send=True,
                looks_up=True,
                polls=True,
                mms=TAKES,
                media_hosts=("*.telnyx.com", "*.telnyxcloudstorage.com"),
            ),
        )
    ]
