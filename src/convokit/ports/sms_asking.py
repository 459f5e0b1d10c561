"""What a texting carrier may also be able to do: be asked what it knows, when its answer or its callbacks were lost.

All questions are generators like ``send``. They only read, so asking twice harms nobody.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Protocol, runtime_checkable

from attrs import field, frozen

from convokit.outcomes import TryLater
from convokit.ports.sms import DeliveryReport, Event, InboundText
from convokit.ports.wire import HttpRequest, HttpResponse, NoAnswer

MOST_REQUESTS = 20
"""Requests that one question may take, pages included."""


@frozen(kw_only=True)
class UncertainText:
    """A text that was handed over, and whose answer never came.

    Attributes:
        id, sender, to, text: as they were in :class:`~convokit.ports.sms.OutboundText`.
        begun_us: when the hand-over was begun, microseconds since the epoch, UTC; the carrier's clock may differ.
        now_us: the present moment. A gateway looks at no clock.
    """

    id: str
    sender: str
    to: str
    text: str = field(repr=False)
    begun_us: int
    now_us: int


@frozen(kw_only=True)
class Found:
    """What the carrier has that is this text: a report each, with the carrier's id, the oldest first.

    Several where the same words went to the same number at about the same time; convokit takes the first that belongs
    to no other message. None: the carrier has no such text now.
    """

    reports: tuple[DeliveryReport, ...] = ()


LookedUp = Found | TryLater
"""What came of looking a text up. :class:`TryLater`: there was no usable answer."""

Looking = Generator[HttpRequest, HttpResponse | NoAnswer, LookedUp]


@runtime_checkable
class LooksUp(Protocol):
    """What a gateway has that declares :attr:`~convokit.ports.sms.Capabilities.looks_up`."""

    def look_up(self, text: UncertainText) -> Looking:
        """Ask for a text by what is known of it. Must not raise for anything a carrier can do; no I/O."""
        ...


@frozen(kw_only=True)
class ListedText:
    """A client's text that a carrier's list only names: its words, or its files, must be fetched by themselves.

    Attributes:
        provider_id: the carrier's id, as a callback would have it.
        to: the practice's number, as given by the carrier.
        sent_at: microseconds since the epoch, UTC: texts are taken in by it, the oldest first.
    """

    provider_id: str
    to: str
    sent_at: int | None = None


@frozen(kw_only=True)
class Polled:
    """What the carrier has of a stretch of time.

    Attributes:
        events: clients' texts, and reports (with the carrier's ids) on texts to clients. Those that are known already
            are recognised: what an event says must be what a callback would have said. Texts that are only listed are
            fetched by :meth:`FetchesTexts.fetch_text`, where they are not known.
        until_us: up to when this is all; before the end of the stretch where there was too much for one question.
    """

    events: tuple[Event | ListedText, ...]
    until_us: int


PollResult = Polled | TryLater
Polling = Generator[HttpRequest, HttpResponse | NoAnswer, PollResult]


@runtime_checkable
class Polls(Protocol):
    """What a gateway has that declares :attr:`~convokit.ports.sms.Capabilities.polls`."""

    def poll(self, numbers: tuple[str, ...], since_us: int, until_us: int) -> Polling:
        """Ask for everything from one moment to another that came to, or went from, these numbers of the practice.

        An account may serve several practices: what belongs to other numbers is left out.
        Must not raise for anything a carrier can do; no I/O.
        """
        ...


Fetched = InboundText | TryLater | None
"""What came of fetching a listed text. ``None``: the carrier has it no more."""
Fetching = Generator[HttpRequest, HttpResponse | NoAnswer, Fetched]


@runtime_checkable
class FetchesTexts(Protocol):
    """What a gateway also has if its polls list texts without their words or files."""

    def fetch_text(self, listed: ListedText) -> Fetching:
        """Ask for one text. Must not raise for anything a carrier can do; no I/O."""
        ...
