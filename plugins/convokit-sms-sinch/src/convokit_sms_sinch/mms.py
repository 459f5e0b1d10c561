"""The same for service plans for which Sinch has switched MMS on: a picture goes with its text."""

from __future__ import annotations

from typing import Final

from attrs import evolve

from convokit.domain.attachment import MediaLimits
from convokit.plugins import hookimpl
from convokit.ports.sms import SmsGatewayOffer
from convokit_sms_sinch import ABLE, SinchGateway, SinchSettings

__all__ = ["convokit_sms_gateways"]

TAKES: Final = MediaLimits(
    types=frozenset({"image/jpeg", "image/png", "image/gif"}), bytes_each=500_000, bytes_together=500_000, files=1
)
"""One file with a text, no larger than carriers take everywhere. Other files go as links."""


@hookimpl
def convokit_sms_gateways() -> list[SmsGatewayOffer]:
    """Offer ``sinch-mms``."""
    able = evolve(ABLE, mms=TAKES)
    return [SmsGatewayOffer(name="sinch-mms", settings=SinchSettings, build=SinchGateway, capabilities=able)]
