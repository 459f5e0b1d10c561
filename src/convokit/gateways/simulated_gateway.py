"""The simulator as a practice's gateway: it exchanges no requests, for the carrier is in the same process."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final

from convokit.ports.sms import (
    Conversation,
    DeliveryReport,
    Event,
    InboundFile,
    InboundText,
    OutboundText,
    Unreadable,
    Unverified,
    Verified,
    WebhookReading,
)
from convokit.ports.sms_asking import Found, Looking, Polled, Polling, UncertainText
from convokit.ports.strict_json import read_json
from convokit.ports.wire import HttpRequest

if TYPE_CHECKING:
    from convokit.gateways.simulator import Simulator

SIGNATURE: Final = "X-Simulator-Signature"

_FAILURES: Final = {
    "off": ("unreachable_temporary", "SIM-27 absent subscriber"),
    "landline": ("landline", "SIM-11 teleservice not provisioned"),
    "disconnected": ("number_inactive", "SIM-1 unknown subscriber"),
}


class SimulatedGateway:
    """What a practice sends and reads through."""

    def __init__(self, carrier: Simulator) -> None:
        self._carrier = carrier

    def send(self, message: OutboundText) -> Conversation:
        """See :class:`convokit.ports.sms.SmsGateway`."""
        return self._carrier.take(message)
        yield  # a generator that asks for nothing

    def read_webhook(self, request: HttpRequest) -> WebhookReading:
        """See :class:`convokit.ports.sms.SmsGateway`."""
        given = (request.header(SIGNATURE) or "").encode()
        if not hmac.compare_digest(given, self._carrier.sign(request.body).encode()):
            return Unverified(why="signature")
        try:
            return Verified(events=(read_event(read_json(request.body)),))
        except (ValueError, KeyError):
            return Unreadable(why="not an event of the simulator")


class AskedGateway(SimulatedGateway):
    """The same, of a carrier that can be asked."""

    def look_up(self, text: UncertainText) -> Looking:
        """See :class:`convokit.ports.sms_asking.LooksUp`."""
        return Found(reports=self._carrier.known(text.id))
        yield  # a generator that asks for nothing

    def poll(self, numbers: tuple[str, ...], since_us: int, until_us: int) -> Polling:
        """See :class:`convokit.ports.sms_asking.Polls`."""
        return Polled(events=self._carrier.everything(numbers, since_us, until_us), until_us=until_us)
        yield  # a generator that asks for nothing


def read_event(given: object) -> Event:
    """What an event of the simulator says.

    Raises:
        ValueError, KeyError: it is none.
    """
    if not isinstance(given, dict):
        raise ValueError("no event")
    event = {name: value for name, value in given.items() if isinstance(value, str)}
    if event["kind"] == "text":
        media = tuple(InboundFile(url=url) for url in event.get("media", "").split())
        return InboundText(
            provider_id=event["id"], sender=event["from"], to=event["to"], text=event["text"], media=media
        )
    known = {"sent": "sent", "delivered": "delivered", "failed": "failed"}
    reason, raw = _FAILURES.get(event["why"], ("carrier_filtered", "SIM-7 filtered"))
    failed = event["word"] == "failed"
    return DeliveryReport(
        attempt_id=event["attempt"],
        provider_id=event["id"],
        state=known.get(event["word"]),  # type: ignore[arg-type]  # one of the three words, or None
        reason=reason if failed else None,
        raw=raw if failed else event["word"],
    )
