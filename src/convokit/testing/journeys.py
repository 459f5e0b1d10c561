"""A whole kit with a pretended carrier behind a fault proxy: real HTTP in between, on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from attrs import define

from convokit.domain.conversation import Conversation, Entry
from convokit.domain.people import Client, Staff
from convokit.domain.rules import Practice
from convokit.ports.store import Store
from convokit.runtime.desk import PracticeDesk
from convokit.runtime.http import BlockingHttp
from convokit.runtime.kit import Convokit
from convokit.runtime.opening import open as open_kit
from convokit.runtime.world import system_clock
from convokit.testing.carrier_api import CarrierApi, Left
from convokit.testing.fault_proxy import FaultProxy

PUBLIC_URL: Final = "https://clinic.example/apps/desk/hooks"
PRACTICE: Final = "happy-paws"
OURS: Final = "+13035550100"
ANA: Final = Client(id="c17", name="Ana Ruiz", phone="+13035550123")
KIM: Final = Staff(id="u1", name="Dr. Kim")
DEADLINE_SECONDS: Final = 10.0
"""How long an answer may take here, where nothing is slow but the machine."""
HURRIED_SECONDS: Final = 0.8
"""How long it may take where a fault is slow: shorter than the fault."""


@define
class Clock:
    """The real time, and what a test adds to it."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return system_clock() + self.ahead

    def pass_(self, **amount: float) -> None:
        """Let time pass: ``pass_(minutes=20)``."""
        self.ahead += timedelta(**amount)


@define(eq=False)
class Journey:
    """What a test needs of it."""

    kit: Convokit
    carrier: CarrierApi
    proxy: FaultProxy
    clock: Clock

    @property
    def desk(self) -> PracticeDesk:
        """The practice's desk."""
        return self.kit.practice(PRACTICE)

    @property
    def store(self) -> Store:
        """The store, for looking."""
        return self.kit.store

    def hurry(self) -> None:
        """From now on answers must come soon."""
        self.kit.exchanging.use(BlockingHttp(seconds=HURRIED_SECONDS))

    def talk(self, client: Client = ANA) -> Conversation:
        """A conversation by text with a client."""
        return self.desk.start(client=client, channel="sms", title="Lab results", by=KIM)

    def send(self, text: str, client: Client = ANA) -> Entry:
        """Start a conversation, write, and have the worker hand the text over, once."""
        sent = self.desk.send(self.talk(client).id, text, by=KIM)
        self.kit.work()
        return self.shown(sent)

    def shown(self, entry: Entry) -> Entry:
        """A message as it is now."""
        return self.desk.message(entry.id)

    def left(self, text: str) -> list[Left]:
        """How often a text truly left."""
        return [line for line in self.carrier.ledger if line.text == text]

    def go_on(self, *, hours: float = 1.0) -> None:
        """Time passes, and the worker does what is due, every five minutes."""
        for _ in range(int(hours * 12)):
            self.clock.pass_(minutes=5)
            self.kit.work()


@contextmanager
def journey(carrier: CarrierApi, store_url: str = "memory:") -> Iterator[Journey]:
    """A practice that texts through a carrier (which is started here), with a proxy in between."""
    clock = Clock()
    with carrier, FaultProxy(carrier.port) as proxy:
        carrier.now, carrier.proxy_url = clock, proxy.url
        kit = open_kit(
            store_url,
            plugins=[carrier.plugin],
            settings={carrier.name: carrier.settings(proxy.url)},
            public_url=PUBLIC_URL,
            private_media_hosts=[f"127.0.0.1:{carrier.port}", f"127.0.0.1:{proxy.port}"],
            clock=clock,
        )
        kit.exchanging.use(BlockingHttp(seconds=DEADLINE_SECONDS))
        with kit:
            kit.add_practice(
                Practice(id=PRACTICE, name="Happy Paws", time_zone="America/Denver", region="US", numbers=(OURS,))
            )
            carrier.host, carrier.hook = kit.front, kit.webhook_url(PRACTICE) or ""
            yield Journey(kit, carrier, proxy, clock)
