"""Texting through Twilio: long codes and Messaging Services, texts and pictures both ways."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from attrs import frozen

from convokit.domain.attachment import MediaLimits
from convokit.plugins import hookimpl
from convokit.ports.sms import Capabilities, Conversation, OutboundText, SmsGatewayOffer, WebhookReading
from convokit.ports.sms_asking import Fetching, ListedText, Looking, Polling, UncertainText
from convokit.ports.wire import HttpRequest
from convokit_sms_twilio.asking import fetch_text, look_up, poll
from convokit_sms_twilio.send import send_text
from convokit_sms_twilio.settings import TwilioSettings
from convokit_sms_twilio.webhook import read_callback

__all__ = ["TwilioGateway", "TwilioSettings", "convokit_sms_gateways"]

TAKES: Final = MediaLimits(
    types=frozenset({"image/jpeg", "image/png", "image/gif"}), bytes_each=5_000_000, bytes_together=5_000_000, files=10
)
"""Twilio fits these pictures to each carrier; it takes ten files and 5 MB with a text. Others go as links."""


@frozen
class TwilioGateway:
    """A :class:`~convokit.ports.sms.SmsGateway` of one Twilio account, which can be asked too."""

    settings: TwilioSettings

    def send(self, message: OutboundText) -> Conversation:
        """Hand one text over: one request."""
        return send_text(self.settings, message)

    def read_webhook(self, request: HttpRequest) -> WebhookReading:
        """Check the signature, then read a client's text or the status of one of ours."""
        return read_callback(self.settings, request)

    def media_request(self, url: str) -> HttpRequest:
        """The GET for a client's file. Twilio wants credentials, and forwards to another host without them."""
        headers = (self.settings.authorization,) if _is_api(url, self.settings) else ()
        return HttpRequest(method="GET", url=url, headers=headers)

    def look_up(self, text: UncertainText) -> Looking:
        """Look for a text between two numbers."""
        return look_up(self.settings, text)

    def poll(self, numbers: tuple[str, ...], since_us: int, until_us: int) -> Polling:
        """The messages to and from the practice's numbers, at most of one day."""
        return poll(self.settings, numbers, since_us, until_us)

    def fetch_text(self, listed: ListedText) -> Fetching:
        """A text with its files: two requests."""
        return fetch_text(self.settings, listed)


def _is_api(url: str, settings: TwilioSettings) -> bool:
    """Whether a URL is of the API, in any region: callbacks may name another host of it than :attr:`base_url`."""
    try:
        given, ours = urlsplit(url), urlsplit(settings.base_url)
    except ValueError:
        return False
    host = given.hostname or ""
    twilio = given.scheme == "https" and host.startswith("api.") and host.endswith(".twilio.com")
    return twilio or (given.scheme, given.netloc) == (ours.scheme, ours.netloc)


@hookimpl
def convokit_sms_gateways() -> list[SmsGatewayOffer]:
    """Offer ``twilio``. Twilio confirms STOP and answers HELP itself, and refuses texts to who opted out."""
    return [
        SmsGatewayOffer(
            name="twilio",
            settings=TwilioSettings,
            build=TwilioGateway,
            capabilities=Capabilities(
                delivery_reports=True,
                inbound=True,
                answers_stop=True,
                answers_help=True,
                looks_up=True,
                polls=True,
                mms=TAKES,
                media_hosts=("*.twilio.com", "*.twiliocdn.com"),
            ),
        )
    ]
