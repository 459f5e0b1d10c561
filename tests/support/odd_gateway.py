"""A gateway that does whatever a test wants it to do, good or bad."""

from __future__ import annotations

from collections.abc import Generator

from attrs import define, field, frozen

from convokit.outcomes import Accepted
from convokit.plugins import hookimpl
from convokit.ports.sms import Capabilities, OutboundText, SmsGatewayOffer, Verified
from convokit.ports.wire import HttpRequest


@frozen(kw_only=True)
class OddSettings:
    """No settings."""


@define
class OddGateway:
    """``outcome``: returned, or raised if it is an exception; ``asks`` are the requests it makes first."""

    reading: object = field(factory=lambda: Verified(events=()))
    outcome: object = None
    raises_at_once: BaseException | None = None
    asks: int = 0
    url: str = "http://127.0.0.1:9/send"
    provider_id: str | None = None
    requests: list[HttpRequest] = field(factory=list)
    answers: list[object] = field(factory=list)
    sent: list[OutboundText] = field(factory=list)

    def send(self, message: OutboundText) -> Generator[object, object, object]:
        if self.raises_at_once is not None:
            raise self.raises_at_once
        return self._talk(message)

    def _talk(self, message: OutboundText) -> Generator[object, object, object]:
        self.sent.append(message)
        for _ in range(self.asks):
            self.answers.append((yield HttpRequest(method="POST", url=self.url, body=b"x")))
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return Accepted(provider_id=self.provider_id) if self.outcome is None else self.outcome

    def read_webhook(self, request: HttpRequest) -> object:
        self.requests.append(request)
        if isinstance(self.reading, BaseException):
            raise self.reading
        return self.reading


class OddPlugin:
    """Offers the gateway as ``"odd"``."""

    def __init__(self, gateway: OddGateway, *, name: str = "odd", capabilities: Capabilities | None = None) -> None:
        self.gateway, self.offer_name = gateway, name
        self.capabilities = capabilities or Capabilities()

    @hookimpl
    def convokit_sms_gateways(self) -> list[SmsGatewayOffer]:
        return [
            SmsGatewayOffer(
                name=self.offer_name,
                settings=OddSettings,
                build=lambda settings: self.gateway,  # type: ignore[arg-type,return-value]
                capabilities=self.capabilities,
            )
        ]
