"""A carrier and its clients' phones inside the process: for demos, tests and trying things out.

It behaves like a carrier does: it takes a text, reports later, repeats and reorders its reports, loses some, fails
some with a reason, and now and then does not answer at all. Phones receive, answer and say STOP. Everything random
comes from one seed. Its callbacks are real signed webhooks that go through the kit's webhook front.
"""

from __future__ import annotations

import hashlib
import heapq
import hmac
import json
import random
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal, Protocol

from attrs import define, field, frozen

from convokit.domain.attachment import MEGABYTE, MediaLimits
from convokit.domain.instant import SECOND, to_micros
from convokit.domain.rules import Practice
from convokit.gateways.simulated_gateway import SIGNATURE, AskedGateway, SimulatedGateway, read_event
from convokit.outcomes import Accepted, Outcome, Refused, TryLater, Unsure
from convokit.plugins import hookimpl
from convokit.ports.sms import (
    Capabilities,
    DeliveryReport,
    Event,
    OutboundFile,
    OutboundText,
    SmsGateway,
    SmsGatewayOffer,
)
from convokit.ports.wire import HttpRequest, HttpResponse

MMS: Final = MediaLimits(
    types=frozenset({"image/jpeg", "image/png", "image/gif", "video/3gpp"}),
    bytes_each=MEGABYTE,
    bytes_together=3 * MEGABYTE,
)
"""What the simulated carrier takes with a text: about what carriers in North America do."""

PhoneState = Literal["on", "off", "landline", "disconnected"]


@frozen(kw_only=True)
class Weather:
    """How the carrier misbehaves; each value but the delays is a probability from 0 to 1.

    Attributes:
        delay_seconds: a report comes after a time in this range.
        repeat: a report comes twice. ``reorder``: "delivered" comes before "sent". ``lose``: a report never comes.
        fail: a text fails although the phone is on (``carrier_filtered``).
        no_answer: the carrier took the text, but its answer never came: nobody can know.
        throttle: the carrier asks to try later and takes nothing.
        lose_texts: the callback for a client's text is lost; who asks the carrier learns of it.
    """

    delay_seconds: tuple[float, float] = (1.0, 4.0)
    repeat: float = 0.0
    reorder: float = 0.0
    lose: float = 0.0
    fail: float = 0.0
    no_answer: float = 0.0
    throttle: float = 0.0
    lose_texts: float = 0.0


@frozen(kw_only=True)
class TakenFile:
    """A file that went with a text, as the carrier fetched it by its URL."""

    media_type: str
    content: bytes = field(repr=False)


@frozen(kw_only=True)
class Taken:
    """What truly left: one line of the carrier's own ledger."""

    attempt_id: str
    sender: str
    to: str
    text: str = field(repr=False)
    at_us: int
    files: tuple[TakenFile, ...] = ()


@frozen(kw_only=True)
class SimulatorSettings:
    """The simulator needs no settings."""


class Host(Protocol):
    """What the simulator needs of a kit."""

    def webhook(self, request: HttpRequest) -> HttpResponse:
        """Answer a callback."""
        ...

    def media(self, request: HttpRequest) -> HttpResponse:
        """Answer the fetching of a file."""
        ...

    def practices(self) -> tuple[Practice, ...]:
        """The practices, for their numbers."""
        ...

    def webhook_path(self, practice_id: str) -> str:
        """Where a practice's carrier calls back."""
        ...

    def now(self) -> datetime:
        """The kit's present moment."""
        ...


@define(eq=False)
class Phone:
    """A client's phone. ``state`` may be set at any time; ``received`` is what arrived on it, in order.

    ``blocked``: it is on the carrier's own list of opt-outs, so the carrier takes no text to it.
    """

    number: str
    _carrier: Simulator = field(repr=False)
    state: PhoneState = "on"
    blocked: bool = False
    received: list[Taken] = field(factory=list)
    answer: Callable[[str], str | None] | None = None
    """Given a text that arrived, what the client writes back, or ``None``."""
    answer_seconds: float = 20.0

    def text(self, to: str, words: str, *, media: tuple[str, ...] = ()) -> HttpResponse:
        """Write to a practice's number now. Returns the host's answer to the carrier's webhook.

        ``media``: URLs of files that come with it, on the simulator's ``media_hosts``.
        """
        return self._carrier.inbound(self.number, to, words, media=media)


class Simulator:
    """The plugin and the carrier. Enable it with ``plugins=["simulator"]`` or ``plugins=[Simulator(seed=7)]``."""

    name = "simulator"

    def __init__(
        self,
        seed: int = 0,
        weather: Weather | None = None,
        *,
        can_be_asked: bool = False,
        media_hosts: tuple[str, ...] = (),
    ) -> None:
        """A carrier whose every accident follows from ``seed``.

        ``can_be_asked``: it can be asked for a text whose answer was lost, and for what its callbacks did not tell.
        ``media_hosts``: where files of clients are fetched from; it has no host of its own.
        """
        self.can_be_asked = can_be_asked
        self.media_hosts = media_hosts
        self.weather = weather or Weather()
        self.taken: list[Taken] = []
        self._random = random.Random(seed)  # noqa: S311 - accidents, not secrets
        self._secret = self._random.randbytes(32)
        self._host: Host | None = None
        self._hooks: dict[str, str] = {}
        self._phones: dict[str, Phone] = {}
        self._waiting: list[tuple[int, int, str, dict[str, str]]] = []
        self._count = 0
        self._known: dict[str, list[tuple[int, dict[str, str]]]] = {}
        """What it knows of each text and since when, by the sender's id of it."""
        self._came: list[tuple[int, dict[str, str]]] = []
        """Clients' texts, and when they came."""
        self._lock = threading.RLock()

    @hookimpl
    def convokit_sms_gateways(self) -> list[SmsGatewayOffer]:
        """One gateway, called ``"simulator"``."""
        return [
            SmsGatewayOffer(
                name="simulator",
                settings=SimulatorSettings,
                build=self._build,
                capabilities=Capabilities(
                    delivery_reports=True,
                    inbound=True,
                    mms=MMS,
                    looks_up=self.can_be_asked,
                    polls=self.can_be_asked,
                    media_hosts=self.media_hosts,
                ),
            )
        ]

    def _build(self, settings: SimulatorSettings) -> SmsGateway:
        return AskedGateway(self) if self.can_be_asked else SimulatedGateway(self)

    def connect(self, host: Host) -> None:
        """Learn where callbacks go: needed once, and again when a practice is added. Until then texts only leave."""
        self._host = host
        for practice in host.practices():
            for number in practice.numbers:
                self._hooks[number] = host.webhook_path(practice.id)

    def phone(self, number: str) -> Phone:
        """The phone with an E.164 number."""
        return self._phones.setdefault(number, Phone(number=number, carrier=self))

    # --- the carrier's side ----------------------------------------------------------------------------------------
    def take(self, text: OutboundText) -> Outcome:
        """Take a text from the host, or not."""
        with self._lock:
            weather, chance = self.weather, self._random.random
            if chance() < weather.throttle:
                return TryLater(raw="SIM-88 throttled", after=30)
            if not text.to.startswith("+"):
                return Refused(reason="invalid_number", raw="SIM-400 bad destination")
            if self.phone(text.to).blocked:
                return Refused(reason="opted_out", raw="SIM-610 on the list of opt-outs")
            now = self._now_us()
            files = tuple(map(self._fetch, text.media))
            if None in files:
                return Refused(reason="media_problem", raw="SIM-12 cannot fetch media")
            kept = tuple(file for file in files if file is not None)
            words = {"attempt_id": text.id, "sender": text.sender, "to": text.to, "text": text.text}
            taken = Taken(**words, at_us=now, files=kept)
            self.taken.append(taken)
            self._count += 1
            provider_id = self._fresh_id()
            self._report(taken, provider_id, now)
            if chance() < weather.no_answer:
                return Unsure(why="no answer from the carrier")
            return Accepted(provider_id=provider_id)

    def _fetch(self, file: OutboundFile) -> TakenFile | None:
        """As carriers do it: by the URL, without a word about who they are."""
        if self._host is None:
            return None
        answer = self._host.media(HttpRequest(method="GET", url=file.url))
        content = answer.body if answer.chunks is None else b"".join(answer.chunks)
        fits = answer.status == 200 and hashlib.sha256(content).hexdigest() == file.sha256
        return TakenFile(media_type=answer.header("Content-Type") or "", content=content) if fits else None

    def _report(self, taken: Taken, provider_id: str, now: int) -> None:
        phone = self.phone(taken.to)
        chance = self._random.random
        words = [("sent", "")]
        if phone.state != "on":
            words.append(("failed", phone.state))
        elif chance() < self.weather.fail:
            words.append(("failed", "filtered"))
        else:
            words.append(("delivered", ""))
        base = {"kind": "report", "attempt": taken.attempt_id, "id": provider_id}
        events = [{**base, "word": word, "why": why} for word, why in words]
        times = sorted(self._delay() for _ in words)
        self._known[taken.attempt_id] = [(now + delay, event) for delay, event in zip(times, events, strict=True)]
        if chance() < self.weather.reorder:
            events.reverse()
        for event, delay in zip(events, times, strict=True):
            if chance() < self.weather.lose:
                continue
            self._later(now + delay, taken.sender, event)
            if chance() < self.weather.repeat:
                self._later(now + delay + self._delay(), taken.sender, event)
        if phone.state == "on":
            self._ring(phone, taken, now + times[-1])

    def _ring(self, phone: Phone, taken: Taken, at_us: int) -> None:
        phone.received.append(taken)
        words = None if phone.answer is None else phone.answer(taken.text)
        if words is not None:
            event = self._inbound_event(phone.number, taken.sender, words)
            self._later(at_us + int(phone.answer_seconds * SECOND), taken.sender, event)

    def inbound(self, number: str, to: str, words: str, *, media: tuple[str, ...] = ()) -> HttpResponse:
        """A client's text reaches the carrier, which calls the host now; 504 if that call is lost."""
        with self._lock:
            event = self._inbound_event(number, to, words) | ({"media": " ".join(media)} if media else {})
            if self.weather.lose_texts and self._random.random() < self.weather.lose_texts:
                return HttpResponse(status=504)
        return self._call(to, event)

    def _inbound_event(self, number: str, to: str, words: str) -> dict[str, str]:
        self._count += 1
        event = {"kind": "text", "id": self._fresh_id(), "from": number, "to": to, "text": words}
        self._came.append((self._now_us(), event))
        return event

    def known(self, attempt_id: str) -> tuple[DeliveryReport, ...]:
        """What it knows of a text that was handed over: its newest report, or nothing."""
        with self._lock:
            found = self._newest(attempt_id)
        event = None if found is None else read_event(found)
        return (event,) if isinstance(event, DeliveryReport) else ()

    def _newest(self, attempt_id: str) -> dict[str, str] | None:
        """That it has the text is known at once, what became of it when it has."""
        known = self._known.get(attempt_id, [])
        by_now = [event for at_us, event in known if at_us <= self._now_us()] or [event for _, event in known[:1]]
        return by_now[-1] if by_now else None

    def everything(self, numbers: tuple[str, ...], since_us: int, until_us: int) -> tuple[Event, ...]:
        """Everything that came to these numbers in a stretch of time, and what became of what left from them."""
        with self._lock:
            came = [event for at_us, event in self._came if since_us <= at_us <= until_us and event["to"] in numbers]
            left = [taken for taken in self.taken if since_us <= taken.at_us <= until_us and taken.sender in numbers]
            told = [event for taken in left if (event := self._newest(taken.attempt_id)) is not None]
        return tuple(map(read_event, (*came, *told)))

    def _fresh_id(self) -> str:
        # With the moment in it: a second run on the same database must not look like repetitions of the first.
        return f"sim-{self._now_us():x}-{self._count}"

    def step(self) -> int:
        """Make every callback that is due by now. What the host does not take (not 2xx) is tried again later."""
        made = 0
        while (due := self._pop(self._now_us())) is not None:
            number, event = due
            if not 200 <= self._call(number, event).status < 300:
                with self._lock:
                    self._later(self._now_us() + 5 * SECOND, number, event)
            made += 1
        return made

    def next_due(self) -> int | None:
        """When the next callback is due, in microseconds since the epoch, or ``None``."""
        with self._lock:
            return self._waiting[0][0] if self._waiting else None

    def _pop(self, now: int) -> tuple[str, dict[str, str]] | None:
        with self._lock:
            if not self._waiting or self._waiting[0][0] > now:
                return None
            _, _, number, event = heapq.heappop(self._waiting)
            return number, event

    def _later(self, at_us: int, number: str, event: dict[str, str]) -> None:
        self._count += 1
        heapq.heappush(self._waiting, (at_us, self._count, number, event))

    def _delay(self) -> int:
        return int(self._random.uniform(*self.weather.delay_seconds) * SECOND)

    def _call(self, number: str, event: dict[str, str]) -> HttpResponse:
        if self._host is None or number not in self._hooks:
            return HttpResponse(status=200)  # nobody listens: like a carrier without a configured callback
        body = json.dumps(event).encode()
        headers = ((SIGNATURE, self.sign(body)), ("Content-Type", "application/json"))
        url = f"http://127.0.0.1/{self._hooks[number]}"
        return self._host.webhook(HttpRequest(method="POST", url=url, headers=headers, body=body))

    def sign(self, body: bytes) -> str:
        """The signature of a callback: HMAC-SHA256 of the body, hex."""
        return hmac.new(self._secret, body, hashlib.sha256).hexdigest()

    def _now_us(self) -> int:
        return 0 if self._host is None else to_micros(self._host.now())
