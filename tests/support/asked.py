"""A desk whose carrier can be asked, and says whatever a test wants it to say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from attrs import define, field
from desks import ANA, ANA_PHONE, HAPPY_PAWS, KIM, OURS, Clock
from odd_gateway import OddGateway, OddPlugin

import convokit
from convokit import Delivery
from convokit.decisions.base import Needs
from convokit.outcomes import TryLater, Unsure
from convokit.ports.sms import Capabilities, DeliveryReport, InboundText
from convokit.ports.sms_asking import ListedText, Polled, UncertainText
from convokit.ports.wire import HttpRequest

ABLE = Capabilities(looks_up=True, polls=True)
MINUTE_US = 60_000_000


@define
class Asked(OddGateway):
    """Says what a test wants when it is asked; ``says``, ``polled`` and ``whole`` are returned, or raised."""

    says: object = field(factory=lambda: TryLater(raw="?"))
    polled: object = field(factory=lambda: TryLater(raw="?"))
    whole: object = None
    at_once: BaseException | None = None
    questions: int = 0
    texts: list[UncertainText] = field(factory=list)
    polls: list[tuple[tuple[str, ...], int, int]] = field(factory=list)
    fetched: list[ListedText] = field(factory=list)

    def look_up(self, text: UncertainText) -> Any:
        self.texts.append(text)
        return self._answer(self.says)

    def poll(self, numbers: tuple[str, ...], since_us: int, until_us: int) -> Any:
        self.polls.append((numbers, since_us, until_us))
        said = self.polled(since_us, until_us) if callable(self.polled) else self.polled
        return self._answer(said)

    def fetch_text(self, listed: ListedText) -> Any:
        self.fetched.append(listed)
        said = self.whole(listed) if callable(self.whole) else self.whole
        return self._answer(said)

    def _answer(self, said: object) -> Any:
        if self.at_once is not None:
            raise self.at_once
        return self._talk_about(said)

    def _talk_about(self, said: object) -> Iterator[object]:
        for _ in range(self.questions):
            yield HttpRequest(method="GET", url="http://127.0.0.1:9/")
        if isinstance(said, BaseException):
            raise said
        return said  # type: ignore[return-value]  # a generator's value


@define
class Case:
    kit: convokit.Convokit
    gateway: Asked
    clock: Clock

    @property
    def desk(self) -> convokit.PracticeDesk:
        return self.kit.practice("happy-paws")

    def unsure(self) -> convokit.Entry:
        self.gateway.outcome = Unsure(why="no answer")
        talk = self.kit.store.latest_at("happy-paws", "sms", ANA_PHONE) or self.desk.start(
            client=ANA, channel="sms", by=KIM
        )
        sent = self.desk.send(talk.id, "Hello", by=KIM)
        self.kit.work()
        return self.desk.message(sent.id)

    def shown(self, entry: convokit.Entry) -> tuple[Delivery | None, tuple[str, ...]]:
        now = self.desk.message(entry.id)
        return now.delivery, now.flags

    def later(self, **amount: float) -> None:
        self.clock.pass_(**amount)
        self.kit.work()


@contextmanager
def opened(gateway: Asked | None = None, *, url: str = "memory:", able: Capabilities = ABLE) -> Iterator[Case]:
    gateway, clock = gateway or Asked(), Clock()
    with convokit.open(url, plugins=[OddPlugin(gateway, capabilities=able)], clock=clock) as kit:
        kit.add_practice(HAPPY_PAWS)
        yield Case(kit, gateway, clock)


def report(provider_id: str | None, state: str = "sent", **more: Any) -> DeliveryReport:
    return DeliveryReport(attempt_id=None, provider_id=provider_id, state=state, raw=state, **more)  # type: ignore[arg-type]


def came(provider_id: str, text: str = "Hi", *, to: str = OURS, sent_at: int | None = None) -> InboundText:
    return InboundText(provider_id=provider_id, sender=ANA_PHONE, to=to, text=text, sent_at=sent_at)


def texts(case: Case) -> list[str]:
    talk = case.kit.store.latest_at("happy-paws", "sms", ANA_PHONE)
    thread = () if talk is None else case.desk.thread(talk.id).items
    return [entry.text for entry in thread if entry.side == "client"]


def poll_job(case: Case) -> Any:
    return case.kit.store.load("happy-paws", Needs(job_key="poll.odd")).job


def everything(*events: object) -> Callable[[int, int], Polled]:
    return lambda since_us, until_us: Polled(events=events, until_us=until_us)  # type: ignore[arg-type]
