"""Texting over SMPP 3.4: one connection that stays open, straight to a carrier or an aggregator."""

from __future__ import annotations

from convokit.plugins import hookimpl
from convokit.ports.sms import Capabilities, SmsGatewayOffer
from convokit_sms_smpp.session import SmppSession
from convokit_sms_smpp.settings import SmppSettings

__all__ = ["SmppSession", "SmppSettings", "convokit_sms_gateways"]


@hookimpl
def convokit_sms_gateways() -> list[SmsGatewayOffer]:
    """Offer ``smpp``: reports and inbound texts over a session, no media, nothing answered by itself."""
    return [
        SmsGatewayOffer(
            name="smpp",
            settings=SmppSettings,
            build=SmppSession,
            capabilities=Capabilities(delivery_reports=True, inbound=True, keeps_session=True),
        )
    ]
