"""A carrier that takes every text at once and does nothing: what is left is the cost of handing over."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from convokit.outcomes import Accepted
from convokit.plugins import hookimpl
from convokit.ports.sms import Capabilities, Conversation, OutboundText, SmsGatewayOffer, Unverified, WebhookReading
from convokit.ports.wire import HttpRequest


@frozen(kw_only=True)
class Settings:
    """None."""


@frozen
class Gateway:
    """See :class:`convokit.ports.sms.SmsGateway`."""

    settings: Settings

    def send(self, message: OutboundText) -> Conversation:
        """Taken, under its own id."""
        yield from ()
        return Accepted(provider_id=message.id)

    def read_webhook(self, request: HttpRequest) -> WebhookReading:
        """Nobody calls."""
        return Unverified(why="nobody calls")


class NoopCarrier:
    """The plugin."""

    name = "noop"

    @hookimpl
    def convokit_sms_gateways(self) -> Sequence[SmsGatewayOffer]:
        """Its one carrier."""
        offer = SmsGatewayOffer(name="noop", settings=Settings, build=Gateway, capabilities=Capabilities())
        return [offer]
